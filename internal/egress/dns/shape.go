package dns

import "strings"

// Bits that a character of a label can carry, by what the label is written in. Of
// words, people's choice of them is what says something: Shannon measured about one
// bit a letter of running English, and names are a little less regular.
const (
	bitsWord    = 1.2
	bitsDecimal = 3.4
	bitsHex     = 4.0
	bitsBase32  = 5.0
	bitsBase64  = 6.0
)

// data is about how many bytes a label carries, by what it looks like. It is at least
// one, or half of one for a single character: that this label and not another stands
// there says something.
func data(label string) float64 {
	bits, short := 0.0, 0
	for _, token := range strings.FieldsFunc(label, func(c rune) bool { return c == '-' || c == '_' }) {
		s := look(token)
		if s.digits == 0 && s.brief() {
			short++
		}
		bits += float64(len(token)) * s.density(token, short <= 1)
	}
	if len(label) == 1 {
		return 0.5
	}
	return max(1, bits/8)
}

// density is how many bits a character of a token carries. Of what is too short to
// tell whether it is a word, brief says whether it is to be taken for one.
func (s looks) density(token string, brief bool) float64 {
	switch {
	case s.digits == len(token):
		return bitsDecimal
	case s.digits == 0 && s.wordy() && (brief || !s.brief()):
		return bitsWord
	case s.numbered(token):
		return bitsWord
	case s.other == 0 && s.beyondHex == 0:
		return bitsHex
	case s.upper > 1 && s.lower > 1 && s.turns > len(token)/4:
		return bitsBase64
	}
	return bitsBase32
}

// looks is what a token is made of.
type looks struct {
	digits, upper, lower, other int
	beyondHex                   int // letters after f
	vowels                      int
	longest                     int // letters in a row without a vowel
	turns                       int // how often large and small letters and digits follow each other
}

func look(token string) (s looks) {
	row, last := 0, byte(0)
	for i := range len(token) {
		kind, c := kindOf(token[i]), token[i]|0x20
		switch kind {
		case 'd':
			s.digits++
		case 'u':
			s.upper++
		case 'l':
			s.lower++
		default:
			s.other++
		}
		if kind != last && i > 0 {
			s.turns++
		}
		last = kind
		letter := kind == 'u' || kind == 'l'
		if letter && c > 'f' {
			s.beyondHex++
		}
		switch {
		case !letter || strings.IndexByte("aeiouy", c) >= 0:
			s.vowels += btoi(letter)
			row = 0
		default:
			row++
			s.longest = max(s.longest, row)
		}
	}
	return s
}

func kindOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return 'd'
	case c >= 'A' && c <= 'Z':
		return 'u'
	case c >= 'a' && c <= 'z':
		return 'l'
	}
	return 'o'
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wordy reports whether letters could be said aloud, as words and what is made of
// them can, or are so few that they may be an abbreviation.
func (s looks) wordy() bool { return s.said() || s.brief() }

// said: vowels come often enough.
func (s looks) said() bool {
	n := s.upper + s.lower
	return s.other == 0 && s.longest <= 5 && s.vowels*5 >= n && s.vowels*5 <= n*3 && n <= 24
}

// brief is what nobody could say aloud and may stand for something longer, as one does
// in the name of a machine. Several in one label are letters that somebody cut into
// groups.
func (s looks) brief() bool { return s.other == 0 && s.upper+s.lower <= 5 && !s.said() }

// numbered reports whether a token is a word with a number behind or before it, as
// machines are called: one turn between letters and a few digits.
func (s looks) numbered(token string) bool {
	return s.digits > 0 && s.digits <= 4 && s.turns == 1 && len(token) <= 16 && s.wordy()
}
