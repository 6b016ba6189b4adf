package world

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Version is the text of /proc/version.
func Version(p *persona.Persona) string {
	return "Linux version " + p.OS.Release + " (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) " + p.OS.Build
}

// BootLine is the kernel's command line.
func BootLine(p *persona.Persona) string {
	return "BOOT_IMAGE=/boot/vmlinuz-" + p.OS.Release + " root=UUID=" + RootUUID(p) + " ro quiet"
}

// RootUUID is that of the root file system.
func RootUUID(p *persona.Persona) string { return uuid(p.Derive("world: uuid of /")) }

// SwapUUID is that of the swap partition.
func SwapUUID(p *persona.Persona) string { return uuid(p.Derive("world: uuid of swap")) }

func uuid(b [32]byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// proc adds what /proc tells of the machine.
func (b *builder) proc() {
	b.day = b.born
	fixed := func(s string) func() string { return func() string { return s } }
	for name, content := range map[string]func() string{
		"cpuinfo": b.cpuinfo, "meminfo": b.meminfo, "loadavg": b.loadavg, "stat": b.stat, "partitions": b.partitions,
		"uptime":  func() string { up := b.uptime(); return fmt.Sprintf("%.2f %.2f\n", up, up*float64(b.p.CPUs)*.9918) },
		"version": fixed(Version(b.p) + "\n"), "cmdline": fixed(BootLine(b.p) + "\n"),
		"filesystems": fixed(filesystems()), "swaps": b.swaps, "modules": b.modules, "devices": fixed(devices),
		"net/dev": b.netDev, "net/route": b.netRoute, "net/arp": b.netARP, "net/tcp": b.netTCP, "net/udp": fixed(socketHead), "net/tcp6": fixed(socketHead6), "net/unix": fixed("Num       RefCount Protocol Flags    Type St Inode Path\n"),
		"sys/kernel/hostname": fixed(b.p.Hostname + "\n"), "sys/kernel/osrelease": fixed(b.p.OS.Release + "\n"), "sys/kernel/ostype": fixed("Linux\n"), "sys/kernel/version": fixed(b.p.OS.Build + "\n"),
		"sys/kernel/domainname": fixed("(none)\n"), "sys/kernel/random/boot_id": fixed(uuid(b.p.Derive(fmt.Sprint("world: boot ", b.p.Booted.Unix()))) + "\n"), "sys/kernel/pid_max": fixed("4194304\n"), "sys/kernel/threads-max": fixed(fmt.Sprintln(b.p.Memory >> 17)),
		"sys/kernel/randomize_va_space": fixed("2\n"), "sys/kernel/yama/ptrace_scope": fixed("0\n"), "sys/kernel/modules_disabled": fixed("0\n"), "sys/kernel/core_pattern": fixed("core\n"), "sys/kernel/kptr_restrict": fixed("0\n"), "sys/kernel/dmesg_restrict": fixed("1\n"),
		"sys/kernel/unprivileged_userns_clone": fixed("1\n"), "sys/kernel/unprivileged_bpf_disabled": fixed("2\n"), "sys/kernel/perf_event_paranoid": fixed("3\n"), "sys/kernel/panic": fixed("0\n"), "sys/kernel/sysrq": fixed("438\n"),
		"sys/vm/swappiness": fixed("60\n"), "sys/vm/overcommit_memory": fixed("0\n"), "sys/vm/nr_hugepages": fixed("0\n"), "sys/vm/max_map_count": fixed("65530\n"), "sys/vm/dirty_ratio": fixed("20\n"),
		"sys/fs/file-max": fixed("9223372036854775807\n"), "sys/fs/nr_open": fixed("1048576\n"), "sys/fs/protected_hardlinks": fixed("1\n"), "sys/fs/protected_symlinks": fixed("1\n"), "sys/fs/suid_dumpable": fixed("0\n"), "sys/fs/inotify/max_user_watches": fixed("65536\n"),
		"sys/net/ipv4/ip_forward": fixed("0\n"), "sys/net/ipv4/tcp_syncookies": fixed("1\n"), "sys/net/ipv4/ip_local_port_range": fixed("32768\t60999\n"), "sys/net/ipv4/tcp_congestion_control": fixed("cubic\n"), "sys/net/ipv4/icmp_echo_ignore_all": fixed("0\n"), "sys/net/core/somaxconn": fixed("4096\n"), "sys/net/core/default_qdisc": fixed("pfifo_fast\n"), "sys/net/ipv4/tcp_fin_timeout": fixed("60\n"), "sys/net/ipv6/conf/all/disable_ipv6": fixed("0\n"),
	} {
		b.lazy("/proc/"+name, 0o444, content)
	}
	for _, name := range []string{"/proc/mounts", "/proc/1/mounts", "/proc/self/mounts"} {
		b.lazy(name, 0o444, fixed(strings.Join(Mounts(b.p), "\n")+"\n"))
	}
	for _, name := range []string{"kmsg", "kcore", "kallsyms"} {
		b.lazy("/proc/"+name, 0o400, fixed(""))
	}
}

func filesystems() string {
	var out strings.Builder
	for _, f := range strings.Fields("sysfs tmpfs bdev proc cgroup cgroup2 cpuset devtmpfs configfs debugfs tracefs securityfs sockfs bpf pipefs ramfs hugetlbfs devpts mqueue pstore autofs binfmt_misc") {
		out.WriteString("nodev\t" + f + "\n")
	}
	return out.String() + "\text3\n\text2\n\text4\n"
}

const devices = "Character devices:\n  1 mem\n  4 /dev/vc/0\n  4 tty\n  4 ttyS\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n  7 vcs\n 10 misc\n 13 input\n 21 sg\n 29 fb\n128 ptm\n136 pts\n226 drm\n253 rtc\n\nBlock devices:\n  8 sd\n 11 sr\n254 mdp\n259 blkext\n"

const socketHead = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops             \n"
const socketHead6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

func (b *builder) swaps() string {
	m := MemoryOf(b.p, b.now())
	return fmt.Sprintf("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n%-40s%s\t%d\t\t%d\t\t-2\n", "/dev/"+b.hw.Disk+"5", "partition", m.SwapTotal, m.SwapTotal-m.SwapFree)
}

// Module is a loaded kernel module.
type Module struct {
	Name string
	Size int
	By   []string // modules that use it
}

// Modules lists what the kernel has loaded.
func Modules(p *persona.Persona) (out []Module) {
	r := p.Rand("world: modules")
	names := append(strings.Fields("rfkill intel_rapl_msr intel_rapl_common kvm_intel kvm irqbypass ghash_clmulni_intel sha512_ssse3 aesni_intel crypto_simd cryptd rapl pcspkr button evdev sg serio_raw fuse loop efi_pstore configfs ip_tables x_tables autofs4 ext4 crc16 mbcache jbd2 crc32c_generic sd_mod t10_pi crc64_rocksoft crc64 sr_mod cdrom ata_generic ata_piix libata psmouse scsi_mod crc32_pclmul crc32c_intel i2c_piix4 scsi_common"), HardwareOf(p).Modules...)
	by := map[string][]string{
		"intel_rapl_common": {"intel_rapl_msr"}, "kvm": {"kvm_intel"}, "irqbypass": {"kvm"}, "crypto_simd": {"aesni_intel"}, "cryptd": {"crypto_simd", "ghash_clmulni_intel"}, "x_tables": {"ip_tables"},
		"crc16": {"ext4"}, "mbcache": {"ext4"}, "jbd2": {"ext4"}, "t10_pi": {"sd_mod"}, "crc64_rocksoft": {"t10_pi"}, "crc64": {"crc64_rocksoft"}, "cdrom": {"sr_mod"}, "libata": {"ata_piix", "ata_generic"},
		"scsi_mod": {"sd_mod", "sg", "libata", "sr_mod"}, "scsi_common": {"scsi_mod", "sd_mod", "sg", "libata", "sr_mod"},
	}
	for _, name := range names {
		if CPUOf(p).Vendor != "GenuineIntel" {
			name = strings.Replace(name, "kvm_intel", "kvm_amd", 1)
		}
		out = append(out, Module{Name: name, Size: 16384 + 4096*r.IntN(40), By: by[name]})
	}
	return out
}

func (b *builder) modules() string {
	var out strings.Builder
	for _, m := range Modules(b.p) {
		by := "-"
		if len(m.By) > 0 {
			by = strings.Join(m.By, ",") + ","
		}
		fmt.Fprintf(&out, "%s %d %d %s Live 0x0000000000000000\n", m.Name, m.Size, len(m.By), by)
	}
	return out.String()
}

// Traffic is what the card counted since the start: bytes and packets in, out.
func Traffic(p *persona.Persona, seconds float64) (in, packetsIn, out, packetsOut uint64) {
	r := p.Rand("world: traffic")
	rate := 300 + 4000*r.Float64()
	return uint64(seconds * rate), uint64(seconds * rate / 190), uint64(seconds * rate / 3), uint64(seconds * rate / 400)
}

func (b *builder) netDev() string {
	in, pin, out, pout := Traffic(b.p, b.uptime())
	row := func(name string, v ...uint64) string {
		return fmt.Sprintf("%6s: %7d %7d    0    0    0     0          0         0 %8d %7d    0    0    0     0       0          0\n", name, v[0], v[1], v[2], v[3])
	}
	return "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n" +
		row("lo", in/900, pin/800, in/900, pin/800) + row(b.net.Interface, in, pin, out, pout)
}

// little writes an IPv4 address as the kernel does in /proc/net.
func little(a [4]byte) string { return fmt.Sprintf("%02X%02X%02X%02X", a[3], a[2], a[1], a[0]) }

func (b *builder) netRoute() string {
	row := func(to, via, flags, mask string) string {
		return fmt.Sprintf("%-127s\n", strings.Join([]string{b.net.Interface, to, via, flags, "0", "0", "0", mask, "0", "0", "0"}, "\t"))
	}
	return fmt.Sprintf("%-127s\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT") +
		row("00000000", little(b.net.Gateway.As4()), "0003", "00000000") + row(little(b.net.Address.Masked().Addr().As4()), "00000000", "0001", "00FFFFFF")
}

// GatewayMAC is the hardware address of the machine's router.
func GatewayMAC(p *persona.Persona) string {
	sum := p.Derive("world: router")
	return fmt.Sprintf("00:1a:8c:%02x:%02x:%02x", sum[0], sum[1], sum[2])
}

func (b *builder) netARP() string {
	return fmt.Sprintf("IP address       HW type     Flags       HW address            Mask     Device\n%-16s 0x1         0x2         %s     *        %s\n", b.net.Gateway, GatewayMAC(b.p), b.net.Interface)
}

// Listeners returns the TCP ports on which the machine's own programs listen,
// with their process and address.
func Listeners(p *persona.Persona) []Listener {
	all := []Listener{{Port: 22, Program: "sshd", Address: "0.0.0.0"}, {Port: 22, Program: "sshd", Address: "[::]"}}
	switch p.Archetype {
	case "web-server":
		all = append(all, Listener{Port: 80, Program: "nginx", Address: "0.0.0.0"}, Listener{Port: 80, Program: "nginx", Address: "[::]"})
	case "database-server":
		all = append(all, Listener{Port: 5432, Program: "postgres", Address: "0.0.0.0"}, Listener{Port: 5432, Program: "postgres", Address: "[::]"})
	}
	if _, ok := p.Serves("ftp"); ok {
		all = append(all, Listener{Port: 21, Program: "vsftpd", Address: "*"})
	}
	return all
}

// Listener is a socket that waits for connections.
type Listener struct {
	Port    int
	Program string
	Address string // * of a socket for both, IPv4 and IPv6
}

func (b *builder) netTCP() string {
	out, n := "  "+socketHead[2:], 0
	for _, l := range Listeners(b.p) {
		if l.Address == "0.0.0.0" {
			out += fmt.Sprintf("%4d: 00000000:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 %d 1 0000000000000000 100 0 0 10 0                     \n", n, l.Port, 16_000+n*313)
			n++
		}
	}
	return out
}

// sys adds what /sys tells of the hardware.
func (b *builder) sys() {
	b.day = b.p.Booted
	dmi := map[string]string{
		"sys_vendor": b.hw.Vendor, "product_name": b.hw.Product, "product_version": b.hw.Version, "bios_vendor": b.hw.BIOSVendor, "bios_version": b.hw.BIOS, "bios_date": b.hw.BIOSDate,
		"chassis_vendor": b.hw.Vendor, "chassis_type": "1", "board_vendor": b.hw.Vendor, "board_name": b.hw.Product,
	}
	for name, v := range dmi {
		b.add("/sys/devices/virtual/dmi/id/"+name, vfs.Node{Mode: 0o444, Size: 4096, Make: func() []byte { return []byte(v + "\n") }})
	}
	b.add("/sys/devices/virtual/dmi/id/product_uuid", vfs.Node{Mode: 0o400, Size: 4096, Make: func() []byte { return []byte(uuid(b.p.Derive("world: firmware")) + "\n") }})
	b.link("/sys/class/dmi/id", "../../devices/virtual/dmi/id")
	in, pin, out, pout := Traffic(b.p, b.uptime())
	for _, card := range []string{b.net.Interface, "lo"} {
		dir := "/sys/class/net/" + card
		values := map[string]string{"address": b.p.MAC.String(), "mtu": "1500", "operstate": "up", "carrier": "1", "speed": "10000", "type": "1", "ifindex": "2", "duplex": "full", "tx_queue_len": "1000",
			"statistics/rx_bytes": fmt.Sprint(in), "statistics/rx_packets": fmt.Sprint(pin), "statistics/tx_bytes": fmt.Sprint(out), "statistics/tx_packets": fmt.Sprint(pout)}
		if card == "lo" {
			values = map[string]string{"address": "00:00:00:00:00:00", "mtu": "65536", "operstate": "unknown", "type": "772", "ifindex": "1"}
		}
		for name, v := range values {
			b.add(path.Join(dir, name), vfs.Node{Mode: 0o444, Size: 4096, Make: func() []byte { return []byte(v + "\n") }})
		}
	}
	b.value("/sys/block/"+b.hw.Disk+"/size", fmt.Sprint(b.p.Disk/512+2*998_400+4098))
	b.value("/sys/block/"+b.hw.Disk+"/device/vendor", fmt.Sprintf("%-8s", b.hw.DiskVendor))
	b.value("/sys/block/"+b.hw.Disk+"/device/model", fmt.Sprintf("%-16s", b.hw.DiskModel))
	b.value("/sys/block/"+b.hw.Disk+"/queue/rotational", "1")
	b.value("/sys/devices/system/cpu/online", fmt.Sprintf("0-%d", b.p.CPUs-1))
	b.value("/sys/devices/system/cpu/possible", fmt.Sprintf("0-%d", b.p.CPUs-1))
	b.value("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc")
	for _, m := range Modules(b.p) {
		b.add("/sys/module/"+m.Name, vfs.Node{Mode: fs.ModeDir | 0o755})
	}
}

func (b *builder) value(name, v string) {
	b.add(name, vfs.Node{Mode: 0o444, Size: 4096, Make: func() []byte { return []byte(v + "\n") }})
}
