package match

import (
	"encoding/binary"
	"math/bits"
	"regexp/syntax"
	"slices"
)

// This file works out how a text can go on behind the literal that a match was
// found by: most places that have the literal are turned down by a look at the few
// bytes behind it, before a program is run.

// Outlook is a small automaton that tells how a text can go on. It is immutable and
// safe for many goroutines.
type Outlook struct {
	*table
	start uint16
	digit int // among so many bytes there is a digit at least; 0 if there need not be
}

// table is what some outlooks have in common: where each of its states leads to by
// each class of bytes.
type table struct {
	class [256]uint8
	next  []uint16 // a row for each state; where rows begin is what states are called
	open  uint16
}

// The first two states have no way out.
const (
	dead uint8 = iota
	open       // anything can follow
)

const (
	places     = 8   // bytes that an outlook is about
	mostFronts = 32  // states of an outlook
	mostStates = 64  // of an expression at a time, one bit each
	likely     = 0.1 // share of all texts; an outlook that lets more through says little
)

// OutlooksOf returns for each literal what can stand behind it where tree matches
// from the literal's first byte on: nil if that is nearly anything. The literals
// are in small letters and stand for any case; each is one that some matches of
// tree begin with.
func OutlooksOf(tree *syntax.Regexp, literals []string) []*Outlook {
	p, err := CompileTree(tree)
	if err != nil {
		return make([]*Outlook, len(literals))
	}
	return p.outlooks(literals)
}

// Allows says whether text can go on as it does at i. What lies behind the text is
// not asked for.
func (o *Outlook) Allows(text []byte, i int) bool {
	s := o.start
	for _, b := range text[min(i, len(text)):min(i+places, len(text))] {
		if s = o.next[s+uint16(o.class[b])]; s <= o.open {
			return s != 0
		}
	}
	return true
}

// candidate is the first place of text[at:to] from which text can go on so, or to.
func (o *Outlook) candidate(text []byte, at, to int) int {
	row := o.next[o.start:]
	digit := at
	for ; at < to; at++ {
		if o.digit > 0 {
			if digit = nextDigit(text, max(digit, at)); digit < len(text) {
				at = max(at, digit-o.digit+1)
			} else {
				at = max(at, len(text)-o.digit+1) // the text may end before its digit
			}
			if at >= to {
				return to
			}
		}
		if s := row[o.class[text[at]]]; s != 0 && (s == o.open || o.from(s).Allows(text, at+1)) {
			return at
		}
	}
	return to
}

// from is the outlook from another state.
func (o *Outlook) from(state uint16) *Outlook { return &Outlook{table: o.table, start: state} }

// nextDigit is the first place of a digit from i on, or the end of the text.
func nextDigit(text []byte, i int) int {
	for i < len(text) && text[i]-'0' > 9 {
		i++
	}
	return i
}

// digitWithin is among how many bytes from a state on there is a digit at least, 0
// if there need not be one.
func (d *drawing) digitWithin(start uint8) int {
	alive := map[uint8]bool{start: true}
	for n := range places {
		next := map[uint8]bool{}
		for s := range alive {
			for b, to := range d.rows[s] {
				if to != dead && (b < '0' || b > '9') {
					next[to] = true
				}
			}
		}
		if len(next) == 0 {
			return n + 1
		}
		if next[open] {
			return 0
		}
		alive = next
	}
	return 0
}

// shares are how much of all texts the automaton lets through from each state.
func (t *table) shares() []float64 {
	classes := int(t.open)
	var frequency [256]float64 // of a class
	for b := byte(' '); b < 0x7f; b++ {
		frequency[t.class[b]] += shareOf(b)
	}
	shares := slices.Repeat([]float64{1}, len(t.next)/classes)
	shares[dead] = 0
	for range places {
		before := slices.Clone(shares)
		for s := int(open) + 1; s < len(shares); s++ {
			shares[s] = 0
			for class, to := range t.next[s*classes:][:classes] {
				shares[s] += frequency[class] * before[int(to)/classes]
			}
		}
	}
	return shares
}

// shareOf is about how often a printing byte comes in a text.
func shareOf(b byte) float64 {
	switch {
	case b >= 'a' && b <= 'z':
		return 0.62 / 26
	case b == ' ':
		return 0.15
	case b >= '0' && b <= '9':
		return 0.07 / 10
	case b >= 'A' && b <= 'Z':
		return 0.06 / 26
	}
	return 0.1 / 32
}

// outlooks goes through each literal and draws what can follow.
func (p *Program) outlooks(literals []string) []*Outlook {
	d := drawing{code: p.code, ids: map[string]uint8{}, rows: make([][256]uint8, open+1)}
	all := make([]*Outlook, len(literals))
	starts := make([]uint8, len(literals))
	for i, lit := range literals {
		starts[i] = d.id(p.behind(lit))
	}
	for len(d.queue) > 0 {
		f := d.queue[0]
		d.queue = d.queue[1:]
		d.row(f)
	}
	t := d.table()
	shares := t.shares()
	for i, start := range starts {
		if shares[start] <= likely {
			all[i] = &Outlook{t, uint16(start) * t.open, d.digitWithin(start)}
		}
	}
	return all
}

