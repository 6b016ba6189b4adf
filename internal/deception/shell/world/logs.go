package world

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// logs adds /var/log.
func (b *builder) logs() {
	const adm = 4
	b.day = b.p.Installed
	for name, write := range map[string]func(from, to time.Time) string{"auth.log": b.authLog, "syslog": b.sysLog, "cron.log": b.cronLog, "kern.log": b.kernLog} {
		b.growing("/var/log/"+name, 0o640, adm, b.weekStart, func() string { return write(b.weekStart(), b.now()) })
		if name == "auth.log" || name == "syslog" {
			b.growing("/var/log/"+name+".1", 0o640, adm, b.weekStart, func() string { return write(b.weekStart().AddDate(0, 0, -7), b.weekStart()) })
		}
	}
	b.add("/var/log/user.log", vfs.Node{Mode: 0o640, GID: adm, Mtime: b.weekStart()})
	month := func() time.Time { return LogStart(b.p, b.now()) }
	b.growing("/var/log/wtmp", 0o664, 43, month, b.wtmp)
	b.growing("/var/log/btmp", 0o660, 43, month, func() string { return "" })
	b.day = b.lastVisit()
	b.sized("/var/log/lastlog", 0o664, 43, b.lastlog)
	b.add("/var/log/faillog", vfs.Node{Mode: 0o644, Mtime: b.p.Installed})
	b.day = b.updated()
	b.sized("/var/log/dpkg.log", 0o644, 0, b.dpkgLog)
	b.sized("/var/log/apt/history.log", 0o644, 0, b.aptLog)
	b.add("/var/log/apt/term.log", vfs.Node{Mode: 0o640, GID: adm})
	b.text("/var/log/alternatives.log", "")
	b.at(20 * time.Minute)
	b.dir(0o755, "/var/log/apt", "/var/log/runit")
	b.add("/var/log/journal", vfs.Node{Mode: fs.ModeDir | fs.ModeSetgid | 0o755, GID: 999})
	b.mode("/var/log/installer/status", 0o644, "Package: base-installer\nStatus: install ok installed\n")
	b.mode("/var/log/installer/lsb-release", 0o644, "DISTRIB_ID=Debian\nDISTRIB_DESCRIPTION=\"Debian GNU/Linux installer\"\nDISTRIB_RELEASE=\"12 (bookworm) - installer build 20230607\"\n")
}

// growing adds a file that is written to as time goes by; empty is when it was
// emptied last.
func (b *builder) growing(name string, mode fs.FileMode, gid int, empty func() time.Time, content func() string) {
	b.add(name, vfs.Node{Mode: mode, GID: gid, Make: func() []byte { return []byte(content()) }, Grows: func() (int64, time.Time) {
		text := content()
		return int64(len(text)), written(text, empty())
	}})
}

// written is when the last line or record of a log was written.
func written(text string, otherwise time.Time) time.Time {
	if all := Logins([]byte(text)); len(all) > 0 && text[2] == 0 && text[3] == 0 {
		return all[len(all)-1].At
	}
	last := text[strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1:]
	stamp, _, _ := strings.Cut(last, " ")
	if t, err := time.Parse(stampForm, stamp); err == nil {
		return t
	}
	_, stamp, _ = strings.Cut(last, "[")
	stamp, _, _ = strings.Cut(stamp, "]")
	if t, err := time.Parse(hitForm, stamp); err == nil {
		return t
	}
	return otherwise
}

// weekStart is the last midnight between Saturday and Sunday, when rsyslog's
// files are rotated.
func (b *builder) weekStart() time.Time {
	local := b.now().In(Location(b.p))
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 10, 0, local.Location())
	return day.AddDate(0, 0, -int(day.Weekday()))
}

// joined sorts lines by time and leaves those that are not between from and to.
func joined(all []logLine, from, to time.Time) string {
	slices.SortStableFunc(all, func(a, b logLine) int { return a.at.Compare(b.at) })
	var out strings.Builder
	for _, l := range all {
		if l.at.After(from) && l.at.Before(to) {
			out.WriteString(l.text)
		}
	}
	return out.String()
}

// hours calls fn for the hourly run of cron between two times, unless the
// machine was being started then.
func (b *builder) hours(from, to time.Time, fn func(at time.Time, pid int)) {
	if from.Before(b.p.Installed) {
		from = b.p.Installed
	}
	for at := from.Truncate(time.Hour).Add(17*time.Minute + time.Second); at.Before(to); at = at.Add(time.Hour) {
		seed := at.Unix() / 3600 * 2654435761
		pid := 900 + int((at.Unix()-b.p.Booted.Unix())/90%30000+30000)%30000
		fn(at.Add(time.Duration(seed%90_000_000+90_000_000)), pid)
	}
}

func (b *builder) cronLog(from, to time.Time) string {
	var all []logLine
	b.hours(from, to, func(at time.Time, pid int) {
		all = append(all, b.entry(at, fmt.Sprintf("CRON[%d]", pid), "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"))
	})
	return joined(all, from, to)
}

