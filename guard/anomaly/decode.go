package anomaly

import "strings"

// What a recogniser reads of an input, and how often it undoes percent-encoding:
// servers behind proxies decode twice, and attackers count on one more.
const (
	mostRead   = 8 << 10
	mostLayers = 3
)

// unescaped undoes percent-encoding until nothing changes. Next to RFC 3986 it knows
// %uXXXX, as some servers do, and the overlong forms of UTF-8 for a dot and the two
// slashes.
func unescaped(text string) string {
	for range mostLayers {
		plain := unescapeOnce(text)
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
		c, n := escape(text[i:])
		b = append(b, c)
		i += n
	}
	return string(b)
}

// escape reads one character, which may be an escape.
func escape(s string) (c byte, length int) {
	if s[0] != '%' {
		return s[0], 1
	}
	for form, c := range odd(s) {
		if strings.EqualFold(s[:min(len(s), len(form))], form) {
			return c, len(form)
		}
	}
	if len(s) >= 3 {
		if hi, lo := hexDigit(s[1]), hexDigit(s[2]); hi >= 0 && lo >= 0 {
			return byte(hi<<4 | lo), 3
		}
	}
	return s[0], 1
}

// odd yields the forms that are no plain escapes, if s may begin with one.
func odd(s string) func(func(string, byte) bool) {
	return func(yield func(string, byte) bool) {
		if len(s) < 6 || strings.IndexByte("uUcCeE", s[1]) < 0 {
			return
		}
		for _, f := range [...]struct {
			form string
			is   byte
		}{
			{"%u002e", '.'}, {"%u002f", '/'}, {"%u005c", '\\'}, {"%uff0e", '.'}, {"%u2215", '/'}, {"%u2216", '\\'},
			{"%c0%ae", '.'}, {"%c0%af", '/'}, {"%c1%9c", '\\'}, {"%e0%80%ae", '.'}, {"%e0%80%af", '/'}, {"%e0%81%9c", '\\'},
		} {
			if !yield(f.form, f.is) {
				return
			}
		}
	}
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
