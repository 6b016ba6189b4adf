package awk

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// cell is a variable: a value, or an array once it was used as one.
type cell struct {
	v      value
	arr    *array
	caller *cell // the variable that was given for a parameter
}

// flow is how a statement ended.
type flow byte

const (
	flowOn flow = iota
	flowBreak
	flowContinue
	flowNext
	flowNextFile
	flowExit
	flowReturn
)

// Bounds of one program.
const (
	mostHeld   = 16 << 20
	mostString = 1 << 20
	mostPieces = 1 << 17 // that a string is divided into by matches
	mostCalls  = 1000
	mostOpen   = 64
	mostFields = 32767 // as mawk has it
)

type interp struct {
	Config
	prog    *Program
	globals []*cell
	frame   []*cell // of the function that runs
	calls   int
	result  value // of a return
	status  int
	inRange []bool
	held    int // bytes of variables, arrays and what waits in expressions
	work    int // bytes that were gone through since the last step
	record
	streams
	cache map[string]*pattern
	rng   *rand.Rand
	seed  value
}

// Run runs a program and returns its exit status.
func Run(p *Program, c Config) (status int, err error) {
	if c.Memory == 0 {
		c.Memory = mostHeld
	}
	in := &interp{Config: c, prog: p, inRange: make([]bool, p.ranges), cache: map[string]*pattern{}}
	for range p.globals {
		in.globals = append(in.globals, &cell{})
	}
	in.streams = streams{in: in, outputs: map[string]*output{}, inputs: map[string]*input{}}
	in.stdout = in.newOutput(keeping{c.Out}, nil)
	defer func() {
		if f, ok := recover().(failure); ok {
			status, err = f.status, &Error{Text: in.located(f), Status: f.status}
		}
		in.closeAll()
	}()
	in.prepare()
	in.run()
	return in.status, nil
}

// located says where in the input something went wrong.
func (in *interp) located(f failure) string {
	if f.plain || f.quiet {
		return f.text
	}
	name := in.text(slotFILENAME)
	return fmt.Sprintf("%s\n\tFILENAME=\"%s\" FNR=%s NR=%s", f.text, name, in.text(slotFNR), in.text(slotNR))
}

func (in *interp) prepare() {
	for slot, s := range map[int]string{slotFS: " ", slotOFS: " ", slotORS: "\n", slotRS: "\n", slotSUBSEP: "\x1c", slotCONVFMT: "%.6g", slotOFMT: "%.6g"} {
		in.globals[slot].v = str(s)
	}
	for _, slot := range []int{slotNR, slotFNR, slotRSTART} {
		in.globals[slot].v = num(0)
	}
	in.globals[slotRLENGTH].v = num(-1)
	in.globals[slotARGC].v = num(float64(len(in.Args)))
	argv, environ := in.array(in.globals[slotARGV]), in.array(in.globals[slotENVIRON])
	for i, a := range in.Args {
		*argv.at(in, num(float64(i)).text("")) = fromOutside(a)
	}
	for _, e := range in.Environ {
		name, v, _ := strings.Cut(e, "=")
		*environ.at(in, name) = fromOutside(v)
	}
	in.seedWith(num(float64(in.Now.Unix())))
	for _, a := range in.Assign {
		name, v, _ := strings.Cut(a, "=")
		in.assignNamed(name, v)
	}
}

func (in *interp) seedWith(v value) {
	in.seed = v
	in.rng = rand.New(rand.NewPCG(uint64(v.number()), 0x6d61776b))
}

// assignNamed does what name=value on the command line says.
func (in *interp) assignNamed(name, v string) {
	if slot, ok := in.prog.globals[name]; ok && in.globals[slot].arr == nil {
		(&variable{name: name, slot: slot}).set(in, fromOutside(unescape(v)))
	}
}

func (in *interp) run() {
	f := in.until(func() flow { return in.exec(in.prog.begin) })
	if in.prog.onlyBegin {
		return
	}
	if f != flowExit {
		in.records()
	}
	in.until(func() flow { return in.exec(in.prog.end) })
}

