package awk

import "strings"

// primary reads an operand with what may change it.
func (p *parser) primary(may change) expr {
	defer p.into()()
	t := p.tok
	switch t.kind {
	case numberToken:
		p.advance()
		return &constant{num(t.num)}
	case stringToken:
		p.advance()
		return &constant{str(t.text)}
	case functionName:
		return p.call(t)
	case builtinToken:
		return p.builtin(t)
	case nameToken:
		p.advance()
		if p.accept("[") {
			return p.changed(&element{array: p.variable(t.text, 'a'), index: p.list("]")}, may)
		}
		return p.changed(p.variable(t.text, p.use()), may)
	}
	return p.marked(t, may)
}

// use is what a bare name is used as: in a list of arguments anything.
func (p *parser) use() byte {
	if p.is(",") || p.is(")") {
		return 0
	}
	return 's'
}

// marked reads operands that begin with an operator or keyword.
func (p *parser) marked(t token, may change) expr {
	switch {
	case p.accept("("):
		return p.grouped()
	case p.accept("$"):
		return p.changed(&field{p.fieldIndex()}, may)
	case p.is("++") || p.is("--"):
		p.advance()
		to, ok := p.primary(noChange).(lvalue)
		if !ok {
			p.unexpected()
		}
		return &increment{to: to, by: step(t.text)}
	case p.is("/") || p.is("/="):
		p.at -= len(t.text) - 1
		source := p.regex()
		p.advance()
		return &regexLiteral{p.compile(source, t.line)}
	case p.accept("getline"):
		g := &getline{into: p.target()}
		if p.accept("<") {
			g.file = p.primary(noChange)
		}
		return g
	}
	p.unexpected()
	return nil
}

func step(op string) float64 {
	if op == "++" {
		return 1
	}
	return -1
}

// mostPatterns bounds the patterns of a program, in bytes that they take.
const mostPatterns = 8 << 20

// compile reads a pattern that stands in the program.
func (p *parser) compile(source string, line int) *pattern {
	re, err := compile(source)
	if err != nil {
		panic(syntaxf(line, "%s", err))
	}
	if p.patterns += re.re.Memory(); p.patterns > mostPatterns {
		panic(plainf("out of memory"))
	}
	return re
}

// fieldIndex is what $ applies to.
func (p *parser) fieldIndex() expr {
	if p.is("-") || p.is("+") || p.is("!") {
		op := p.tok.text[0]
		p.advance()
		return &unary{op: op, of: p.fieldIndex()}
	}
	return p.primary(noChange)
}

// changed reads what may stand behind a variable: ++, -- or an assignment.
func (p *parser) changed(to lvalue, may change) expr {
	if may == noChange {
		return to
	}
	if op := p.tok.text; p.tok.kind == operator && (op == "++" || op == "--") {
		p.used(to)
		p.advance()
		return &increment{to: to, by: step(op), after: true}
	}
	if may == assignable && p.tok.kind == operator && strings.Contains(assignments, " "+p.tok.text+" ") {
		p.used(to)
		op := p.tok.text[0]
		p.advance()
		p.lines()
		return &assignment{op: op, to: to, value: p.expr()}
	}
	return to
}

func (p *parser) used(to lvalue) {
	if v, ok := to.(*variable); ok && !v.local {
		p.variable(v.name, 's')
	}
}

// grouped reads the rest of (…).
func (p *parser) grouped() expr {
	noGT, noIn := p.noGT, p.noIn
	p.noGT, p.noIn = false, false
	list := []expr{p.expr()}
	for p.accept(",") {
		p.lines()
		list = append(list, p.expr())
	}
	p.noGT, p.noIn = noGT, noIn
	p.expect(")")
	if len(list) > 1 && !p.is("in") && !p.noGT {
		p.unexpected()
	}
	return &group{list}
}

func (p *parser) call(t token) expr {
	p.advance()
	p.advance()
	f := p.named(t)
	c := &call{f: f, line: t.line, args: p.list(")")}
	if f.defined && len(c.args) > len(f.params) {
		panic(syntaxf(t.line, "too many arguments in call to %s", f.name))
	}
	return c
}

func (p *parser) builtin(t token) expr {
	p.advance()
	b := builtinTable()[t.text]
	e := &builtinCall{name: t.text, run: b.run}
	if p.accept("(") {
		e.args = p.list(")")
	} else if t.text != "length" {
		p.unexpected()
	}
	if len(e.args) < b.least || len(e.args) > b.most {
		panic(syntaxf(t.line, "wrong number of arguments in call to %s", t.text))
	}
	for i, a := range e.args {
		e.args[i] = p.argument(t, i, a)
	}
	return e
}

// argument prepares the arguments that are more than values: split's array,
// and what sub changes.
func (p *parser) argument(t token, i int, a expr) expr {
	switch v, isName := a.(*variable); {
	case t.text == "split" && i == 1 && !isName:
		p.unexpected()
	case t.text == "split" && i == 1:
		return p.variable(v.name, 'a')
	case (t.text == "sub" || t.text == "gsub") && i == 2:
		if _, ok := a.(lvalue); !ok {
			p.unexpected()
		}
	case isName && !v.local && t.text != "length":
		p.variable(v.name, 's')
	}
	return a
}
