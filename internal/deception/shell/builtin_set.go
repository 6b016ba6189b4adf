package shell

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (sh *shell) biSet(args []string) int {
	rest := args[1:]
	if len(rest) == 0 {
		for _, name := range sh.names() {
			if v := sh.raw(name); v.set {
				writeLine(sh.out(), name+"="+sh.setForm(v))
			}
		}
		return 0
	}
	for len(rest) > 0 && len(rest[0]) > 0 && (rest[0][0] == '-' || rest[0][0] == '+') {
		word, on := rest[0], rest[0][0] == '-'
		rest = rest[1:]
		switch {
		case word == "--":
			sh.params = slices.Clone(rest)
			return 0
		case word == "-":
			sh.options.xtrace, sh.options.verbose = false, false
			if len(rest) > 0 {
				sh.params = slices.Clone(rest)
			}
			return 0
		case word == "+":
			continue
		}
		for _, c := range []byte(word[1:]) {
			if c == 'o' {
				if len(rest) == 0 {
					sh.listOptions(on)
					return 0
				}
				if !sh.options.set(rest[0], on) {
					sh.errorf("set: %s: invalid option name", rest[0])
					return 2
				}
				rest = rest[1:]
				continue
			}
			name, ok := sh.options.letter(c)
			if !ok {
				if sh.dash {
					sh.errorf("set: Illegal option -%c", c)
					sh.leave(2)
					return 2
				}
				return sh.usage("set", fmt.Sprintf("%c%c: invalid option", word[0], c))
			}
			sh.options.set(name, on)
		}
	}
	if len(rest) > 0 {
		sh.params = slices.Clone(rest)
	}
	return 0
}

func (sh *shell) listOptions(table bool) {
	for _, o := range allOptions() {
		on := sh.options.get(o.name)
		if table {
			fmt.Fprintf(sh.out(), "%-15s\t%s\n", o.name, map[bool]string{true: "on", false: "off"}[on])
		} else {
			fmt.Fprintf(sh.out(), "set %so %s\n", map[bool]string{true: "-", false: "+"}[on], o.name)
		}
	}
}

func (sh *shell) biShopt(args []string) int {
	on, rest, ok := sh.flags(args, "supqo", "")
	if !ok {
		return 2
	}
	known := shoptDefaults()
	state := func(name string) bool {
		if on['o'] != "" {
			return sh.options.get(name)
		}
		if v, set := sh.shopts[name]; set {
			return v
		}
		return known[name]
	}
	names := rest
	if len(rest) == 0 {
		names = slices.Sorted(maps.Keys(known))
	}
	status := 0
	for _, name := range names {
		if _, ok := known[name]; !ok && on['o'] == "" {
			sh.errorf("shopt: %s: invalid shell option name", name)
			status = 1
			continue
		}
		switch {
		case len(rest) > 0 && on['s'] != "" || len(rest) > 0 && on['u'] != "":
			if on['o'] != "" {
				sh.options.set(name, on['s'] != "")
			} else {
				sh.shopts[name] = on['s'] != ""
			}
			continue
		case len(rest) == 0 && on['s'] != "" && !state(name), len(rest) == 0 && on['u'] != "" && state(name):
			continue
		}
		if len(rest) > 0 && !state(name) {
			status = 1
		}
		if on['q'] == "" {
			sh.printShopt(name, state(name), on['p'] != "")
		}
	}
	return status
}

func (sh *shell) printShopt(name string, on, asCommand bool) {
	if asCommand {
		fmt.Fprintf(sh.out(), "shopt -%s %s\n", map[bool]string{true: "s", false: "u"}[on], name)
		return
	}
	fmt.Fprintf(sh.out(), "%-20s\t%s\n", name, map[bool]string{true: "on", false: "off"}[on])
}

func (sh *shell) biUnset(args []string) int {
	on, rest, ok := sh.flags(args, "fvn", "")
	if !ok {
		return 2
	}
	status := 0
	for _, name := range rest {
		if on['f'] != "" {
			delete(sh.funcs, name)
			continue
		}
		base, key, has := subscript(name)
		switch {
		case !syntax.ValidName(base):
			sh.errorf("unset: `%s': not a valid identifier", name)
			status = 1
		case has:
			if sh.unsetElement(base, key) != nil {
				status = 1
			}
		case on['v'] == "" && sh.raw(name) == nil && sh.funcs[name] != nil:
			delete(sh.funcs, name)
		default:
			if _, dynamic := sh.dynamic(name); dynamic {
				sh.gone[name] = true
			}
			if _, at := sh.resolve(name); on['n'] == "" && at != "" {
				name = at
			}
			if sh.unset(name) != nil {
				status = 1
			}
		}
	}
	return status
}

func (sh *shell) unsetElement(name, key string) error {
	v := sh.lookup(name)
	if v == nil {
		return nil
	}
	if v.attrs.readonly {
		return sh.builtinFault("unset: %s: cannot unset: readonly variable", name)
	}
	switch {
	case v.kind == associative:
		delete(v.table, strings.Trim(key, `"'`))
	case key == "@" || key == "*":
		return sh.unset(name)
	default:
		n, err := sh.evalText(key)
		if err != nil {
			return err
		}
		if n < 0 {
			n += int64(v.top())
		}
		delete(v.list, int(n))
		v.high = 0
	}
	return nil
}

