package postgres

import (
	"strconv"
	"strings"
)

// expr is an expression: it gives a value for a row.
type expr struct {
	name string // of its column
	kind uint32
	eval func(row []value) (value, *problem)
	all  bool // count(*) and its like: over all rows
	from *column
}

// parser reads the expressions of a statement.
type parser struct {
	c      *client
	toks   []token
	i      int
	source string
	from   *relation
	params []value
	most   int // highest parameter that was named
	kinds  map[int]uint32
	depth  int
	signs  int  // that stand before one another: - - not -
	late   bool // a value is known only when it runs
}

// How deep expressions go: brackets, and signs in front of one.
const (
	maxDepth = 64
	maxSigns = 1000
)

func (p *parser) peek() token {
	if p.i < len(p.toks) {
		return p.toks[p.i]
	}
	return token{}
}

func (p *parser) end() bool { return p.i >= len(p.toks) }

// word takes a word of the language, or a sign.
func (p *parser) word(s string) bool {
	if t := p.peek(); (t.kind == 'n' || t.kind == 'o') && t.text == s {
		p.i++
		return true
	}
	return false
}

func (p *parser) words(list ...string) bool {
	from := p.i
	for _, s := range list {
		if !p.word(s) {
			p.i = from
			return false
		}
	}
	return true
}

// ident takes a name.
func (p *parser) ident() (string, bool) {
	if t := p.peek(); t.kind == 'n' || t.kind == 'q' {
		p.i++
		return t.text, true
	}
	return "", false
}

// bad is the error for what stands here.
func (p *parser) bad() *problem {
	if p.end() {
		return atEnd(p.source)
	}
	return near(p.peek())
}

// binary operators by how they bind, loosest first.
func levels() [][]string {
	return [][]string{{"or"}, {"and"}, {"=", "<>", "!=", "<", ">", "<=", ">=", "like", "ilike", "~", "!~", "~*", "!~*", "is", "in"}, {"||"}, {"+", "-"}, {"*", "/", "%"}}
}

func (p *parser) expression() (*expr, *problem) {
	if p.depth++; p.depth > maxDepth {
		return nil, tooDeep()
	}
	defer func() { p.depth-- }()
	return p.level(0)
}

