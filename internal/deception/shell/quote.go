package shell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quote writes a text in single quotes as bash does where it is to be read
// again, with $'…' when there are control characters in it.
func quote(s string) string {
	if strange(s) {
		return ansiQuote(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func strange(s string) bool {
	for _, c := range s {
		if !unicode.IsPrint(c) || c == utf8.RuneError {
			return true
		}
	}
	return false
}

func ansiQuote(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case strings.ContainsRune("\a\b\x1b\f\n\r\t\v", c) && n == 1:
			b.WriteByte('\\')
			b.WriteByte("abEfnrtv"[strings.IndexRune("\a\b\x1b\f\n\r\t\v", c)])
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == utf8.RuneError && n == 1 || !unicode.IsPrint(c):
			for _, x := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, "\\%03o", x)
			}
		default:
			b.WriteRune(c)
		}
		i += n
	}
	return b.String() + "'"
}

// plainly quotes a text only where it needs it: set and set -x do.
func plainly(s string) string {
	switch {
	case s == "":
		return "''"
	case strange(s):
		return ansiQuote(s)
	case strings.ContainsAny(s, " \t\n'\"\\|&;()<>!{}*[?]^$`") || s[0] == '#' || s[0] == '~':
		return quote(s)
	}
	return s
}

// doubleQuote is the form of declare -p.
func doubleQuote(s string) string {
	if strange(s) {
		return ansiQuote(s)
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if strings.IndexByte("\"\\$`", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String() + `"`
}

// backslashed is the form of printf %q.
func backslashed(s string) string {
	if s == "" {
		return "''"
	}
	if strange(s) {
		return ansiQuote(s)
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(" \t'\"\\|&;()<>!{}*[?]^$`,", s[i]) >= 0 || i == 0 && (s[i] == '#' || s[i] == '~') {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// flags are a variable's attributes as declare names them.
func (v *variable) flags() string {
	var b strings.Builder
	for _, f := range []struct {
		on     bool
		letter byte
	}{
		{v.kind == indexed, 'a'}, {v.kind == associative, 'A'}, {v.attrs.integer, 'i'}, {v.attrs.nameref, 'n'},
		{v.attrs.readonly, 'r'}, {v.attrs.trace, 't'}, {v.attrs.export, 'x'}, {v.attrs.lower, 'l'}, {v.attrs.upper, 'u'},
	} {
		if f.on {
			b.WriteByte(f.letter)
		}
	}
	return b.String()
}

// declaration is a variable as declare -p prints it.
func (sh *shell) declaration(name string, v *variable) string {
	flags := v.flags()
	if flags == "" {
		flags = "-"
	}
	head := "declare -" + flags + " " + name
	switch {
	case !v.set:
		return head
	case v.kind == scalar:
		return head + "=" + doubleQuote(v.text)
	}
	return head + "=" + v.compound()
}

// compound is ([0]="a" [1]="b").
func (v *variable) compound() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, k := range v.keys() {
		if i > 0 && v.kind == indexed {
			b.WriteByte(' ')
		}
		s, _ := v.get(k)
		if v.kind == associative {
			k = plainKey(k)
		}
		fmt.Fprintf(&b, "[%s]=%s", k, doubleQuote(s))
		if v.kind == associative {
			b.WriteByte(' ')
		}
	}
	b.WriteByte(')')
	return b.String()
}

func plainKey(k string) string {
	if strings.ContainsAny(k, " \t\n'\"\\|&;()<>!{}*[?]^$`@") || strange(k) || k == "" {
		return doubleQuote(k)
	}
	return k
}

func joined(args []string) string { return strings.Join(args, " ") }
