package shell

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declaring is a call of declare, local, export or readonly.
type declaring struct {
	who  string
	args []declArg
	on   map[byte]bool
	off  map[byte]bool
	in   *scope
}

// declArg is a word, or an assignment of the script.
type declArg struct {
	text   string
	assign *syntax.Assign
}

// name is the variable that it is about.
func (a declArg) name() string {
	if a.assign != nil {
		return a.assign.Name.Value
	}
	return a.text
}

func (sh *shell) biDeclare(args []string) int {
	d := &declaring{who: args[0]}
	for _, a := range args[1:] {
		d.args = append(d.args, declArg{text: a})
	}
	return sh.declare(d)
}

const declareLetters = "aAfFgiIlnrtuxp"

func (sh *shell) declare(d *declaring) int {
	d.on, d.off = map[byte]bool{}, map[byte]bool{}
	if d.who == "local" && len(sh.calls) == 0 {
		sh.errorf("local: can only be used in a function")
		return 1
	}
	rest := d.args
	for len(rest) > 0 && rest[0].assign == nil && len(rest[0].text) > 1 && (rest[0].text[0] == '-' || rest[0].text[0] == '+') {
		word := rest[0].text
		rest = rest[1:]
		if word == "--" {
			break
		}
		for _, c := range []byte(word[1:]) {
			if strings.IndexByte(declareLetters, c) < 0 || d.who == "export" && strings.IndexByte("fnp", c) < 0 {
				return sh.usage(d.who, fmt.Sprintf("%c%c: invalid option", word[0], c))
			}
			if word[0] == '-' {
				d.on[c] = true
			} else {
				d.off[c] = true
			}
		}
	}
	d.args = rest
	d.scope(sh)
	switch {
	case d.on['f'] || d.on['F']:
		return sh.declareFunctions(d)
	case len(rest) == 0:
		sh.listVars(d)
		return 0
	case d.on['p'] && d.who != "export" && d.who != "readonly":
		return sh.printVars(d)
	}
	status := 0
	for _, a := range rest {
		if !sh.declareOne(d, a) {
			status = 1
		}
		if sh.jump.kind != none {
			return 1
		}
	}
	if status == 0 && sh.usedSub && d.who == "" {
		return sh.status
	}
	return status
}

// scope finds where the variables go: in a function, declare makes them local.
func (d *declaring) scope(sh *shell) {
	switch d.who {
	case "export":
		d.on['x'] = !d.on['n']
		d.off['x'] = d.on['n']
		d.on['n'] = false
		return
	case "readonly":
		d.on['r'] = true
		return
	}
	if d.on['g'] || len(sh.calls) == 0 {
		if d.on['g'] {
			d.in = sh.scopes[0]
		}
		return
	}
	for i := len(sh.scopes) - 1; i > 0; i-- {
		if !sh.scopes[i].temp {
			d.in = sh.scopes[i]
			return
		}
	}
}

func (sh *shell) declareOne(d *declaring, a declArg) bool {
	name, key, value, has, add := "", "", "", false, false
	if a.assign != nil {
		name = a.assign.Name.Value
	} else {
		name, value, has = strings.Cut(a.text, "=")
		if strings.HasSuffix(name, "+") && has {
			name, add = name[:len(name)-1], true
		}
		if base, sub, ok := subscript(name); ok {
			name, key = base, sub
		}
		if name == "-" && d.who == "local" {
			saved := sh.options
			sh.calls[len(sh.calls)-1].options = &saved
			return true
		}
		if !syntax.ValidName(name) {
			if sh.dash {
				sh.errorf("%s: %s: bad variable name", d.who, name)
				sh.leave(2)
				return false
			}
			sh.errorf("%s: `%s': not a valid identifier", d.who, a.text)
			return false
		}
	}
	in := d.in
	if in == nil {
		in = sh.scopeOf(name)
	}
	v := in.vars[name]
	if v == nil {
		v = sh.fresh(in, name)
		if old := sh.raw(name); old != nil && in == d.in && d.who == "local" && sh.dash {
			v.text, v.set = old.text, old.set
		}
	}
	if !sh.convert(d, v, name) {
		return false
	}
	wasReadonly := v.attrs.readonly
	if wasReadonly && (has || a.assign != nil && !a.assign.Naked) {
		sh.errorf("%s: %s: readonly variable", d.who, name)
		return false
	}
	d.shape(v)
	var err error
	switch {
	case a.assign != nil && !a.assign.Naked:
		k := v.kind
		err = sh.assign(in, a.assign, &k)
	case has && len(value) > 1 && value[0] == '(' && v.kind != scalar && a.assign == nil:
		sh.evalString(name + "=" + value)
	case has:
		err = sh.setIn(in, name, key, value, add)
	}
	if v = in.vars[name]; v != nil {
		d.finish(v)
	}
	return err == nil
}

