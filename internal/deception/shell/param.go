package shell

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// got is what a parameter gives: one value, or the list of an array.
type got struct {
	name string
	list []string
	keys []string // of an array
	all  bool     // a list: $@, $*, ${a[@]}
	star bool     // of those, the ones that are joined in quotes
	set  bool
	v    *variable
}

func one(name, value string, set bool) got { return got{name: name, list: []string{value}, set: set} }

func (g got) text() string {
	if len(g.list) == 0 {
		return ""
	}
	return g.list[0]
}

// paramExp expands $x and ${x…}.
func (sh *shell) paramExp(p *syntax.ParamExp, m mode) ([]piece, error) {
	if p.Param == nil {
		return nil, sh.fault("%s: bad substitution", source(p))
	}
	if p.Names != 0 {
		return sh.listPieces(sh.prefixed(p.Param.Value, p.Names == syntax.NamesPrefix), m), nil
	}
	g, err := sh.fetch(p)
	if err != nil {
		return nil, err
	}
	if p.Length {
		return sh.length(p, g)
	}
	if p.Exp != nil {
		if pieces, done, err := sh.defaults(p, g, m); done || err != nil {
			return pieces, err
		}
	}
	if !g.set && !g.all && sh.options.nounset {
		return nil, sh.fatal("%s: unbound variable", nameOf(p))
	}
	if g, err = sh.operate(p, g, m); err != nil {
		return nil, err
	}
	return sh.listPieces(g, m), nil
}

func nameOf(p *syntax.ParamExp) string {
	if p.Index != nil {
		return p.Param.Value + "[" + indexText(p.Index) + "]"
	}
	return p.Param.Value
}

// prefixed is ${!name*}: the names of variables.
func (sh *shell) prefixed(prefix string, star bool) got {
	g := got{all: true, star: star, set: true}
	for _, n := range sh.names() {
		if v := sh.raw(n); strings.HasPrefix(n, prefix) && v != nil && v.set {
			g.list = append(g.list, n)
		}
	}
	return g
}

// fetch gets the value of a parameter, through ${!x} too.
func (sh *shell) fetch(p *syntax.ParamExp) (got, error) {
	name := p.Param.Value
	g, err := sh.fetchName(name, p.Index)
	if err != nil || !p.Excl {
		return g, err
	}
	if g.all && p.Index != nil { // ${!a[@]}
		return got{list: g.keys, all: true, star: g.star, set: true}, nil
	}
	if v := sh.raw(name); v != nil && v.attrs.nameref {
		return one(name, v.text, true), nil
	}
	target := g.text()
	if !g.set || target == "" {
		return g, sh.fault("%s: invalid indirect expansion", name)
	}
	return sh.fetchText(target)
}

// fetchText gets the value of a parameter that is named by text.
func (sh *shell) fetchText(s string) (got, error) {
	base, key, has := subscript(s)
	if !has {
		if s != "@" && s != "*" && !syntax.ValidName(s) && !special(s) {
			return got{}, sh.fault("%s: invalid variable name", s)
		}
		return sh.fetchName(s, nil)
	}
	if key == "@" || key == "*" {
		return sh.whole(base, key == "*"), nil
	}
	k, err := sh.keyText(base, key)
	if err != nil {
		return got{}, err
	}
	return sh.elementOf(base, k), nil
}

func special(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil || len(s) == 1 && strings.Contains("#?$!-_", s)
}

func (sh *shell) fetchName(name string, index syntax.ArithmExpr) (got, error) {
	switch {
	case name == "@" || name == "*":
		return got{name: name, list: slices.Clone(sh.params), all: true, star: name == "*", set: len(sh.params) > 0}, nil
	case index == nil:
		if v, at := sh.resolve(name); at != name && strings.HasSuffix(at, "]") {
			return sh.fetchText(at)
		} else if v == nil {
			if d := sh.dynamicArray(name); d != nil {
				s, set := d.get("0")
				return one(name, s, set), nil
			}
		}
		s, set := sh.param(name)
		return one(name, s, set), nil
	}
	switch text := indexText(index); text {
	case "@", "*":
		return sh.whole(name, text == "*"), nil
	}
	key, err := sh.key(name, index)
	if err != nil {
		return got{}, err
	}
	return sh.elementOf(name, key), nil
}

