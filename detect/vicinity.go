package detect

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"

	"go.cordon.dev/cordon/detect/internal/anchor"
)

// Where a rule's literals are looked for.
type area int

const (
	everywhere area = iota
	atHeads         // where words begin in runs
	atValues        // before values
)

// tiers are the lengths by which rules are told apart that look for values: long
// ones are rare, and what most rules look for is long.
var tiers = [...]int{leastRun, 32}

// tierOf is the last tier that values of at least so many bytes reach.
func tierOf(least int) int {
	i := 0
	for i+1 < len(tiers) && least >= tiers[i+1] {
		i++
	}
	return i
}

// placed decides where the rule's literals are looked for.
func (c *compiled) placed() area {
	switch {
	case c.searched():
		return everywhere
	case c.digit && c.line && c.group == c.secret && c.value.known && c.value.reach <= mostReach && !c.reachesBeyond(c.value):
		return atValues
	case c.run.known && c.run.reach == 0 && !c.reachesBeyond(c.run) && c.beginsWords():
		return atHeads
	}
	return everywhere
}

// searched says whether the rule is looked for around its keywords.
func (c *compiled) searched() bool {
	return len(c.rule.Keywords) > 0 && (c.parts == nil || c.rule.Near > 0 && slices.ContainsFunc(c.parts, func(p part) bool { return !p.leads() }))
}

// reachesBeyond says whether a literal may begin behind the run.
func (c *compiled) reachesBeyond(d distance) bool {
	return c.parts == nil || slices.ContainsFunc(c.parts, func(p part) bool { return p.high > d.within })
}

// beginsWords says whether every match begins with a literal that begins a word.
func (c *compiled) beginsWords() bool {
	return !slices.ContainsFunc(c.parts, func(p part) bool { return p.high > 0 || !p.word })
}

// zone is where the literals of a tier can begin, as far as the text was
// looked at.
type zone struct {
	from, to int
}

// matchNear runs the rules whose matches hold a run near the runs of the text;
// their literals are looked for that begin in text[lo:hi].
func (s *session) matchNear(l *layer, lo, hi int) {
	rs := s.rs
	s.zones = [len(tiers)]zone{}
	text := l.text[:min(len(l.text), hi+rs.longest)]
	for at := lo; at < len(text); {
		s.runs, at = rs.members.Runs(text, leastRun, at, s.runs[:0])
		for _, r := range s.runs {
			s.visitHeads(l, r, hi)
			if holdsDigit(text[r.Start:r.End]) {
				s.beforeValue(l, r, lo, hi)
			}
		}
	}
	for i, z := range s.zones {
		s.visitAll(l, &rs.values[i], z.from, z.to)
	}
}

// beforeValue makes the zones of the tiers that a value reaches hold what lies
// before it; what is behind a zone so far is looked at.
func (s *session) beforeValue(l *layer, r anchor.Span, lo, hi int) {
	last := tierOf(r.End - r.Start)
	seen := max(lo, s.zones[last].to) // its end is the first of all
	begin := beginOfNamed(l.text, r.Start, charsBefore(l.text, r.Start, mostReach, seen))
	for i := range last + 1 {
		z := &s.zones[i]
		if begin > z.to {
			s.visitAll(l, &s.rs.values[i], z.from, z.to)
			z.from = begin
		}
		z.to = max(z.to, min(hi, r.End+1))
	}
}

// visitHeads tries the rules whose matches begin with a word in a run, of which
// enough lies behind it.
func (s *session) visitHeads(l *layer, r anchor.Span, hi int) {
	end, inWord := min(r.End-leastRun+1, hi), uint64(0) // whether the piece before ends in a word
	for at := r.Start; at < end; at += anchor.MaskBits {
		words := s.rs.words.Mask(l.text, at) & firstBits(end-at)
		begins := words &^ (words<<1 | inWord)
		inWord = words >> (anchor.MaskBits - 1)
		for ; begins != 0; begins &= begins - 1 {
			s.visitHead(l, at+bits.TrailingZeros64(begins))
		}
	}
}

// firstBits has the first n bits of a mask, at most all.
func firstBits(n int) uint64 { return ^uint64(0) >> (anchor.MaskBits - min(n, anchor.MaskBits)) }

func (s *session) visitHead(l *layer, i int) {
	s.begun = s.rs.heads.At(l.text, i, s.begun[:0])
	for _, id := range s.begun {
		owners := s.rs.begins[id]
		for k := range owners {
			s.visit(l, &owners[k], i)
		}
	}
}

// charsBefore returns a place at or behind low that lies at least n characters
// before text[i], if there are so many. Each byte that is no character's counts
// as one, as in package regexp.
func charsBefore(text []byte, i, n, low int) int {
	for n > 0 && i > low {
		from := max(low, i-n)
		n = continuing(text[from:i])
		i = from
	}
	return i
}

// continuing counts the bytes that are no character's first (RFC 3629, section 3).
func continuing(b []byte) (n int) {
	const tops = 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		if v := binary.LittleEndian.Uint64(b); v&tops != 0 {
			n += bits.OnesCount64(v &^ (v << 1) & tops)
		}
	}
	for _, c := range b {
		if !utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// beginOfNamed is where the name of a value at text[i] can begin, at low or behind
// it: on the same line, or on one before if that, and any between, ends with what
// operator and mentionGap let stand before a line end.
func beginOfNamed(text []byte, i, low int) int {
	for {
		line := lineFrom(text, i, low)
		j := line
		for j > low && (blank(text[j-1]) || text[j-1] == '\f') {
			j--
		}
		if j == line || j == low || !oneOf(lower(text[j-1]), mentionOperators+operatorEnds) {
			return line
		}
		i = j
	}
}

// lineFrom is where the line of text[i] begins, or low.
func lineFrom(text []byte, i, low int) int {
	for i > low && text[i-1] != '\n' && text[i-1] != '\r' {
		i--
	}
	return i
}

// runRoom is how many runs are looked for at a time.
const runRoom = 64
