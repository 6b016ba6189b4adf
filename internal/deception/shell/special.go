package shell

import (
	"strconv"
	"strings"
)

// dynamic are the variables that bash makes up when they are read.
func (sh *shell) dynamic(name string) (string, bool) {
	if sh.dash && name != "PPID" && name != "LINENO" {
		return "", false
	}
	if sh.gone[name] {
		return "", false
	}
	switch name {
	case "RANDOM":
		return strconv.Itoa(sh.random()), true
	case "SRANDOM":
		return strconv.FormatUint(uint64(sh.random())<<17^uint64(sh.random()), 10), true
	case "SECONDS":
		return strconv.Itoa(int(sh.m.Now().Sub(sh.began).Seconds())), true
	case "EPOCHSECONDS":
		return strconv.FormatInt(sh.m.Now().Unix(), 10), true
	case "EPOCHREALTIME":
		t := sh.m.Now()
		return strconv.FormatInt(t.Unix(), 10) + "." + pad(t.Nanosecond()/1000, 6), true
	case "LINENO":
		return strconv.Itoa(sh.line), true
	case "BASHPID":
		return strconv.Itoa(sh.proc.PID), true
	case "BASH_COMMAND":
		return sh.command, true
	case "BASH_SUBSHELL":
		return strconv.Itoa(sh.subshells), true
	case "HISTCMD":
		return strconv.Itoa(len(sh.history) + 1), true
	case "SHELLOPTS":
		return sh.options.shellopts(), true
	case "BASHOPTS":
		return sh.shopts.list(), true
	case "FUNCNAME":
		if len(sh.calls) > 0 {
			return sh.calls[len(sh.calls)-1].name, true
		}
	}
	return "", false
}

// dynamicArray are the arrays among them.
func (sh *shell) dynamicArray(name string) *variable {
	v := &variable{kind: indexed, set: true, list: map[int]string{}}
	add := func(s string) { v.list[len(v.list)] = s }
	switch name {
	case "PIPESTATUS":
		for _, n := range sh.pipestatus {
			add(strconv.Itoa(n))
		}
	case "DIRSTACK":
		add(sh.tilded(sh.dir))
		for _, d := range sh.dirs {
			add(d)
		}
	case "GROUPS":
		for _, g := range sh.user.Groups {
			add(strconv.Itoa(g))
		}
	case "FUNCNAME", "BASH_SOURCE", "BASH_LINENO":
		if sh.frames(name, add); len(v.list) == 0 {
			return nil
		}
	default:
		return nil
	}
	if sh.dash {
		return nil
	}
	return v
}

// frames lists the calls that are under way, the innermost first.
func (sh *shell) frames(name string, add func(string)) {
	for i := len(sh.calls) - 1; i >= 0; i-- {
		c := sh.calls[i]
		switch name {
		case "FUNCNAME":
			add(c.name)
		case "BASH_SOURCE":
			add(c.source)
		case "BASH_LINENO":
			add(strconv.Itoa(c.line))
		}
	}
	if len(sh.calls) == 0 && name != "BASH_SOURCE" || sh.script == "" && name == "FUNCNAME" {
		return
	}
	switch name {
	case "FUNCNAME":
		add("main")
	case "BASH_SOURCE":
		if sh.script != "" {
			add(sh.script)
		}
	case "BASH_LINENO":
		add("0")
	}
}

// assigned does what setting some variables does besides.
func (sh *shell) assigned(name, value string) {
	switch name {
	case "RANDOM":
		n, _ := strconv.ParseInt(value, 10, 64)
		sh.seed = uint32(n)
	case "SECONDS":
		n, _ := strconv.ParseInt(value, 10, 32)
		sh.began = sh.m.Now().Add(-seconds(int(n)))
	case "PATH":
		sh.hashed = nil
	case "OPTIND":
		sh.getopt = 0
	}
}

// random is the next of bash's numbers: the minimal standard generator, folded
// to 15 bits.
func (sh *shell) random() int {
	if sh.seed == 0 {
		sh.seed = 123459876
	}
	h, l := int64(sh.seed)/127773, int64(sh.seed)%127773
	t := 16807*l - 2836*h
	if t < 0 {
		t += 0x7fffffff
	}
	sh.seed = uint32(t)
	n := int(sh.seed>>16^sh.seed&0xffff) & 32767
	if n == sh.lastRandom {
		return sh.random()
	}
	sh.lastRandom = n
	return n
}

// param is a positional or special parameter.
func (sh *shell) param(name string) (value string, set bool) {
	switch name {
	case "#":
		return strconv.Itoa(len(sh.params)), true
	case "?":
		return strconv.Itoa(sh.status), true
	case "$":
		return strconv.Itoa(sh.pid), true
	case "!":
		return itoaUnless(sh.lastJob, 0), sh.lastJob != 0
	case "-":
		return sh.options.letters(sh), true
	case "0":
		return sh.name, true
	case "_":
		return sh.lastArg, true
	}
	if n, err := strconv.Atoi(name); err == nil {
		if n >= 1 && n <= len(sh.params) {
			return sh.params[n-1], true
		}
		return "", false
	}
	return sh.value(name)
}

func itoaUnless(n, none int) string {
	if n == none {
		return ""
	}
	return strconv.Itoa(n)
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(width-len(s), 0)) + s
}
