package command

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

func processes() table {
	return table{"ps": ps, "top": top, "kill": kill, "pkill": pkill, "pgrep": pkill, "killall": killall, "pidof": pidof, "pstree": pstree, "free": free, "vmstat": vmstat, "fuser": fuser, "lsof": lsof, "pwdx": pwdx}
}

// Processes returns what runs on a persona's machine besides its visitors, as a
// shell.Machine wants it.
func Processes(p *persona.Persona, now time.Time) (out []shell.Process) {
	for _, d := range world.Processes(p, now) {
		tty := d.TTY
		if tty == "?" {
			tty = ""
		}
		args := strings.Split(d.Args, " ")
		if d.Exe == "" || strings.Contains(d.Args, ": ") {
			args = []string{d.Args}
		}
		out = append(out, shell.Process{PID: d.PID, PPID: d.PPID, User: d.User, UID: d.UID, TTY: tty, Start: d.Started, State: d.State, Args: args, Threads: 1, CPU: d.CPU, VSZ: d.Virtual, RSS: d.Resident})
	}
	return out
}

// psRow is a process with what ps computes.
type psRow struct {
	shell.Process
	p *shell.Proc
}

func (r psRow) name() string {
	for _, d := range world.Processes(r.p.Machine.Persona(), r.p.Now()) {
		if d.PID == r.PID {
			return d.Name
		}
	}
	name := path.Base(strings.TrimPrefix(field(r.Args, 0), "-"))
	return name[:min(len(name), 15)]
}

func (r psRow) tty() string { return orElse(r.TTY, "?") }

