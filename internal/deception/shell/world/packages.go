package world

import (
	_ "embed"
	"encoding/binary"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

//go:embed debian.txt
var table string

// Package is an installed Debian package.
type Package struct {
	Name, Version, Arch, Priority, Section string
	Size                                   int // installed, in KiB
	Description                            string
	Files                                  []File

	set string
	day time.Time
}

// File is a file of a package.
type File struct {
	Path   string
	Size   int64
	Mode   fs.FileMode
	Target string // of a symbolic link
}

// read parses the table once per process; what it returns is not changed.
var read = sync.OnceValue(func() []Package { return parse(table) })

func parse(text string) (all []Package) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if head, ok := strings.CutPrefix(line, "="); ok {
			all = append(all, parseHead(head))
			continue
		}
		last := &all[len(all)-1]
		last.Files = append(last.Files, parseFile(line))
	}
	return all
}

func parseHead(line string) Package {
	f := strings.SplitN(line, "|", 9)
	size, _ := strconv.Atoi(f[5])
	day, _ := time.Parse("2006-01-02", f[7])
	return Package{Name: f[0], Version: f[1], Arch: f[2], Priority: f[3], Section: f[4], Size: size, set: f[6], day: day.Add(10 * time.Hour), Description: f[8]}
}

func parseFile(line string) File {
	name, rest, _ := strings.Cut(line, " ")
	if target, ok := strings.CutPrefix(rest, ">"); ok {
		return File{Path: name, Target: target}
	}
	size, mode, _ := strings.Cut(rest, " ")
	f := File{Path: name, Mode: 0o644}
	if strings.HasPrefix(name, "/usr/bin/") || strings.HasPrefix(name, "/usr/sbin/") {
		f.Mode = 0o755
	}
	f.Size, _ = strconv.ParseInt(size, 10, 64)
	if bits, err := strconv.ParseUint(mode, 8, 16); err == nil {
		f.Mode = fs.FileMode(bits & 0o777)
		if bits&0o4000 != 0 {
			f.Mode |= fs.ModeSetuid
		}
		if bits&0o2000 != 0 {
			f.Mode |= fs.ModeSetgid
		}
	}
	return f
}

