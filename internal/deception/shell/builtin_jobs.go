package shell

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func (sh *shell) biTrap(args []string) int {
	rest := args[1:]
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	switch {
	case len(rest) > 0 && rest[0] == "-l":
		return sh.listSignals()
	case len(rest) == 0 || rest[0] == "-p":
		sh.listTraps(rest)
		return 0
	}
	action := &rest[0]
	names := rest[1:]
	if rest[0] == "-" {
		action = nil
	} else if _, err := strconv.Atoi(rest[0]); err == nil || len(rest) == 1 {
		action, names = nil, rest
	}
	status := 0
	for _, n := range names {
		name, ok := trapName(n)
		if !ok {
			sh.errorf("trap: %s: invalid signal specification", n)
			status = 1
			continue
		}
		sh.setTrap(name, action)
	}
	return status
}

func trapName(s string) (string, bool) {
	switch up := strings.ToUpper(s); up {
	case "EXIT", "ERR", "DEBUG", "RETURN":
		return up, true
	}
	n, ok := ParseSignal(s)
	return n.String(), ok
}

func (sh *shell) listTraps(names []string) {
	for n := Signal(0); n <= lastSignal; n++ {
		sh.listTrap(n.String(), names)
	}
	for _, n := range []string{"DEBUG", "ERR", "RETURN"} {
		sh.listTrap(n, names)
	}
}

func (sh *shell) listTrap(name string, only []string) {
	action, ok := sh.traps[name]
	if !ok || len(only) > 1 && !slices.ContainsFunc(only[1:], func(s string) bool { t, _ := trapName(s); return t == name }) {
		return
	}
	full := name
	switch name {
	case "EXIT", "ERR", "DEBUG", "RETURN":
	default:
		if full = "SIG" + name; sh.dash {
			full = name
		}
	}
	writeLine(sh.out(), "trap -- "+quote(action)+" "+full)
}

func (sh *shell) listSignals() int {
	column := 0
	for n := Signal(1); n <= lastSignal; n++ {
		if n == 32 || n == 33 {
			continue
		}
		fmt.Fprintf(sh.out(), "%2d) SIG%s", int(n), n)
		if column++; column%5 == 0 || n == lastSignal {
			fmt.Fprintln(sh.out())
		} else {
			fmt.Fprint(sh.out(), "\t")
		}
	}
	return 0
}

func (sh *shell) biWait(args []string) int {
	on, rest, ok := sh.flags(args, "nf", "p")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		status := 0
		for _, j := range sh.jobs {
			s := sh.awaitJob(j)
			if sh.jump.kind != none || s > 128 && j.running() {
				return s
			}
			if on['n'] != "" {
				status = s
				break
			}
		}
		if on['n'] == "" {
			sh.jobs = nil
		}
		return status
	}
	status := 0
	for _, spec := range rest {
		j := sh.findJob(spec)
		switch {
		case j != nil:
			status = sh.awaitJob(j)
		case strings.HasPrefix(spec, "%"):
			sh.errorf("wait: %s: no such job", spec)
			status = 127
		case !digits(spec):
			sh.errorf("wait: `%s': not a pid or valid job spec", spec)
			status = 1
		default:
			sh.errorf("wait: pid %s is not a child of this shell", spec)
			status = 127
		}
	}
	return status
}

func (sh *shell) biJobs(args []string) int {
	on, rest, ok := sh.flags(args, "lprsnx", "")
	if !ok {
		return 2
	}
	list := sh.jobs
	if len(rest) > 0 {
		list = nil
		for _, spec := range rest {
			j := sh.findJob(spec)
			if j == nil {
				sh.errorf("jobs: %s: no such job", spec)
				return 1
			}
			list = append(list, j)
		}
	}
	for i, j := range list {
		switch {
		case on['p'] != "":
			writeLine(sh.out(), itoa(j.procs[0].PID))
		case on['r'] != "" && !j.running() || on['s'] != "":
		default:
			writeLine(sh.out(), jobLine(j, mark(i, len(list)), on['l'] != ""))
		}
		j.told = j.told || !j.running()
	}
	sh.jobs = slices.DeleteFunc(sh.jobs, func(j *job) bool { return j.told && !j.running() })
	return 0
}

func (sh *shell) biFg(args []string) int {
	if !sh.interactive {
		sh.errorf("%s: no job control", args[0])
		return 1
	}
	spec := "%+"
	if len(args) > 1 {
		spec = args[1]
	}
	j := sh.findJob(spec)
	if j == nil {
		if len(args) < 2 {
			spec = "current"
		}
		sh.errorf("%s: %s: no such job", args[0], spec)
		return 1
	}
	if args[0] == "bg" {
		sh.errorf("bg: job %d already in background", j.number)
		return 0
	}
	writeLine(sh.out(), j.text)
	sh.foreground(j.procs)
	j.told = true
	sh.jobs = slices.DeleteFunc(sh.jobs, func(o *job) bool { return o == j })
	status, _ := j.last().result()
	return status
}

