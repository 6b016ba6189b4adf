package match

import (
	"unicode/utf8"
)

// maxFrames bounds how many choices are open at a time.
const maxFrames = 512

// Machine is the scratch space in which programs run. It is for one goroutine
// at a time; the zero value is ready.
type Machine struct {
	frames [maxFrames]frame
	depth  int
	steps  int

	wary  bool // short is wanted
	short bool // something failed for want of text only
}

// At reports whether a match of p begins at text[at], which of those that do
// wins, and where its groups are: caps gets offsets into text, two for the match
// and two for each group, -1 for a group that took no part, and must have room
// for 2*(Groups()+1). The byte before is looked at where the expression asks
// for it. The match may cost so many steps, about one for each instruction and
// for eight bytes of a run; left is what is left of them, negative when the try
// was given up, in which case ok is false and nothing is known.
func (m *Machine) At(p *Program, text []byte, at int, caps []int, steps int) (ok bool, left int) {
	if !p.first.allows(text, at) {
		return false, steps - 1
	}
	caps = caps[:2*(p.groups+1)]
	for i := range caps {
		caps[i] = -1
	}
	m.depth, m.steps = 0, steps
	end := m.run(p, text, at, caps)
	if end < 0 {
		return false, m.steps
	}
	caps[0], caps[1] = at, end
	return true, m.steps
}

// Find reports the first match that begins in text[from:to] as At does.
func (m *Machine) Find(p *Program, text []byte, from, to int, caps []int, steps int) (ok bool, left int) {
	for at := from; steps >= 0; at++ {
		if at = p.candidate(text, at, to); at == to {
			break
		}
		if within(text, at) {
			continue
		}
		if ok, steps = m.At(p, text, at, caps, steps-1); ok {
			return true, steps
		}
	}
	return false, steps
}

// candidate is the first place of text[at:to] that has what a match begins with,
// or to.
func (p *Program) candidate(text []byte, at, to int) int {
	if p.head != nil {
		return p.head.candidate(text, at, to)
	}
	begins := &p.first.bytes
	for at < to && !begins.has(text[at]) {
		at++
	}
	return at
}

// within says whether text[at] is inside a character, where no match begins.
func within(text []byte, at int) bool {
	if utf8.RuneStart(text[at]) {
		return false
	}
	for i := at - 1; i >= max(0, at-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(text[i]) {
			_, n := utf8.DecodeRune(text[i:])
			return i+n > at
		}
	}
	return false
}

// run executes p from text[i] on and returns where the match ends, or -1.
func (m *Machine) run(p *Program, text []byte, i int, caps []int) int {
	for pc := p.start; ; {
		m.steps--
		in, was := &p.code[pc], i
		switch in.op {
		case opMatch:
			return i
		case opLiteral:
			i = in.literal(text, i)
		case opFold:
			i = fold(in.lit, text, i)
		case opClass:
			i = in.character(text, i)
		case opRunSure:
			i = m.runSurely(in, text, i)
		case opRun, opRunLazy:
			i = m.repeat(in, text, i, pc)
		case opAssert:
			if !holds(in.arg, text, i) {
				i = -1
			}
		case opNeed:
			if m.steps -= in.need.steps(); !m.wary && !in.need.met(text, i) {
				i = -1
			}
		case opSave:
			m.save(caps, in.arg, i)
		case opSplit:
			if pc, i = m.split(in, text, i); pc >= 0 {
				continue
			}
		}
		pc = in.next
		if i < 0 {
			m.short = m.short || m.wary && in.wants(text, was)
			if m.depth == 0 {
				return -1
			}
			if pc, i = m.back(p, text, caps); i < 0 {
				return -1
			}
		}
		if m.steps < 0 {
			return -1
		}
	}
}

// literal and the like return the place behind what an instruction matches, or
// -1.
func (in *inst) literal(text []byte, i int) int {
	if end := i + len(in.lit); end <= len(text) && string(text[i:end]) == in.lit {
		return end
	}
	return -1
}

func (in *inst) character(text []byte, i int) int {
	if i < len(text) {
		if k := in.class.kind[text[i]]; k == inside {
			return i + 1
		} else if k == decode {
			if n := in.class.width(text, i); n > 0 {
				return i + n
			}
		}
	}
	return -1
}