// Packages returns what is installed on a persona's machine, by name.
func Packages(p *persona.Persona) (out []Package) {
	kvm := HardwareOf(p).Virt == "kvm"
	points := pointVersions(p.OS.Point)
	for _, k := range read() {
		switch k.set {
		case "w":
			if p.Archetype != "web-server" {
				continue
			}
		case "d":
			if p.Archetype != "database-server" {
				continue
			}
		case "f":
			if _, ok := p.Serves("ftp"); !ok {
				continue
			}
		case "k":
			if !kvm {
				continue
			}
		}
		for _, v := range points {
			if slices.Contains(v.names, k.Name) {
				k.Version = v.version
			}
		}
		out = append(out, k)
	}
	out = append(out, kernelPackages(p)...)
	slices.SortFunc(out, func(a, b Package) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// versioned is a version that several packages share.
type versioned struct {
	version string
	names   []string
}

// pointVersions returns the versions of packages that changed between Debian's
// point releases; the table has those of 12.11.
func pointVersions(point string) []versioned {
	libc, ssl, ssh, systemd := []string{"libc6", "libc-bin", "libc-l10n", "locales"}, []string{"libssl3", "openssl"},
		[]string{"openssh-client", "openssh-server", "openssh-sftp-server"},
		[]string{"systemd", "systemd-sysv", "systemd-timesyncd", "libsystemd0", "libsystemd-shared", "libudev1", "udev", "libpam-systemd", "libnss-systemd"}
	row := func(base, c, openssl, openssh, init string) []versioned {
		return []versioned{
			{"12.4+deb12u" + base, []string{"base-files"}},
			{"2.36-9+deb12u" + c, libc},
			{openssl, ssl},
			{"1:9.2p1-2+deb12u" + openssh, ssh},
			{init + "~deb12u1", systemd},
		}
	}
	return map[string][]versioned{
		"12.7":  row("7", "8", "3.0.14-1~deb12u2", "3", "252.30-1"),
		"12.8":  row("8", "9", "3.0.15-1~deb12u1", "3", "252.31-1"),
		"12.9":  row("9", "9", "3.0.15-1~deb12u1", "4", "252.33-1"),
		"12.10": row("10", "10", "3.0.15-1~deb12u1", "5", "252.36-1"),
	}[point]
}

func kernelPackages(p *persona.Persona) []Package {
	version, _, _ := strings.Cut(strings.TrimPrefix(p.OS.Build, "#1 SMP PREEMPT_DYNAMIC Debian "), " ")
	day, _ := time.Parse("2006-01-02", p.OS.Build[len(p.OS.Build)-11:len(p.OS.Build)-1])
	return []Package{
		{Name: "linux-image-" + p.OS.Release, Version: version, Arch: "amd64", Priority: "optional", Section: "kernel", Size: 399_408, day: day, Description: "Linux 6.1 for 64-bit PCs (signed)", Files: []File{
			{Path: "/boot/System.map-" + p.OS.Release, Size: 83, Mode: 0o644},
			{Path: "/boot/config-" + p.OS.Release, Size: 259_468, Mode: 0o644},
			{Path: "/boot/vmlinuz-" + p.OS.Release, Size: 8_222_624, Mode: 0o644},
		}},
		{Name: "linux-image-amd64", Version: version, Arch: "amd64", Priority: "optional", Section: "kernel", Size: 13, day: day, Description: "Linux for 64-bit PCs (meta-package)"},
	}
}

// packages lays out what Debian's packages bring.
func (b *builder) packages() {
	for _, k := range Packages(b.p) {
		b.day = k.day
		b.dir(0o755, "/usr/share/doc/"+k.Name)
		for _, f := range k.Files {
			b.packaged(f)
		}
	}
	b.at(20 * time.Minute)
	for _, l := range [][2]string{
		{"nc", "nc.traditional"}, {"netcat", "nc.traditional"}, {"pager", "less"}, {"which", "which.debianutils"},
		{"traceroute", "traceroute.db"}, {"awk", "mawk"}, {"nawk", "mawk"},
	} {
		b.alternative(l[0], l[1])
	}
}

// alternative adds a link that update-alternatives keeps, if its program is
// there.
func (b *builder) alternative(name, target string) {
	if target == "" || !b.tree.Has("/usr/bin/"+target) || b.tree.Has("/usr/bin/"+name) {
		return
	}
	b.link("/usr/bin/"+name, "/etc/alternatives/"+name)
	b.link("/etc/alternatives/"+name, "/usr/bin/"+target)
}

func (b *builder) packaged(f File) {
	switch {
	case f.Target != "":
		b.link(f.Path, f.Target)
	case strings.HasPrefix(f.Path, "/boot/System.map"):
		b.text(f.Path, "ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n")
	case strings.HasSuffix(f.Path, "grep") && f.Size < 100:
		flag := map[string]string{"egrep": "-E", "fgrep": "-F", "rgrep": "-r"}[path.Base(f.Path)]
		b.mode(f.Path, 0o755, lines("#!/bin/sh", `exec grep `+flag+` "$@"`))
	case strings.HasPrefix(f.Path, "/usr/lib/systemd/system/") && path.Ext(f.Path) != "":
		name := path.Base(f.Path)
		b.sized(f.Path, 0o644, 0, func() string { return unit(name) })
	default:
		purpose := "binary: " + f.Path
		b.add(f.Path, vfs.Node{Mode: f.Mode, GID: groupOf(f), Size: f.Size, Make: func() []byte { return b.binary(purpose, f.Size) }})
	}
}

// groupOf returns the group of a program that runs with the rights of one.
func groupOf(f File) int {
	if f.Mode&fs.ModeSetgid == 0 {
		return 0
	}
	return map[string]int{"crontab": 101, "ssh-agent": 102, "chage": 42, "expiry": 42, "unix_chkpwd": 42, "dotlockfile": 8, "wall": 5, "write.ul": 5}[path.Base(f.Path)]
}

// binary returns what looks like a program or library: the head of a shared
// object for x86-64, and bytes behind it that follow from its name.
func (b *builder) binary(purpose string, size int64) []byte {
	out := make([]byte, size)
	sum := b.p.Derive(purpose)
	state := binary.LittleEndian.Uint64(sum[:])
	for i := 0; i+8 <= len(out); i += 8 {
		state = state*6364136223846793005 + 1442695040888963407
		binary.LittleEndian.PutUint64(out[i:], state&0x00ff_ffff_00ff_ffff>>(state>>60))
	}
	copy(out, elfHead(uint64(size)))
	return out
}

// elfHead is an ELF64 header of a position-independent executable, with its
// interpreter (System V ABI, AMD64 supplement).
func elfHead(size uint64) []byte {
	h := make([]byte, 0, 0x340)
	h = append(h, "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	for _, v := range []uint16{3, 62} { // ET_DYN, EM_X86_64
		h = binary.LittleEndian.AppendUint16(h, v)
	}
	h = binary.LittleEndian.AppendUint32(h, 1)
	for _, v := range []uint64{0x2e90, 64, (size - min(size, 0x740)) &^ 7} { // entry, program and section headers
		h = binary.LittleEndian.AppendUint64(h, v)
	}
	h = binary.LittleEndian.AppendUint32(h, 0)
	for _, v := range []uint16{64, 56, 13, 64, 29, 28} {
		h = binary.LittleEndian.AppendUint16(h, v)
	}
	h = append(h, make([]byte, 0x318-len(h))...)
	return append(h, "/lib64/ld-linux-x86-64.so.2\x00"...)
}