func (sh *shell) biDisown(args []string) int {
	if len(sh.jobs) > 0 && (len(args) < 2 || args[1] == "-a") {
		sh.jobs = sh.jobs[:len(sh.jobs)-1]
	}
	return 0
}

func (sh *shell) biKill(args []string) int {
	rest := args[1:]
	s := SIGTERM
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		word := rest[0][1:]
		rest = rest[1:]
		if word == "l" || word == "L" {
			return sh.signalNames(rest)
		}
		if (word == "s" || word == "n") && len(rest) > 0 {
			word, rest = rest[0], rest[1:]
		} else if word == "-" {
			break
		}
		n, ok := ParseSignal(word)
		if !ok {
			sh.errorf("kill: %s: invalid signal specification", word)
			return 1
		}
		s = n
	}
	if len(rest) == 0 {
		fmt.Fprintln(sh.err(), "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]")
		return 2
	}
	status := 0
	for _, spec := range rest {
		if !sh.kill(spec, s) {
			status = 1
		}
	}
	return status
}

func (sh *shell) kill(spec string, s Signal) bool {
	if strings.HasPrefix(spec, "%") {
		j := sh.findJob(spec)
		if j == nil {
			sh.errorf("kill: %s: no such job", spec)
			return false
		}
		for _, p := range j.procs {
			p.deliver(s)
		}
		return true
	}
	pid, err := strconv.Atoi(spec)
	switch {
	case err != nil:
		sh.errorf("kill: %s: arguments must be process or job IDs", spec)
		return false
	case pid < 0 && sh.login.signalGroup(-pid, s):
		return true
	}
	if err := sh.m.Signal(pid, s, sh.user); err != nil {
		sh.errorf("kill: (%d) - %s", pid, err)
		return false
	}
	return true
}

func (sh *shell) signalNames(list []string) int {
	if len(list) == 0 {
		return sh.listSignals()
	}
	for _, spec := range list {
		n, err := strconv.Atoi(spec)
		s, ok := ParseSignal(spec)
		switch {
		case err == nil && n > 128:
			writeLine(sh.out(), Signal(n-128).String())
		case err == nil && ok:
			writeLine(sh.out(), s.String())
		case ok:
			writeLine(sh.out(), itoa(int(s)))
		default:
			sh.errorf("kill: %s: invalid signal specification", spec)
			return 1
		}
	}
	return 0
}

func (sh *shell) biEnable(args []string) int {
	on, rest, ok := sh.flags(args, "anps", "df")
	if !ok {
		return 2
	}
	if len(rest) == 0 {
		for name := range strings.FieldsSeq(builtinNames) {
			if !sh.disabled[name] {
				writeLine(sh.out(), "enable "+name)
			}
		}
		return 0
	}
	for _, name := range rest {
		if !slices.Contains(strings.Fields(builtinNames), name) {
			sh.errorf("enable: %s: not a shell builtin", name)
			return 1
		}
		sh.disabled = copied(sh.disabled)
		sh.disabled[name] = on['n'] != ""
	}
	return 0
}

func (sh *shell) biCaller(args []string) int {
	n := 0
	if len(args) > 1 {
		n = atoi(args[1])
	}
	i := len(sh.calls) - 1 - n
	if i < 0 {
		return 1
	}
	from, name := sh.script, "main"
	if i > 0 {
		from, name = sh.calls[i-1].source, sh.calls[i-1].name
	}
	if from == "" {
		from = "NULL"
	}
	if len(args) > 1 {
		fmt.Fprintf(sh.out(), "%d %s %s\n", sh.calls[i].line, name, from)
	} else {
		fmt.Fprintf(sh.out(), "%d %s\n", sh.calls[i].line, from)
	}
	return 0
}

func (sh *shell) biTimes([]string) int {
	fmt.Fprint(sh.out(), "0m0.004s 0m0.002s\n0m0.003s 0m0.001s\n")
	return 0
}

func (sh *shell) biSuspend([]string) int {
	if sh.loginShell {
		sh.errorf("suspend: cannot suspend a login shell")
		return 1
	}
	sh.errorf("suspend: cannot suspend: no job control")
	return 1
}

// functionText is a function as bash prints it.
func (sh *shell) functionText(name string) string {
	f := sh.funcs[name]
	if f == nil {
		return ""
	}
	var b strings.Builder
	body := f.body
	p := &bashPrinter{b: &b}
	fmt.Fprintf(&b, "%s () \n", name)
	p.block(body)
	return b.String()
}
