package awk

import "slices"

// Program is a program that was read. It is not changed by running.
type Program struct {
	begin, end []stmt
	rules      []*rule
	functions  map[string]*function
	globals    map[string]int // slots
	ranges     int
	onlyBegin  bool
}

// rule is a pattern and what is done where it matches.
type rule struct {
	from, to expr // to is that of a range; from is nil for every record
	index    int  // of the range
	body     []stmt
}

type function struct {
	name    string
	params  []string
	body    []stmt
	defined bool
	called  int // the line of the first call
}

// special are the variables that awk itself uses, by their slots.
var special = []string{"NF", "NR", "FNR", "FS", "OFS", "ORS", "RS", "FILENAME", "SUBSEP", "RSTART", "RLENGTH", "CONVFMT", "OFMT", "ENVIRON", "ARGC", "ARGV"}

const (
	slotNF = iota
	slotNR
	slotFNR
	slotFS
	slotOFS
	slotORS
	slotRS
	slotFILENAME
	slotSUBSEP
	slotRSTART
	slotRLENGTH
	slotCONVFMT
	slotOFMT
	slotENVIRON
	slotARGC
	slotARGV
)

// mostNested is how deep constructs may stand in each other.
const mostNested = 100

type parser struct {
	lexer
	tok    token
	prog   *Program
	params []string // of the function that is read
	inFunc bool
	inRule bool
	loops  int
	depth  int
	noGT   bool // > is a redirection here
	noIn   bool
	first  bool            // nothing of this operand of a comparison was read yet
	kinds  map[string]byte // what globals are used as: 'a' an array, 's' no array

	patterns int // bytes that those of the program take
}

// Parse reads a program. What is wrong with it is said in mawk's words, without
// its name in front.
func Parse(text string) (prog *Program, err error) {
	p := &parser{lexer: lexer{in: text, line: 1}, kinds: map[string]byte{}, prog: &Program{functions: map[string]*function{}, globals: map[string]int{}}}
	for i, name := range special {
		p.prog.globals[name] = i
	}
	defer func() {
		if f, ok := recover().(failure); ok {
			prog, err = nil, &Error{Text: f.text, Status: 2}
		}
	}()
	p.advance()
	p.program()
	p.check()
	p.prog.onlyBegin = len(p.prog.rules) == 0 && len(p.prog.end) == 0
	return p.prog, nil
}

func (p *parser) check() {
	for _, f := range p.prog.functions {
		if !f.defined {
			panic(syntaxf(p.line+1, "function %s never defined", f.name))
		}
	}
}

func (p *parser) advance() { p.tok = p.next() }

// is reports whether the token is that operator or keyword.
func (p *parser) is(text string) bool {
	return (p.tok.kind == operator || p.tok.kind == keyword || p.tok.kind == newline) && p.tok.text == text
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.advance()
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	switch {
	case p.accept(text):
	case text == ")" && (p.is("}") || p.is(";") || p.is("\n")), text == "}":
		panic(syntaxf(p.lineOf(), "missing %s near %s", text, p.near("end of file")))
	default:
		p.unexpected()
	}
}

func (p *parser) lineOf() int {
	if p.tok.kind == endToken {
		return p.line + 1
	}
	return p.tok.line
}

func (p *parser) near(end string) string {
	switch p.tok.kind {
	case endToken:
		return end
	case newline:
		return "end of line"
	}
	return p.tok.text
}

func (p *parser) unexpected() {
	panic(syntaxf(p.tok.line, "syntax error at or near %s", p.near("end of line")))
}

func (p *parser) lines() {
	for p.tok.kind == newline {
		p.advance()
	}
}

// into counts a level of nesting; the result takes it back.
func (p *parser) into() func() {
	if p.depth++; p.depth > mostNested {
		panic(syntaxf(p.tok.line, "program too deeply nested"))
	}
	return func() { p.depth-- }
}

func (p *parser) program() {
	for {
		for p.tok.kind == newline || len(p.prog.begin)+len(p.prog.rules)+len(p.prog.functions)+len(p.prog.end) > 0 && p.is(";") {
			p.advance()
		}
		if p.tok.kind == endToken {
			return
		}
		p.item()
	}
}

func (p *parser) item() {
	switch {
	case p.accept("BEGIN"):
		p.prog.begin = append(p.prog.begin, p.body()...)
	case p.accept("END"):
		p.prog.end = append(p.prog.end, p.body()...)
	case p.is("function") || p.is("func"):
		p.function()
	case p.is("}"):
		panic(syntaxf(p.tok.line, "extra '}'\nmawk: line %d: syntax error at or near end of line", p.tok.line))
	default:
		p.rule()
	}
}

func (p *parser) body() []stmt {
	if !p.is("{") {
		p.unexpected()
	}
	return p.block()
}

func (p *parser) rule() {
	r := &rule{}
	if !p.is("{") {
		r.from = p.expr()
		if p.accept(",") {
			p.lines()
			r.to, r.index = p.expr(), p.prog.ranges
			p.prog.ranges++
		}
	}
	if !p.is("{") {
		if p.tok.kind != newline && p.tok.kind != endToken && !p.is(";") {
			p.unexpected()
		}
		r.body = []stmt{&printStmt{}}
	} else {
		p.inRule = true
		r.body = p.block()
		p.inRule = false
	}
	p.prog.rules = append(p.prog.rules, r)
}

func (p *parser) function() {
	p.advance()
	name := p.tok
	if name.kind != nameToken && name.kind != functionName {
		p.unexpected()
	}
	p.advance()
	f := p.named(name)
	if f.defined {
		panic(syntaxf(name.line, "redefinition of function %s", name.text))
	}
	f.defined = true
	p.expect("(")
	for !p.is(")") {
		if p.tok.kind != nameToken {
			p.unexpected()
		}
		if slices.Contains(f.params, p.tok.text) {
			panic(syntaxf(p.tok.line, "%s is duplicated in argument list", p.tok.text))
		}
		f.params = append(f.params, p.tok.text)
		p.advance()
		if !p.accept(",") {
			break
		}
		p.lines()
	}
	p.expect(")")
	p.lines()
	p.params, p.inFunc = f.params, true
	f.body = p.body()
	p.params, p.inFunc = nil, false
}

func (p *parser) named(t token) *function {
	f := p.prog.functions[t.text]
	if f == nil {
		f = &function{name: t.text, called: t.line}
		p.prog.functions[t.text] = f
	}
	return f
}

// variable resolves a name; use is how it is used: 's', 'a', or 0 for unknown.
func (p *parser) variable(name string, use byte) *variable {
	if i := slices.Index(p.params, name); i >= 0 {
		return &variable{name: name, slot: i, local: true}
	}
	if p.prog.functions[name] != nil {
		panic(syntaxf(p.tok.line, "type error in arg(1) in call to %s", name))
	}
	slot, ok := p.prog.globals[name]
	if !ok {
		slot = len(p.prog.globals)
		p.prog.globals[name] = slot
	}
	switch known := p.kinds[name]; {
	case use != 0 && known == 0:
		p.kinds[name] = use
	case use == 's' && known == 'a':
		panic(syntaxf(p.tok.line, "illegal reference to array %s", name))
	case use == 'a' && known == 's':
		panic(syntaxf(p.tok.line, "illegal reference to variable %s", name))
	}
	return &variable{name: name, slot: slot}
}
