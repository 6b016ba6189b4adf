package match

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// What a byte says about the character that begins with it.
const (
	outside uint8 = iota // not in the class
	inside               // in the class, and one byte long
	decode               // not ASCII: the character has to be read
)

// class is a set of characters. Bytes that are no UTF-8 count as U+FFFD, one
// byte long, as in package regexp.
type class struct {
	kind  [256]uint8
	runes []rune // pairs of bounds of what is not ASCII
	ascii bool   // nothing has to be read
	all   bool   // holds everything that is not ASCII
}

// classOf makes a class of pairs of bounds, in ascending order.
func classOf(pairs []rune) *class {
	c := &class{ascii: true}
	for i := 0; i+1 < len(pairs); i += 2 {
		lo, hi := pairs[i], pairs[i+1]
		for r := lo; r <= min(hi, utf8.RuneSelf-1); r++ {
			c.kind[r] = inside
		}
		if hi >= utf8.RuneSelf {
			c.runes = append(c.runes, max(lo, utf8.RuneSelf), hi)
			c.ascii = false
		}
	}
	c.all = len(c.runes) == 2 && c.runes[0] == utf8.RuneSelf && c.runes[1] == unicode.MaxRune
	for b := utf8.RuneSelf; b < 256 && !c.ascii; b++ {
		c.kind[b] = decode
	}
	return c
}

// width is the length of the character at text[i] if it is in the class, else 0.
func (c *class) width(text []byte, i int) int {
	if k := c.kind[text[i]]; k != decode {
		return int(k)
	}
	r, n := utf8.DecodeRune(text[i:])
	if c.all || c.holds(r) {
		return n
	}
	return 0
}

func (c *class) holds(r rune) bool {
	for i := 0; i < len(c.runes); i += 2 {
		if c.runes[i] <= r && r <= c.runes[i+1] {
			return true
		}
	}
	return false
}

// bytes is the set of bytes that characters of the class begin with.
func (c *class) bytes() (s set) {
	for b, k := range c.kind {
		if k != outside {
			s.add(byte(b))
		}
	}
	return s
}

// only is the set of bytes that are characters of the class.
func (c *class) only() (s set) {
	for b, k := range c.kind {
		if k == inside {
			s.add(byte(b))
		}
	}
	return s
}

// set is a set of bytes.
type set [4]uint64

func (s *set) add(b byte)      { s[b>>6] |= 1 << (b & 63) }
func (s *set) has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }

func (s *set) join(t set) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (s set) without(t set) set {
	for i := range s {
		s[i] &^= t[i]
	}
	return s
}

func (s set) disjoint(t set) bool {
	return s[0]&t[0]|s[1]&t[1]|s[2]&t[2]|s[3]&t[3] == 0
}

func everyByte() set { return set{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} }

// wordBytes are the characters that \b goes by.
func wordBytes() (s set) {
	for b := range 256 {
		if word(byte(b)) {
			s.add(byte(b))
		}
	}
	return s
}

func word(b byte) bool {
	return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' || b == '_'
}

// single returns the class of a regex that matches exactly one character, and
// whether it does.
func single(re *syntax.Regexp) (*class, bool) {
	pairs, ok := pairsOf(re)
	if !ok {
		return nil, false
	}
	return classOf(pairs), true
}

// pairsOf returns the characters of a regex that matches exactly one, as pairs of
// bounds, and whether it does.
func pairsOf(re *syntax.Regexp) ([]rune, bool) {
	switch re.Op {
	case syntax.OpCharClass:
		return re.Rune, true
	case syntax.OpAnyChar:
		return []rune{0, unicode.MaxRune}, true
	case syntax.OpAnyCharNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}, true
	case syntax.OpLiteral:
		if len(re.Rune) == 1 {
			return letterPairs(re.Rune[0], re.Flags&syntax.FoldCase != 0), true
		}
	}
	return nil, false
}

// letter is the class of one character, or of all that differ from it in case.
func letter(r rune, fold bool) *class { return classOf(letterPairs(r, fold)) }

func letterPairs(r rune, fold bool) []rune {
	pairs := []rune{r, r}
	for f := unicode.SimpleFold(r); fold && f != r; f = unicode.SimpleFold(f) {
		pairs = append(pairs, f, f)
	}
	return pairs
}
