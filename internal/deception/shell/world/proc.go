package world

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// Memory is the machine's memory in KiB, as free and /proc/meminfo tell it.
type Memory struct {
	Total, Free, Available, Buffers, Cached, Shared, Reclaimable, SwapTotal, SwapFree uint64
}

// MemoryOf returns how much memory is used now. It moves a little by the minute.
func MemoryOf(p *persona.Persona, now time.Time) Memory {
	r := p.Rand("world: memory")
	total := p.Memory/1024 - p.Memory/1024/42 - 40_000 // what the kernel keeps for itself
	used := uint64(float64(total) * (0.06 + 0.2*r.Float64()))
	wave := uint64(40_000 * (1 + math.Sin(float64(now.Unix()/7)/41)))
	m := Memory{Total: total, SwapTotal: 998_396, SwapFree: 998_396, Buffers: 30_000 + r.Uint64N(120_000), Shared: 600 + r.Uint64N(3000)}
	m.Cached = uint64(float64(total) * (0.2 + 0.25*r.Float64()))
	m.Reclaimable = m.Cached / 14
	m.Free = total - used - m.Cached - m.Buffers - m.Reclaimable - wave
	m.Available = m.Free + (m.Cached+m.Reclaimable)*93/100
	if r.IntN(2) == 0 {
		m.SwapFree -= 256 * (1 + r.Uint64N(900))
	}
	return m
}

// Load returns the load averages of a machine that has little to do.
func Load(p *persona.Persona, now time.Time) [3]float64 {
	at := func(minutes int64) float64 {
		step := now.Unix() / (20 * minutes)
		noise := rand.New(rand.NewPCG(uint64(step), uint64(p.Booted.Unix())))
		return math.Floor(noise.Float64()*noise.Float64()*18) / 100
	}
	return [3]float64{at(1), at(5), at(15)}
}

// CPUFlags are those of the CPUs that guests see on both makers' processors.
const cpuFlags = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht syscall nx pdpe1gb rdtscp lm constant_tsc rep_good nopl xtopology cpuid tsc_known_freq pni pclmulqdq ssse3 fma cx16 sse4_1 sse4_2 x2apic movbe popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm 3dnowprefetch ssbd ibrs ibpb stibp fsgsbase bmi1 avx2 smep bmi2 rdseed adx smap xsaveopt arat"

// CPU is the processor in the words of /proc/cpuinfo.
type CPU struct {
	Vendor, Model                       string
	Family, Number, Stepping, Microcode int
	MHz                                 float64
	L2, L3                              int // KiB
	Bits                                string
	Flags                               string
}

// CPUOf returns the persona's processor.
func CPUOf(p *persona.Persona) CPU {
	c := CPU{Vendor: "GenuineIntel", Model: p.CPU, Family: 6, Number: 85, Stepping: 7, Microcode: 0x5003605, MHz: 2095.078, L2: 1024, L3: 36608, Bits: "46 bits physical, 48 bits virtual", Flags: cpuFlags + " ss"}
	switch {
	case strings.Contains(p.CPU, "E5-2680 v4"):
		c.Number, c.Stepping, c.Microcode, c.MHz, c.L2, c.L3 = 79, 1, 0xb000040, 2399.996, 256, 35840
	case strings.Contains(p.CPU, "4214"):
		c.MHz, c.L3 = 2194.842, 16896
	case strings.Contains(p.CPU, "7302"):
		c.Vendor, c.Family, c.Number, c.Stepping, c.Microcode, c.MHz, c.L2, c.L3 = "AuthenticAMD", 23, 49, 0, 0x830107c, 2999.998, 512, 16384
	case strings.Contains(p.CPU, "7543"):
		c.Vendor, c.Family, c.Number, c.Stepping, c.Microcode, c.MHz, c.L2, c.L3 = "AuthenticAMD", 25, 1, 1, 0xa0011d1, 2794.748, 512, 32768
	}
	if c.Vendor == "AuthenticAMD" {
		c.Bits, c.Flags = "48 bits physical, 48 bits virtual", cpuFlags+" svm cr8_legacy sse4a misalignsse topoext perfctr_core clzero"
	}
	return c
}

func (b *builder) cpuinfo() string {
	c := CPUOf(b.p)
	var out strings.Builder
	for i := range b.p.CPUs {
		fmt.Fprintf(&out, "processor\t: %d\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\nmodel name\t: %s\nstepping\t: %d\nmicrocode\t: 0x%x\ncpu MHz\t\t: %.3f\ncache size\t: %d KB\n",
			i, c.Vendor, c.Family, c.Number, c.Model, c.Stepping, c.Microcode, c.MHz, c.L3)
		fmt.Fprintf(&out, "physical id\t: 0\nsiblings\t: %d\ncore id\t\t: %d\ncpu cores\t: %d\napicid\t\t: %d\ninitial apicid\t: %d\nfpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: 13\nwp\t\t: yes\nflags\t\t: %s\n",
			b.p.CPUs, i, b.p.CPUs, i, i, c.Flags)
		fmt.Fprintf(&out, "bugs\t\t: spectre_v1 spectre_v2 spec_store_bypass\nbogomips\t: %.2f\nclflush size\t: 64\ncache_alignment\t: 64\naddress sizes\t: %s\npower management:\n\n", c.MHz*2, c.Bits)
	}
	return out.String()
}

