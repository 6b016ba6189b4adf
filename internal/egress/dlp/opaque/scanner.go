package opaque

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// mark is how one form shows.
type mark struct {
	what  string // "encrypted by OpenSSL"
	bytes string
	// first is of marks that say so little that they count at the start of something
	// only.
	first bool
	// holds says whether what stands at text[at], where the mark does, is of that form.
	holds func(text []byte, at int) bool
}

// Scanner knows the marks. It is safe for concurrent use.
type Scanner struct {
	all []mark
	// Marks with a byte beyond ASCII, by the first of those: texts have few.
	high [256][]int
	// Marks with a byte that no text has, and short ones, which are looked for one by one.
	odd []int
	// All others, as Wu and Manber have it ("A fast algorithm for multi-pattern
	// searching", 1994): how far two bytes allow to move on, and which marks end their
	// first shortest bytes with them.
	shift  [1 << hashBits]uint8
	ending [1 << hashBits][]int
}

const (
	hashBits = 12
	shortest = 14 // bytes of a mark that are compared first
)

func hash(a, b byte) int { return (int(a)<<5 ^ int(b)) & (1<<hashBits - 1) }

// NewScanner makes one, for many texts and goroutines.
func NewScanner() *Scanner {
	s := &Scanner{all: append(archives(), encrypted()...)}
	for i := range s.shift {
		s.shift[i] = shortest - 1
	}
	for i, m := range s.all {
		switch at := m.highAt(); {
		case m.first:
		case at >= 0:
			s.high[m.bytes[at]] = append(s.high[m.bytes[at]], i)
		case m.oddAt() >= 0 || len(m.bytes) < shortest:
			s.odd = append(s.odd, i)
		default:
			s.add(i)
		}
	}
	return s
}

// highAt is where the first byte beyond ASCII stands, -1 for none.
func (m *mark) highAt() int {
	for i := range len(m.bytes) {
		if m.bytes[i] >= 0x80 {
			return i
		}
	}
	return -1
}

// oddAt is where a byte stands that text has not, nor has much else often.
func (m *mark) oddAt() int {
	return strings.IndexFunc(m.bytes, func(r rune) bool { return r > 0 && r < ' ' && r != '\n' })
}

func (s *Scanner) add(which int) {
	m := &s.all[which]
	for i := range shortest - 1 {
		h, left := hash(m.bytes[i], m.bytes[i+1]), uint8(shortest-2-i)
		s.shift[h] = min(s.shift[h], left)
		if left == 0 {
			s.ending[h] = append(s.ending[h], which)
		}
	}
}

// mostTries bounds how often one text is looked at closer: a text of nothing but marks
// costs no more, and is told as hidden.
const (
	mostTries = 4096
	hidden    = "hidden among too many marks of such forms"
)

// Find calls found for the first of each form in a text, with what it is ("compressed or
// archived as xz") and where. starts says that the text begins where something does, so
// that forms count as well whose heads say little.
func (s *Scanner) Find(text []byte, starts bool, found func(what string, at int)) {
	l := look{text: text, tries: mostTries, found: found}
	if starts {
		s.begins(&l, text, 0)
	}
	s.parts(&l)
	s.search(&l)
	for _, i := range s.odd {
		s.searchOdd(&l, &s.all[i])
	}
	s.searchHigh(&l)
	s.words(&l)
	if l.tries <= 0 {
		l.tell(hidden, 0)
	}
}

// look is one of a text.
type look struct {
	text  []byte
	tries int
	known []string
	found func(what string, at int)
}

// begins tells of what b begins with, which stands at text[at], as it is or in base64.
func (s *Scanner) begins(l *look, b []byte, at int) {
	for i := range s.all {
		if m := &s.all[i]; len(b) > 0 && b[0] == m.bytes[0] && bytes.HasPrefix(b, []byte(m.bytes)) && m.holds(b, 0) {
			l.tell(m.what, at)
		}
	}
	if isMessage(b, false) || len(b) == len(l.text) && (lonely(b) || compressed(b)) {
		l.tell(pgpMessage, at)
	}
	if isCMS(b) {
		l.tell(cmsContent, at)
	}
}

// search goes through the text for marks that may stand anywhere.
func (s *Scanner) search(l *look) {
	text := l.text
	for at := shortest - 2; at+1 < len(text) && l.tries > 0; {
		h := hash(text[at], text[at+1])
		if n := s.shift[h]; n > 0 {
			at += int(n)
			continue
		}
		for _, i := range s.ending[h] {
			l.try(&s.all[i], at-(shortest-2))
		}
		at++
	}
}

// searchOdd looks for one mark.
func (s *Scanner) searchOdd(l *look, m *mark) {
	from := max(0, m.oddAt())
	for at := from; at < len(l.text) && l.tries > 0; at++ {
		i := bytes.Index(l.text[at:], []byte(m.bytes[from:]))
		if i < 0 {
			return
		}
		at += i
		l.try(m, at-from)
	}
}

// searchHigh goes through what is beyond ASCII, for marks and for session keys of PGP.
func (s *Scanner) searchHigh(l *look) {
	text := l.text
	for i := 0; i+8 <= len(text) && l.tries > 0; i += 8 {
		if binary.LittleEndian.Uint64(text[i:])&0x8080808080808080 == 0 {
			continue
		}
		for k := i; k < i+8; k++ {
			c := text[k]
			if c&0xb0 == 0x80 && k+2 < len(text) && beginsKey(c, text[k+1], text[k+2]) && isMessage(text[k:], false) {
				l.tell(pgpMessage, k)
			}
			for _, m := range s.high[c] {
				l.try(&s.all[m], k-s.all[m].highAt())
			}
		}
	}
}

// parts looks at the beginnings of parts of a form, behind their heads.
func (s *Scanner) parts(l *look) {
	for at := 0; ; {
		i := bytes.Index(l.text[at:], []byte("\r\n\r\n"))
		if i < 0 {
			return
		}
		at += i + 4
		if s.mayBegin(l.text[at:]) {
			s.begins(l, l.text[at:], at)
		}
	}
}

// try looks closer where a mark may stand.
func (l *look) try(m *mark, at int) {
	if at < 0 || !bytes.HasPrefix(l.text[at:], []byte(m.bytes)) {
		return
	}
	if l.tries--; m.holds(l.text, at) {
		l.tell(m.what, at)
	}
}

// tell reports a form once.
func (l *look) tell(what string, at int) {
	if !slices.Contains(l.known, what) {
		l.known = append(l.known, what)
		l.found(what, at)
	}
}
