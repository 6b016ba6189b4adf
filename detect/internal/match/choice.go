package match

import "unicode/utf8"

// This file is about choices: what a try comes back to when the way it took leads
// to no match.

// What a frame comes back to.
const (
	resume  uint8 = iota // go on at pc, from place
	shrink               // give back one character of the run at pc
	extend               // take one more character of the lazy run at pc
	restore              // put a group's place back
)

// frame is a choice that is still open.
type frame struct {
	kind  uint8
	pc    int32 // of a restore the slot
	place int
	low   int // of a shrink the least place, of an extend how many are taken
}

// push opens a choice; when there are too many, the try is given up.
func (m *Machine) push(f frame) {
	if m.depth == maxFrames {
		m.steps = -1
		return
	}
	m.frames[m.depth] = f
	m.depth++
}

// back goes to the last choice that is still open; the place is -1 if there is
// none.
func (m *Machine) back(p *Program, text []byte, caps []int) (pc int32, i int) {
	for m.depth > 0 && m.steps >= 0 {
		f := &m.frames[m.depth-1]
		switch f.kind {
		case resume:
			m.depth--
			return f.pc, f.place
		case restore:
			m.depth--
			caps[f.pc] = f.place
		case shrink:
			if in := &p.code[f.pc]; m.shrink(in, f, text) {
				return in.next, f.place
			}
		case extend:
			if in := &p.code[f.pc]; m.extend(in, f, text) {
				return in.next, f.place
			}
		}
	}
	return 0, -1
}

// shrink gives back characters until something can follow; when the run is as
// short as it may be, the choice is closed.
func (m *Machine) shrink(in *inst, f *frame, text []byte) bool {
	from := f.place
	for f.place > f.low {
		n := 1
		if text[f.place-1] >= utf8.RuneSelf {
			_, n = utf8.DecodeLastRune(text[f.low:f.place])
		}
		f.place -= n
		if in.ahead.bytes.has(text[f.place]) {
			m.steps -= (from-f.place)>>3 + 1
			if f.place == f.low {
				m.depth--
			}
			return true
		}
	}
	m.steps -= (from-f.place)>>3 + 1
	m.depth--
	return false
}

// extend takes characters until something can follow; when no more may be
// taken, the choice is closed.
func (m *Machine) extend(in *inst, f *frame, text []byte) bool {
	from := f.place
	for f.low < int(in.max) && f.place < len(text) {
		n := in.class.width(text, f.place)
		if n == 0 {
			break
		}
		f.place += n
		f.low++
		in.pass(f, text)
		if in.ahead.allows(text, f.place) {
			m.steps -= (f.place-from)>>3 + 1
			return true
		}
	}
	m.steps -= (f.place-from)>>3 + 1
	m.depth--
	return false
}

// pass takes as many characters of a lazy run as are ASCII and no beginning of
// what follows.
func (in *inst) pass(f *frame, text []byte) {
	rest := text[f.place:]
	if most := int(in.max) - f.low; most < len(rest) {
		rest = rest[:most]
	}
	n := 0
	for n < len(rest) && in.other.bytes.has(rest[n]) {
		n++
	}
	f.place += n
	f.low += n
}
