package detect

import (
	"bytes"
	"slices"
)

// One value in two fields of JSON that are numbered or named as parts of a whole:
// "part1": "ab", "part2": "cd". The view puts the values together behind the name
// of the first. Two values that have nothing to do with each other make a third
// that says nothing, so only the formats of providers count in it.

const (
	longHalf    = 8  // characters of a half at least: see behindWords
	longKey     = 32 // of its name at most
	longestPart = 6  // of a word for a part
)

// halves is such a view in the making.
type halves struct {
	view *layer
	next int // the quotation mark that opens the last half
}

// pairsOfParts are words in names that say which half it is.
var pairsOfParts = [][2]string{
	{"first", "second"}, {"head", "tail"}, {"prefix", "suffix"}, {"left", "right"}, {"start", "end"}, {"begin", "end"},
	{"front", "back"}, {"start", "rest"}, {"first", "rest"}, {"first", "last"}, {"head", "rest"}, {"one", "two"}, {"two", "three"},
}

// half looks at the quotation mark at p, which ends a long word: does a field of
// JSON follow in which its value goes on, or another line of a key in a list?
func (w *sweep) half(p int) {
	if byteAt(w.text, p+1) != ',' {
		return
	}
	if w.text[p-1] == '-' && w.text[p-2] == '-' {
		w.joinList(p)
		return
	}
	from := p - digitsBefore(w.text[:p], stretchSize)
	q := skipBlanks(w.text, p+2)
	if byteAt(w.text, from-1) != w.text[p] || byteAt(w.text, q) != w.text[p] {
		return
	}
	key := quotedAt(w.text, q, longKey)
	colon := valueAfter(w.text, key.to+1)
	if colon < 0 || byteAt(w.text, colon) != w.text[q] {
		return
	}
	first := keyBefore(w.text, from-1)
	if first.size() == 0 || key.size() == 0 || !partsOfOne(w.text[first.from:first.to], w.text[key.from:key.to]) {
		return
	}
	value := quotedAt(w.text, colon, stretchSize)
	if value.size() < longHalf || digitsAfter(w.text[value.from:], value.size()) < value.size() {
		return
	}
	w.addHalf(first, piece{from, p}, value)
}

// addHalf appends a half to those before it, or begins with both.
func (w *sweep) addHalf(name, one, two piece) {
	h := &w.halves
	if h.view == nil || h.next != one.from {
		if h.view == nil {
			h.view = w.newView()
		}
		c := &h.view.view
		c.keep(w.text, name.from, name.to)
		c.say(": ", name.to, one.from)
		c.keep(w.text, one.from, one.to)
	} else {
		c := &h.view.view
		n := len(c.text) - 1 // the line end
		c.text, c.parts = c.text[:n], c.parts[:len(c.parts)-1]
	}
	c := &h.view.view
	c.keep(w.text, two.from, two.to)
	c.say("\n", two.to, two.to+1)
	h.next = two.from
	if len(c.text) > stretchSize {
		w.flushHalves()
	}
}

// flushHalves scans the view; findings of generic rules in it are dropped.
func (w *sweep) flushHalves() {
	view := w.halves.view
	if view == nil {
		return
	}
	w.halves = halves{}
	n := len(w.s.hits)
	w.show(view, "joined")
	kept := w.s.hits[:n]
	for _, h := range w.s.hits[n:] {
		if !h.compiled.rule.Generic {
			kept = append(kept, h)
		}
	}
	clear(w.s.hits[len(kept):])
	w.s.hits = kept
}

// quotedAt is what stands in the quotation marks of which the first is text[q];
// nothing when they are further apart than most.
func quotedAt(text []byte, q, most int) piece {
	if q >= len(text) || !quote(text[q]) {
		return piece{q, q}
	}
	end := bytes.IndexByte(text[q+1:min(len(text), q+2+most)], text[q])
	if end < 0 {
		return piece{q, q}
	}
	return piece{q + 1, q + 1 + end}
}

// valueAfter returns where the value begins behind a colon at or near i, or -1.
func valueAfter(text []byte, i int) int {
	i = skipBlanks(text, i)
	if i >= len(text) || text[i] != ':' {
		return -1
	}
	return skipBlanks(text, i+1)
}

func skipBlanks(text []byte, i int) int {
	for n := 0; i < len(text) && n < maxIndent && blank(text[i]); n++ {
		i++
	}
	return i
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// keyBefore is the name of the field whose value begins at i.
func keyBefore(text []byte, i int) piece {
	for i > 0 && blank(text[i-1]) {
		i--
	}
	if i < 3 || text[i-1] != ':' {
		return piece{}
	}
	for i--; i > 0 && blank(text[i-1]); {
		i--
	}
	if i < 2 || !quote(text[i-1]) {
		return piece{}
	}
	from := bytes.LastIndexByte(text[max(0, i-1-longKey):i-1], text[i-1])
	if from < 0 {
		return piece{}
	}
	return piece{max(0, i-1-longKey) + from + 1, i - 1}
}

// partsOfOne says whether two names differ in nothing but a number or letter, of
// which the second is the next, or in words for two parts.
func partsOfOne(a, b []byte) bool {
	a, b = differing(a, b)
	if len(a) == 1 && len(b) == 1 {
		return a[0]+1 == b[0] && base64Value(a[0]) >= 0
	}
	if len(a) > longestPart || len(b) > longestPart || len(a) == 0 || len(b) == 0 {
		return false
	}
	return slices.ContainsFunc(pairsOfParts, func(p [2]string) bool {
		one, two := differing([]byte(p[0]), []byte(p[1]))
		return bytes.EqualFold(a, one) && bytes.EqualFold(b, two)
	})
}

// differing takes from two words the beginning and the end that they share.
func differing(a, b []byte) ([]byte, []byte) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}
