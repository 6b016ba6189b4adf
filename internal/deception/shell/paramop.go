package shell

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// operate does what stands behind the name in ${…}.
func (sh *shell) operate(p *syntax.ParamExp, g got, m mode) (got, error) {
	switch {
	case p.Slice != nil:
		return sh.slice(p.Slice, g)
	case p.Repl != nil:
		return sh.replace(p.Repl, g, m)
	case p.Exp == nil:
		return g, nil
	}
	switch op := p.Exp.Op; op {
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		pat, err := sh.pattern(p.Exp.Word)
		if err != nil {
			return g, err
		}
		e := parsePattern(pat, false)
		return sh.each(g, 1, func(s string) string { return sh.matcher().trim(e, s, op) }), nil
	case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll:
		pat, err := sh.pattern(p.Exp.Word)
		if err != nil {
			return g, err
		}
		return sh.each(g, 1, func(s string) string { return sh.matcher().changeCase(s, pat, op) }), nil
	case syntax.OtherParamOps:
		return sh.transform(p, g)
	}
	return g, nil
}

func (sh *shell) each(g got, cost int, fn func(string) string) got {
	out := g
	out.list = make([]string, len(g.list))
	for i, s := range g.list {
		sh.work(cost * len(s))
		out.list[i] = fn(s)
	}
	return out
}

