package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// simple runs a simple command: assignments, a function, a builtin, a program.
func (sh *shell) simple(c *syntax.CallExpr) {
	sh.usedSub = false
	open, mark := len(sh.substituted), sh.building
	defer sh.closeSubstituted(open)
	defer func() { sh.unbuild(mark) }()
	if sh.expandAlias(c) {
		return
	}
	args, err := sh.fields(c.Args)
	if err != nil {
		return
	}
	if len(args) == 0 {
		sh.assignments(c)
		return
	}
	if sh.buildWords(args) != nil { // once more, for $BASH_COMMAND
		return
	}
	if sh.traps["DEBUG"] != "" && !sh.dash {
		sh.command = joined(args)
		sh.trap("DEBUG")
	}
	sh.command = joined(args)
	line := sh.line
	if len(c.Assigns) > 0 {
		sh.scopes = append(sh.scopes, &scope{vars: map[string]*variable{}, temp: true})
		defer sh.popScope()
		for _, a := range c.Assigns {
			if sh.assignTemp(a) != nil {
				return
			}
		}
	}
	sh.traceWords(args)
	sh.line = line
	sh.call(args, false)
	if len(args) > 0 {
		sh.lastArg = args[len(args)-1]
	}
	if sh.jump.kind == none {
		sh.pipestatus = append(sh.pipestatus[:0], sh.status)
	}
}

func (sh *shell) closeSubstituted(from int) {
	for _, n := range sh.substituted[from:] {
		sh.fds.set(n, nil)
	}
	sh.substituted = sh.substituted[:from]
}

func (sh *shell) popScope() {
	last := sh.scopes[len(sh.scopes)-1]
	for _, v := range last.vars {
		sh.hold(-v.size())
	}
	sh.scopes = sh.scopes[:len(sh.scopes)-1]
}

func (sh *shell) traceWords(args []string) {
	if !sh.options.xtrace {
		return
	}
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = plainly(a)
	}
	sh.trace(words...)
}

// assignTemp sets a variable for one command.
func (sh *shell) assignTemp(a *syntax.Assign) error {
	value, err := sh.assignText(a.Value)
	if err != nil {
		return err
	}
	if v := sh.lookup(a.Name.Value); v != nil && v.attrs.readonly {
		return sh.fault("%s: readonly variable", a.Name.Value)
	} else if a.Append && v != nil {
		old, _ := v.scalarValue()
		value = old + value
	}
	if sh.options.xtrace {
		sh.trace(a.Name.Value + "=" + plainly(value))
	}
	top := sh.scopes[len(sh.scopes)-1]
	if err := sh.setIn(top, a.Name.Value, "", value, false); err != nil {
		return err
	}
	top.vars[a.Name.Value].attrs.export = true
	return nil
}

// assignments runs a command that is nothing but assignments.
func (sh *shell) assignments(c *syntax.CallExpr) {
	for _, a := range c.Assigns {
		if sh.assign(nil, a, nil) != nil {
			return
		}
	}
	if !sh.usedSub {
		sh.status = 0
	}
	sh.pipestatus = append(sh.pipestatus[:0], sh.status)
}

// assign sets a variable, an element or an array; like says what a new array is.
func (sh *shell) assign(in *scope, a *syntax.Assign, like *kind) error {
	name := a.Name.Value
	if a.Array != nil {
		return sh.assignArray(in, a, like)
	}
	value, err := sh.assignText(a.Value)
	if err != nil {
		return err
	}
	if sh.options.xtrace {
		sh.trace(name + map[bool]string{true: "+=", false: "="}[a.Append] + traced(value))
	}
	if a.Index == nil {
		return sh.setIn(in, name, "", value, a.Append)
	}
	key, err := sh.key(name, a.Index)
	if err != nil {
		return err
	}
	if v := sh.lookup(name); v != nil && v.kind == associative && key == "" {
		return sh.fault("%s[%s]: bad array subscript", name, source(a.Index))
	}
	return sh.setIn(in, name, key, value, a.Append)
}

func traced(value string) string {
	if value == "" {
		return ""
	}
	return plainly(value)
}

func (sh *shell) assignArray(in *scope, a *syntax.Assign, like *kind) error {
	name := a.Name.Value
	if in == nil {
		_, name = sh.resolve(name)
		in = sh.scopeOf(name)
	}
	v := in.vars[name]
	if v != nil && v.attrs.readonly {
		return sh.fault("%s: readonly variable", name)
	}
	fresh := &variable{kind: indexed, set: true}
	if v != nil {
		fresh.attrs = v.attrs
		if v.kind == associative {
			fresh.kind = associative
		}
	}
	if like != nil {
		fresh.kind = *like
	}
	if a.Append && v != nil {
		fresh = v
		fresh.become(indexed)
		fresh.set = true
	}
	before := len(fresh.list) + len(fresh.table)
	if err := sh.fill(name, fresh, a.Array); err != nil {
		return err
	}
	if cost := 64 * (len(fresh.list) + len(fresh.table) - before); !sh.hold(cost) {
		return sh.exhausted(cost)
	}
	in.vars[name] = fresh
	return nil
}

// fill puts the elements of (…) into an array.
func (sh *shell) fill(name string, v *variable, a *syntax.ArrayExpr) error {
	next := v.top()
	var pending []string // key and value in turn, of (k v k v)
	for _, e := range a.Elems {
		if e.Index != nil {
			key, err := sh.elementKey(name, v, e.Index)
			if err != nil {
				return err
			}
			text, err := sh.assignText(e.Value)
			if err != nil {
				return err
			}
			if v.kind == indexed {
				next = atoi(key) + 1
			}
			if err := sh.putShaped(v, key, text); err != nil {
				return err
			}
			continue
		}
		mark := sh.building
		words, err := sh.fields([]*syntax.Word{e.Value})
		sh.unbuild(mark) // each is counted when it is put
		if err != nil {
			return err
		}
		if v.kind == associative {
			pending = append(pending, words...)
			continue
		}
		for _, w := range words {
			if err := sh.putShaped(v, itoa(next), w); err != nil {
				return err
			}
			next++
		}
	}
	for i := 0; i < len(pending); i += 2 {
		value := ""
		if i+1 < len(pending) {
			value = pending[i+1]
		}
		v.put(pending[i], value)
	}
	return nil
}