func (r psRow) used() string {
	s := int(r.CPU.Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

func (r psRow) percent() float64 {
	age := r.p.Now().Sub(r.Start).Seconds()
	if age < 1 {
		return 0
	}
	return r.CPU.Seconds() * 100 / age
}

func (r psRow) memory() float64 {
	return float64(r.RSS) * 100 / float64(world.MemoryOf(r.p.Machine.Persona(), r.p.Now()).Total)
}

func (r psRow) started() string {
	t, now := r.Start.In(zone(r.p)), r.p.Now().In(zone(r.p))
	switch {
	case now.Sub(t) < 24*time.Hour && t.Day() == now.Day():
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("Jan02")
	}
	return t.Format("2006")
}

// psField is a column of ps.
type psField struct {
	title string
	width int // negative: aligned at the left; 0: as wide as it is
	text  func(psRow) string
}

func psFields() map[string]psField {
	number := func(title string, width int, n func(psRow) int) psField {
		return psField{title, width, func(r psRow) string { return strconv.Itoa(n(r)) }}
	}
	command := func(title string) psField {
		return psField{title, 0, func(r psRow) string { return strings.Join(r.Args, " ") }}
	}
	user := psField{"USER", -8, func(r psRow) string {
		if len(r.User) > 8 {
			return r.User[:7] + "+"
		}
		return r.User
	}}
	comm := psField{"COMMAND", -15, psRow.name}
	return map[string]psField{
		"pid": number("PID", 7, func(r psRow) int { return r.PID }), "ppid": number("PPID", 7, func(r psRow) int { return r.PPID }), "uid": number("UID", 5, func(r psRow) int { return r.UID }),
		"user": user, "euser": user, "uname": user, "tty": {"TT", -8, psRow.tty}, "tt": {"TT", -8, psRow.tty}, "tname": {"TTY", -8, psRow.tty}, "time": {"TIME", 8, psRow.used}, "cputime": {"TIME", 8, psRow.used},
		"comm": comm, "ucmd": comm, "args": command("COMMAND"), "cmd": command("CMD"), "command": command("COMMAND"),
		"pcpu": {"%CPU", 4, func(r psRow) string { return fmt.Sprintf("%.1f", r.percent()) }}, "%cpu": {"%CPU", 4, func(r psRow) string { return fmt.Sprintf("%.1f", r.percent()) }},
		"pmem": {"%MEM", 4, func(r psRow) string { return fmt.Sprintf("%.1f", r.memory()) }}, "%mem": {"%MEM", 4, func(r psRow) string { return fmt.Sprintf("%.1f", r.memory()) }},
		"vsz": number("VSZ", 6, func(r psRow) int { return r.VSZ }), "rss": number("RSS", 5, func(r psRow) int { return r.RSS }), "nlwp": number("NLWP", 4, func(r psRow) int { return max(r.Threads, 1) }),
		"stat": {"STAT", -4, func(r psRow) string { return r.State }}, "s": {"S", 1, func(r psRow) string { return r.State[:1] }}, "state": {"S", 1, func(r psRow) string { return r.State[:1] }},
		"stime": {"STIME", 5, psRow.started}, "start": {"STARTED", 8, psRow.started}, "start_time": {"START", 5, psRow.started}, "ni": {"NI", 3, func(psRow) string { return "0" }}, "pri": {"PRI", 3, func(psRow) string { return "19" }},
		"lstart": {"STARTED", 24, func(r psRow) string { return r.Start.In(zone(r.p)).Format("Mon Jan _2 15:04:05 2006") }}, "pgid": number("PGID", 7, func(r psRow) int { return r.PID }), "sid": number("SID", 7, func(r psRow) int { return r.PID }),
		"etime": {"ELAPSED", 11, func(r psRow) string { return elapsed(r.p.Now().Sub(r.Start)) }}, "c": {"C", 2, func(r psRow) string { return strconv.Itoa(int(r.percent())) }},
		"bsdtime": {"TIME", 6, func(r psRow) string { s := int(r.CPU.Seconds()); return fmt.Sprintf("%d:%02d", s/60, s%60) }},
	}
}

func elapsed(d time.Duration) string {
	s := int(d.Seconds())
	out := fmt.Sprintf("%02d:%02d", s/60%60, s%60)
	if s >= 3600 {
		out = fmt.Sprintf("%02d:%s", s/3600%24, out)
	}
	if s >= 86400 {
		out = fmt.Sprintf("%d-%s", s/86400, out)
	}
	return out
}

// psAsked is what a call of ps wants to see.
type psAsked struct {
	all, noTitles, forest bool
	fields                []string
	only                  func(shell.Process) bool
	sort                  string
}

func ps(_ context.Context, p *shell.Proc) int {
	asked, problem := readPs(p)
	if problem != "" {
		fmt.Fprintf(p.Err, "error: %s\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n", problem)
		return 1
	}
	var rows []psRow
	for _, d := range p.Machine.Processes() {
		if asked.only(d) {
			rows = append(rows, psRow{d, p})
		}
	}
	sortRows(rows, asked.sort)
	writePs(p, asked, rows)
	if len(rows) == 0 {
		return 1
	}
	return 0
}

func writePs(p *shell.Proc, asked psAsked, rows []psRow) {
	known, width := psFields(), 1<<20
	if p.InTerminal(1) && p.Terminal != nil && p.Terminal.Columns > 0 {
		width = p.Terminal.Columns
	}
	line := func(text func(psField) string) {
		var out strings.Builder
		for i, name := range asked.fields {
			f := known[name]
			if i > 0 {
				out.WriteByte(' ')
			}
			w := f.width
			if i == len(asked.fields)-1 && w < 0 {
				w = 0
			}
			fmt.Fprintf(&out, "%*s", w, text(f))
		}
		s := []rune(out.String())
		fmt.Fprintln(p.Out, string(s[:min(len(s), width)]))
	}
	if !asked.noTitles {
		line(func(f psField) string { return f.title })
	}
	for _, r := range rows {
		line(func(f psField) string { return f.text(r) })
	}
}

func sortRows(rows []psRow, by string) {
	name := strings.TrimLeft(by, "+-")
	value := map[string]func(psRow) float64{"pcpu": psRow.percent, "%cpu": psRow.percent, "pmem": psRow.memory, "%mem": psRow.memory, "rss": func(r psRow) float64 { return float64(r.RSS) }, "vsz": func(r psRow) float64 { return float64(r.VSZ) }, "pid": func(r psRow) float64 { return float64(r.PID) }, "start_time": func(r psRow) float64 { return float64(r.Start.Unix()) }}[name]
	if value == nil {
		return
	}
	slices.SortStableFunc(rows, func(a, b psRow) int {
		c := int(min(max((value(a)-value(b))*1000, -1), 1))
		if strings.HasPrefix(by, "-") {
			return -c
		}
		return c
	})
}

// readPs reads ps's arguments: those of UNIX with a dash, those of BSD without.
func readPs(p *shell.Proc) (out psAsked, problem string) {
	tty := ""
	for _, d := range p.Machine.Processes() {
		if d.PID == p.PID {
			tty = d.TTY
		}
	}
	out.fields = []string{"pid", "tname", "cputime", "ucmd"}
	out.only = func(d shell.Process) bool { return d.TTY == tty && d.UID == p.User.UID }
	args := p.Args[1:]
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		var value func() string = func() string {
			if len(args) == 0 {
				return ""
			}
			v := args[0]
			args = args[1:]
			return v
		}
		switch {
		case strings.HasPrefix(arg, "--"):
			problem = out.long(arg, value)
		case strings.HasPrefix(arg, "-"):
			problem = out.unix(arg[1:], value)
		case strings.Trim(arg, "0123456789,") == "":
			out.pids(arg)
		default:
			problem = out.bsd(arg, p, value)
		}
		if problem != "" {
			return out, problem
		}
	}
	return out, ""
}

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

// matching returns the processes whose name, or with full whose command line,
// matches.
func matching(p *shell.Proc, re *regexp.Regexp, full bool) (out []psRow) {
	for _, d := range p.Machine.Processes() {
		r := psRow{d, p}
		text := r.name()
		if full {
			text = strings.Join(d.Args, " ")
		}
		if d.PID != p.PID && re.MatchString(text) {
			out = append(out, r)
		}
	}
	return out
}

func pkill(_ context.Context, p *shell.Proc) int {
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
	pattern := field(a.rest, 0)
	if a.has("x") {
		pattern = "^(" + pattern + ")$"
	}
	re, err := compile(pattern, true, a.has("i"))
	if err != nil {
		p.Errorf("regex error: %s", err)
		return 2
	}
	list := matching(p, re, a.has("f"))
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

func killall(_ context.Context, p *shell.Proc) int {
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
		for _, r := range matching(p, regexp.MustCompile("^"+regexp.QuoteMeta(arg)+"$"), false) {
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

func pidof(_ context.Context, p *shell.Proc) int {
	var out []string
	for _, name := range p.Args[1:] {
		for _, r := range slices.Backward(matching(p, regexp.MustCompile("^"+regexp.QuoteMeta(path.Base(name))+"$"), false)) {
			out = append(out, strconv.Itoa(r.PID))
		}
	}
	if len(out) == 0 {
		return 1
	}
	fmt.Fprintln(p.Out, strings.Join(out, " "))
	return 0
}

func pstree(_ context.Context, p *shell.Proc) int {
	children := map[int][]psRow{}
	for _, d := range p.Machine.Processes() {
		children[d.PPID] = append(children[d.PPID], psRow{d, p})
	}
	withPID := strings.Contains(strings.Join(p.Args[1:], " "), "p")
	var show func(r psRow, indent string, depth int)
	show = func(r psRow, indent string, depth int) {
		label := r.name()
		if withPID {
			label += fmt.Sprintf("(%d)", r.PID)
		}
		fmt.Fprint(p.Out, label)
		kids := children[r.PID]
		for i, k := range kids {
			mark, below := "-+-", " | "
			switch {
			case len(kids) == 1:
				mark, below = "---", "   "
			case i > 0 && i == len(kids)-1:
				mark, below = " `-", "   "
			case i > 0:
				mark = " |-"
			}
			if i > 0 {
				fmt.Fprint(p.Out, indent+strings.Repeat(" ", len(label)))
			}
			fmt.Fprint(p.Out, mark)
			if depth < 40 {
				show(k, indent+strings.Repeat(" ", len(label))+below, depth+1)
			}
		}
		if len(kids) == 0 {
			fmt.Fprintln(p.Out)
		}
	}
	for _, r := range children[0] {
		if r.PID == 1 {
			show(r, "", 0)
		}
	}
	return 0
}

func free(_ context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b,bytes k,kibi m,mebi g,gibi kilo mega giga h,human si l,lohi t,total s,seconds: c,count: w,wide v", usage: "[options]", version: "from procps-ng 4.0.2"})
	if a == nil {
		return status
	}
	show := func(kib uint64) string {
		switch a.last("b", "k", "m", "g", "h", "mega") {
		case "b":
			return strconv.FormatUint(kib*1024, 10)
		case "m":
			return strconv.FormatUint(kib>>10, 10)
		case "g":
			return strconv.FormatUint(kib>>20, 10)
		case "mega":
			return strconv.FormatUint(kib*1024/1000/1000, 10)
		case "h":
			return binaryUnit(kib)
		}
		return strconv.FormatUint(kib, 10)
	}
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	cache := m.Cached + m.Buffers + m.Reclaimable
	row := func(name string, v ...uint64) {
		fmt.Fprintf(p.Out, "%-9s", name)
		for i, n := range v {
			fmt.Fprintf(p.Out, "%*s", 11+order(i > 0), show(n))
		}
		fmt.Fprintln(p.Out)
	}
	fmt.Fprintln(p.Out, "               total        used        free      shared  buff/cache   available")
	row("Mem:", m.Total, m.Total-m.Available, m.Free, m.Shared, cache, m.Available)
	row("Swap:", m.SwapTotal, m.SwapTotal-m.SwapFree, m.SwapFree)
	if a.has("t") {
		row("Total:", m.Total+m.SwapTotal, m.Total-m.Available+m.SwapTotal-m.SwapFree, m.Free+m.SwapFree)
	}
	return 0
}

// binaryUnit is a size as free -h shows it.
func binaryUnit(kib uint64) string {
	v, unit := float64(kib)*1024, 0
	names := []string{"B", "Ki", "Mi", "Gi", "Ti"}
	for v >= 1000 && unit < len(names)-1 {
		v /= 1024
		unit++
	}
	if v < 10 && unit > 0 {
		return fmt.Sprintf("%.1f%s", v, names[unit])
	}
	return fmt.Sprintf("%.0f%s", v, names[unit])
}

func vmstat(_ context.Context, p *shell.Proc) int {
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	fmt.Fprintln(p.Out, "procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----")
	fmt.Fprintln(p.Out, " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st")
	fmt.Fprintf(p.Out, " 1  0 %6d %6d %6d %6d    0    0     3     9   41   72  0  0 99  0  0\n", m.SwapTotal-m.SwapFree, m.Free, m.Buffers, m.Cached+m.Reclaimable)
	return 0
}

// top shows one screen at a time.
func top(ctx context.Context, p *shell.Proc) int {
	batch, turns, every := false, 1<<30, 3*time.Second
	for i, arg := range p.Args[1:] {
		next := field(p.Args, i+2)
		switch {
		case strings.HasPrefix(arg, "-") && strings.Contains(arg, "b"):
			batch = true
		}
		if n, err := strconv.Atoi(orElse(strings.TrimLeft(arg, "-bn"), next)); err == nil && strings.HasPrefix(arg, "-") && strings.HasSuffix(strings.TrimRight(arg, "0123456789"), "n") {
			turns = n
		}
	}
	if !batch && !p.InTerminal(1) {
		fmt.Fprintln(p.Err, "top: failed tty get")
		return 1
	}
	rows := 1 << 20
	if !batch && p.Terminal != nil && p.Terminal.Rows > 8 {
		rows = p.Terminal.Rows - 7
	}
	keys := make(chan byte, 1)
	if !batch {
		go quitKey(p, keys)
	}
	for ; turns > 0; turns-- {
		if !batch {
			fmt.Fprint(p.Out, "\x1b[H\x1b[2J")
		}
		topScreen(p, rows)
		if turns == 1 {
			break
		}
		select {
		case <-ctx.Done():
			return 0
		case <-keys:
			return 0
		case <-p.Machine.Clock().After(every):
		}
	}
	return 0
}

// quitKey waits for q. It ends with the program's input.
func quitKey(p *shell.Proc, keys chan<- byte) {
	b := make([]byte, 1)
	for {
		if _, err := p.In.Read(b); err != nil || b[0] == 'q' || b[0] == 3 {
			keys <- b[0]
			return
		}
	}
}

func topScreen(p *shell.Proc, rows int) {
	list := p.Machine.Processes()
	m := world.MemoryOf(p.Machine.Persona(), p.Now())
	mib := func(kib uint64) float64 { return float64(kib) / 1024 }
	cache := m.Cached + m.Buffers + m.Reclaimable
	fmt.Fprintf(p.Out, "top -%s\n", upLine(p))
	fmt.Fprintf(p.Out, "Tasks: %3d total,   1 running, %3d sleeping,   0 stopped,   0 zombie\n", len(list), len(list)-1)
	fmt.Fprintln(p.Out, "%Cpu(s):  0.3 us,  0.3 sy,  0.0 ni, 99.3 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ")
	fmt.Fprintf(p.Out, "MiB Mem : %8.1f total, %8.1f free, %8.1f used, %8.1f buff/cache     \n", mib(m.Total), mib(m.Free), mib(m.Total-m.Available), mib(cache))
	fmt.Fprintf(p.Out, "MiB Swap: %8.1f total, %8.1f free, %8.1f used. %8.1f avail Mem \n\n", mib(m.SwapTotal), mib(m.SwapFree), mib(m.SwapTotal-m.SwapFree), mib(m.Available))
	fmt.Fprintln(p.Out, "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND")
	for i, d := range list {
		if i == rows {
			break
		}
		r := psRow{d, p}
		user := d.User
		if len(user) > 8 {
			user = user[:7] + "+"
		}
		s := d.CPU.Seconds()
		fmt.Fprintf(p.Out, "%7d %-8s  20   0 %7d %6d %6d %s %5.1f %5.1f %6d:%05.2f %s\n", d.PID, user, d.VSZ, d.RSS, d.RSS*2/3, d.State[:1], 0.0, r.memory(), int(s)/60, s-float64(int(s)/60*60), r.name())
	}
}

func fuser(_ context.Context, p *shell.Proc) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Err, "No process specification given")
	}
	return 1
}

func lsof(_ context.Context, p *shell.Proc) int {
	if strings.Contains(strings.Join(p.Args[1:], " "), "-i") {
		if p.User.UID == 0 {
			fmt.Fprintln(p.Out, "COMMAND   PID     USER   FD   TYPE DEVICE SIZE/OFF NODE NAME")
			for i, l := range world.Listeners(p.Machine.Persona()) {
				for _, r := range matching(p, regexp.MustCompile("^"+l.Program+"$"), false)[:1] {
					kind := "IPv4"
					if l.Address == "[::]" {
						kind = "IPv6"
					}
					fmt.Fprintf(p.Out, "%-8s %5d %8s %3du  %s %6d      0t0  TCP *:%s (LISTEN)\n", l.Program, r.PID, r.User, 3+i, kind, 16000+313*i, map[int]string{22: "ssh", 80: "http", 5432: "postgresql"}[l.Port])
				}
			}
		}
		return 0
	}
	fmt.Fprintln(p.Out, "COMMAND     PID   TID TASKCMD               USER   FD      TYPE             DEVICE SIZE/OFF       NODE NAME")
	for _, d := range p.Machine.Processes() {
		r := psRow{d, p}
		if p.User.UID == 0 || d.UID == p.User.UID {
			fmt.Fprintf(p.Out, "%-9s %5d %28s  cwd       DIR                8,1     4096          2 /\n", r.name()[:min(9, len(r.name()))], d.PID, d.User)
		}
	}
	return 0
}

func pwdx(_ context.Context, p *shell.Proc) int {
	for _, arg := range p.Args[1:] {
		fmt.Fprintf(p.Out, "%s: /\n", arg)
	}
	return 0
}