func indexText(x syntax.ArithmExpr) string {
	if w, ok := x.(*syntax.Word); ok {
		return source(w)
	}
	return exprSource(x)
}

// array finds a variable, those that bash makes up included.
func (sh *shell) array(name string) *variable {
	if v := sh.dynamicArray(name); v != nil {
		return v
	}
	if v := sh.lookup(name); v != nil {
		return v
	}
	if s, ok := sh.dynamic(name); ok {
		return &variable{text: s, set: true}
	}
	return nil
}

// whole is ${a[@]} or ${a[*]}.
func (sh *shell) whole(name string, star bool) got {
	g := got{name: name, all: true, star: star}
	if g.v = sh.array(name); g.v != nil {
		g.list, g.keys = g.v.values(), g.v.keys()
		g.set = len(g.list) > 0
	}
	return g
}

func (sh *shell) elementOf(name, key string) got {
	v := sh.array(name)
	if v == nil {
		return one(name, "", false)
	}
	s, set := v.get(key)
	return one(name, s, set)
}

// key evaluates a subscript: text for an associative array, else a number.
func (sh *shell) key(name string, index syntax.ArithmExpr) (string, error) {
	if v := sh.lookup(name); v != nil && v.kind == associative {
		if w, ok := index.(*syntax.Word); ok {
			return sh.join(w, mode{})
		}
		return sh.exprText(index)
	}
	n, err := sh.arithm(index)
	if err != nil {
		return "", err
	}
	if v := sh.array(name); n < 0 && v != nil && v.kind == indexed {
		if n += int64(v.top()); n < 0 {
			return "", sh.fault("%s: bad array subscript", name)
		}
	}
	return strconv.FormatInt(n, 10), nil
}

func (sh *shell) keyText(name, key string) (string, error) {
	if v := sh.lookup(name); v != nil && v.kind == associative {
		return key, nil
	}
	n, err := sh.evalText(key)
	return strconv.FormatInt(n, 10), err
}

func (sh *shell) length(p *syntax.ParamExp, g got) ([]piece, error) {
	n := len(g.list)
	if !g.all {
		if !g.set && sh.options.nounset {
			return nil, sh.fatal("%s: unbound variable", nameOf(p))
		}
		n = utf8.RuneCountInString(g.text())
	}
	return []piece{{text: strconv.Itoa(n), split: true}}, nil
}

// defaults are ${x:-word} and its kin; done says that the result is complete.
func (sh *shell) defaults(p *syntax.ParamExp, g got, m mode) (out []piece, done bool, err error) {
	has := g.set
	switch p.Exp.Op {
	case syntax.DefaultUnsetOrNull, syntax.AssignUnsetOrNull, syntax.ErrorUnsetOrNull, syntax.AlternateUnsetOrNull:
		has = has && (strings.Join(g.list, "") != "" || g.all && len(g.list) > 1)
	case syntax.DefaultUnset, syntax.AssignUnset, syntax.ErrorUnset, syntax.AlternateUnset:
	default:
		return nil, false, nil
	}
	switch p.Exp.Op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if !has {
			return nil, true, nil
		}
	default:
		if has {
			return nil, false, nil
		}
	}
	switch p.Exp.Op {
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return nil, true, sh.unsetError(p)
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		return sh.assignDefault(p, m)
	}
	out, err = sh.operand(p.Exp.Word, m)
	return out, true, err
}

