package command

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// booted is when the machine was started, in its own zone.
func booted(p *shell.Proc) time.Time { return p.Machine.Persona().Booted.In(zone(p)) }

func who(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,all b,boot d,dead H,heading l,login lookup m p,process q,count r,runlevel s,short t,time T,w,mesg,message,writable u,users", "[OPTION]... [ FILE | ARG1 ARG2 ]"))
	if a == nil {
		return status
	}
	form := func(t time.Time) string { return t.In(zone(p)).Format("2006-01-02 15:04") }
	if a.has("b", "a") {
		fmt.Fprintf(p.Out, "         system boot  %s\n", form(booted(p)))
	}
	if a.has("r", "a") {
		fmt.Fprintf(p.Out, "         run-level 5  %s\n", form(booted(p).Add(12*time.Second)))
	}
	if a.has("b", "r") {
		return 0
	}
	sessions := p.Machine.Sessions()
	if a.has("q") {
		var names []string
		for _, s := range sessions {
			names = append(names, s.User)
		}
		fmt.Fprintf(p.Out, "%s\n# users=%d\n", strings.Join(names, " "), len(names))
		return 0
	}
	if a.has("H") {
		fmt.Fprintln(p.Out, "NAME     LINE         TIME             COMMENT")
	}
	for _, s := range sessions {
		fmt.Fprintf(p.Out, "%-8s %-12s %s (%s)\n", s.User, s.TTY, form(s.Since), s.From)
		if a.has("m") || len(a.rest) == 2 {
			break
		}
	}
	return 0
}

func users(_ context.Context, p *shell.Proc) int {
	var names []string
	for _, s := range p.Machine.Sessions() {
		names = append(names, s.User)
	}
	if slices.Sort(names); len(names) > 0 {
		fmt.Fprintln(p.Out, strings.Join(names, " "))
	}
	return 0
}

// upLine is the first line of uptime, w and top.
func upLine(p *shell.Proc) string {
	now := p.Now().In(zone(p))
	up := now.Sub(booted(p))
	days, hours, minutes := int(up.Hours())/24, int(up.Hours())%24, int(up.Minutes())%60
	out := " " + now.Format("15:04:05") + " up "
	if days > 0 {
		out += fmt.Sprintf("%d %s, ", days, plural(days, "day"))
	}
	if hours > 0 {
		out += fmt.Sprintf("%2d:%02d, ", hours, minutes)
	} else {
		out += fmt.Sprintf("%d min, ", minutes)
	}
	n := len(p.Machine.Sessions())
	l := world.Load(p.Machine.Persona(), now)
	return out + fmt.Sprintf(" %d %s,  load average: %.2f, %.2f, %.2f", n, plural(n, "user"), l[0], l[1], l[2])
}

func plural(n int, word string) string {
	if n == 1 || word == "user" && n == 0 {
		return word
	}
	return word + "s"
}

func uptime(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "p,pretty s,since", usage: "[options]", version: "from procps-ng 4.0.2"})
	if a == nil {
		return status
	}
	up := p.Now().Sub(booted(p))
	switch {
	case a.has("s"):
		fmt.Fprintln(p.Out, booted(p).Format("2006-01-02 15:04:05"))
	case a.has("p"):
		var parts []string
		for _, u := range []struct {
			n    int
			name string
		}{{int(up.Hours()) / 168, "week"}, {int(up.Hours()) / 24 % 7, "day"}, {int(up.Hours()) % 24, "hour"}, {int(up.Minutes()) % 60, "minute"}} {
			if u.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", u.n, plural(u.n, u.name)))
			}
		}
		fmt.Fprintln(p.Out, "up "+strings.Join(parts, ", "))
	default:
		fmt.Fprintln(p.Out, upLine(p))
	}
	return 0
}

func w(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "h,no-header u,no-current s,short f,from o,old-style i,ip-addr p,pids", usage: "[options] [user]", version: "from procps-ng 4.0.2"})
	if a == nil {
		return status
	}
	if !a.has("h") {
		fmt.Fprintln(p.Out, upLine(p))
		fmt.Fprintln(p.Out, "USER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT")
	}
	for _, s := range p.Machine.Sessions() {
		at := s.Since.In(zone(p)).Format("15:04")
		if p.Now().Sub(s.Since) > 24*time.Hour {
			at = s.Since.In(zone(p)).Format("02Jan06")
		}
		fmt.Fprintf(p.Out, "%-8s %-8s %-16s %-8s %5s  %s  %s %s\n", s.User, s.TTY, s.From, at, "0.00s", "0.03s", "0.00s", path.Base(p.Args[0]))
	}
	return 0
}

func ttyName(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("s,silent,quiet", "[OPTION]..."))
	if a == nil {
		return status
	}
	if !p.InTerminal(0) {
		if !a.has("s") {
			fmt.Fprintln(p.Out, "not a tty")
		}
		return 1
	}
	fmt.Fprintln(p.Out, "/dev/"+terminalOf(p))
	return 0
}

// terminalOf is the name of the program's terminal.
func terminalOf(p *shell.Proc) string {
	for _, d := range p.Machine.Processes() {
		if d.PID == p.PID && d.TTY != "" {
			return d.TTY
		}
	}
	return "pts/0"
}

func nproc(_ context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("all ignore:", "[OPTION]..."))
	if a == nil {
		return status
	}
	skip, _ := strconv.Atoi(a.value("ignore", "0"))
	fmt.Fprintln(p.Out, max(p.Machine.Persona().CPUs-skip, 1))
	return 0
}

// getent looks entries of the system's databases up.
func getent(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "i,no-idn s,service:", usage: "[OPTION...] database [key ...]", version: "(Debian GLIBC 2.36-9+deb12u10) 2.36"})
	if a == nil {
		return status
	}
	if len(a.rest) == 0 {
		p.Errorf("wrong number of arguments")
		return 1
	}
	file, ok := map[string]string{"passwd": "/etc/passwd", "group": "/etc/group", "shadow": "/etc/shadow", "hosts": "/etc/hosts", "services": "/etc/services", "protocols": "/etc/protocols", "networks": "/etc/networks", "ahosts": "/etc/hosts"}[a.rest[0]]
	if !ok {
		fmt.Fprintf(p.Err, "Unknown database: %s\nTry `getent --help' or `getent --usage' for more information.\n", a.rest[0])
		return 1
	}
	b, err := p.Files.ReadFile(file)
	if err != nil {
		return 2
	}
	found := len(a.rest) == 1
	for _, line := range splitLines(b) {
		f := strings.FieldsFunc(line, func(r rune) bool { return r == ':' || r == ' ' || r == '\t' })
		if len(f) < 2 || line[0] == '#' {
			continue
		}
		match := len(a.rest) == 1 || slices.ContainsFunc(a.rest[1:], func(k string) bool {
			return k == f[0] || len(f) > 2 && k == f[2] && file != "/etc/hosts" || file == "/etc/hosts" && slices.Contains(f, k)
		})
		if match {
			found = true
			fmt.Fprintln(p.Out, getentLine(file, line, f))
		}
	}
	if !found {
		return 2
	}
	return 0
}

func getentLine(file, line string, f []string) string {
	if file == "/etc/hosts" {
		return fmt.Sprintf("%-15s %s", f[0], strings.Join(f[1:], " "))
	}
	if file == "/etc/services" {
		return fmt.Sprintf("%-21s %s", f[0], f[1])
	}
	return line
}
