package detect

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What single marks stand for.

func unpercent(src []byte) (out [4]byte, n, length int) {
	v, ok := hexNumber(src, 1, 2)
	if !ok {
		return out, 0, 0
	}
	out[0] = byte(v)
	return out, 1, 3
}

// hexNumber reads the hex digits src[from:from+count].
func hexNumber(src []byte, from, count int) (rune, bool) {
	if len(src) < from+count {
		return 0, false
	}
	var v rune
	for _, c := range src[from : from+count] {
		d := hexValue(c)
		if d < 0 {
			return 0, false
		}
		v = v<<4 | rune(d)
	}
	return v, true
}

// letterEscapes are the characters that stand for others behind a backslash, and
// those that stand for themselves, in JSON, most languages, shells and Java's
// properties.
const (
	letterEscapes = "nrtbfav0e" + selfEscapes
	letterMeans   = "\n\r\t\b\f\a\v\x00\x1b" + selfEscapes
	selfEscapes   = "/\\\"'`$:=#!"
)

func unescape(src []byte) (out [4]byte, n, length int) {
	if len(src) < 2 {
		return out, 0, 0
	}
	switch c := src[1]; {
	case c == 'u' || c == 'U':
		return unescapeRune(src)
	case c == 'x':
		return unescapeByte(src)
	case c == '\n' || c == '\r':
		return out, 0, continued(src)
	case c >= '0' && c <= '3' && len(src) > 3 && octal(src[2]) && octal(src[3]):
		out[0] = (c-'0')<<6 | (src[2]-'0')<<3 | (src[3] - '0')
		return out, 1, 4
	}
	if i := strings.IndexByte(letterEscapes, src[1]); i >= 0 {
		out[0] = letterMeans[i]
		return out, 1, 2
	}
	return out, 0, 0
}

func octal(c byte) bool { return c >= '0' && c <= '7' }

// continued measures a backslash at the end of a line, the line end and the
// indentation of the next line, which go on with the line before. If nothing is
// there to go on with, it is 0.
func continued(src []byte) int {
	next := lineStart(src, 1)
	if next < 0 || next >= len(src) || src[next] <= ' ' {
		return 0
	}
	return next
}

// unescapeByte reads \xHH, or \x{H...}.
func unescapeByte(src []byte) (out [4]byte, n, length int) {
	if r, size := braced(src); size > 0 {
		return out, utf8.EncodeRune(out[:], r), size
	}
	v, ok := hexNumber(src, 2, 2)
	if !ok {
		return out, 0, 0
	}
	out[0] = byte(v)
	return out, 1, 4
}

// braced reads the {H...} of \u{H...} and \x{H...}, and gives the length of all.
func braced(src []byte) (rune, int) {
	if len(src) < 5 || src[2] != '{' {
		return 0, 0
	}
	end := bytes.IndexByte(src[3:min(len(src), 12)], '}')
	if end < 1 || end > 6 {
		return 0, 0
	}
	r, ok := hexNumber(src, 3, end)
	if !ok || !utf8.ValidRune(r) {
		return 0, 0
	}
	return r, end + 4
}

// unescapeRune reads \uXXXX, or two of them that are a surrogate pair, \u{X...}
// and \UXXXXXXXX.
func unescapeRune(src []byte) (out [4]byte, n, length int) {
	if src[1] == 'U' {
		r, ok := hexNumber(src, 2, 8)
		if !ok || !utf8.ValidRune(r) {
			return out, 0, 0
		}
		return out, utf8.EncodeRune(out[:], r), 10
	}
	if r, size := braced(src); size > 0 {
		return out, utf8.EncodeRune(out[:], r), size
	}
	r, ok := hexNumber(src, 2, 4)
	if !ok {
		return out, 0, 0
	}
	length = 6
	if utf16.IsSurrogate(r) && len(src) >= 12 && src[6] == '\\' && src[7] == 'u' {
		if low, ok := hexNumber(src, 8, 4); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				r, length = pair, 12
			}
		}
	}
	return out, utf8.EncodeRune(out[:], r), length
}

const cdataOpen = "<![CDATA["

// unentity reads &name;, &#N; and &#xH;, with the names of XML 1.0, section 4.6,
// and HTML's blank.
func unentity(src []byte) (out [4]byte, n, length int) {
	end := bytes.IndexByte(src[:min(len(src), 10)], ';')
	if end < 2 {
		return out, 0, 0
	}
	r, ok := referred(string(src[1:end]))
	if !ok {
		return out, 0, 0
	}
	return out, utf8.EncodeRune(out[:], r), end + 1
}

func referred(name string) (rune, bool) {
	if digits, numeric := strings.CutPrefix(name, "#"); numeric {
		base := 10
		if digits[:min(1, len(digits))] == "x" || digits[:min(1, len(digits))] == "X" {
			digits, base = digits[1:], 16
		}
		v, err := strconv.ParseUint(digits, base, 21)
		return rune(v), err == nil && utf8.ValidRune(rune(v))
	}
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	case "nbsp":
		return '\u00a0', true
	}
	return 0, false
}

// unprintable reads =HH, and the = at the end of a line that goes on in the next.
func unprintable(src []byte) (out [4]byte, n, length int) {
	if v, ok := hexNumber(src, 1, 2); ok {
		out[0] = byte(v)
		return out, 1, 3
	}
	switch {
	case bytes.HasPrefix(src, []byte("=\r\n")):
		return out, 0, 3
	case bytes.HasPrefix(src, []byte("=\n")):
		return out, 0, 2
	}
	return out, 0, 0
}

// uncdata takes the frame of a CDATA section away: XML 1.0, section 2.7.
func uncdata(src []byte) (out [4]byte, n, length int) {
	if bytes.HasPrefix(src, []byte(cdataOpen)) {
		return out, 0, len(cdataOpen)
	}
	return out, 0, 0
}
