package command

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func everything(shell.Process) bool { return true }

func (a *psAsked) pids(list string) {
	ids := strings.Split(list, ",")
	a.only = func(d shell.Process) bool { return slices.Contains(ids, strconv.Itoa(d.PID)) }
}

func (a *psAsked) columns(list string) string {
	if !a.all {
		a.fields, a.all = nil, true
	}
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, title, titled := strings.Cut(name, "=")
		if _, ok := psFields()[name]; !ok {
			return "unknown user-defined format specifier \"" + name + "\""
		}
		a.noTitles = a.noTitles || titled && title == ""
		a.fields = append(a.fields, name)
	}
	return ""
}

func (a *psAsked) long(arg string, value func() string) string {
	name, v, has := strings.Cut(arg[2:], "=")
	if !has && slices.Contains([]string{"sort", "format", "pid", "user", "ppid"}, name) {
		v = value()
	}
	switch name {
	case "sort":
		a.sort = v
	case "format":
		return a.columns(v)
	case "pid":
		a.pids(v)
	case "user":
		a.only = func(d shell.Process) bool { return d.User == v }
	case "ppid":
		a.only = func(d shell.Process) bool { return strconv.Itoa(d.PPID) == v }
	case "no-headers", "no-heading":
		a.noTitles = true
	case "forest", "headers", "width", "cols":
	default:
		return "unknown gnu long option"
	}
	return ""
}

func (a *psAsked) unix(letters string, value func() string) string {
	for i := 0; i < len(letters); i++ {
		rest := func() string {
			v := letters[i+1:]
			i = len(letters)
			if v == "" {
				v = value()
			}
			return v
		}
		switch c := letters[i]; c {
		case 'e', 'A':
			a.only = everything
		case 'a', 'd':
			a.only = func(d shell.Process) bool { return d.TTY != "" }
		case 'f':
			a.fields = []string{"user", "pid", "ppid", "c", "stime", "tname", "time", "cmd"}
		case 'F':
			a.fields = []string{"user", "pid", "ppid", "c", "vsz", "rss", "stime", "tname", "time", "cmd"}
		case 'l':
			a.fields = []string{"s", "uid", "pid", "ppid", "c", "pri", "ni", "vsz", "tname", "time", "ucmd"}
		case 'j':
			a.fields = []string{"pid", "pgid", "sid", "tname", "time", "ucmd"}
		case 'w', 'H', 'L', 'T', 'y', 'm', 'M', 'c':
		case 'o':
			if problem := a.columns(rest()); problem != "" {
				return problem
			}
		case 'p':
			a.pids(rest())
		case 'u', 'U':
			v := rest()
			a.only = func(d shell.Process) bool { return slices.Contains(strings.Split(v, ","), d.User) }
		case 'C':
			v := rest()
			a.only = func(d shell.Process) bool { return path.Base(field(d.Args, 0)) == v }
		case 't':
			v := rest()
			a.only = func(d shell.Process) bool { return d.TTY == strings.TrimPrefix(v, "/dev/") }
		case 'x':
			return "process ID list syntax error"
		default:
			return "unsupported SysV option"
		}
	}
	return ""
}

func (a *psAsked) bsd(letters string, p *shell.Proc, value func() string) string {
	all, daemons := false, false
	a.fields = []string{"pid", "tname", "stat", "bsdtime", "command"}
	for i := range len(letters) {
		switch letters[i] {
		case 'a':
			all = true
		case 'x':
			daemons = true
		case 'u':
			a.fields = []string{"user", "pid", "pcpu", "pmem", "vsz", "rss", "tname", "stat", "start_time", "bsdtime", "command"}
		case 'l':
			a.fields = []string{"uid", "pid", "ppid", "pri", "ni", "vsz", "rss", "stat", "tname", "bsdtime", "command"}
		case 'j':
			a.fields = []string{"ppid", "pid", "pgid", "sid", "tname", "stat", "uid", "bsdtime", "command"}
		case 'f', 'w', 'e', 'c', 'h', 'S', 'm', 'T', 'r', 'g', 'n':
			a.noTitles = a.noTitles || letters[i] == 'h'
		case 'o':
			return a.columns(value())
		case 'p':
			a.pids(value())
			return ""
		default:
			return "unsupported option (BSD syntax)"
		}
	}
	a.only = func(d shell.Process) bool {
		return (all || d.UID == p.User.UID) && (daemons || d.TTY != "")
	}
	return ""
}

func kill(_ context.Context, p *shell.Proc) int {
	sig, args := shell.SIGTERM, p.Args[1:]
	if len(args) == 0 {
		fmt.Fprint(p.Err, "\nUsage:\n kill [options] <pid> [...]\n\n")
		return 1
	}
	if args[0] == "-l" || args[0] == "-L" {
		var names []string
		for n := shell.Signal(1); n <= 31; n++ {
			names = append(names, n.String())
		}
		fmt.Fprintln(p.Out, strings.Join(names, " "))
		return 0
	}
	if name, ok := strings.CutPrefix(args[0], "-"); ok && len(args) > 1 {
		if name == "s" || name == "n" {
			name, args = args[1], args[1:]
		}
		var known bool
		if sig, known = shell.ParseSignal(name); !known {
			p.Errorf("unknown signal name %s", name)
			return 1
		}
		args = args[1:]
	}
	status := 0
	for _, arg := range args {
		pid, err := strconv.Atoi(arg)
		if err != nil {
			p.Errorf("failed to parse argument: '%s'", arg)
			return 1
		}
		if err := p.Machine.Signal(pid, sig, p.User); err != nil {
			fmt.Fprintf(p.Err, "kill: (%d): %s\n", pid, err)
			status = 1
		}
	}
	return status
}

