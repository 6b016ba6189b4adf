package command

import (
	"context"
	"fmt"
	"path"
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
