package command

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// last reads wtmp backwards, as the newest logins come first.
func last(ctx context.Context, p *shell.Proc) int {
	numbered(p, false)
	a, status := options(p, tool{spec: "n,limit: a,hostlast d,dns f,file: F,fulltimes i,ip p,present: R,nohostname s,since: t,until: w,fullnames x,system time-format:", usage: "[options] [<username>...] [<tty>...]", version: "from util-linux 2.38.1"})
	if a == nil {
		return status
	}
	name := a.value("f", "/var/log/wtmp")
	b, err := p.Files.ReadFirst(name, vfs.MostRead)
	if err != nil {
		fmt.Fprintf(p.Err, "last: cannot open %s: %s\n", name, reason(err))
		return 1
	}
	l := &lastLister{p: p, a: a, out: map[string]time.Time{}, most: 1 << 30}
	if n, err := strconv.Atoi(a.value("n", "")); err == nil && n > 0 {
		l.most = n
	}
	l.current()
	records := world.Logins(b)
	for i := len(records) - 1; i >= 0 && p.Step(ctx) == nil; i-- {
		l.take(records[i])
	}
	begin := p.Now()
	if i, err := p.Files.Stat(name); err == nil && len(records) == 0 {
		begin = i.Mtime
	}
	if len(records) > 0 {
		begin = world.LogStart(p.Machine.Persona(), p.Now())
		if records[0].At.Before(begin) {
			begin = records[0].At
		}
	}
	fmt.Fprintf(p.Out, "\n%s begins %s\n", name[strings.LastIndexByte(name, '/')+1:], begin.In(zone(p)).Format("Mon Jan _2 15:04:05 2006"))
	return 0
}

type lastLister struct {
	p     *shell.Proc
	a     *arguments
	out   map[string]time.Time // when the line was left
	down  time.Time            // the last start, going back
	shown int
	most  int
}

// current shows who is logged in now.
func (l *lastLister) current() {
	sessions := l.p.Machine.Sessions()
	for i := len(sessions) - 1; i >= 0; i-- {
		s := sessions[i]
		l.row(s.User, s.TTY, s.From.String(), s.Since, "  still logged in")
	}
}

func (l *lastLister) take(r world.Login) {
	switch r.Kind {
	case 8:
		l.out[r.Line] = r.At
	case 2:
		end := "  still running"
		if !l.down.IsZero() {
			end = l.until(r.At, l.down)
		}
		l.row("reboot", "system boot", l.p.Machine.Persona().OS.Release, r.At, end)
		l.down, l.out = r.At, map[string]time.Time{}
	case 7:
		end := "   gone - no logout"
		if t, ok := l.out[r.Line]; ok {
			end = l.until(r.At, t)
		} else if !l.down.IsZero() {
			end = "- crash" + l.until(r.At, l.down)[7:]
		}
		l.row(r.User, r.Line, r.Host, r.At, end)
	}
}

// until is the end and the length of a login.
func (l *lastLister) until(from, to time.Time) string {
	d := to.Sub(from)
	length := fmt.Sprintf(" (%02d:%02d)", int(d.Hours()), int(d.Minutes())%60)
	if d >= 24*time.Hour {
		length = fmt.Sprintf("(%d+%02d:%02d)", int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60)
	}
	form := "15:04"
	if l.a.has("F") {
		form = "Mon Jan _2 15:04:05 2006"
	}
	return "- " + to.In(zone(l.p)).Format(form) + " " + length
}

func (l *lastLister) row(user, line, host string, at time.Time, end string) {
	wanted := len(l.a.rest) == 0
	for _, name := range l.a.rest {
		wanted = wanted || name == user || name == line
	}
	if !wanted || l.shown >= l.most {
		return
	}
	l.shown++
	form := "Mon Jan _2 15:04"
	if l.a.has("F") {
		form = "Mon Jan _2 15:04:05 2006"
	}
	if !l.a.has("w") && len(host) > 16 {
		host = host[:16]
	}
	fmt.Fprintln(l.p.Out, strings.TrimRight(fmt.Sprintf("%-8s %-12s %-16s %s %s", user, line, host, at.In(zone(l.p)).Format(form), end), " "))
}

func lastb(_ context.Context, p *shell.Proc) int {
	i, err := p.Files.Stat("/var/log/btmp")
	if e := p.Files.Access("/var/log/btmp", 4); e != nil || err != nil {
		fmt.Fprintf(p.Err, "lastb: cannot open /var/log/btmp: Permission denied\n")
		return 1
	}
	fmt.Fprintf(p.Out, "\nbtmp begins %s\n", i.Mtime.In(zone(p)).Format("Mon Jan _2 15:04:05 2006"))
	return 0
}

func lastlog(_ context.Context, p *shell.Proc) int {
	b, err := p.Files.ReadFile("/var/log/lastlog")
	if err != nil {
		fmt.Fprintf(p.Err, "lastlog: cannot open /var/log/lastlog: %s\n", reason(err))
		return 1
	}
	fmt.Fprintln(p.Out, "Username         Port     From                                       Latest")
	for _, u := range p.Machine.Users() {
		at := 292 * u.UID
		if at+292 > len(b) || binary.LittleEndian.Uint32(b[at:]) == 0 {
			fmt.Fprintf(p.Out, "%-16s %-8s %-42s %s\n", u.Name, "", "", "**Never logged in**")
			continue
		}
		text := func(b []byte) string { return strings.TrimRight(string(b), "\x00") }
		t := time.Unix(int64(binary.LittleEndian.Uint32(b[at:])), 0).In(zone(p))
		fmt.Fprintf(p.Out, "%-16s %-8s %-42s %s\n", u.Name, text(b[at+4:at+36]), text(b[at+36:at+292]), t.Format("Mon Jan _2 15:04:05 -0700 2006"))
	}
	return 0
}
