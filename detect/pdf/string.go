package pdf

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// literal reads a string in parentheses (7.3.4.2).
func (p *parser) literal() (value, error) {
	var out text
	open := 0
	for p.at < len(p.data) {
		c := p.data[p.at]
		p.at++
		switch c {
		case '(':
			open++
			if open == 1 {
				continue
			}
		case ')':
			open--
			if open == 0 {
				return out, nil
			}
		case '\\':
			out = p.escape(out)
			continue
		}
		out = append(out, c)
	}
	return nil, errEnd
}

// escape reads what follows a backslash.
func (p *parser) escape(out text) text {
	if p.at >= len(p.data) {
		return out
	}
	c := p.data[p.at]
	p.at++
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\r' && p.at < len(p.data) && p.data[p.at] == '\n': // the line goes on
		p.at++
		return out
	case c == '\r' || c == '\n':
		return out
	case c < '0' || c > '7':
		return append(out, c)
	}
	n := int(c - '0')
	for i := 0; i < 2 && p.at < len(p.data) && p.data[p.at] >= '0' && p.data[p.at] <= '7'; i++ {
		n = n<<3 | int(p.data[p.at]-'0')
		p.at++
	}
	return append(out, byte(n))
}

// hex reads a string of hexadecimal digits (7.3.4.3).
func (p *parser) hex() (value, error) {
	p.at++
	end := bytes.IndexByte(p.data[p.at:], '>')
	if end < 0 {
		return nil, errEnd
	}
	digits := p.data[p.at : p.at+end]
	p.at += end + 1
	return text(unhex(digits)), nil
}

// unhex leaves out what is no digit; an odd one at the end stands for its tens.
func unhex(digits []byte) []byte {
	out := make([]byte, 0, len(digits)/2+1)
	half, has := byte(0), false
	for _, c := range digits {
		n, ok := digit(c)
		switch {
		case !ok:
		case has:
			out, has = append(out, half<<4|n), false
		default:
			half, has = n, true
		}
	}
	if has {
		out = append(out, half<<4)
	}
	return out
}

func digit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// utf8 is a text string (7.9.2.2) as UTF-8: UTF-16 with its mark, UTF-8 with its
// mark, or PDFDocEncoding, of which what is no ASCII is taken for Latin-1.
func (t text) utf8() []byte {
	switch {
	case bytes.HasPrefix(t, []byte("\xfe\xff")):
		return fromUTF16(t[2:])
	case bytes.HasPrefix(t, []byte("\xef\xbb\xbf")):
		return t[3:]
	}
	return fromLatin1(t)
}

func fromLatin1(b []byte) []byte {
	if ascii(b) {
		return b
	}
	out := make([]byte, 0, len(b)+8)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// fromUTF16 decodes big-endian UTF-16.
func fromUTF16(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for ; len(b) > 1; b = b[2:] {
		r := rune(b[0])<<8 | rune(b[1])
		if utf16.IsSurrogate(r) && len(b) > 3 {
			if both := utf16.DecodeRune(r, rune(b[2])<<8|rune(b[3])); both != utf8.RuneError {
				r, b = both, b[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}