func (m *Machine) runSurely(in *inst, text []byte, i int) int {
	end, n := in.take(text, i)
	m.steps -= (end - i) >> 3
	if n < in.min {
		return -1
	}
	return end
}

// fold compares in any case.
func fold(lit string, text []byte, i int) int {
	for k := range len(lit) {
		if i >= len(text) {
			return -1
		}
		c, want := text[i], lit[k]
		if c == want || c|0x20 == want && want >= 'a' && want <= 'z' {
			i++
			continue
		}
		other := foldsTo(want)
		if c < utf8.RuneSelf || other == "" || len(text)-i < len(other) || string(text[i:i+len(other)]) != other {
			return -1
		}
		i += len(other)
	}
	return i
}

func holds(assertion int32, text []byte, i int) bool {
	switch assertion {
	case beginText:
		return i == 0
	case endText:
		return i == len(text)
	case beginLine:
		return i == 0 || text[i-1] == '\n'
	case endLine:
		return i == len(text) || text[i] == '\n'
	}
	before := i > 0 && word(text[i-1])
	after := i < len(text) && word(text[i])
	return (before != after) == (assertion == wordBoundary)
}

// take follows a run as far as it goes: its end, and how many characters it has.
func (in *inst) take(text []byte, i int) (end int, n int32) {
	if !in.class.ascii {
		return in.takeWide(text, i)
	}
	stop := len(text)
	if int(in.max) < stop-i {
		stop = i + int(in.max)
	}
	kind := &in.class.kind
	end = i
	for end < stop && kind[text[end]] != outside {
		end++
	}
	return end, int32(end - i)
}

func (in *inst) takeWide(text []byte, i int) (end int, n int32) {
	for n < in.max && i < len(text) {
		if k := in.passASCII(text[i:], in.max-n); k > 0 {
			i, n = i+k, n+int32(k)
			continue
		}
		w := in.class.width(text, i)
		if w == 0 {
			break
		}
		i += w
		n++
	}
	return i, n
}

// passASCII counts the characters of one byte that a run begins with, at most so
// many.
func (in *inst) passASCII(text []byte, most int32) int {
	text = text[:min(len(text), int(most))]
	kind := &in.class.kind
	for i, b := range text {
		if kind[b] != inside {
			return i
		}
	}
	return len(text)
}

// split picks the ways that what comes next allows; pc is -1 if there is none.
func (m *Machine) split(in *inst, text []byte, i int) (pc int32, place int) {
	one, two := in.ahead.allows(text, i), in.other.allows(text, i)
	switch {
	case one && two:
		m.push(frame{kind: resume, pc: in.alt, place: i})
		return in.next, i
	case one:
		return in.next, i
	case two:
		return in.alt, i
	}
	return -1, -1
}

// repeat executes a run whose length is a choice.
func (m *Machine) repeat(in *inst, text []byte, i int, pc int32) int {
	if in.op == opRunLazy {
		return m.lazily(in, text, i, pc)
	}
	end, n := in.take(text, i)
	m.steps -= (end - i) >> 3
	if n < in.min {
		return -1
	}
	low := i
	if n > in.min {
		low = in.least(text, i)
		m.push(frame{kind: shrink, pc: pc, place: end, low: low})
	}
	return end
}

// least is the place behind the fewest characters that a run must have.
func (in *inst) least(text []byte, i int) int {
	if in.class.ascii {
		return i + int(in.min)
	}
	for range in.min {
		i += in.class.width(text, i)
	}
	return i
}

func (m *Machine) lazily(in *inst, text []byte, i int, pc int32) int {
	for range in.min {
		n := 0
		if i < len(text) {
			n = in.class.width(text, i)
		}
		if n == 0 {
			return -1
		}
		i += n
		m.steps--
	}
	m.push(frame{kind: extend, pc: pc, place: i, low: int(in.min)})
	return i
}

// save notes a group's place, and what it was if someone may come back to it.
func (m *Machine) save(caps []int, slot int32, i int) {
	if m.depth > 0 {
		m.push(frame{kind: restore, pc: slot, place: caps[slot]})
	}
	caps[slot] = i
}