// fresh is a new variable of a scope, which takes what was set for the command.
func (sh *shell) fresh(in *scope, name string) *variable {
	v := &variable{}
	for i := len(sh.scopes) - 1; i > 0 && sh.scopes[i] != in; i-- {
		if t := sh.scopes[i].vars[name]; t != nil && sh.scopes[i].temp {
			v = t.clone()
		}
	}
	in.vars[name] = v
	return v
}

func (sh *shell) convert(d *declaring, v *variable, name string) bool {
	switch {
	case d.on['A'] && v.kind == indexed:
		sh.errorf("%s: %s: cannot convert indexed to associative array", d.who, name)
		return false
	case d.on['a'] && v.kind == associative:
		sh.errorf("%s: %s: cannot convert associative to indexed array", d.who, name)
		return false
	case d.on['A']:
		v.become(associative)
	case d.on['a']:
		v.become(indexed)
	}
	if d.off['r'] && v.attrs.readonly {
		sh.errorf("%s: %s: readonly variable", d.who, name)
		return false
	}
	return true
}

// shape sets the attributes that change how a value is taken.
func (d *declaring) shape(v *variable) {
	a := &v.attrs
	a.integer = (a.integer || d.on['i']) && !d.off['i']
	a.lower = (a.lower || d.on['l']) && !d.off['l'] && !d.on['u']
	a.upper = (a.upper || d.on['u']) && !d.off['u'] && !d.on['l']
}

// finish sets those that count once the value is there.
func (d *declaring) finish(v *variable) {
	d.shape(v)
	a := &v.attrs
	a.export = (a.export || d.on['x']) && !d.off['x']
	a.nameref = (a.nameref || d.on['n']) && !d.off['n']
	a.trace = (a.trace || d.on['t']) && !d.off['t']
	a.readonly = a.readonly || d.on['r']
}

func (sh *shell) declareFunctions(d *declaring) int {
	names := slices.Sorted(maps.Keys(sh.funcs))
	if len(d.args) > 0 {
		names = nil
		for _, a := range d.args {
			if sh.funcs[a.name()] == nil {
				return 1
			}
			names = append(names, a.name())
		}
	}
	for _, name := range names {
		f := sh.funcs[name]
		switch {
		case d.on['x'] || d.on['r']:
			f.export, f.readonly = f.export || d.on['x'], f.readonly || d.on['r']
		case d.on['F'] && len(d.args) > 0:
			writeLine(sh.out(), name)
		case d.on['F']:
			writeLine(sh.out(), "declare -f "+name)
		default:
			writeLine(sh.out(), sh.functionText(name))
		}
	}
	return 0
}

func (sh *shell) listVars(d *declaring) {
	for _, name := range sh.names() {
		v := sh.raw(name)
		if d.who == "local" && (d.in == nil || d.in.vars[name] == nil) {
			continue
		}
		if d.on['x'] && !v.attrs.export || d.on['r'] && !v.attrs.readonly || d.on['i'] && !v.attrs.integer || d.on['a'] && v.kind != indexed || d.on['A'] && v.kind != associative {
			continue
		}
		switch {
		case sh.dash:
			writeLine(sh.out(), d.who+" "+name+"="+quote(v.text))
		case d.who == "declare" && len(d.on) == 0 || d.who == "typeset" && len(d.on) == 0 || d.who == "local":
			writeLine(sh.out(), name+"="+sh.setForm(v))
		default:
			writeLine(sh.out(), sh.declaration(name, v))
		}
	}
}

// setForm is a value as set prints it.
func (sh *shell) setForm(v *variable) string {
	if v.kind != scalar {
		return v.compound()
	}
	if v.text == "" {
		return ""
	}
	return plainly(v.text)
}

func (sh *shell) printVars(d *declaring) int {
	status := 0
	for _, a := range d.args {
		v := sh.raw(a.name())
		if v == nil {
			v = sh.array(a.name())
		}
		if v == nil {
			sh.errorf("%s: %s: not found", d.who, a.name())
			status = 1
			continue
		}
		writeLine(sh.out(), sh.declaration(a.name(), v))
	}
	return status
}

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