// behind is where a program can be that has passed a literal in any case.
func (p *Program) behind(literal string) front {
	f := front{code: p.code}
	f.reach(state{pc: p.start})
	for i := range len(literal) {
		var both set
		both.add(literal[i])
		if c := literal[i]; c >= 'a' && c <= 'z' {
			both.add(c - 'a' + 'A')
		}
		next := front{code: f.code, open: f.open}
		for _, s := range f.states {
			if ahead := f.code[s.pc].passes(s); !ahead.disjoint(both) {
				next.pass(s)
			}
		}
		f = next
	}
	return f
}

// drawing is an automaton being made: a row for each front that was met.
type drawing struct {
	code  []inst
	ids   map[string]uint8
	rows  [][256]uint8
	queue []front // those of which the rows are still to be filled in
}

// id is the state that a front is.
func (d *drawing) id(f front) uint8 {
	if f.open {
		return open
	}
	key := f.key()
	if key == "" {
		return dead
	}
	id, ok := d.ids[key]
	if !ok {
		if len(d.rows) == mostFronts {
			return open
		}
		id, f.id = uint8(len(d.rows)), uint8(len(d.rows))
		d.ids[key] = id
		d.rows = append(d.rows, [256]uint8{})
		d.queue = append(d.queue, f)
	}
	return id
}

// row fills in where a front leads to. Bytes that are passed by the same of its
// states lead to the same.
func (d *drawing) row(f front) {
	var passedBy [256]uint64
	for k, s := range f.states {
		for i, word := range f.code[s.pc].passes(s) {
			for ; word != 0; word &= word - 1 {
				passedBy[64*i+bits.TrailingZeros64(word)] |= 1 << k
			}
		}
	}
	known := map[uint64]uint8{0: dead}
	for b, states := range passedBy {
		// What is no ASCII can have any number of bytes.
		if b >= 0x80 && states != 0 {
			d.rows[f.id][b] = open
			continue
		}
		id, ok := known[states]
		if !ok {
			id = d.id(f.after(states))
			known[states] = id
		}
		d.rows[f.id][b] = id
	}
}

// table gives bytes that lead to the same from everywhere one class.
func (d *drawing) table() *table {
	t := &table{}
	classes := map[string]uint8{}
	var columns []string
	for b := range 256 {
		column := make([]byte, len(d.rows))
		for s := range d.rows {
			column[s] = d.rows[s][b]
		}
		class, ok := classes[string(column)]
		if !ok {
			class = uint8(len(columns))
			classes[string(column)] = class
			columns = append(columns, string(column))
		}
		t.class[b] = class
	}
	t.open = uint16(open) * uint16(len(columns))
	for s := range d.rows {
		for _, column := range columns {
			t.next = append(t.next, uint16(column[s])*t.open)
		}
	}
	return t
}

// state is a place in a program: an instruction, and how many bytes of its literal
// or characters of its run have been passed.
type state struct {
	pc   int32
	done int32
}

// front is all the states in which a program can be that has passed some bytes.
type front struct {
	code   []inst
	states []state
	open   bool  // anything can follow: a match has ended, or there are too many states
	id     uint8 // of the drawing
}

// key is the same for equal fronts.
func (f *front) key() string {
	slices.SortFunc(f.states, func(a, b state) int {
		if a.pc != b.pc {
			return int(a.pc - b.pc)
		}
		return int(a.done - b.done)
	})
	var key []byte
	for _, s := range f.states {
		key = binary.AppendVarint(key, int64(s.pc))
		key = binary.AppendVarint(key, int64(s.done))
	}
	return string(key)
}

// after is the front behind a byte that those of the states pass which have a bit.
func (f *front) after(states uint64) front {
	next := front{code: f.code}
	for k, s := range f.states {
		if states>>k&1 != 0 {
			next.pass(s)
		}
	}
	return next
}

// reach adds a state and those that it leads to without a byte being passed.
func (f *front) reach(s state) {
	if f.open || slices.Contains(f.states, s) {
		return
	}
	if len(f.states) == mostStates {
		f.open = true
		return
	}
	f.states = append(f.states, s)
	switch in := &f.code[s.pc]; in.op {
	case opMatch:
		f.open = true
	case opSave, opAssert, opNeed:
		f.reach(state{pc: in.next})
	case opSplit:
		f.reach(state{pc: in.next})
		f.reach(state{pc: in.alt})
	case opRun, opRunSure, opRunLazy:
		if s.done >= in.min {
			f.reach(state{pc: in.next})
		}
	}
}

// pass adds what a state leads to by a byte that it passes.
func (f *front) pass(s state) {
	in := &f.code[s.pc]
	s.done++
	switch {
	case in.op == opClass, (in.op == opLiteral || in.op == opFold) && int(s.done) == len(in.lit):
		f.reach(state{pc: in.next})
	case in.op == opLiteral || in.op == opFold:
		f.reach(s)
	case s.done == in.max:
		f.reach(state{pc: in.next})
	case in.max == unlimited:
		s.done = min(s.done, in.min) // longer ones are not told apart
		f.reach(s)
	default:
		f.reach(s)
	}
}

// passes is the set of bytes that a state passes.
func (in *inst) passes(s state) set {
	switch in.op {
	case opLiteral, opFold:
		rest := *in
		rest.lit = in.lit[s.done:]
		return rest.firstBytes()
	case opClass:
		return in.class.bytes()
	case opRun, opRunSure, opRunLazy:
		return in.class.bytes()
	}
	return set{}
}
