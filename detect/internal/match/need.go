package match

import (
	"math"
	"math/bits"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// This file works out what a match surely holds farther on: so many bytes of one
// set in a row, such as the digits of a token behind the name of its provider and
// all that may stand between them. A place where there is none is turned down
// after a few bytes, before anything is tried that takes many.

// need is a run that every match holds: count bytes of a set, of which the first
// stands low to high bytes farther on. The zero value asks for nothing.
type need struct {
	bytes     set
	count     int
	low, high int
}

const (
	leastNeed = 8       // shorter runs are too common,
	leastRare = 8       // and so are those that are worth less
	mostNeed  = 1 << 10 // runs farther off cost too much to look for
	slack     = 8       // repetitions and ranges that vary by less are quickly tried
	mostRow   = 64      // parts of an expression that are looked at
)

// met says whether text has the run where a match that goes on at text[i] needs
// it. It looks at every count-th byte and, where that belongs to the set, at those
// before it.
//
//go:noinline
func (n *need) met(text []byte, i int) bool {
	text = text[min(len(text), i+n.low):min(len(text), i+n.high+n.count)]
	known := 0 // of the bytes before, those that belong
	for len(text) >= n.count {
		k := n.count - 1
		for k >= known && n.bytes.has(text[k]) {
			k--
		}
		if k < known {
			return true
		}
		known = n.count - 1 - k
		text = text[k+1:]
	}
	return false
}

// steps is what looking for the run counts.
func (n *need) steps() int { return (n.high-n.low)>>3 + 1 }

// worth compares needs: the longer and the rarer a run, the fewer places have it.
// It counts bits, as if all of ASCII were equally frequent and nothing else there.
func (n *need) worth() float64 {
	size := bits.OnesCount64(n.bytes[0]) + bits.OnesCount64(n.bytes[1])
	return float64(n.count) * math.Log2(utf8.RuneSelf/float64(max(1, size)))
}

func (n *need) better(other need) bool {
	return n.count >= leastNeed && n.high <= mostNeed && n.worth() > max(leastRare, other.worth())
}

// loose says whether how much of a text an expression takes is known only after
// a long look.
func loose(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if low, high := bounds(re); high-low > slack {
			return true
		}
	}
	return slices.ContainsFunc(re.Sub, loose)
}

// needOf returns the need of an expression that is worth most.
func needOf(re *syntax.Regexp) need {
	switch re.Op {
	case syntax.OpCapture:
		return needOf(re.Sub[0])
	case syntax.OpConcat:
		return needInRow(re.Sub)
	case syntax.OpAlternate:
		return needOfAny(re.Sub)
	}
	return needInRow([]*syntax.Regexp{re})
}

// needOfAny is met by every alternative's match.
func needOfAny(subs []*syntax.Regexp) need {
	all := needOf(subs[0])
	for _, sub := range subs[1:] {
		n := needOf(sub)
		if all.count == 0 || n.count == 0 {
			return need{}
		}
		all.bytes.join(n.bytes)
		all.count, all.low, all.high = min(all.count, n.count), min(all.low, n.low), max(all.high, n.high)
	}
	return all
}

// needInRow returns the best need that some parts in a row have together, or that
// one of them has in itself.
func needInRow(subs []*syntax.Regexp) need {
	var best need
	extents := make([]extent, min(len(subs), mostRow))
	for i := range extents {
		extents[i] = extentOf(subs[i])
	}
	low, high := 0, 0
	for i, e := range extents {
		best = best.or(runInRow(extents[i:]), low, high)
		if op := subs[i].Op; op == syntax.OpCapture || op == syntax.OpAlternate || op == syntax.OpConcat {
			best = best.or(needOf(subs[i]), low, high)
		}
		if low, high = low+e.least, high+e.most; high > mostNeed {
			break
		}
	}
	return best
}

// or returns the better one, the other being low to high bytes farther on.
func (n need) or(other need, low, high int) need {
	other.low, other.high = other.low+low, other.high+high
	if other.better(n) {
		return other
	}
	return n
}

// runInRow is the best need of parts that begin with the first.
func runInRow(parts []extent) need {
	var best, n need
	for _, e := range parts {
		n.bytes.join(e.bytes)
		if n.count = min(n.count+e.least, mostNeed); n.better(best) {
			best = n
		}
	}
	return best
}

// extent is how long matches of an expression are, and of what bytes.
type extent struct {
	bytes       set
	least, most int // bytes; most is endless if there is no bound
}

// endless is farther than any need reaches, and small enough to be multiplied.
const endless = 1 << 14

func extentOf(re *syntax.Regexp) extent {
	if pairs, ok := pairsOf(re); ok {
		return extentOfOne(pairs)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return extentOfLiteral(re)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		low, high := bounds(re)
		return extentOf(re.Sub[0]).times(int(low), int(high))
	case syntax.OpCapture, syntax.OpConcat:
		var all extent
		for _, sub := range re.Sub {
			all = all.then(extentOf(sub))
		}
		return all
	case syntax.OpAlternate:
		all := extentOf(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			e := extentOf(sub)
			all.bytes.join(e.bytes)
			all.least, all.most = min(all.least, e.least), max(all.most, e.most)
		}
		return all
	}
	return extent{}
}

func extentOfLiteral(re *syntax.Regexp) (all extent) {
	for _, r := range re.Rune {
		all = all.then(extentOfOne(letterPairs(r, re.Flags&syntax.FoldCase != 0)))
	}
	return all
}

// extentOfOne is that of one character, of which there are pairs of bounds. Beyond
// ASCII its bytes may be any.
func extentOfOne(pairs []rune) extent {
	e := extent{least: 1, most: 1}
	for i := 0; i+1 < len(pairs); i += 2 {
		lo, hi := pairs[i], pairs[i+1]
		for r := lo; r <= min(hi, utf8.RuneSelf-1); r++ {
			e.bytes.add(byte(r))
		}
		if hi >= utf8.RuneSelf {
			e.bytes[2], e.bytes[3] = math.MaxUint64, math.MaxUint64
			e.most = max(e.most, mostBytes(hi))
		}
	}
	return e
}

// mostBytes is how many bytes UTF-8 takes for a character up to r (RFC 3629,
// section 3), which may be one that it has no bytes for.
func mostBytes(r rune) int {
	switch {
	case r < 0x800:
		return 2
	case r < 0x10000:
		return 3
	}
	return utf8.UTFMax
}

func (e extent) then(next extent) extent {
	e.bytes.join(next.bytes)
	return extent{e.bytes, min(e.least+next.least, endless), min(e.most+next.most, endless)}
}

func (e extent) times(low, high int) extent {
	return extent{e.bytes, min(e.least*low, endless), min(e.most*min(high, endless), endless)}
}

// Bytes is a set of bytes.
type Bytes [256]bool

// Has says whether b belongs to the set.
func (s *Bytes) Has(b byte) bool { return s[b] }

// BytesOf returns those that matches of some expressions in a row can hold.
func BytesOf(row []*syntax.Regexp) *Bytes {
	all := extentOf(&syntax.Regexp{Op: syntax.OpConcat, Sub: row}).bytes
	var s Bytes
	for b := range s {
		s[b] = all.has(byte(b))
	}
	return &s
}