func (sh *shell) putShaped(v *variable, key, value string) error {
	value, err := sh.shaped(v, "", value, false)
	if err == nil && !sh.hold(len(value)) {
		return sh.exhausted(len(value))
	}
	if err == nil {
		v.put(key, value)
	}
	return err
}

func (sh *shell) elementKey(name string, v *variable, index syntax.ArithmExpr) (string, error) {
	if v.kind == associative {
		if w, ok := index.(*syntax.Word); ok {
			return sh.join(w, mode{})
		}
		return sh.exprText(index)
	}
	n, err := sh.arithm(index)
	if n < 0 {
		if n += int64(v.top()); n < 0 {
			return "", sh.fault("%s: bad array subscript", name)
		}
	}
	return itoa(int(n)), err
}

// call runs a command by its words; plain leaves functions out.
func (sh *shell) call(args []string, plain bool) {
	name := args[0]
	if f := sh.funcs[name]; f != nil && !plain {
		sh.callFunction(f, args)
		return
	}
	if b := sh.builtin(name); b != nil {
		sh.status = b(sh, args) & 255
		if sh.jump.kind >= discards && sh.jump.kind != exits {
			sh.status = max(sh.status, 1)
		}
		return
	}
	sh.external(args)
}

func (sh *shell) callFunction(f *function, args []string) {
	if len(sh.calls) >= sh.m.limits.Depth {
		sh.proc.deliver(SIGSEGV)
		sh.jumpTo(exits)
		return
	}
	params, line, shift, loops := sh.params, sh.line, sh.shift, sh.loops
	sh.calls = append(sh.calls, call{name: args[0], source: f.source, line: line})
	sh.scopes = append(sh.scopes, &scope{vars: map[string]*variable{}})
	sh.params, sh.shift, sh.loops = slices.Clone(args[1:]), f.shift, 0
	sh.line = f.line
	sh.stmt(f.body)
	if sh.jump.kind == returns {
		sh.jump = jump{}
	}
	if !sh.dash {
		sh.trap("RETURN")
	}
	restore := sh.calls[len(sh.calls)-1].options
	sh.calls = sh.calls[:len(sh.calls)-1]
	sh.popScope()
	sh.params, sh.line, sh.shift, sh.loops = params, line, shift, loops
	if restore != nil {
		sh.options = *restore
	}
}

// expandAlias runs a command whose first word is an alias, as the text that it
// stands for.
func (sh *shell) expandAlias(c *syntax.CallExpr) bool {
	if len(c.Args) == 0 || len(sh.aliases) == 0 || !sh.interactive && !sh.dash && !sh.shopts.on("expand_aliases") {
		return false
	}
	name := c.Args[0].Lit()
	value, ok := sh.aliases[name]
	if !ok || name == "" || sh.expanding[name] || len(sh.expanding) > 50 {
		return false
	}
	rest := ""
	if len(c.Args) > 1 || len(c.Assigns) > 0 { // the parser's printer breaks on a command of nothing
		rest = source(&syntax.CallExpr{Assigns: c.Assigns, Args: c.Args[1:]})
	}
	if sh.expanding == nil {
		sh.expanding = map[string]bool{}
	}
	sh.expanding[name] = true
	sh.evalString(value + " " + rest)
	delete(sh.expanding, name)
	return true
}

// evalString runs a text as part of the command that is under way.
func (sh *shell) evalString(text string) {
	shift := sh.shift
	sh.shift = sh.line - 1
	sh.units(text, func(u unit) bool {
		if u.err != nil {
			sh.syntaxError(text, u.err)
			return false
		}
		sh.stmts(u.stmts)
		return sh.jump.kind == none
	})
	sh.shift = shift
}

// declClause is declare, local, export, readonly: their arguments may be
// assignments with arrays.
func (sh *shell) declClause(c *syntax.DeclClause) {
	name := c.Variant.Value
	if sh.funcs[name] != nil || c.Variant.Value == "nameref" {
		sh.simple(asCall(c))
		return
	}
	d, mark := &declaring{who: name}, sh.building
	defer func() { sh.unbuild(mark) }()
	var words []string
	for _, a := range c.Args {
		if a.Naked && a.Name == nil {
			list, err := sh.fields([]*syntax.Word{a.Value})
			if err != nil {
				return
			}
			for _, w := range list {
				d.args = append(d.args, declArg{text: w})
			}
			words = append(words, list...)
			continue
		}
		d.args = append(d.args, declArg{assign: a})
		words = append(words, source(a))
	}
	sh.usedSub = false
	sh.command = strings.TrimSpace(name + " " + joined(words))
	if sh.options.xtrace {
		sh.trace(sh.command)
	}
	sh.status = sh.declare(d)
	sh.pipestatus = append(sh.pipestatus[:0], sh.status)
}

func asCall(c *syntax.DeclClause) *syntax.CallExpr {
	call := &syntax.CallExpr{Args: []*syntax.Word{{Parts: []syntax.WordPart{c.Variant}}}}
	for _, a := range c.Args {
		w := a.Value
		if a.Name != nil {
			w = &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: source(a)}}}
		}
		call.Args = append(call.Args, w)
	}
	return call
}