// trim takes the shortest or longest match off an end.
func (m *matcher) trim(pat []element, s string, op syntax.ParExpOperator) string {
	var at places
	if op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix {
		at = m.ends(pat, s, 0)
	} else {
		at = m.begins(pat, s)
	}
	first, last := -1, -1
	for i, in := range at {
		if in {
			if last = i; first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return s
	}
	switch op {
	case syntax.RemSmallPrefix:
		return s[first:]
	case syntax.RemLargePrefix:
		return s[last:]
	case syntax.RemSmallSuffix:
		return s[:last]
	}
	return s[:first]
}

func (m *matcher) changeCase(s, pat string, op syntax.ParExpOperator) string {
	change := unicode.ToUpper
	if op == syntax.LowerFirst || op == syntax.LowerAll {
		change = unicode.ToLower
	}
	e := parsePattern(pat, false)
	var b strings.Builder
	for i, c := range s {
		if (i == 0 || op == syntax.UpperAll || op == syntax.LowerAll) && (pat == "" || m.matchAll(e, string(c))) {
			c = change(c)
		}
		b.WriteRune(c)
	}
	return b.String()
}

// slice is ${x:offset:length}.
func (sh *shell) slice(s *syntax.Slice, g got) (got, error) {
	from, err := sh.arithm(s.Offset)
	if err != nil {
		return g, err
	}
	if g.all {
		return sh.sliceList(s, g, from)
	}
	runes := []rune(g.text())
	total := int64(len(runes))
	if from < 0 {
		from += total
	}
	if from < 0 || from > total {
		g.list = []string{""}
		return g, nil
	}
	to, err := sh.sliceEnd(s, from, total)
	if err != nil {
		return g, err
	}
	g.list = []string{string(runes[from:to])}
	return g, nil
}

func (sh *shell) sliceEnd(s *syntax.Slice, from, total int64) (int64, error) {
	if s.Length == nil {
		return total, nil
	}
	n, err := sh.arithm(s.Length)
	if err != nil {
		return 0, err
	}
	to := from + n
	if n < 0 {
		if to = total + n; to < from {
			return 0, sh.fault("%s: substring expression < 0", strings.TrimSpace(exprSource(s.Length)))
		}
	}
	if n > total {
		return total, nil
	}
	return min(to, total), nil
}

// sliceList slices $@, which counts from $0, or an array, by its subscripts.
func (sh *shell) sliceList(s *syntax.Slice, g got, from int64) (got, error) {
	list := g.list
	if g.v == nil {
		list = append([]string{sh.name}, list...)
	}
	total := int64(len(list))
	if g.v != nil && g.v.kind == indexed {
		if from < 0 {
			from += int64(g.v.top())
		}
		from = firstFrom(g.keys, from)
	} else if from < 0 {
		from += total
	}
	if g.v == nil && from == 0 && s.Length == nil {
		g.list = list
		return g, nil
	}
	if from < 0 || from > total {
		g.list = nil
		return g, nil
	}
	n := total
	if s.Length != nil {
		var err error
		if n, err = sh.arithm(s.Length); err != nil {
			return g, err
		}
		if n < 0 {
			return g, sh.fault("%s: substring expression < 0", strings.TrimSpace(exprSource(s.Length)))
		}
	}
	g.list = list[from:min(from+min(n, total), total)]
	return g, nil
}

// firstFrom is the place of the first subscript that is not below from.
func firstFrom(keys []string, from int64) int64 {
	for i, k := range keys {
		if n, _ := strconv.ParseInt(k, 10, 64); n >= from {
			return int64(i)
		}
	}
	return int64(len(keys))
}

// replace is ${x/pattern/text}.
func (sh *shell) replace(r *syntax.Replace, g got, m mode) (got, error) {
	pat, err := sh.pattern(r.Orig)
	if err != nil {
		return g, err
	}
	with, err := sh.replacement(r.With)
	if err != nil {
		return g, err
	}
	where := byte(0)
	if !r.All && pat != "" && (pat[0] == '#' || pat[0] == '%') {
		where, pat = pat[0], pat[1:]
	}
	if pat == "" && where == 0 {
		return g, nil
	}
	e := parsePattern(pat, sh.shopts.on("nocasematch"))
	size := 0
	out := sh.each(g, len(pat), func(s string) string {
		if sh.jump.kind != none {
			return s
		}
		s = sh.replaceIn(e, s, with, r.All, where)
		size += len(s)
		return s
	})
	if !sh.login.hold(size) {
		return g, sh.exhausted(size)
	}
	sh.login.hold(-size)
	return out, nil
}

// replacement is text in which & stands for what was matched, unless escaped.
type replacement []string // around each &

func (r replacement) fill(match string) string { return strings.Join(r, match) }

// size is how long it is when it stands for a match.
func (r replacement) size(match int) int {
	n := (len(r) - 1) * match
	for _, part := range r {
		n += len(part)
	}
	return n
}

func (sh *shell) replacement(w *syntax.Word) (replacement, error) {
	if w == nil {
		return replacement{""}, nil
	}
	pieces, err := sh.pieces(w.Parts, mode{tilde: true})
	if err != nil {
		return nil, err
	}
	out := replacement{""}
	for _, p := range pieces {
		if p.quoted || sh.dash || !sh.shopts.on("patsub_replacement") {
			out[len(out)-1] += p.text
			continue
		}
		parts := strings.Split(p.text, "&")
		out[len(out)-1] += parts[0]
		out = append(out, parts[1:]...)
	}
	return out, nil
}

func (sh *shell) replaceIn(pat []element, s string, with replacement, all bool, where byte) string {
	m := sh.matcher()
	switch where {
	case '#':
		if n := longest(m.ends(pat, s, 0), 0); n >= 0 && sh.build(with.size(n)+len(s)) == nil {
			return with.fill(s[:n]) + s[n:]
		}
		return s
	case '%':
		for i, in := range m.begins(pat, s) {
			if in && sh.build(with.size(len(s)-i)+len(s)) == nil {
				return s[:i] + with.fill(s[i:])
			}
		}
		return s
	}
	var b strings.Builder
	for i := 0; i <= len(s); {
		n := -1
		if sh.jump.kind == none && m.canBegin(pat, s[i:]) {
			n = longest(m.ends(pat, s[i:], 0), 0)
		}
		switch {
		case n > 0 || n == 0 && s == "":
			if sh.build(with.size(n)) != nil {
				return s
			}
			b.WriteString(with.fill(s[i : i+n]))
			if i += n; !all || s == "" {
				return b.String() + s[i:]
			}
		case i < len(s):
			_, k := utf8.DecodeRuneInString(s[i:])
			b.WriteString(s[i : i+k])
			i += k
		default:
			i++
		}
		if sh.login.step(sh.ctx) != nil {
			return s
		}
	}
	return b.String()
}

// canBegin reports whether a match may begin with a text's first character.
func (m *matcher) canBegin(pat []element, s string) bool {
	if len(pat) == 0 || pat[0].kind == anyText || pat[0].kind == group {
		return true
	}
	if s == "" {
		return false
	}
	c, n := utf8.DecodeRuneInString(s)
	if c == utf8.RuneError && n == 1 {
		c = rune(s[0]) + wild
	}
	m.over = m.over || m.pay(1+pat[0].cost) != nil
	return !m.over && pat[0].takes(c)
}

func longest(at places, none int) int {
	for i := len(at) - 1; i >= 0; i-- {
		if at[i] {
			return i
		}
	}
	return none - 1
}

// transform is ${x@Q} and its kin.
func (sh *shell) transform(p *syntax.ParamExp, g got) (got, error) {
	switch op := p.Exp.Word.Lit(); op {
	case "Q":
		if !g.set && !g.all {
			return one("", "", true), nil
		}
		return sh.each(g, 1, quote), nil
	case "U":
		return sh.each(g, 1, strings.ToUpper), nil
	case "u":
		return sh.each(g, 1, func(s string) string { return sh.matcher().changeCase(s, "", syntax.UpperFirst) }), nil
	case "L":
		return sh.each(g, 1, strings.ToLower), nil
	case "E":
		return sh.each(g, 1, func(s string) string { return ansiC(s, false) }), nil
	case "P":
		return sh.each(g, 1, sh.prompt), nil
	case "a", "A", "K", "k":
		return sh.describeVar(p.Param.Value, op, g), nil
	}
	return g, sh.fault("%s: bad substitution", source(p))
}

func (sh *shell) describeVar(name, op string, g got) got {
	v := sh.array(name)
	if v == nil {
		return one(name, "", true)
	}
	switch op {
	case "a":
		return one(name, v.flags(), true)
	case "A":
		if v.kind == scalar && v.flags() == "" {
			return one(name, name+"="+quote(v.text), true)
		}
		return one(name, sh.declaration(name, v), true)
	}
	out := got{all: g.all, star: g.star, set: true}
	var parts []string
	for i, k := range g.keys {
		if op == "k" {
			out.list = append(out.list, k, g.list[i])
			continue
		}
		parts = append(parts, k, doubleQuote(g.list[i]))
	}
	if op == "K" {
		if !g.all {
			return one(name, quote(g.text()), true)
		}
		return one(name, strings.Join(parts, " "), true)
	}
	return out
}
