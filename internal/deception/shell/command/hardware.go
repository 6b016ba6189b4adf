package command

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func hardware() table {
	return table{
		"lscpu": lscpu, "lsblk": lsblk, "lspci": lspci, "lsmod": lsmod, "modprobe": modprobe, "rmmod": modprobe, "insmod": modprobe, "modinfo": modinfo, "dmesg": dmesg, "mount": mount, "umount": umount, "fdisk": fdisk, "blkid": blkid, "findmnt": findmnt, "swapon": swapon, "swapoff": denied, "sysctl": sysctl,
		"dmidecode": dmidecode, "mkswap": denied, "losetup": denied, "hwclock": denied, "lsns": succeed, "mountpoint": mountpoint,
	}
}

// denied is a program that only root can use and that says nothing to him.
func denied(_ context.Context, p *shell.Proc) int {
	if p.User.UID != 0 {
		p.Errorf("Permission denied")
		return 1
	}
	return 0
}

func lscpu(_ context.Context, p *shell.Proc) int {
	me, hw := p.Machine.Persona(), world.HardwareOf(p.Machine.Persona())
	c := world.CPUOf(me)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(p.Out, "%-32s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("Architecture:", "x86_64")
	row("  CPU op-mode(s):", "32-bit, 64-bit")
	row("  Address sizes:", "%s", c.Bits)
	row("  Byte Order:", "Little Endian")
	row("CPU(s):", "%d", me.CPUs)
	row("  On-line CPU(s) list:", "0-%d", me.CPUs-1)
	row("Vendor ID:", "%s", c.Vendor)
	row("  Model name:", "%s", c.Model)
	row("    CPU family:", "%d", c.Family)
	row("    Model:", "%d", c.Number)
	row("    Thread(s) per core:", "1")
	row("    Core(s) per socket:", "%d", me.CPUs)
	row("    Socket(s):", "1")
	row("    Stepping:", "%d", c.Stepping)
	row("    BogoMIPS:", "%.2f", c.MHz*2)
	row("    Flags:", "%s", c.Flags)
	row("Virtualization features:", "")
	row("  Hypervisor vendor:", "%s", hw.Hypervisor)
	row("  Virtualization type:", "full")
	row("Caches (sum of all):", "")
	row("  L1d:", "%d KiB (%d instances)", 32*me.CPUs, me.CPUs)
	row("  L1i:", "%d KiB (%d instances)", 32*me.CPUs, me.CPUs)
	row("  L2:", "%s (%d instances)", cacheSize(c.L2*me.CPUs), me.CPUs)
	row("  L3:", "%s (1 instance)", cacheSize(c.L3))
	row("NUMA:", "")
	row("  NUMA node(s):", "1")
	row("  NUMA node0 CPU(s):", "0-%d", me.CPUs-1)
	return 0
}

func cacheSize(kib int) string {
	if kib >= 1024 {
		return strconv.FormatFloat(float64(kib)/1024, 'g', 4, 64) + " MiB"
	}
	return fmt.Sprintf("%d KiB", kib)
}

func lsblk(_ context.Context, p *shell.Proc) int {
	me := p.Machine.Persona()
	hw := world.HardwareOf(me)
	gib := func(b uint64) string {
		return strings.TrimSuffix(strconv.FormatFloat(float64(b)/(1<<30), 'f', 1, 64), ".0") + "G"
	}
	d := hw.Disk
	fmt.Fprintln(p.Out, "NAME   MAJ:MIN RM  SIZE RO TYPE MOUNTPOINTS")
	fmt.Fprintf(p.Out, "%-6s   8:0    0 %5s  0 disk \n├─%s   8:1    0 %5s  0 part /\n├─%s   8:2    0 %5s  0 part \n└─%s   8:5    0 %5s  0 part [SWAP]\nsr0     11:0    1 1024M  0 rom  \n", d, gib(me.Disk+1<<30), d+"1", gib(me.Disk), d+"2", "1K", d+"5", "975M")
	return 0
}

func lspci(_ context.Context, p *shell.Proc) int {
	for _, l := range world.HardwareOf(p.Machine.Persona()).PCI {
		fmt.Fprintln(p.Out, l)
	}
	return 0
}

func lsmod(_ context.Context, p *shell.Proc) int {
	fmt.Fprintln(p.Out, "Module                  Size  Used by")
	for _, m := range world.Modules(p.Machine.Persona()) {
		fmt.Fprintln(p.Out, strings.TrimRight(fmt.Sprintf("%-19s %8d  %d %s", m.Name, m.Size, len(m.By), strings.Join(m.By, ",")), " "))
	}
	return 0
}

func modprobe(_ context.Context, p *shell.Proc) int {
	for _, name := range p.Args[1:] {
		if strings.HasPrefix(name, "-") {
			continue
		}
		if p.User.UID != 0 {
			fmt.Fprintf(p.Err, "%s: ERROR: could not insert '%s': Operation not permitted\n", p.Args[0], name)
			return 1
		}
		for _, m := range world.Modules(p.Machine.Persona()) {
			if m.Name == name {
				return 0
			}
		}
		fmt.Fprintf(p.Err, "modprobe: FATAL: Module %s not found in directory /lib/modules/%s\n", name, p.Machine.Persona().OS.Release)
		return 1
	}
	return 0
}

func modinfo(_ context.Context, p *shell.Proc) int {
	for _, name := range p.Args[1:] {
		fmt.Fprintf(p.Err, "modinfo: ERROR: Module %s not found.\n", name)
	}
	return 1
}

func dmesg(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "C,clear c,read-clear T,ctime H,human k,kernel u,userspace w,follow L,color? l,level: f,facility: t,notime r,raw n,console-level: x,decode", usage: "[options]", version: "from util-linux 2.38.1"})
	if a == nil {
		return status
	}
	if p.User.UID != 0 {
		p.Errorf("read kernel buffer failed: Operation not permitted")
		return 1
	}
	for _, m := range world.BootMessages(p.Machine.Persona()) {
		stamp := fmt.Sprintf("[%5d.%06d] ", m.After/time.Second, m.After%time.Second/1000)
		if a.has("T") {
			stamp = "[" + booted(p).Add(m.After).Format("Mon Jan _2 15:04:05 2006") + "] "
		}
		if a.has("t") {
			stamp = ""
		}
		fmt.Fprintln(p.Out, stamp+m.Text)
	}
	return 0
}

