package world

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Account is a line of /etc/passwd.
type Account struct {
	Name     string
	UID, GID int
	Full     string
	Home     string
	Shell    string
	Person   bool
	Admin    bool // in the group sudo
}

// Group is a line of /etc/group.
type Group struct {
	Name    string
	GID     int
	Members []string
}

const nologin = "/usr/sbin/nologin"

// Users returns the accounts of a persona's machine: those of the system, of
// its services and of its people.
func Users(p *persona.Persona) []Account {
	all := []Account{
		{"root", 0, 0, "root", "/root", "/bin/bash", false, false},
		{"daemon", 1, 1, "daemon", "/usr/sbin", nologin, false, false},
		{"bin", 2, 2, "bin", "/bin", nologin, false, false},
		{"sys", 3, 3, "sys", "/dev", nologin, false, false},
		{"sync", 4, 65534, "sync", "/bin", "/bin/sync", false, false},
		{"games", 5, 60, "games", "/usr/games", nologin, false, false},
		{"man", 6, 12, "man", "/var/cache/man", nologin, false, false},
		{"lp", 7, 7, "lp", "/var/spool/lpd", nologin, false, false},
		{"mail", 8, 8, "mail", "/var/mail", nologin, false, false},
		{"news", 9, 9, "news", "/var/spool/news", nologin, false, false},
		{"uucp", 10, 10, "uucp", "/var/spool/uucp", nologin, false, false},
		{"proxy", 13, 13, "proxy", "/bin", nologin, false, false},
		{"www-data", 33, 33, "www-data", "/var/www", nologin, false, false},
		{"backup", 34, 34, "backup", "/var/backups", nologin, false, false},
		{"list", 38, 38, "Mailing List Manager", "/var/list", nologin, false, false},
		{"irc", 39, 39, "ircd", "/run/ircd", nologin, false, false},
		{"_apt", 42, 65534, "", "/nonexistent", nologin, false, false},
		{"nobody", 65534, 65534, "nobody", "/nonexistent", nologin, false, false},
		{"systemd-network", 998, 998, "systemd Network Management", "/", nologin, false, false},
		{"systemd-timesync", 997, 997, "systemd Time Synchronization", "/", nologin, false, false},
		{"messagebus", 100, 107, "", "/nonexistent", nologin, false, false},
		{"sshd", 101, 65534, "", "/run/sshd", nologin, false, false},
	}
	for _, u := range p.Users {
		all = append(all, Account{u.Name, u.UID, u.UID, u.Full + ",,,", "/home/" + u.Name, "/bin/bash", true, u.Admin})
	}
	if p.Archetype == "database-server" {
		all = append(all, Account{"postgres", 102, 110, "PostgreSQL administrator,,,", "/var/lib/postgresql", "/bin/bash", false, false})
	}
	if _, ok := p.Serves("ftp"); ok {
		uid, gid := ftpIDs(p)
		all = append(all, Account{"ftp", uid, gid, "ftp daemon,,,", "/srv/ftp", nologin, false, false})
	}
	return all
}

// ftpIDs are the next that were free when vsftpd was installed.
func ftpIDs(p *persona.Persona) (uid, gid int) {
	if p.Archetype == "database-server" {
		return 103, 111
	}
	return 102, 108
}

