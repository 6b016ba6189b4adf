package shell

import (
	"fmt"
	"maps"
	"slices"
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