// leaving is thrown by an exit or next within a function.
type leaving struct{ flow flow }

// until runs a part of a program that an exit or next may end from within a
// function.
func (in *interp) until(fn func() flow) (f flow) {
	defer func() {
		switch why := recover().(type) {
		case nil:
		case leaving:
			f, in.frame, in.calls = why.flow, nil, 0
		default:
			panic(why)
		}
	}()
	return fn()
}

func (in *interp) records() {
	for {
		in.step()
		line, ok := in.mainLine()
		if !ok {
			return
		}
		in.countRecord()
		in.setRecord(fromOutside(line))
		switch in.until(in.rules) {
		case flowExit:
			return
		case flowNextFile:
			in.skipFile()
		}
	}
}

// rules applies all rules to the record.
func (in *interp) rules() flow {
	for _, r := range in.prog.rules {
		if !in.applies(r) {
			continue
		}
		if f := in.exec(r.body); f == flowNext || f == flowNextFile || f == flowExit {
			return f
		}
	}
	return flowOn
}

func (in *interp) applies(r *rule) bool {
	if r.to == nil {
		return r.from == nil || r.from.eval(in).true()
	}
	if !in.inRange[r.index] && !r.from.eval(in).true() {
		return false
	}
	in.inRange[r.index] = !r.to.eval(in).true()
	return true
}

func (in *interp) exec(list []stmt) flow {
	for _, s := range list {
		if f := s.exec(in); f != flowOn {
			return f
		}
	}
	return flowOn
}

// step counts one turn.
func (in *interp) step() {
	if err := in.Step(); err != nil {
		panic(failure{quiet: true, status: 2})
	}
}

// through counts bytes that were gone through.
func (in *interp) through(n int) {
	for in.work += n; in.work >= 4096; in.work -= 4096 {
		in.step()
	}
}

// pay counts what matching takes, as it goes on. A unit is as much as going through
// some bytes; the program ends here when it gets no more.
func (in *interp) pay(units int) error {
	in.through(64 * units)
	return nil
}

// hold counts bytes that are kept; n is negative for those that no longer are.
func (in *interp) hold(n int) {
	in.held += n
	if n > 0 && in.held > in.Memory || in.Hold != nil && !in.Hold(n) {
		panic(plainf("out of memory"))
	}
}

// whole refuses strings that are too long.
func (in *interp) whole(n int) {
	in.through(n)
	if n > mostString {
		panic(plainf("out of memory"))
	}
}

func (in *interp) text(slot int) string { return in.globals[slot].v.text("%.6g") }

func (in *interp) convert(v value) string {
	if v.form != number {
		return v.s
	}
	return v.text(in.text(slotCONVFMT))
}

// assign changes a variable and keeps count of what it holds.
func (in *interp) assign(to *value, v value) {
	in.hold(len(v.s) - len(to.s))
	*to = v
}

// array returns the array that a variable is, which it becomes at its first use
// as one.
func (in *interp) array(c *cell) *array {
	if c.arr != nil {
		return c.arr
	}
	if c.v.form != unset {
		panic(runtimef("type error: a value is used as an array"))
	}
	if c.caller != nil {
		c.arr = in.array(c.caller)
	} else {
		c.arr = newArray()
	}
	return c.arr
}

// forget gives back what was compiled.
func (in *interp) forget() {
	for _, re := range in.cache {
		in.hold(-re.re.Memory())
	}
	clear(in.cache)
}

// regex compiles what a program computed.
func (in *interp) regex(source string) *pattern {
	if re := in.cache[source]; re != nil {
		return re
	}
	if len(source) > 64<<10 {
		panic(plainf("out of memory"))
	}
	re, err := compile(source)
	if err != nil {
		panic(syntaxf(bytes.Count([]byte(source), []byte("\n"))+1, "%s", err))
	}
	if len(in.cache) >= 64 {
		in.forget()
	}
	in.hold(re.re.Memory())
	_ = in.pay(re.re.Labour())
	in.cache[source] = re
	return re
}