// operand expands the word of ${x:-word}: its literals are divided too.
func (sh *shell) operand(w *syntax.Word, m mode) ([]piece, error) {
	if w == nil {
		return nil, nil
	}
	out, err := sh.pieces(w.Parts, mode{tilde: !m.quoted, quoted: m.quoted, heredoc: m.heredoc})
	if err == nil && !m.quoted {
		for i := range out {
			out[i].split = out[i].split || !out[i].quoted
		}
	}
	return out, err
}

func (sh *shell) unsetError(p *syntax.ParamExp) error {
	text, err := sh.text(p.Exp.Word)
	if err != nil {
		return err
	}
	if text == "" {
		text = "parameter not set"
		if p.Exp.Op == syntax.ErrorUnsetOrNull {
			text = "parameter null or not set"
		}
	}
	return sh.fatal("%s: %s", nameOf(p), text)
}

func (sh *shell) assignDefault(p *syntax.ParamExp, m mode) ([]piece, bool, error) {
	text, err := sh.text(p.Exp.Word)
	if err != nil {
		return nil, true, err
	}
	name := p.Param.Value
	if !syntax.ValidName(name) {
		return nil, true, sh.fault("$%s: cannot assign in this way", name)
	}
	key := ""
	if p.Index != nil {
		if key, err = sh.key(name, p.Index); err != nil {
			return nil, true, err
		}
	}
	if err := sh.setIn(nil, name, key, text, false); err != nil {
		return nil, true, err
	}
	return []piece{{text: text, split: !m.quoted, quoted: m.quoted}}, true, nil
}

// listPieces makes pieces of values: each of "$@" is a field of its own, those
// of "$*" are joined with the first character of IFS.
func (sh *shell) listPieces(g got, m mode) []piece {
	if !g.all {
		return []piece{{text: g.text(), split: !m.quoted, quoted: m.quoted}}
	}
	if g.star && (m.quoted || !m.split) {
		sep := " "
		if ifs, set := sh.value("IFS"); set {
			sep = ifs[:min(1, len(ifs))]
		}
		return []piece{{text: strings.Join(g.list, sep), quoted: m.quoted, split: !m.quoted}}
	}
	var out []piece
	for i, s := range g.list {
		out = append(out, piece{text: s, next: i > 0, split: !m.quoted, quoted: m.quoted, empty: m.quoted})
	}
	return out
}

// cmdSubst is $(…).
func (sh *shell) cmdSubst(c *syntax.CmdSubst, m mode) ([]piece, error) {
	text, err := sh.substitute(c)
	if err != nil {
		return nil, err
	}
	return []piece{{text: text, split: !m.quoted, quoted: m.quoted}}, nil
}

func (sh *shell) substitute(c *syntax.CmdSubst) (string, error) {
	sh.usedSub = true
	if len(c.Stmts) == 0 {
		sh.status = 0
		return "", nil
	}
	if s := c.Stmts[0]; len(c.Stmts) == 1 && s.Cmd == nil && len(s.Redirs) == 1 && s.Redirs[0].Op == syntax.RdrIn && !sh.dash {
		return sh.slurp(s.Redirs[0])
	}
	line := sh.line
	text, err := sh.capture(func(c2 *shell) {
		if !c2.shopts.on("inherit_errexit") && !c2.options.posix {
			c2.options.errexit = c2.options.errexit && c2.dash
		}
		c2.stmts(c.Stmts)
	})
	sh.line = line
	return text, err
}

// slurp is $(<file).
func (sh *shell) slurp(r *syntax.Redirect) (string, error) {
	name, err := sh.text(r.Word)
	if err != nil {
		return "", err
	}
	b, err := sh.view().ReadFile(name)
	if err != nil {
		sh.errorf("%s: %s", name, reason(err))
		sh.status = 1
		return "", nil
	}
	sh.status = 0
	return clean(b), nil
}

func (sh *shell) arithmExp(a *syntax.ArithmExp, m mode) ([]piece, error) {
	n, err := sh.arithm(a.X)
	if err != nil {
		return nil, err
	}
	return []piece{{text: strconv.FormatInt(n, 10), split: !m.quoted, quoted: m.quoted}}, nil
}
