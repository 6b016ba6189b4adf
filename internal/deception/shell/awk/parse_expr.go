package awk

func (p *parser) simpleEnded() stmt {
	s := p.simple()
	p.ended()
	return s
}

// simple reads a statement that may stand in the head of a for.
func (p *parser) simple() stmt {
	switch {
	case p.is("print") || p.is("printf"):
		return p.print()
	case p.accept("delete"):
		name := p.tok
		if name.kind != nameToken {
			p.unexpected()
		}
		p.advance()
		s := &deleteStmt{array: p.variable(name.text, 'a')}
		if p.accept("[") {
			s.index = p.list("]")
		}
		return s
	}
	return &exprStmt{p.expr()}
}

func (p *parser) print() stmt {
	s := &printStmt{format: p.is("printf")}
	p.advance()
	outer := p.noGT
	p.noGT = true
	if !p.over() {
		s.args = []expr{p.expr()}
		for p.accept(",") {
			p.lines()
			s.args = append(s.args, p.expr())
		}
		if g, ok := s.args[0].(*group); ok && len(s.args) == 1 {
			s.args = g.list
		}
	}
	p.noGT = outer
	for _, op := range []string{">>", ">", "|"} {
		if p.accept(op) {
			s.op, s.to = op, p.expr()
			break
		}
	}
	if s.format && len(s.args) == 0 {
		p.unexpected()
	}
	return s
}

// over reports whether nothing more of a print follows.
func (p *parser) over() bool {
	return p.tok.kind == newline || p.tok.kind == endToken || p.is(";") || p.is("}") || p.is(">") || p.is(">>") || p.is("|")
}

func (p *parser) list(end string) (out []expr) {
	noGT, noIn := p.noGT, p.noIn
	p.noGT, p.noIn = false, false
	for !p.is(end) && !p.is("}") {
		out = append(out, p.expr())
		if !p.accept(",") {
			break
		}
		p.lines()
	}
	p.noGT, p.noIn = noGT, noIn
	p.expect(end)
	return out
}

func (p *parser) expr() expr {
	defer p.into()()
	test := p.logical(0)
	if !p.accept("?") {
		return p.plain(test)
	}
	p.lines()
	yes := p.expr()
	p.lines()
	p.expect(":")
	p.lines()
	return &conditional{p.plain(test), yes, p.expr()}
}

// plain refuses (a, b) where no "in" follows; print takes it.
func (p *parser) plain(e expr) expr {
	if g, ok := e.(*group); ok && !p.noGT && len(g.list) > 1 {
		p.unexpected()
	}
	return e
}

// logical reads || and, one level below, &&.
func (p *parser) logical(level int) expr {
	op := []string{"||", "&&"}[level]
	below := func() expr {
		if level == 0 {
			return p.logical(1)
		}
		return p.membership()
	}
	left := below()
	for p.accept(op) {
		p.lines()
		left = &logical{and: level == 1, left: left, right: below()}
	}
	return left
}

func (p *parser) membership() expr {
	left := p.matching()
	for p.is("in") && !p.noIn {
		p.advance()
		if p.tok.kind != nameToken {
			p.unexpected()
		}
		index := []expr{left}
		if g, ok := left.(*group); ok {
			index = g.list
		}
		left = &membership{index: index, array: p.variable(p.tok.text, 'a')}
		p.advance()
		left = p.matchingOf(p.comparisonOf(left)) // whatever follows applies to it
	}
	return left
}

func (p *parser) matching() expr { return p.matchingOf(p.comparison()) }

func (p *parser) matchingOf(left expr) expr {
	for p.is("~") || p.is("!~") {
		not := p.is("!~")
		p.advance()
		left = &matching{left: left, right: p.comparison(), not: not}
	}
	return left
}

func (p *parser) comparison() expr { return p.comparisonOf(p.concatenation()) }

func (p *parser) comparisonOf(left expr) expr {
	for {
		op := p.tok.text
		switch {
		case p.tok.kind != operator:
			return left
		case op == ">" && !p.noGT, op == "<", op == "<=", op == ">=", op == "==", op == "!=":
			p.advance()
			left = &comparison{op: op, left: left, right: p.concatenation()}
		default:
			return left
		}
	}
}

// begins reports whether the token can begin an operand of a concatenation.
func (p *parser) begins() bool {
	switch p.tok.kind {
	case numberToken, stringToken, nameToken, functionName, builtinToken:
		return true
	case operator:
		switch p.tok.text {
		case "$", "!", "(", "-", "+", "++", "--":
			return true
		}
	}
	return false
}

func (p *parser) concatenation() expr {
	p.first = true
	parts := []expr{p.additive()}
	for p.begins() && !p.is("in") {
		parts = append(parts, p.additive())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return &concatenation{parts}
}

func (p *parser) additive() expr {
	left := p.multiplicative()
	for p.is("+") || p.is("-") {
		op := p.tok.text[0]
		p.advance()
		left = &arithmetic{op: op, left: left, right: p.multiplicative()}
	}
	return left
}

func (p *parser) multiplicative() expr {
	left := p.unary()
	for p.is("*") || p.is("/") || p.is("%") {
		op := p.tok.text[0]
		p.advance()
		left = &arithmetic{op: op, left: left, right: p.unary()}
	}
	return left
}

func (p *parser) unary() expr {
	defer p.into()()
	for _, op := range []string{"!", "-", "+"} {
		if p.accept(op) {
			p.first = false
			return &unary{op: op[0], of: p.unary()}
		}
	}
	return p.power()
}

func (p *parser) power() expr {
	left := p.piped()
	if !p.accept("^") {
		return left
	}
	defer p.into()()
	right := p.signed()
	return &arithmetic{op: '^', left: left, right: right}
}

// signed is an exponent, which may have a sign.
func (p *parser) signed() expr {
	defer p.into()()
	for _, op := range []string{"!", "-", "+"} {
		if p.accept(op) {
			return &unary{op: op[0], of: p.signed()}
		}
	}
	return p.power()
}

// piped reads command | getline.
func (p *parser) piped() expr {
	left := p.primary(p.changes())
	for p.is("|") {
		ahead := p.lexer
		if t := ahead.next(); t.kind != keyword || t.text != "getline" {
			return left
		}
		p.advance()
		p.advance()
		left = &getline{command: left, into: p.target()}
	}
	return left
}

// change is what may be done to a variable where it stands.
type change byte

const (
	noChange   change = iota
	stepped           // ++ and --
	assignable        // an assignment, too
)

// changes tells what may be done to the variable that comes: mawk assigns only
// to the first word of what is compared, so that 1 x = 2 is refused.
func (p *parser) changes() change {
	if p.first {
		p.first = false
		return assignable
	}
	return stepped
}

// target is what a getline reads into, nil for the record.
func (p *parser) target() lvalue {
	if p.tok.kind != nameToken && !p.is("$") {
		return nil
	}
	to, _ := p.primary(noChange).(lvalue)
	return to
}

// assignments are the operators that change a variable.
const assignments = " = += -= *= /= %= ^= "
