package shell

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// ansiC reads the escapes of $'…'. With echo it reads those of echo -e and
// printf %b, where an octal number begins with 0.
func ansiC(s string, echo bool) string {
	out, _ := escapes(s, echo)
	return out
}

// escapes is ansiC that reports whether \c asked for the end of the output.
func escapes(s string, echo bool) (string, bool) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, false
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		if echo && s[i+1] == 'c' {
			return b.String(), true
		}
		n := escape(&b, s[i+1:], echo)
		i += 1 + n
	}
	out := b.String()
	if !echo {
		out, _, _ = strings.Cut(out, "\x00")
	}
	return out, false
}

// escape writes what an escape means and returns how long it was.
func escape(b *strings.Builder, s string, echo bool) int {
	if c := strings.IndexByte(`abefnrtvE`, s[0]); c >= 0 {
		b.WriteByte("\a\b\x1b\f\n\r\t\v\x1b"[c])
		return 1
	}
	switch c := s[0]; {
	case c == '\\':
		b.WriteByte(c)
		return 1
	case !echo && (c == '\'' || c == '"' || c == '?'):
		b.WriteByte(c)
		return 1
	case c == 'x':
		return hexEscape(b, s, 2)
	case c == 'u':
		return hexEscape(b, s, 4)
	case c == 'U':
		return hexEscape(b, s, 8)
	case c == '0' && echo:
		return 1 + octalEscape(b, s[1:], 3)
	case c >= '0' && c <= '7' && !echo:
		return octalEscape(b, s, 3)
	case c == 'c' && !echo && len(s) > 1:
		b.WriteByte(s[1] & 0x1f)
		return 2
	}
	b.WriteByte('\\')
	b.WriteByte(s[0])
	return 1
}

func octalEscape(b *strings.Builder, s string, most int) int {
	n, v := 0, 0
	for n < most && n < len(s) && s[n] >= '0' && s[n] <= '7' {
		v = v*8 + int(s[n]-'0')
		n++
	}
	b.WriteByte(byte(v))
	return n
}

func hexEscape(b *strings.Builder, s string, most int) int {
	n := 0
	for n < most && n+1 < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[n+1]) >= 0 {
		n++
	}
	if n == 0 {
		b.WriteByte('\\')
		b.WriteByte(s[0])
		return 1
	}
	v, _ := strconv.ParseUint(s[1:1+n], 16, 32)
	if s[0] == 'x' {
		b.WriteByte(byte(v))
		return 1 + n
	}
	r := rune(v)
	if v > utf8.MaxRune {
		r = utf8.RuneError
	}
	b.WriteRune(r)
	return 1 + n
}