func (p *parser) level(n int) (*expr, *problem) {
	all := levels()
	if n == len(all) {
		return p.unary()
	}
	left, err := p.level(n + 1)
	for err == nil {
		t := p.peek()
		if t.kind != 'o' && t.kind != 'n' || !contains(all[n], t.text) {
			return left, nil
		}
		p.i++
		switch t.text {
		case "is":
			left, err = p.is(left)
		case "in":
			left, err = p.in(left)
		default:
			var right *expr
			if right, err = p.level(n + 1); err == nil {
				left, err = p.combine(left, t, right)
			}
		}
	}
	return nil, err
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func computed(kind uint32, eval func([]value) (value, *problem)) *expr {
	return &expr{name: "?column?", kind: kind, eval: eval}
}

func (p *parser) is(left *expr) (*expr, *problem) {
	not := p.word("not")
	if !p.word("null") {
		return nil, p.bad()
	}
	return computed(tBool, func(row []value) (value, *problem) {
		v, err := left.eval(row)
		return boolean(v.null != not), err
	}), nil
}

func (p *parser) in(left *expr) (*expr, *problem) {
	list, err := p.arguments()
	if err != nil {
		return nil, err
	}
	return computed(tBool, func(row []value) (value, *problem) {
		v, err := left.eval(row)
		for _, e := range list {
			one, err2 := e.eval(row)
			if err == nil {
				err = err2
			}
			if !one.null && !v.null && one.text == v.text {
				return boolean(true), err
			}
		}
		return boolean(false), err
	}), nil
}

func (p *parser) unary() (*expr, *problem) {
	if p.signs++; p.signs > maxSigns {
		return nil, tooDeep()
	}
	defer func() { p.signs-- }()
	switch {
	case p.word("not"):
		e, err := p.level(2)
		if err != nil {
			return nil, err
		}
		return computed(tBool, func(row []value) (value, *problem) {
			v, err := e.eval(row)
			return boolean(v.text != "t"), err
		}), nil
	case p.word("-"):
		e, err := p.unary()
		if err != nil {
			return nil, err
		}
		return computed(e.kind, func(row []value) (value, *problem) {
			v, err := e.eval(row)
			if v.text = "-" + v.text; strings.HasPrefix(v.text, "--") {
				v.text = v.text[2:]
			}
			return v, err
		}), nil
	case p.word("+"):
		return p.unary()
	}
	param, literal, at := 0, p.peek().kind == 's', p.peek().at
	if p.peek().kind == '$' {
		param, _ = strconv.Atoi(p.peek().text)
	}
	e, err := p.primary()
	for err == nil && p.word("::") {
		if e, err = p.cast(e); err == nil && param > 0 {
			p.kinds[param], param = e.kind, 0
		}
		if err == nil && literal {
			e = placed(e, at)
		}
	}
	return e, err
}

// placed names the place of a constant in the error that its cast gives.
func placed(e *expr, at int) *expr {
	out := *e
	out.eval = func(row []value) (value, *problem) {
		v, err := e.eval(row)
		if err != nil && err.position == 0 {
			err = err.at(at)
		}
		return v, err
	}
	return &out
}

// arguments reads a list in brackets.
func (p *parser) arguments() ([]*expr, *problem) {
	if !p.word("(") {
		return nil, p.bad()
	}
	var out []*expr
	for !p.word(")") {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
		if !p.word(",") && p.peek().text != ")" {
			return nil, p.bad()
		}
	}
	return out, nil
}

func constant(v value) *expr {
	return &expr{name: "?column?", kind: v.kind, eval: func([]value) (value, *problem) { return v, nil }}
}

func (p *parser) primary() (*expr, *problem) {
	t := p.peek()
	switch t.kind {
	case 's':
		p.i++
		return constant(text(t.text)), nil
	case '0':
		p.i++
		return constant(value{text: t.text, kind: numberKind(t.text)}), nil
	case '$':
		return p.parameter()
	case 'o':
		if t.text == "(" {
			return p.brackets()
		}
	case 'n':
		if e, err := p.special(t); e != nil || err != nil {
			return e, err
		}
		return p.reference()
	case 'q':
		return p.reference()
	}
	return nil, p.bad()
}

func numberKind(s string) uint32 {
	switch {
	case strings.ContainsAny(s, ".eE") || len(s) > 18:
		return tNumeric
	case len(s) > 9:
		return tInt8
	}
	return tInt4
}

// brackets reads (expression) or (select …).
func (p *parser) brackets() (*expr, *problem) {
	p.i++
	if p.peek().text == "select" {
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		if !p.word(")") {
			return nil, p.bad()
		}
		return q.scalar(), nil
	}
	e, err := p.expression()
	if err == nil && !p.word(")") {
		err = p.bad()
	}
	return e, err
}

func (p *parser) parameter() (*expr, *problem) {
	t := p.peek()
	p.i++
	n := 0
	for _, c := range t.text[:min(len(t.text), 6)] {
		n = n*10 + int(c-'0')
	}
	if n < 1 || n > 1024 {
		return nil, wrong("42P02", "parse_param.c", 148, "variable_paramref_hook", "there is no parameter $%s", t.text).at(t.at)
	}
	p.most = max(p.most, n)
	if p.kinds[n] == 0 {
		p.kinds[n] = tText
	}
	params := p.params
	return &expr{name: "?column?", kind: tText, eval: func([]value) (value, *problem) {
		if n > len(params) {
			return value{null: true, kind: tText}, nil
		}
		return params[n-1], nil
	}}, nil
}

// special reads the words that are expressions of their own.
func (p *parser) special(t token) (*expr, *problem) {
	called := func(v value) *expr { e := constant(v); e.name = t.text; return e }
	p.i++
	switch t.text {
	case "null":
		return constant(value{null: true, kind: tText}), nil
	case "true", "false":
		return constant(boolean(t.text == "true")), nil
	case "current_user", "session_user", "user", "current_role":
		return called(name(p.c.user)), nil
	case "current_catalog":
		return called(name(p.c.db)), nil
	case "current_timestamp":
		return called(p.c.now()), nil
	case "cast":
		return p.castAs()
	case "select", "from", "where", "order", "group", "limit":
		p.i--
		return nil, p.bad()
	}
	p.i--
	return nil, nil
}

func (p *parser) castAs() (*expr, *problem) {
	if !p.word("(") {
		return nil, p.bad()
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if !p.word("as") {
		return nil, p.bad()
	}
	if e, err = p.cast(e); err == nil && !p.word(")") {
		err = p.bad()
	}
	return e, err
}

// reference reads a column or a call.
func (p *parser) reference() (*expr, *problem) {
	start := p.peek()
	n, _ := p.ident()
	for p.word(".") {
		next, ok := p.ident()
		if !ok {
			return nil, p.bad()
		}
		if start.text == "pg_catalog" || p.from != nil {
			n = next
		} else {
			return nil, wrong("42P01", "parse_relation.c", 3617, "errorMissingRTE", `missing FROM-clause entry for table "%s"`, n).at(start.at)
		}
	}
	if p.peek().text == "(" && p.peek().kind == 'o' {
		return p.callOf(n, start)
	}
	if e := p.from.columnOf(n); e != nil {
		return e, nil
	}
	return nil, wrong("42703", "parse_relation.c", 3665, "errorMissingColumn", `column "%s" does not exist`, n).at(start.at)
}