// Groups returns the groups of a persona's machine.
func Groups(p *persona.Persona) []Group {
	var admins, people, first []string
	for _, u := range p.Users {
		people = append(people, u.Name)
		if u.Admin {
			admins = append(admins, u.Name)
		}
	}
	first = people[:min(1, len(people))]
	var all []Group
	for _, line := range strings.Fields("root:0 daemon:1 bin:2 sys:3 adm:4 tty:5 disk:6 lp:7 mail:8 news:9 uucp:10 man:12 proxy:13 kmem:15 dialout:20 fax:21 voice:22 cdrom:24 floppy:25 tape:26 sudo:27 audio:29 dip:30 www-data:33 backup:34 operator:37 list:38 irc:39 src:40 shadow:42 utmp:43 video:44 sasl:45 plugdev:46 staff:50 games:60 users:100 nogroup:65534 systemd-journal:999 systemd-network:998 crontab:101 _ssh:102 input:103 sgx:104 kvm:105 render:106 messagebus:107 systemd-timesync:997") {
		name, id, _ := strings.Cut(line, ":")
		g := Group{Name: name}
		_, _ = fmt.Sscan(id, &g.GID)
		switch name {
		case "sudo":
			g.Members = admins
		case "cdrom", "floppy", "audio", "dip", "video", "plugdev":
			g.Members = first // whom the installer made
		case "users":
			g.Members = people
		}
		all = append(all, g)
	}
	for _, u := range p.Users {
		all = append(all, Group{Name: u.Name, GID: u.UID})
	}
	if p.Archetype == "database-server" {
		all = append(all, Group{Name: "ssl-cert", GID: 109, Members: []string{"postgres"}}, Group{Name: "postgres", GID: 110})
	}
	if _, ok := p.Serves("ftp"); ok {
		_, gid := ftpIDs(p)
		all = append(all, Group{Name: "ftp", GID: gid})
	}
	return all
}

// accounts adds the files of users and groups, and their copies of the time
// before the last change.
func (b *builder) accounts() {
	b.at(26 * time.Minute)
	var passwd, shadow, group, gshadow strings.Builder
	changed := int(b.p.Installed.Unix() / 86400)
	for _, a := range b.users {
		fmt.Fprintf(&passwd, "%s:x:%d:%d:%s:%s:%s\n", a.Name, a.UID, a.GID, a.Full, a.Home, a.Shell)
		fmt.Fprintf(&shadow, "%s:%s:%d:%s\n", a.Name, b.password(a), changed, b.ages(a))
	}
	for _, g := range Groups(b.p) {
		fmt.Fprintf(&group, "%s:x:%d:%s\n", g.Name, g.GID, strings.Join(g.Members, ","))
		fmt.Fprintf(&gshadow, "%s:%s::%s\n", g.Name, groupLock(g), strings.Join(g.Members, ","))
	}
	for _, copies := range []string{"", "-"} {
		b.text("/etc/passwd"+copies, passwd.String())
		b.text("/etc/group"+copies, group.String())
		b.add("/etc/shadow"+copies, vfs.Node{Mode: 0o640, GID: 42, Data: []byte(shadow.String())})
		b.add("/etc/gshadow"+copies, vfs.Node{Mode: 0o640, GID: 42, Data: []byte(gshadow.String())})
	}
	sub := ""
	for i, u := range b.p.Users {
		sub += fmt.Sprintf("%s:%d:65536\n", u.Name, 100000+65536*i)
	}
	b.text("/etc/subuid", sub)
	b.text("/etc/subgid", sub)
	b.text("/etc/shells", lines("# /etc/shells: valid login shells", "/bin/sh", "/usr/bin/sh", "/bin/bash", "/usr/bin/bash", "/bin/rbash", "/usr/bin/rbash", "/bin/dash", "/usr/bin/dash"))
}

func groupLock(g Group) string {
	if g.GID >= 101 && g.GID != 65534 {
		return "!"
	}
	return "*"
}

func (b *builder) ages(a Account) string {
	if a.Shell == nologin && a.UID >= 100 && a.UID != 65534 {
		return "::::::"
	}
	return "0:99999:7:::"
}

// password is what /etc/shadow has: no word hashes to it, because it is drawn.
func (b *builder) password(a Account) string {
	switch {
	case a.Name != "root" && !a.Person && (a.UID >= 100 && a.UID != 65534):
		return "!"
	case a.Name != "root" && !a.Person:
		return "*"
	}
	r := b.p.Rand("world: shadow " + a.Name)
	const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	raw := make([]byte, 32+16)
	for i := range raw {
		raw[i] = byte(r.UintN(256))
	}
	text := base64.NewEncoding(alphabet).WithPadding(base64.NoPadding).EncodeToString(raw)
	last := string("./0123456789ABCD"[r.IntN(16)])
	return "$y$j9T$" + text[:21] + string("./01"[r.IntN(4)]) + "$" + text[21:63] + last // yescrypt, as Debian 12 makes them
}
