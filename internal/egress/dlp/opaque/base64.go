package opaque

import "strings"

// base64Values has the value of each digit of either alphabet of RFC 4648, and -1 for all
// else.
func base64Values() (t [256]int8) {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = int8(strings.IndexByte(digits, byte(i)))
	}
	t['-'], t['_'] = 62, 63
	return t
}

var base64Digits = base64Values()

func isDigit(c byte) bool { return base64Digits[c] >= 0 }

// leastWord is how many digits of base64 are looked into: what is encrypted takes more.
const leastWord = 32

// words looks into every long word of base64, at its beginning. Only one byte in leastWord
// is looked at where there are none.
func (s *Scanner) words(l *look) {
	text := l.text
	for at := leastWord - 1; at < len(text) && l.tries > 0; {
		if !isDigit(text[at]) {
			at += leastWord
			continue
		}
		from, to := at, at
		for from > 0 && at-from < leastWord && isDigit(text[from-1]) {
			from--
		}
		for to < len(text) && isDigit(text[to]) {
			to++
		}
		if to-from >= leastWord {
			s.word(l, from)
		}
		at = to + leastWord
	}
}

// codedHead is how many bytes of a word of base64 are looked at.
const codedHead = 2048

// word looks into one.
func (s *Scanner) word(l *look, from int) {
	if isFernet(l.text, from) {
		l.tell("encrypted as Fernet", from)
	}
	var few [6]byte
	if b := decodeHead(few[:0], l.text[from:]); !s.mayBegin(b) {
		return
	}
	l.tries--
	var buf [codedHead]byte
	s.begins(l, decodeHead(buf[:0], l.text[from:]), from)
}

// mayBegin is quick to say that nothing begins with b.
func (s *Scanner) mayBegin(b []byte) bool {
	if len(b) < 6 || b[0] == sequence || beginsKey(b[0], b[1], b[2]) {
		return len(b) >= 6
	}
	for i := range s.all {
		if m := &s.all[i]; b[0] == m.bytes[0] && b[1] == m.bytes[1] {
			return true
		}
	}
	return false
}

// decodeHead fills buf with what base64 at the start of a text says, whatever its
// alphabet; lines may end within it.
func decodeHead(buf, text []byte) []byte {
	value, have := 0, 0
	for _, c := range text {
		d := int(base64Digits[c])
		switch {
		case len(buf) == cap(buf) || d < 0 && c != '\r' && c != '\n':
			return buf
		case d < 0:
			continue
		}
		value, have = value<<6|d, have+6
		if have >= 8 {
			have -= 8
			buf = append(buf, byte(value>>have))
			value &= 1<<have - 1
		}
	}
	return buf
}
