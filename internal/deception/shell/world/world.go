// Package world lays out the files of the machine that a decky plays: Debian 12
// as it looks after a while of use. Everything follows from the persona, so a
// decky has the same files after each restart and no two deckies have the same.
// What is told in two places (the process table and /proc, the kernel in /boot
// and in dpkg's list, logins in wtmp and in auth.log) comes from one source.
//
// Most contents are made when they are read: a tree holds names and little else.
//
// To add a file, add a line to the room that it belongs to: etc.go, boot.go,
// home.go, logs.go, and so on. Packages and their programs are lines of
// debian.txt: "=" begins a package (name, version, architecture, priority,
// section, installed size in KiB, set, day of its files, description), the other
// lines are its files (path and size, and mode unless usual, or > and what the
// link leads to). Sets: - everywhere, w web servers, d database servers, k under
// KVM.
//
// Level 2: it may import L0, deception/persona, deception/shell/vfs and the SSH
// service's hostkey, whose keys are files here.
package world

import (
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Tree lays out the machine of a persona. now tells the time whenever a file
// that depends on it is read: logs go on. The machine's own people were there last
// before the tree was built.
func Tree(p *persona.Persona, now func() time.Time) *vfs.Tree {
	return TreeAt(p, now, netip.Addr{})
}

// TreeAt is Tree for a machine that clients reach at a known address, so that
// its files name that one.
func TreeAt(p *persona.Persona, now func() time.Time, local netip.Addr) *vfs.Tree {
	b := &builder{p: p, now: now, tree: vfs.NewTree(p.Installed), born: now(), net: NetworkOf(p, local), hw: HardwareOf(p), users: Users(p), day: p.Installed}
	for _, part := range []func(){
		b.skeleton, b.packages, b.boot, b.accounts, b.identity, b.network, b.admin, b.units, b.ssh, b.homes, b.roots,
		b.logs, b.dpkg, b.proc, b.processes, b.sys, b.dev, b.run, b.archetype,
	} {
		part()
	}
	b.numbers()
	return b.tree
}

// numbers gives files the numbers that they have on the machine's disk: mke2fs makes
// one for each 16 KiB, in groups of 8192. What the installer wrote lies in the first
// half, what is new behind it.
func (b *builder) numbers() {
	const group = 8192
	r, half := b.p.Rand("world: numbers of files"), b.p.Disk/16384/2
	place := func() uint64 { return r.Uint64N(half/group-4)*group + 12 + r.Uint64N(group/2) }
	b.tree.Number(group+place(), half+place())
}

// builder adds files to a tree.
type builder struct {
	p     *persona.Persona
	now   func() time.Time
	tree  *vfs.Tree
	born  time.Time // when the tree was built
	net   Network
	hw    Hardware
	users []Account
	day   time.Time // of the files that are added
}

func (b *builder) add(name string, n vfs.Node) {
	if n.Mtime.IsZero() {
		n.Mtime = b.day
	}
	b.tree.Add(name, n)
}

func (b *builder) dir(mode fs.FileMode, names ...string) {
	for _, name := range names {
		b.add(name, vfs.Node{Mode: fs.ModeDir | mode})
	}
}

// text adds a file of root's.
func (b *builder) text(name, content string) { b.mode(name, 0o644, content) }

func (b *builder) mode(name string, mode fs.FileMode, content string) {
	b.add(name, vfs.Node{Mode: mode, Data: []byte(content)})
}

// lazy adds a file whose content is made at each reading and whose size nobody
// knows, as those of /proc.
func (b *builder) lazy(name string, mode fs.FileMode, content func() string) {
	b.add(name, vfs.Node{Mode: mode, Make: func() []byte { return []byte(content()) }})
}

// sized adds a file whose content is made at each reading and is always the
// same.
func (b *builder) sized(name string, mode fs.FileMode, gid int, content func() string) {
	b.add(name, vfs.Node{Mode: mode, GID: gid, Size: int64(len(content())), Make: func() []byte { return []byte(content()) }})
}

// once adds a file that is made when somebody first asks for it or its size, and is
// the same from then on.
func (b *builder) once(name string, mode fs.FileMode, content func() string) {
	text := sync.OnceValue(content)
	b.add(name, vfs.Node{Mode: mode, Make: func() []byte { return []byte(text()) }, Grows: func() (int64, time.Time) { return int64(len(text())), time.Time{} }})
}

func (b *builder) link(name, target string) {
	b.add(name, vfs.Node{Mode: fs.ModeSymlink | 0o777, Target: target})
}

// at sets the day of the files that follow: some time after the installation.
func (b *builder) at(after time.Duration) { b.day = b.p.Installed.Add(after) }

// owned adds a person's file or, where content is nil, folder.
func (b *builder) owned(a Account, mode fs.FileMode, content *string, elem ...string) {
	n := vfs.Node{Mode: mode, UID: a.UID, GID: a.GID}
	if content == nil {
		n.Mode |= fs.ModeDir
	} else {
		n.Data = []byte(*content)
	}
	b.add(path.Join(elem...), n)
}

// skeleton adds the folders that every Debian has, with the merged /usr.
func (b *builder) skeleton() {
	b.at(0)
	b.dir(0o755, "/", "/boot", "/dev", "/etc", "/home", "/media", "/mnt", "/opt", "/run", "/srv", "/usr", "/var",
		"/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/local", "/usr/share", "/usr/include", "/usr/src", "/usr/games",
		"/usr/lib/x86_64-linux-gnu", "/usr/lib/systemd", "/usr/lib/systemd/system", "/usr/lib/openssh", "/usr/lib/modules",
		"/usr/lib/apt", "/usr/lib/apt/methods", "/usr/lib/dpkg", "/usr/lib/locale", "/usr/lib/tmpfiles.d", "/usr/lib/udev", "/usr/lib/sysctl.d",
		"/usr/local/bin", "/usr/local/sbin", "/usr/local/etc", "/usr/local/lib", "/usr/local/share", "/usr/local/src", "/usr/local/include", "/usr/local/games",
		"/usr/share/doc", "/usr/share/man", "/usr/share/zoneinfo", "/usr/share/misc", "/usr/share/keyrings", "/usr/share/perl5", "/usr/share/bash-completion",
		"/var/backups", "/var/cache", "/var/cache/apt", "/var/cache/apt/archives", "/var/cache/debconf", "/var/cache/ldconfig", "/var/lib", "/var/lib/apt", "/var/lib/apt/lists",
		"/var/lib/dpkg", "/var/lib/dpkg/info", "/var/lib/dpkg/alternatives", "/var/lib/dpkg/updates", "/var/lib/dpkg/triggers", "/var/lib/misc", "/var/lib/pam", "/var/lib/systemd", "/var/lib/ucf", "/var/lib/dbus", "/var/lib/dhcp", "/var/lib/logrotate",
		"/var/log", "/var/opt", "/var/spool", "/var/spool/cron", "/var/spool/rsyslog")
	b.dir(0o700, "/root", "/lost+found", "/var/lib/private", "/var/cache/private", "/var/log/private")
	b.dir(0o777|fs.ModeSticky, "/tmp", "/var/tmp")
	b.add("/proc", vfs.Node{Mode: fs.ModeDir | 0o555, Mtime: b.p.Booted, ReadOnly: true, NothingNew: true})
	b.add("/sys", vfs.Node{Mode: fs.ModeDir | 0o555, Mtime: b.p.Booted, ReadOnly: true})
	b.add("/var/local", vfs.Node{Mode: fs.ModeDir | fs.ModeSetgid | 0o775, GID: 50})
	b.add("/var/mail", vfs.Node{Mode: fs.ModeDir | fs.ModeSetgid | 0o775, GID: 8})
	b.add("/var/spool/cron/crontabs", vfs.Node{Mode: fs.ModeDir | fs.ModeSticky | 0o730, GID: 101})
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} {
		b.link("/"+name, "usr/"+name)
	}
	b.link("/var/run", "/run")
	b.link("/var/lock", "/run/lock")
	b.link("/var/spool/mail", "../mail")
	b.link("/initrd.img", "boot/initrd.img-"+b.p.OS.Release)
	b.link("/vmlinuz", "boot/vmlinuz-"+b.p.OS.Release)
}

// lines joins lines into a text that ends with a newline.
func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

// hash returns n characters of hexadecimal that belong to a purpose.
func (b *builder) hash(purpose string, n int) string {
	sum := b.p.Derive("world: " + purpose)
	return fmt.Sprintf("%x", sum)[:n]
}