func (b *builder) authLog(from, to time.Time) string {
	var all []logLine
	b.hours(from, to, func(at time.Time, pid int) {
		tag := fmt.Sprintf("CRON[%d]", pid)
		all = append(all, b.entry(at, tag, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"),
			b.entry(at.Add(4*time.Millisecond), tag, "pam_unix(cron:session): session closed for user root"))
	})
	for i, v := range b.visits(from, to) {
		all = append(all, b.visitLog(i+1, v)...)
	}
	return joined(all, from, to)
}

func (b *builder) visitLog(number int, v Visit) []logLine {
	uid := 0
	for _, u := range b.p.Users {
		if u.Name == v.User {
			uid = u.UID
		}
	}
	tag, port := fmt.Sprintf("sshd[%d]", v.PID), 40_000+v.PID%20_000
	sum := b.p.Derive("world: key of " + v.User)
	out := []logLine{
		b.entry(v.In.Add(-900*time.Millisecond), tag, "Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:%s", v.User, v.From, port, fingerprint(sum[:])),
		b.entry(v.In.Add(-880*time.Millisecond), tag, "pam_unix(sshd:session): session opened for user %s(uid=%d) by (uid=0)", v.User, uid),
		b.entry(v.In.Add(-870*time.Millisecond), "systemd-logind[512]", "New session %d of user %s.", number*3, v.User),
	}
	for i, c := range v.Commands {
		at := v.In.Add(v.Out.Sub(v.In) * time.Duration(i+1) / 5)
		out = append(out, b.entry(at, "sudo", "%8s : TTY=%s ; PWD=/home/%s ; USER=root ; COMMAND=%s", v.User, v.TTY, v.User, c),
			b.entry(at.Add(3*time.Millisecond), "sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by %s(uid=%d)", v.User, uid),
			b.entry(at.Add(2*time.Second), "sudo", "pam_unix(sudo:session): session closed for user root"))
	}
	return append(out, b.entry(v.Out, fmt.Sprintf("sshd[%d]", v.PID+6), "Received disconnect from %s port %d:11: disconnected by user", v.From, port),
		b.entry(v.Out.Add(time.Millisecond), fmt.Sprintf("sshd[%d]", v.PID+6), "Disconnected from user %s %s port %d", v.User, v.From, port),
		b.entry(v.Out.Add(2*time.Millisecond), tag, "pam_unix(sshd:session): session closed for user %s", v.User))
}

func (b *builder) sysLog(from, to time.Time) string {
	var all []logLine
	b.hours(from, to, func(at time.Time, pid int) {
		all = append(all, b.entry(at, fmt.Sprintf("CRON[%d]", pid), "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"))
		local := at.In(Location(b.p))
		job := map[int][2]string{0: {"logrotate.service", "Rotate log files"}, 6: {"apt-daily-upgrade.service", "Daily apt upgrade and clean activities"}, 13: {"apt-daily.service", "Daily apt download activities"}, 20: {"systemd-tmpfiles-clean.service", "Cleanup of Temporary Directories"}}
		if j, ok := job[local.Hour()]; ok {
			begin := at.Add(11 * time.Minute)
			all = append(all, b.entry(begin, "systemd[1]", "Starting %s - %s...", j[0], j[1]), b.entry(begin.Add(1200*time.Millisecond), "systemd[1]", "%s: Deactivated successfully.", j[0]), b.entry(begin.Add(1201*time.Millisecond), "systemd[1]", "Finished %s - %s.", j[0], j[1]))
		}
	})
	for i, v := range b.visits(from, to) {
		all = append(all, b.entry(v.In, "systemd[1]", "Started session-%d.scope - Session %d of User %s.", 3*(i+1), 3*(i+1), v.User), b.entry(v.Out, "systemd[1]", "session-%d.scope: Deactivated successfully.", 3*(i+1)))
	}
	for _, l := range BootMessages(b.p) {
		all = append(all, b.entry(b.p.Booted.Add(l.After+3*time.Second), "kernel", "[%5d.%06d] %s", l.After/time.Second, l.After%time.Second/1000, l.Text))
	}
	return joined(all, from, to)
}

func (b *builder) kernLog(from, to time.Time) string {
	var all []logLine
	for _, l := range BootMessages(b.p) {
		all = append(all, b.entry(b.p.Booted.Add(l.After+3*time.Second), "kernel", "[%5d.%06d] %s", l.After/time.Second, l.After%time.Second/1000, l.Text))
	}
	return joined(all, from, to)
}

func (b *builder) dpkgLog() string {
	at := b.updated().In(Location(b.p))
	var out strings.Builder
	for i, k := range Packages(b.p) {
		if !strings.Contains(k.Version, "deb12u") {
			continue
		}
		t := at.Add(time.Duration(i) * 130 * time.Millisecond).Format("2006-01-02 15:04:05")
		name := k.Name + ":" + k.Arch
		fmt.Fprintf(&out, "%s upgrade %s <none> %s\n%s status half-configured %s %s\n%s status unpacked %s %s\n%s configure %s %s <none>\n%s status installed %s %s\n", t, name, k.Version, t, name, k.Version, t, name, k.Version, t, name, k.Version, t, name, k.Version)
	}
	return out.String()
}

func (b *builder) aptLog() string {
	at := b.updated().In(Location(b.p))
	const form = "2006-01-02  15:04:05"
	var names []string
	for _, k := range Packages(b.p) {
		if strings.Contains(k.Version, "deb12u") {
			names = append(names, fmt.Sprintf("%s:%s (%s, automatic)", k.Name, k.Arch, k.Version))
		}
	}
	admin := b.p.Users[0]
	return lines("", "Start-Date: "+at.Add(-20*time.Second).Format(form), "Commandline: apt upgrade", fmt.Sprintf("Requested-By: %s (%d)", admin.Name, admin.UID), "Upgrade: "+strings.Join(names, ", "), "End-Date: "+at.Add(40*time.Second).Format(form))
}
