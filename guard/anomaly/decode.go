package anomaly

import (
	"strings"
	"unicode/utf8"
)

// What a recogniser reads of an input, and how often it undoes encodings: servers
// behind proxies decode twice, and attackers count on one more. No common web server
// but Go's takes a longer line of a request.
const (
	mostRead   = 32 << 10
	mostLayers = 3
)

// unescaped undoes encodings until nothing changes: the percent-encoding of RFC 3986,
// %uXXXX, which some servers know, and what narrow knows.
func unescaped(text string) string {
	for range mostLayers {
		plain := narrow(unescapeOnce(text))
		if plain == text {
			break
		}
		text = plain
	}
	return text
}

func unescapeOnce(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if r, ok := wideEscape(text[i:]); ok {
			b = utf8.AppendRune(b, r)
			i += len("%u002e")
			continue
		}
		c, n := escape(text[i:])
		b = append(b, c)
		i += n
	}
	return string(b)
}

// escape reads one byte, which may be an escape.
func escape(s string) (c byte, length int) {
	if s[0] == '%' && len(s) >= 3 {
		if hi, lo := hexDigit(s[1]), hexDigit(s[2]); hi >= 0 && lo >= 0 {
			return byte(hi<<4 | lo), 3
		}
	}
	return s[0], 1
}

// wideEscape reads %uXXXX.
func wideEscape(s string) (r rune, ok bool) {
	if len(s) < 6 || s[0] != '%' || s[1]|0x20 != 'u' {
		return 0, false
	}
	for _, c := range []byte(s[2:6]) {
		d := hexDigit(c)
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// narrow writes dots, slashes and percent signs that lenient decoders and normalisers
// make of something else as what they become: longer forms of UTF-8 than it has, and the
// wide and look-alike forms that Unicode folds to them (UAX 15, NFKC; Windows' best fit).
func narrow(text string) string {
	ascii := func(r rune) bool { return r < utf8.RuneSelf }
	first := strings.IndexFunc(text, func(r rune) bool { return !ascii(r) })
	if first < 0 {
		return text
	}
	b := make([]byte, first, len(text))
	copy(b, text)
	for i := first; i < len(text); {
		if c, n := overlong(text[i:]); n > 0 {
			b = append(b, c)
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if folded := folds(r); folded != "" {
			b = append(b, folded...)
		} else {
			b = append(b, text[i:i+n]...)
		}
		i += n
	}
	return string(b)
}

// overlong reads a form of UTF-8 that is longer than its character needs, of those
// that lead somewhere; n is 0 for all else. Like the decoders that fall for it, it does
// not ask whether the last byte is one that may stand there.
func overlong(s string) (c byte, n int) {
	const telling = `./\%`
	high := byte(0)
	switch s[0] {
	case 0xC0, 0xC1:
		high, n = s[0], 2
	case 0xE0:
		n = 3
	case 0xF0:
		n = 4
	case 0xF8:
		n = 5
	case 0xFC:
		n = 6
	}
	if n == 0 || len(s) < n {
		return 0, 0
	}
	for i := 1; i < n-1; i++ {
		if high = s[i]; high != 0x80 && (i < n-2 || high != 0x81) {
			return 0, 0
		}
	}
	c = high&1<<6 | s[n-1]&0x3F
	if strings.IndexByte(telling, c) < 0 {
		return 0, 0
	}
	return c, n
}

// folds is what a character becomes where text is normalised; empty: it is not one that
// leads somewhere.
func folds(r rune) string {
	switch r {
	case '\uFF0E', '\u2024':
		return "."
	case '\u2025':
		return ".."
	case '\uFF0F', '\u2215', '\u2044':
		return "/"
	case '\uFF3C', '\u2216':
		return `\`
	case '\uFF05':
		return "%"
	}
	return ""
}
