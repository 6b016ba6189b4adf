package world

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// dpkg adds the package manager's records.
func (b *builder) dpkg() {
	b.day = b.updated()
	b.sized("/var/lib/dpkg/status", 0o644, 0, b.status)
	b.sized("/var/lib/dpkg/status-old", 0o644, 0, b.status)
	b.text("/var/lib/dpkg/arch", "amd64\n")
	b.text("/var/lib/dpkg/diversions", "")
	b.text("/var/lib/dpkg/lock", "")
	b.text("/var/lib/dpkg/lock-frontend", "")
	for _, k := range Packages(b.p) {
		b.sized("/var/lib/dpkg/info/"+k.Key()+".list", 0o644, 0, func() string { return strings.Join(k.List(), "\n") + "\n" })
	}
	b.text("/var/lib/apt/extended_states", "")
	b.mode("/var/cache/apt/archives/lock", 0o640, "")
	for _, name := range []string{"deb.debian.org_debian_dists_bookworm_InRelease", "deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages", "security.debian.org_debian-security_dists_bookworm-security_InRelease"} {
		b.text("/var/lib/apt/lists/"+name, "Origin: Debian\nSuite: oldstable\nCodename: bookworm\n")
	}
}

// updated is when packages were last brought up to date: a short time before
// the machine was last started.
func (b *builder) updated() time.Time {
	return b.p.Booted.Add(-time.Duration(4+b.p.Rand("world: updated").IntN(90)) * time.Minute)
}

// Key is the package's name in dpkg's folder: libraries that several
// architectures can have at once carry theirs.
func (k Package) Key() string {
	if k.Arch != "all" && strings.HasPrefix(k.Name, "lib") && k.Section == "libs" {
		return k.Name + ":" + k.Arch
	}
	return k.Name
}

// List returns the package's files and folders as dpkg -L prints them.
func (k Package) List() []string {
	seen := map[string]bool{"/.": true, "/usr": true, "/usr/share": true, "/usr/share/doc": true, "/usr/share/doc/" + k.Name: true}
	for _, f := range k.Files {
		name := f.Path
		seen[name] = true
		for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
			seen[name[:i]] = true
		}
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// Paragraph is the package's entry in dpkg's status file.
func (k Package) Paragraph() string {
	multi := ""
	if k.Key() != k.Name {
		multi = "Multi-Arch: same\n"
	}
	return fmt.Sprintf("Package: %s\nStatus: install ok installed\nPriority: %s\nSection: %s\nInstalled-Size: %d\nMaintainer: Debian %s maintainers <%s@packages.debian.org>\nArchitecture: %s\n%sVersion: %s\nDescription: %s\n",
		k.Name, k.Priority, k.Section, k.Size, k.Name, k.Name, k.Arch, multi, k.Version, k.Description)
}

func (b *builder) status() string {
	var out strings.Builder
	for _, k := range Packages(b.p) {
		out.WriteString(k.Paragraph() + "\n")
	}
	return out.String()
}
