package nginx

import (
	"strconv"
	"strings"
)

// quoted is a text in quotes, still escaped, and what follows it.
type quoted struct{ quoted, after string }

// cutQuoted cuts a line before and behind its first text in quotes. A quote in
// the text itself is \x22 in nginx's logs and \" in Apache's. A text whose end
// was cut off is none.
func cutQuoted(s string) (before string, q quoted, ok bool) {
	begin := endOf(s)
	if begin == len(s) {
		return s, q, false
	}
	end := begin + 1 + endOf(s[begin+1:])
	if end == len(s) {
		return s, q, false
	}
	return s[:begin], quoted{s[begin+1 : end], s[end+1:]}, true
}

// endOf is where the first quote stands that is not escaped; the length of s if
// there is none.
func endOf(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s)
}

// plain is a text that was logged; what is not known is logged as a dash.
func plain(s string) string {
	if s == "-" {
		return ""
	}
	return unescaped(s)
}

// unescaped undoes the escapes of what prints: \x22 and \x5C of nginx, \" and \\
// of Apache. Other bytes stay as they were logged, so that no text of an
// attacker's breaks a line or a terminal later on.
func unescaped(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		rest := s[i:]
		switch c, ok := hexEscape(rest); {
		case ok:
			b.WriteByte(c)
			i += len(`\x22`) - 1
		case strings.HasPrefix(rest, `\"`), strings.HasPrefix(rest, `\\`):
			b.WriteByte(rest[1])
			i++
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// hexEscape reads \xHH of a character that prints.
func hexEscape(s string) (byte, bool) {
	if len(s) < 4 || s[0] != '\\' || s[1] != 'x' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:4], 16, 8)
	return byte(n), err == nil && n >= ' ' && n <= '~'
}