// processList is what listing all processes takes, in units of work.
const processList = 20_000

// matching returns the processes whose name, or with full whose command line,
// matches.
func matching(ctx context.Context, p *shell.Proc, fits func(text string) bool, full bool) (out []psRow) {
	if p.Work(ctx, processList) != nil {
		return nil
	}
	for _, d := range p.Machine.Processes() {
		r := psRow{d, p}
		text := r.name()
		if full {
			text = strings.Join(d.Args, " ")
		}
		if d.PID != p.PID && fits(text) {
			out = append(out, r)
		}
	}
	return out
}

// called fits processes of exactly that name.
func called(name string) func(string) bool { return func(text string) bool { return text == name } }

func pkill(ctx context.Context, p *shell.Proc) int {
	sig := shell.SIGTERM
	for i, arg := range p.Args[1:] {
		if s, ok := shell.ParseSignal(strings.TrimPrefix(arg, "-")); ok && strings.HasPrefix(arg, "-") && len(arg) > 1 {
			sig = s
			p.Args = slices.Delete(slices.Clone(p.Args), i+1, i+2)
			break
		}
	}
	a, status := options(p, tool{spec: "a,list-full c,count d,delimiter: e,echo f,full g,pgroup: i,ignore-case l,list-name n,newest o,oldest P,parent: s,session: t,terminal: u,euid: U,uid: v,inverse x,exact F,pidfile: signal:", usage: "[options] <pattern>", version: "from procps-ng 4.0.2", bad: 2})
	if a == nil {
		return status
	}
	if len(a.rest) == 0 && !a.has("u", "U", "P", "t") {
		p.Errorf("no matching criteria specified\nTry `%s --help' for more information.", p.Args[0])
		return 2
	}
	text := field(a.rest, 0)
	if a.has("x") {
		text = "^(" + text + ")$"
	}
	re, err := compilerOf(ctx, p).compile(text, true, a.has("i"))
	if err != nil {
		p.Errorf("regex error: %s", err)
		return 2
	}
	list := matching(ctx, p, re.match, a.has("f"))
	if name := a.value("u", a.value("U", "")); name != "" {
		list = slices.DeleteFunc(list, func(r psRow) bool { return r.User != name && strconv.Itoa(r.UID) != name })
	}
	if n := len(list); n > 0 && a.has("n") {
		list = list[n-1:]
	} else if n > 0 && a.has("o") {
		list = list[:1]
	}
	return pkilled(p, a, list, sig)
}

func pkilled(p *shell.Proc, a *arguments, list []psRow, sig shell.Signal) int {
	if a.has("c") {
		fmt.Fprintln(p.Out, len(list))
	}
	for _, r := range list {
		switch {
		case a.has("c") && path.Base(p.Args[0]) == "pgrep":
		case path.Base(p.Args[0]) == "pkill":
			if err := p.Machine.Signal(r.PID, sig, p.User); err != nil {
				p.Errorf("killing pid %d failed: %s", r.PID, err)
			} else if a.has("e") {
				fmt.Fprintf(p.Out, "%s killed (pid %d)\n", r.name(), r.PID)
			}
		case a.has("a"):
			fmt.Fprintf(p.Out, "%d %s\n", r.PID, strings.Join(r.Args, " "))
		case a.has("l"):
			fmt.Fprintf(p.Out, "%d %s\n", r.PID, r.name())
		default:
			fmt.Fprintln(p.Out, r.PID)
		}
	}
	return 1 - order(len(list) > 0)
}

func killall(ctx context.Context, p *shell.Proc) int {
	sig, quiet := shell.SIGTERM, false
	status, names := 0, 0
	for i, arg := range p.Args[1:] {
		if s, ok := shell.ParseSignal(strings.TrimPrefix(arg, "-")); ok && arg[0] == '-' {
			sig = s
			continue
		}
		if arg == "-q" {
			quiet = true
			continue
		}
		if strings.HasPrefix(arg, "-") || i > 0 && p.Args[i] == "-s" {
			continue
		}
		names++
		hit := false
		for _, r := range matching(ctx, p, called(arg), false) {
			hit = true
			if err := p.Machine.Signal(r.PID, sig, p.User); err != nil {
				fmt.Fprintf(p.Err, "%s(%d): %s\n", arg, r.PID, err)
				hit = !errors.Is(err, shell.ErrNotPermitted)
			}
		}
		if !hit {
			status = 1
			if !quiet {
				fmt.Fprintf(p.Err, "%s: no process found\n", arg)
			}
		}
	}
	if names == 0 {
		fmt.Fprintln(p.Err, "Usage: killall [OPTION]... [--] NAME...")
		return 1
	}
	return status
}
