package awk

import "strings"

// simple words that a statement consists of.
var single = map[string]flow{"next": flowNext, "nextfile": flowNextFile, "break": flowBreak, "continue": flowContinue}

// block reads { … }.
func (p *parser) block() (out []stmt) {
	defer p.into()()
	p.expect("{")
	for {
		for p.tok.kind == newline || p.is(";") {
			p.advance()
		}
		if p.tok.kind == endToken {
			p.expect("}")
		}
		if p.accept("}") {
			return out
		}
		out = append(out, p.statement())
	}
}

// ended reads what ends a simple statement.
func (p *parser) ended() {
	switch {
	case p.tok.kind == newline || p.is(";"):
		p.advance()
	case p.is("}") || p.tok.kind == endToken:
	default:
		p.unexpected()
	}
}

// branch is the statement that a condition governs.
func (p *parser) branch() []stmt {
	p.lines()
	switch {
	case p.is("{"):
		return p.block()
	case p.accept(";"):
		return nil
	}
	return []stmt{p.statement()}
}

func (p *parser) looped() []stmt {
	p.loops++
	defer func() { p.loops-- }()
	return p.branch()
}

func (p *parser) statement() stmt {
	defer p.into()()
	switch word := p.tok.text; {
	case p.is("{"):
		return &blockStmt{p.block()}
	case p.tok.kind != keyword:
		return p.simpleEnded()
	case word == "if":
		return p.ifStmt()
	case word == "while":
		p.advance()
		return &loopStmt{test: p.condition(), body: p.looped()}
	case word == "do":
		return p.doStmt()
	case word == "for":
		return p.forStmt()
	case single[word] != 0:
		p.allowed(word)
		p.advance()
		p.ended()
		return &flowStmt{flow: single[word]}
	case word == "exit" || word == "return":
		return p.leave(word)
	}
	return p.simpleEnded()
}

func (p *parser) allowed(word string) {
	switch {
	case strings.HasPrefix(word, "next") && !p.inRule && !p.inFunc:
		panic(syntaxf(p.tok.line, "improper use of %s", word))
	case (word == "break" || word == "continue") && p.loops == 0:
		panic(syntaxf(p.tok.line, "%s statement outside of loop", word))
	case word == "return" && !p.inFunc:
		panic(syntaxf(p.tok.line, "return outside function body"))
	}
}

func (p *parser) leave(word string) stmt {
	p.allowed(word)
	p.advance()
	s := &flowStmt{flow: flowExit}
	if word == "return" {
		s.flow = flowReturn
	}
	if p.tok.kind != newline && p.tok.kind != endToken && !p.is(";") && !p.is("}") {
		s.value = p.expr()
	}
	p.ended()
	return s
}

func (p *parser) condition() expr {
	p.expect("(")
	e := p.expr()
	p.expect(")")
	return e
}

func (p *parser) ifStmt() stmt {
	p.advance()
	s := &ifStmt{test: p.condition(), yes: p.branch()}
	ahead := *p
	for p.tok.kind == newline || p.is(";") {
		p.advance()
	}
	if !p.accept("else") {
		*p = ahead
		return s
	}
	s.no = p.branch()
	return s
}

func (p *parser) doStmt() stmt {
	p.advance()
	s := &loopStmt{body: p.looped(), first: true}
	for p.tok.kind == newline || p.is(";") {
		p.advance()
	}
	p.expect("while")
	s.test = p.condition()
	p.ended()
	return s
}

func (p *parser) forStmt() stmt {
	p.advance()
	p.expect("(")
	if s := p.forIn(); s != nil {
		return s
	}
	s := &loopStmt{}
	if !p.is(";") {
		s.init = p.simple()
	}
	p.expect(";")
	p.lines()
	if !p.is(";") {
		s.test = p.expr()
	}
	p.expect(";")
	p.lines()
	if !p.is(")") {
		s.step = p.simple()
	}
	if !p.is(")") {
		p.unexpected()
	}
	p.advance()
	s.body = p.looped()
	return s
}

// forIn reads the rest of for (name in array), or nothing.
func (p *parser) forIn() stmt {
	ahead := *p
	name := p.tok
	p.advance()
	if name.kind != nameToken || !p.accept("in") || p.tok.kind != nameToken {
		*p = ahead
		return nil
	}
	array := p.tok
	if p.advance(); !p.accept(")") {
		*p = ahead
		return nil
	}
	return &forInStmt{name: p.variable(name.text, 's'), array: p.variable(array.text, 'a'), body: p.looped()}
}