func mount(_ context.Context, p *shell.Proc) int {
	var rest []string
	kind := ""
	for i := 1; i < len(p.Args); i++ {
		switch arg := p.Args[i]; {
		case arg == "-t" || arg == "-o":
			if i++; arg == "-t" {
				kind = field(p.Args, i)
			}
		case strings.HasPrefix(arg, "-"):
		default:
			rest = append(rest, arg)
		}
	}
	if len(rest) == 0 {
		for _, line := range world.Mounts(p.Machine.Persona()) {
			f := strings.Fields(line)
			if kind == "" || kind == f[2] {
				fmt.Fprintf(p.Out, "%s on %s type %s (%s)\n", f[0], f[1], f[2], f[3])
			}
		}
		return 0
	}
	if p.User.UID != 0 {
		p.Errorf("%s: must be superuser to use mount.", rest[len(rest)-1])
		return 1
	}
	if len(rest) == 1 {
		p.Errorf("%s: can't find in /etc/fstab.", rest[0])
		return 1
	}
	if _, err := p.Files.Stat(rest[1]); err != nil {
		p.Errorf("%s: mount point does not exist.", rest[1])
		return 32
	}
	if _, err := p.Files.Stat(rest[0]); err != nil && strings.HasPrefix(rest[0], "/") {
		p.Errorf("%s: special device %s does not exist.", rest[1], rest[0])
		return 32
	}
	p.Errorf("%s: permission denied.", rest[1])
	return 32
}

func umount(_ context.Context, p *shell.Proc) int {
	for _, name := range p.Args[1:] {
		if strings.HasPrefix(name, "-") {
			continue
		}
		for _, line := range world.Mounts(p.Machine.Persona()) {
			if f := strings.Fields(line); f[1] == name {
				if p.User.UID != 0 {
					p.Errorf("%s: must be superuser to unmount.", name)
				} else {
					p.Errorf("%s: target is busy.", name)
				}
				return 32
			}
		}
		if _, err := p.Files.Stat(name); err != nil {
			p.Errorf("%s: no mount point specified.", name)
		} else {
			p.Errorf("%s: not mounted.", name)
		}
		return 32
	}
	p.Errorf("bad usage")
	try(p)
	return 1
}

func mountpoint(_ context.Context, p *shell.Proc) int {
	name := p.Args[len(p.Args)-1]
	for _, line := range world.Mounts(p.Machine.Persona()) {
		if strings.Fields(line)[1] == name {
			fmt.Fprintf(p.Out, "%s is a mountpoint\n", name)
			return 0
		}
	}
	fmt.Fprintf(p.Out, "%s is not a mountpoint\n", name)
	return 32
}

func fdisk(_ context.Context, p *shell.Proc) int {
	me := p.Machine.Persona()
	d := "/dev/" + world.HardwareOf(me).Disk
	if p.User.UID != 0 {
		fmt.Fprintf(p.Err, "fdisk: cannot open %s: Permission denied\n", d)
		return 1
	}
	root := me.Disk / 512
	size := me.Disk + 998_400*1024 + 2049*1024
	fmt.Fprintf(p.Out, "Disk %s: %s, %d bytes, %d sectors\nDisk model: %-16s\nUnits: sectors of 1 * 512 = 512 bytes\nSector size (logical/physical): 512 bytes / 512 bytes\nI/O size (minimum/optimal): 512 bytes / 512 bytes\nDisklabel type: dos\nDisk identifier: 0x%s\n\n", d, strings.Replace(strconv.FormatFloat(float64(size)/(1<<30), 'g', 4, 64)+" GiB", ".0 ", " ", 1), size, size/512, world.HardwareOf(me).DiskModel, world.RootUUID(me)[:8])
	fmt.Fprintf(p.Out, "Device     Boot    Start       End   Sectors  Size Id Type\n%s1  *        2048 %9d %9d %4.0fG 83 Linux\n%s2       %9d %9d   1996802  975M  5 Extended\n%s5       %9d %9d   1996800  975M 82 Linux swap / Solaris\n", d, root+2047, root, float64(me.Disk)/(1<<30), d, root+4094, root+2000895, d, root+4096, root+2000895)
	return 0
}

