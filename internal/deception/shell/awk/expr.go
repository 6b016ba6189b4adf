package awk

import (
	"math"
	"strings"
)

// expr is a part of a program that has a value.
type expr interface{ eval(in *interp) value }

// lvalue is one that can be assigned to.
type lvalue interface {
	expr
	set(in *interp, v value)
}

type constant struct{ v value }

func (e *constant) eval(*interp) value { return e.v }

// regexLiteral stands for a match with the record where it has a value.
type regexLiteral struct{ re *pattern }

func (e *regexLiteral) eval(in *interp) value {
	s := in.line()
	return truth(e.re.match(s, in.pay))
}

type variable struct {
	name  string
	slot  int
	local bool
}

func (e *variable) cell(in *interp) *cell {
	if e.local {
		return in.frame[e.slot]
	}
	return in.globals[e.slot]
}

func (e *variable) eval(in *interp) value {
	if !e.local && e.slot == slotNF {
		return num(float64(in.count()))
	}
	c := e.cell(in)
	if c.arr != nil {
		panic(runtimef("type error: array %s is used as a value", e.name))
	}
	return c.v
}

func (e *variable) set(in *interp, v value) {
	if !e.local && e.slot == slotNF {
		in.setCount(v.number())
		return
	}
	c := e.cell(in)
	if c.arr != nil {
		panic(runtimef("type error: array %s is used as a value", e.name))
	}
	in.assign(&c.v, v)
}

type element struct {
	array *variable
	index []expr
}

func (e *element) at(in *interp) *value {
	key := in.key(e.index)
	return in.array(e.array.cell(in)).at(in, key)
}

func (e *element) eval(in *interp) value { return *e.at(in) }

func (e *element) set(in *interp, v value) { in.assign(e.at(in), v) }

// key joins the parts of an index.
func (in *interp) key(index []expr) string {
	if len(index) == 1 {
		return in.convert(index[0].eval(in))
	}
	var out strings.Builder
	for i, e := range index {
		if i > 0 {
			out.WriteString(in.text(slotSUBSEP))
		}
		out.WriteString(in.convert(e.eval(in)))
		in.whole(out.Len())
	}
	return out.String()
}

type field struct{ index expr }

func (e *field) eval(in *interp) value { return in.field(in.fieldNumber(e.index.eval(in))) }

func (e *field) set(in *interp, v value) { in.setField(in.fieldNumber(e.index.eval(in)), v) }

type group struct{ list []expr }

func (e *group) eval(in *interp) value {
	if len(e.list) == 1 {
		return e.list[0].eval(in)
	}
	return str(in.key(e.list))
}

type assignment struct {
	op    byte
	to    lvalue
	value expr
}

func (e *assignment) eval(in *interp) value {
	v := e.value.eval(in)
	if e.op != '=' {
		v = num(calculate(e.op, e.to.eval(in).number(), v.number()))
	}
	e.to.set(in, v)
	return v
}

type increment struct {
	to    lvalue
	by    float64
	after bool
}

func (e *increment) eval(in *interp) value {
	old := e.to.eval(in).number()
	e.to.set(in, num(old+e.by))
	if e.after {
		return num(old)
	}
	return num(old + e.by)
}

type conditional struct{ test, yes, no expr }

func (e *conditional) eval(in *interp) value {
	if e.test.eval(in).true() {
		return e.yes.eval(in)
	}
	return e.no.eval(in)
}

type logical struct {
	and         bool
	left, right expr
}

func (e *logical) eval(in *interp) value {
	if e.left.eval(in).true() != e.and {
		return truth(!e.and)
	}
	return truth(e.right.eval(in).true())
}

type membership struct {
	index []expr
	array *variable
}

func (e *membership) eval(in *interp) value {
	key := in.key(e.index)
	return truth(in.array(e.array.cell(in)).items[key] != nil)
}

type matching struct {
	left, right expr
	not         bool
}

func (e *matching) eval(in *interp) value {
	s := in.convert(e.left.eval(in))
	re := in.pattern(e.right)
	return truth(re.match(s, in.pay) != e.not)
}

// pattern is an operand that is to be matched with.
func (in *interp) pattern(e expr) *pattern {
	if g, ok := e.(*group); ok && len(g.list) == 1 {
		e = g.list[0]
	}
	if l, ok := e.(*regexLiteral); ok {
		return l.re
	}
	return in.regex(in.convert(e.eval(in)))
}

type comparison struct {
	op          string
	left, right expr
}

func (e *comparison) eval(in *interp) value {
	a := e.left.eval(in)
	in.hold(len(a.s))
	b := e.right.eval(in)
	in.hold(-len(a.s))
	in.through(min(len(a.s), len(b.s)))
	c := compare(a, b, in.text(slotCONVFMT))
	switch e.op {
	case "<":
		return truth(c < 0)
	case "<=":
		return truth(c <= 0)
	case ">":
		return truth(c > 0)
	case ">=":
		return truth(c >= 0)
	case "!=":
		return truth(c != 0)
	}
	return truth(c == 0)
}

type concatenation struct{ parts []expr }

func (e *concatenation) eval(in *interp) value {
	size := 0
	parts := make([]string, len(e.parts))
	for i, p := range e.parts {
		parts[i] = in.convert(p.eval(in))
		size += len(parts[i])
		in.whole(size)
		in.hold(len(parts[i]))
	}
	in.hold(-size)
	return str(strings.Join(parts, ""))
}

type arithmetic struct {
	op          byte
	left, right expr
}

func (e *arithmetic) eval(in *interp) value {
	a := e.left.eval(in).number()
	return num(calculate(e.op, a, e.right.eval(in).number()))
}

func calculate(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	case '%':
		if b == 0 {
			return math.Copysign(math.NaN(), -1)
		}
		return math.Mod(a, b)
	}
	return math.Pow(a, b)
}

type unary struct {
	op byte
	of expr
}

func (e *unary) eval(in *interp) value {
	v := e.of.eval(in)
	switch e.op {
	case '!':
		return truth(!v.true())
	case '-':
		return num(0 - v.number())
	}
	return num(v.number())
}

type call struct {
	f    *function
	args []expr
	line int
}

func (e *call) eval(in *interp) value {
	in.step()
	if in.calls++; in.calls > mostCalls {
		panic(runtimef("function call nesting too deep for evaluation stack"))
	}
	if len(e.args) > len(e.f.params) {
		panic(syntaxf(e.line, "too many arguments in call to %s", e.f.name))
	}
	frame := make([]*cell, len(e.f.params))
	for i := range frame {
		if frame[i] = (&cell{}); i < len(e.args) {
			frame[i] = in.given(e.args[i])
		}
	}
	outer := in.frame
	in.frame, in.result = frame, value{}
	if f := in.exec(e.f.body); f == flowExit || f == flowNext || f == flowNextFile {
		panic(leaving{f})
	}
	in.frame = outer
	in.calls--
	for _, c := range frame {
		in.release(c)
	}
	result := in.result
	in.result = value{}
	return result
}

// given is what a function gets for an argument: an array itself, and of a
// variable that is nothing yet the chance to become one.
func (in *interp) given(e expr) *cell {
	if v, ok := e.(*variable); ok && (v.local || v.slot != slotNF) {
		from := v.cell(in)
		if from.arr != nil || from.v.form == unset {
			return &cell{arr: from.arr, caller: from}
		}
	}
	c := &cell{}
	in.assign(&c.v, e.eval(in))
	return c
}

// release frees what a parameter held.
func (in *interp) release(c *cell) {
	in.hold(-len(c.v.s))
	if c.arr != nil && c.caller == nil {
		c.arr.clear(in)
	}
}
