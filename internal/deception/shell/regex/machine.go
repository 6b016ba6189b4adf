package regex

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// payEvery is how many units of work are done between two questions whether to go on.
const payEvery = 4096

// machine runs a program of regexp/syntax over a text, all its threads side by side
// (Thompson 1968, Pike 1987): each character costs at most as many steps as the
// program has instructions.
type machine struct {
	program *syntax.Prog
	longest bool
	atStart bool // a match begins where the text does
	now     threads
	next    threads
	begun   []int    // what a thread remembers that begins
	stack   []uint32 // instructions that are to be followed
	places  [][]int  // what those remember

	pay  Pay
	work int // since pay was asked
	over bool
}

// threads are instructions that wait for the same character, the preferred one first,
// with the places that they remember.
type threads struct {
	order  []uint32
	slot   []uint32 // where an instruction is in order, if it is
	places []int    // of the i-th in order, from i times each on
	each   int
}

// newMachine gets an expression that was compiled before.
func newMachine(expr string, longest bool) *machine {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return &machine{over: true}
	}
	each := 2 * (tree.MaxCap() + 1)
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return &machine{over: true}
	}
	m := &machine{program: program, longest: longest, atStart: program.StartCond()&syntax.EmptyBeginText != 0}
	m.begun = slices.Repeat([]int{-1}, each)
	m.now, m.next = newThreads(len(program.Inst), each), newThreads(len(program.Inst), each)
	return m
}

func newThreads(size, each int) threads {
	return threads{order: make([]uint32, 0, size), slot: make([]uint32, size), places: make([]int, size*each), each: each}
}

func (t *threads) has(pc uint32) bool {
	at := t.slot[pc]
	return int(at) < len(t.order) && t.order[at] == pc
}

func (t *threads) add(pc uint32) {
	t.slot[pc] = uint32(len(t.order))
	t.order = append(t.order, pc)
}

// of is what the i-th remembers.
func (t *threads) of(i int) []int { return t.places[i*t.each : (i+1)*t.each] }

// find is Regexp.Find from a place in the text on.
func (m *machine) find(text string, at int, pay Pay) (best []int) {
	if m.over {
		return nil
	}
	m.pay, m.now.order, m.next.order = pay, m.now.order[:0], m.next.order[:0]
	last, _ := utf8.DecodeLastRuneInString(text[:at])
	if at == 0 {
		last = -1
	}
	for this, n := runeAt(text, at); ; {
		if len(m.now.order) == 0 && (best != nil || m.atStart && at > 0) {
			return best
		}
		if best == nil {
			m.start(at, syntax.EmptyOpContext(last, this))
		}
		after, w := runeAt(text, at+n)
		best = m.step(best, at, n, this, syntax.EmptyOpContext(this, after))
		if m.over {
			m.over = false
			return nil
		}
		if n == 0 {
			return best
		}
		m.now, m.next = m.next, m.now
		m.next.order = m.next.order[:0]
		at, last, this, n = at+n, this, after, w
	}
}

// runeAt is the character at a place and its width; -1 and 0 at the end.
func runeAt(text string, at int) (rune, int) {
	if at >= len(text) {
		return -1, 0
	}
	return utf8.DecodeRuneInString(text[at:])
}

// start begins a match at a place, the least preferred thread.
func (m *machine) start(at int, around syntax.EmptyOp) {
	m.begun[0] = at
	m.follow(&m.now, uint32(m.program.Start), at, m.begun, around)
}

// step takes one character, n bytes wide, and returns the best match that is known
// then. What is there only behind a match that is preferred is given up.
func (m *machine) step(best []int, at, n int, this rune, around syntax.EmptyOp) []int {
	for i, pc := range m.now.order {
		if !m.worked(1) {
			return best
		}
		mine := m.now.of(i)
		if m.longest && best != nil && best[0] < mine[0] {
			continue
		}
		in := &m.program.Inst[pc]
		if takes(in.Op) {
			if n > 0 && in.MatchRune(this) {
				m.follow(&m.next, in.Out, at+n, mine, around)
			}
			continue
		}
		if in.Op != syntax.InstMatch {
			continue
		}
		if !m.longest || best == nil || best[1] < at {
			best = append([]int(nil), mine...)
			best[1] = at
		}
		if !m.longest {
			return best
		}
	}
	return best
}

// worked counts work, and reports whether to go on.
func (m *machine) worked(units int) bool {
	if m.work += units; m.work >= payEvery {
		m.over = m.over || m.pay(m.work) != nil
		m.work = 0
	}
	return !m.over
}

// follow adds to a list what an instruction leads to without a character, the
// preferred way first. places is copied where it is kept.
func (m *machine) follow(to *threads, pc uint32, at int, places []int, around syntax.EmptyOp) {
	m.stack, m.places = append(m.stack[:0], pc), append(m.places[:0], places)
	for len(m.stack) > 0 && m.worked(1) {
		top := len(m.stack) - 1
		pc, places := m.stack[top], m.places[top]
		m.stack, m.places = m.stack[:top], m.places[:top]
		if to.has(pc) {
			continue
		}
		to.add(pc)
		switch in := &m.program.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			m.push(in.Arg, places)
			m.push(in.Out, places)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^around == 0 {
				m.push(in.Out, places)
			}
		case syntax.InstNop:
			m.push(in.Out, places)
		case syntax.InstCapture:
			m.push(in.Out, noted(places, int(in.Arg), at))
		default:
			copy(to.of(len(to.order)-1), places)
		}
	}
}

// takes reports whether an instruction waits for a character.
func takes(op syntax.InstOp) bool {
	switch op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

func (m *machine) push(pc uint32, places []int) {
	m.stack, m.places = append(m.stack, pc), append(m.places, places)
}

// noted is what is remembered, with one place more.
func noted(places []int, which, at int) []int {
	if which >= len(places) {
		return places
	}
	out := append([]int(nil), places...)
	out[which] = at
	return out
}