func (b *builder) meminfo() string {
	m := MemoryOf(b.p, b.now())
	used := m.Total - m.Free - m.Cached - m.Buffers - m.Reclaimable
	var out strings.Builder
	for _, row := range []struct {
		name string
		kib  uint64
	}{
		{"MemTotal", m.Total}, {"MemFree", m.Free}, {"MemAvailable", m.Available}, {"Buffers", m.Buffers}, {"Cached", m.Cached}, {"SwapCached", 0},
		{"Active", m.Cached/2 + used/4}, {"Inactive", m.Cached/2 + used/3}, {"Active(anon)", m.Shared}, {"Inactive(anon)", used / 3}, {"Active(file)", m.Cached / 2}, {"Inactive(file)", m.Cached/2 - m.Shared},
		{"Unevictable", 0}, {"Mlocked", 0}, {"SwapTotal", m.SwapTotal}, {"SwapFree", m.SwapFree}, {"Zswap", 0}, {"Zswapped", 0}, {"Dirty", 48}, {"Writeback", 0},
		{"AnonPages", used / 3}, {"Mapped", used / 5}, {"Shmem", m.Shared}, {"KReclaimable", m.Reclaimable}, {"Slab", m.Reclaimable + 48_000}, {"SReclaimable", m.Reclaimable}, {"SUnreclaim", 48_000},
		{"KernelStack", 2_864}, {"PageTables", 3_212}, {"SecPageTables", 0}, {"NFS_Unstable", 0}, {"Bounce", 0}, {"WritebackTmp", 0}, {"CommitLimit", m.Total/2 + m.SwapTotal}, {"Committed_AS", used * 2},
		{"VmallocTotal", 34359738367}, {"VmallocUsed", 21_880}, {"VmallocChunk", 0}, {"Percpu", 1_536 * uint64(b.p.CPUs)}, {"HardwareCorrupted", 0}, {"AnonHugePages", 0},
	} {
		fmt.Fprintf(&out, "%-15s %8d kB\n", row.name+":", row.kib)
	}
	out.WriteString("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n")
	fmt.Fprintf(&out, "%-15s %8d kB\n%-15s %8d kB\n", "DirectMap4k:", 106_348, "DirectMap2M:", m.Total&^2047)
	return out.String()
}

func (b *builder) uptime() float64 { return b.now().Sub(b.p.Booted).Seconds() }

func (b *builder) loadavg() string {
	l := Load(b.p, b.now())
	all := Processes(b.p, b.now())
	return fmt.Sprintf("%.2f %.2f %.2f 1/%d %d\n", l[0], l[1], l[2], len(all)+24, all[len(all)-1].PID+int(b.uptime()/90)%30000)
}

func (b *builder) stat() string {
	up, n := b.uptime()*100, float64(b.p.CPUs)
	row := func(name string, n float64) string {
		return fmt.Sprintf("%s %.0f %.0f %.0f %.0f %.0f 0 %.0f 0 0 0\n", name, up*n*.004, up*n*.0001, up*n*.003, up*n*.9918, up*n*.0006, up*n*.0005)
	}
	out := row("cpu ", n)
	for i := range b.p.CPUs {
		out += row(fmt.Sprintf("cpu%d", i), 1)
	}
	return out + fmt.Sprintf("intr %.0f\nctxt %.0f\nbtime %d\nprocesses %.0f\nprocs_running 1\nprocs_blocked 0\nsoftirq %.0f\n", up*1.9*n, up*3.4*n, b.p.Booted.Unix(), 700+up/800, up*1.1*n)
}

// Disk partitions in KiB, as Debian's installer makes them on a disk whose root
// file system has the persona's size.
func (b *builder) partitions() string {
	root := b.p.Disk / 1024
	swap, d := uint64(998_400), b.hw.Disk
	return fmt.Sprintf("major minor  #blocks  name\n\n   8        0 %10d %s\n   8        1 %10d %s1\n   8        2 %10d %s2\n   8        5 %10d %s5\n  11        0 %10d sr0\n",
		root+swap+2049, d, root, d, 1, d, swap, d, 1048575)
}

// Mounts is what is mounted, in the form of /proc/mounts.
func Mounts(p *persona.Persona) []string {
	m := MemoryOf(p, p.Booted)
	tmp, dev := m.Total/10, m.Total/2-9_000
	return []string{
		"sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0",
		"proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0",
		fmt.Sprintf("udev /dev devtmpfs rw,nosuid,relatime,size=%dk,nr_inodes=%d,mode=755,inode64 0 0", dev, dev/4),
		"devpts /dev/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=000 0 0",
		fmt.Sprintf("tmpfs /run tmpfs rw,nosuid,nodev,noexec,relatime,size=%dk,mode=755,inode64 0 0", tmp),
		"/dev/" + HardwareOf(p).Disk + "1 / ext4 rw,relatime,errors=remount-ro 0 0",
		"securityfs /sys/kernel/security securityfs rw,nosuid,nodev,noexec,relatime 0 0",
		"tmpfs /dev/shm tmpfs rw,nosuid,nodev,inode64 0 0",
		"tmpfs /run/lock tmpfs rw,nosuid,nodev,noexec,relatime,size=5120k,inode64 0 0",
		"cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0",
		"pstore /sys/fs/pstore pstore rw,nosuid,nodev,noexec,relatime 0 0",
		"bpf /sys/fs/bpf bpf rw,nosuid,nodev,noexec,relatime,mode=700 0 0",
		"systemd-1 /proc/sys/fs/binfmt_misc autofs rw,relatime,fd=30,pgrp=1,timeout=0,minproto=5,maxproto=5,direct 0 0",
		"mqueue /dev/mqueue mqueue rw,nosuid,nodev,noexec,relatime 0 0",
		"debugfs /sys/kernel/debug debugfs rw,nosuid,nodev,noexec,relatime 0 0",
		"tracefs /sys/kernel/tracing tracefs rw,nosuid,nodev,noexec,relatime 0 0",
		"hugetlbfs /dev/hugepages hugetlbfs rw,relatime,pagesize=2M 0 0",
	}
}