func (sh *shell) biShift(args []string) int {
	n := 1
	if len(args) > 1 {
		v, err := strconv.Atoi(args[1])
		if err != nil {
			sh.errorf("shift: %s: numeric argument required", args[1])
			return 1
		}
		n = v
	}
	if n < 0 {
		sh.errorf("shift: %d: shift count out of range", n)
		return 1
	}
	if n > len(sh.params) {
		if sh.dash {
			sh.errorf("shift: can't shift that many")
			sh.leave(2)
			return 2
		}
		return 1
	}
	sh.params = sh.params[n:]
	return 0
}

func (sh *shell) biLet(args []string) int {
	if len(args) < 2 {
		sh.errorf("let: expression expected")
		return 1
	}
	status := 0
	for _, a := range args[1:] {
		n, err := sh.calculate(a)
		if m, ok := err.(mathError); ok {
			sh.errorf("let: %s", m.Error())
			return 1
		}
		status = flag(n != 0)
	}
	return status
}

func (sh *shell) biAlias(args []string) int {
	status := 0
	rest := args[1:]
	if len(rest) > 0 && rest[0] == "-p" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		for _, name := range slices.Sorted(maps.Keys(sh.aliases)) {
			sh.printAlias(name)
		}
	}
	for _, a := range rest {
		name, value, has := strings.Cut(a, "=")
		switch {
		case has:
			if sh.hold(len(a)) {
				sh.aliases[name] = value
			}
		case sh.aliases[name] != "":
			sh.printAlias(name)
		default:
			if status = 1; sh.dash {
				writeLine(sh.err(), "alias: "+name+" not found")
			} else {
				sh.errorf("alias: %s: not found", name)
			}
		}
	}
	return status
}

func (sh *shell) printAlias(name string) {
	if sh.dash {
		writeLine(sh.out(), name+"="+quote(sh.aliases[name]))
		return
	}
	writeLine(sh.out(), "alias "+name+"="+quote(sh.aliases[name]))
}

func (sh *shell) biUnalias(args []string) int {
	on, rest, ok := sh.flags(args, "a", "")
	if !ok {
		return 2
	}
	if on['a'] != "" {
		clear(sh.aliases)
	}
	for _, name := range rest {
		if _, ok := sh.aliases[name]; !ok {
			sh.errorf("unalias: %s: not found", name)
			return 1
		}
		delete(sh.aliases, name)
	}
	return 0
}

func (sh *shell) biGetopts(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(sh.err(), "getopts: usage: getopts optstring name [arg ...]")
		return 2
	}
	known, name, list := args[1], args[2], sh.params
	if len(args) > 3 {
		list = args[3:]
	}
	quiet := strings.HasPrefix(known, ":")
	ind := max(atoi(sh.get("OPTIND")), 1)
	letter, value, bad := sh.nextOption(known, list, &ind)
	place := sh.getopt
	_ = sh.setVar("OPTIND", itoa(ind))
	sh.getopt = place
	_ = sh.unset("OPTARG")
	switch {
	case letter == 0:
		_ = sh.setVar(name, "?")
		return 1
	case bad != "" && quiet:
		_ = sh.setVar("OPTARG", string(letter))
		result := "?"
		if bad == "option requires an argument" {
			result = ":"
		}
		_ = sh.setVar(name, result)
		return 0
	case bad != "":
		if sh.get("OPTERR") != "0" {
			fmt.Fprintf(sh.err(), "%s: %s -- %c\n", sh.name, bad, letter)
		}
		_ = sh.setVar(name, "?")
		return 0
	}
	if value != nil {
		_ = sh.setVar("OPTARG", *value)
	}
	_ = sh.setVar(name, string(letter))
	return 0
}

// nextOption takes the next letter out of a list of words; 0 is the end.
func (sh *shell) nextOption(known string, list []string, ind *int) (letter byte, value *string, bad string) {
	if *ind > len(list) {
		return 0, nil, ""
	}
	word := list[*ind-1]
	if sh.getopt == 0 {
		if len(word) < 2 || word[0] != '-' {
			return 0, nil, ""
		}
		if word == "--" {
			*ind++
			return 0, nil, ""
		}
		sh.getopt = 1
	}
	if sh.getopt >= len(word) {
		sh.getopt = 0
		*ind++
		return sh.nextOption(known, list, ind)
	}
	letter = word[sh.getopt]
	sh.getopt++
	last := sh.getopt >= len(word)
	i := strings.IndexByte(known, letter)
	takes := i >= 0 && i+1 < len(known) && known[i+1] == ':'
	switch {
	case i < 0 || letter == ':':
		bad = "illegal option"
	case takes && !last:
		rest := word[sh.getopt:]
		value, last = &rest, true
	case takes && *ind < len(list):
		value = &list[*ind]
		*ind++
	case takes:
		bad = "option requires an argument"
	}
	if last {
		sh.getopt = 0
		*ind++
	}
	return letter, value, bad
}
