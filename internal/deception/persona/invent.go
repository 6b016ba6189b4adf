package persona

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"
)

// archetype is the kind of machine that a decky plays.
type archetype struct {
	names  []string // beginnings of host names
	memory []int    // GiB
	cpus   []int
	disk   []int // GiB
}

// Archetypes lists the kinds of machines that deckies can play.
func Archetypes() []string { return slices.Sorted(maps.Keys(archetypes())) }

func archetypes() map[string]archetype {
	return map[string]archetype{
		"linux-server":    {[]string{"srv", "app", "node", "util", "jump", "build"}, []int{4, 8, 16}, []int{2, 4}, []int{40, 80, 160}},
		"web-server":      {[]string{"web", "www", "fe", "portal", "edge"}, []int{2, 4, 8}, []int{2, 4}, []int{20, 40, 80}},
		"database-server": {[]string{"db", "pg", "sql", "data", "dbmaster"}, []int{16, 32, 64}, []int{4, 8, 16}, []int{200, 500, 1000}},
	}
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (p *Persona) inventHost(a archetype, given Given) {
	r := p.Rand("host")
	name := fmt.Sprintf("%s%s%02d", pick(r, a.names), pick(r, []string{"", "-", "-prod-", "-int-"}), 1+r.IntN(24))
	p.Hostname = name
	if given.Hostname != "" {
		p.Hostname = given.Hostname
	}
	p.Domain = given.Domain
	p.Zone = pick(r, []string{"Etc/UTC", "Etc/UTC", "Europe/Berlin", "Europe/London", "America/New_York"})
}

// kernels of Debian 12 as its security and point releases shipped them: what
// uname -r and -v print, and the point release of that day.
func kernels() []OS {
	k := func(abi int, build, point string) OS {
		return OS{
			ID: "debian", Version: "12", Codename: "bookworm", Pretty: "Debian GNU/Linux 12 (bookworm)", Machine: "x86_64",
			Point: point, Release: fmt.Sprintf("6.1.0-%d-amd64", abi), Build: "#1 SMP PREEMPT_DYNAMIC Debian " + build,
		}
	}
	return []OS{
		k(25, "6.1.106-3 (2024-08-26)", "12.7"),
		k(26, "6.1.112-1 (2024-09-30)", "12.7"),
		k(28, "6.1.119-1 (2024-11-22)", "12.8"),
		k(31, "6.1.128-1 (2025-02-07)", "12.9"),
		k(35, "6.1.137-1 (2025-05-07)", "12.10"),
		k(37, "6.1.140-1 (2025-05-22)", "12.11"),
	}
}

func (p *Persona) inventMachine(a archetype) {
	r := p.Rand("machine")
	p.OS = pick(r, kernels())
	p.CPUs = pick(r, a.cpus)
	p.CPU = pick(r, []string{
		"Intel(R) Xeon(R) Gold 6230R CPU @ 2.10GHz", "Intel(R) Xeon(R) Silver 4214 CPU @ 2.20GHz",
		"Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "AMD EPYC 7302 16-Core Processor", "AMD EPYC 7543 32-Core Processor",
	})
	p.Memory = uint64(pick(r, a.memory)) << 30
	p.Disk = uint64(pick(r, a.disk)) << 30
	// Prefixes that hypervisors give to their guests: QEMU/KVM, VMware, Hyper-V.
	oui := pick(r, [][]byte{{0x52, 0x54, 0x00}, {0x52, 0x54, 0x00}, {0x00, 0x50, 0x56}, {0x00, 0x15, 0x5d}})
	p.MAC = net.HardwareAddr{oui[0], oui[1], oui[2], byte(r.UintN(64)), byte(r.UintN(256)), byte(r.UintN(256))}
}

func (p *Persona) inventPeople() {
	r := p.Rand("people")
	first := []string{"Anna", "Marek", "Julia", "Tom", "Elena", "David", "Sofia", "Jonas", "Priya", "Lukas", "Maria", "Ben", "Chloe", "Ivan", "Nina", "Paul"}
	last := []string{"Keller", "Novak", "Berg", "Silva", "Marsh", "Lindqvist", "Rossi", "Patel", "Dunn", "Weber", "Costa", "Holm", "Petrov", "Reyes"}
	r.Shuffle(len(first), func(i, j int) { first[i], first[j] = first[j], first[i] })
	form := pick(r, []func(f, l string) string{
		func(f, _ string) string { return f },
		func(f, l string) string { return f[:1] + l },
		func(f, l string) string { return f + "." + l },
	})
	for i := range 1 + r.IntN(3) {
		l := pick(r, last)
		name := form(strings.ToLower(first[i]), strings.ToLower(l))
		p.Users = append(p.Users, User{Name: name, Full: first[i] + " " + l, UID: 1000 + i, Admin: i == 0})
	}
}

// inventTimes places the installation and the last start in the past. The
// start is the last of a row of starts, one to three months apart, so that it
// stays where it is while the decky runs and is never years ago.
func (p *Persona) inventTimes(now time.Time) {
	r := p.Rand("times")
	built, err := time.Parse("2006-01-02", p.OS.Build[len(p.OS.Build)-11:len(p.OS.Build)-1])
	if err != nil {
		built = now.AddDate(-1, 0, 0) // of a kernel whose build has no day
	}
	p.Installed = built.AddDate(0, -3-r.IntN(14), -r.IntN(28)).Add(time.Duration(r.IntN(86400)) * time.Second).UTC()
	period := time.Duration(30+r.IntN(60)) * 24 * time.Hour
	offset := time.Duration(r.Int64N(int64(period)))
	p.Booted = now.Add(-offset).Truncate(period).Add(offset).UTC()
	if p.Booted.After(now) {
		p.Booted = p.Booted.Add(-period)
	}
	p.Booted = p.Booted.Truncate(time.Second)
}
