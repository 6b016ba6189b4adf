package bzzzlog

import (
	"unicode/utf16"
	"unicode/utf8"
)

// literal steps over a string with its quotes.
func (p *parser) literal() error {
	from := p.at
	p.at++
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case '"':
			p.at++
			return nil
		case '\\':
			n := escapeLen(p.src[p.at:])
			if n == 0 {
				return syntaxError(p.at, "an unknown escape")
			}
			p.at += n
		default:
			p.at++
		}
	}
	return syntaxError(from, "a string without an end")
}

// escapeLen is the length of the escape that s begins with, 0 when it is none.
func escapeLen(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(s); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads \uXXXX.
func hex4(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unit reads what one piece of a literal's inside stands for: the bytes it
// decodes to are appended to dst, and its length in the literal is returned.
// A lone surrogate becomes U+FFFD; bytes that are not UTF-8 stay as they are.
func unit(dst, s []byte) ([]byte, int) {
	if s[0] != '\\' {
		return append(dst, s[0]), 1
	}
	if r, ok := hex4(s); ok {
		if utf16.IsSurrogate(r) {
			if low, ok := hex4(s[6:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(dst, pair), 12
				}
			}
			r = utf8.RuneError
		}
		return utf8.AppendRune(dst, r), 6
	}
	return append(dst, unescape(s[1])), 2
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// appendText appends what a literal, which literal has accepted, stands for.
func appendText(dst, literal []byte) []byte {
	in := literal[1 : len(literal)-1]
	for len(in) > 0 {
		var n int
		dst, n = unit(dst, in)
		in = in[n:]
	}
	return dst
}

// sourceOffset is where in the literal the byte i of its text comes from; for
// i at or past the end of the text, where the closing quote is.
func sourceOffset(literal []byte, i int) int {
	at, buf := 1, make([]byte, 0, utf8.UTFMax)
	for at < len(literal)-1 {
		text, n := unit(buf, literal[at:len(literal)-1])
		if i < len(text) {
			break
		}
		i -= len(text)
		at += n
	}
	return at
}