func blkid(_ context.Context, p *shell.Proc) int {
	me := p.Machine.Persona()
	d := "/dev/" + world.HardwareOf(me).Disk
	if p.User.UID == 0 {
		fmt.Fprintf(p.Out, "%s5: UUID=%q TYPE=\"swap\" PARTUUID=\"%s-05\"\n%s1: UUID=%q BLOCK_SIZE=\"4096\" TYPE=\"ext4\" PARTUUID=\"%s-01\"\n", d, world.SwapUUID(me), world.RootUUID(me)[:8], d, world.RootUUID(me), world.RootUUID(me)[:8])
	}
	return 0
}

func findmnt(_ context.Context, p *shell.Proc) int {
	rows := [][]string{{"TARGET", "SOURCE", "FSTYPE", "OPTIONS"}}
	for _, line := range world.Mounts(p.Machine.Persona()) {
		f := strings.Fields(line)
		if len(p.Args) == 1 || p.Args[len(p.Args)-1] == f[1] {
			rows = append(rows, []string{f[1], f[0], f[2], f[3]})
		}
	}
	if len(rows) == 1 {
		return 1
	}
	columns(p.Out, rows, nil, " ")
	return 0
}

func swapon(_ context.Context, p *shell.Proc) int {
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	fmt.Fprintf(p.Out, "NAME      TYPE      SIZE USED PRIO\n/dev/%s5 partition 975M %s   -2\n", world.HardwareOf(p.Machine.Persona()).Disk, strings.TrimSuffix(human((m.SwapTotal-m.SwapFree)*1024, 1024), "0")+"B")
	return 0
}

// sysctl reads what /proc/sys has.
func sysctl(_ context.Context, p *shell.Proc) int {
	status, bare := 0, false
	for _, arg := range p.Args[1:] {
		switch {
		case arg == "-n":
			bare = true
		case arg == "-a":
			_ = p.Files.Walk("/proc/sys", sysctlAll(p))
		case strings.HasPrefix(arg, "-"):
		case strings.Contains(arg, "="):
			name, value, _ := strings.Cut(arg, "=")
			if p.User.UID != 0 {
				p.Errorf("permission denied on key %q", strings.TrimSpace(name))
				status = 1
				continue
			}
			fmt.Fprintf(p.Out, "%s = %s\n", strings.TrimSpace(name), strings.TrimSpace(value))
		default:
			b, err := p.Files.ReadFile("/proc/sys/" + strings.ReplaceAll(arg, ".", "/"))
			if err != nil {
				p.Errorf("cannot stat /proc/sys/%s: %s", strings.ReplaceAll(arg, ".", "/"), reason(err))
				status = 1
				continue
			}
			if !bare {
				fmt.Fprintf(p.Out, "%s = ", arg)
			}
			fmt.Fprint(p.Out, string(b))
		}
	}
	return status
}

func dmidecode(_ context.Context, p *shell.Proc) int {
	if p.User.UID != 0 {
		fmt.Fprint(p.Out, "# dmidecode 3.4\n/sys/firmware/dmi/tables/smbios_entry_point: Permission denied\nScanning /dev/mem for entry point.\n")
		fmt.Fprintln(p.Err, "/dev/mem: Permission denied")
		return 1
	}
	hw := world.HardwareOf(p.Machine.Persona())
	fmt.Fprintf(p.Out, "# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 2.8 present.\n\nHandle 0x0000, DMI type 0, 24 bytes\nBIOS Information\n\tVendor: %s\n\tVersion: %s\n\tRelease Date: %s\n\nHandle 0x0100, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: %s\n\tProduct Name: %s\n\tVersion: %s\n\n", hw.BIOSVendor, hw.BIOS, hw.BIOSDate, hw.Vendor, hw.Product, hw.Version)
	return 0
}

func sysctlAll(p *shell.Proc) func(string, vfs.Info, error) error {
	return func(name string, i vfs.Info, err error) error {
		if err != nil || !i.Mode.IsRegular() {
			return err
		}
		b, err := p.Files.ReadFile(name)
		if err == nil {
			fmt.Fprintf(p.Out, "%s = %s", strings.ReplaceAll(strings.TrimPrefix(name, "/proc/sys/"), "/", "."), b)
		}
		return err
	}
}
