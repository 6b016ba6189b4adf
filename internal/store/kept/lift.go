package kept

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// maxText is how long a statement may be, in bytes, that is worth taking apart: longer
// ones insert many rows at once, of one number of rows or another.
const maxText = 16 << 10

// lift takes the values out of a statement's text: each literal becomes a mark, in its
// order. It reports false for what it would rather leave alone: other statements than
// those that read and write rows, comments, marks, and what it does not know.
//
// In a SELECT only what stands between its own FROM and the first ORDER, GROUP or LIMIT
// is taken. Before it, what is written names the result's column; behind it, a number may
// be the place of a column, and how many rows are wanted is something that SQLite plans
// with.
func lift(text string) (string, []any, bool) {
	if len(text) > maxText || strings.IndexByte(text, 0) >= 0 { // at which SQLite stops reading
		return "", nil, false
	}
	l := lifter{rest: text}
	l.out.Grow(len(text))
	for l.rest != "" {
		if !l.step() {
			return "", nil, false
		}
	}
	return l.out.String(), l.values, l.verb != ""
}

// lifter is a statement being taken apart.
type lifter struct {
	rest   string // of the text
	out    strings.Builder
	values []any
	verb   string // the statement's first word
	depth  int    // of parentheses
	from   bool   // its own FROM was met
	off    bool   // literals stay
	done   bool   // and will
}

// step takes the next piece of the text. It reports false when the statement is to be
// left alone.
func (l *lifter) step() bool {
	switch c := l.rest[0]; {
	case c == '\'':
		return l.text()
	case c == '"':
		return l.name()
	case c == '-' && strings.HasPrefix(l.rest, "--"), c == '/' && strings.HasPrefix(l.rest, "/*"):
		return false
	case digit(c):
		return l.number()
	case letter(c):
		return l.word()
	case strings.IndexByte("?:@$[`;", c) >= 0:
		return false
	case c == '(':
		l.depth++
	case c == ')':
		l.depth--
	case c == '.' && len(l.rest) > 1 && digit(l.rest[1]):
		return false
	}
	l.copy(1)
	return true
}

func (l *lifter) copy(n int) {
	l.out.WriteString(l.rest[:n])
	l.rest = l.rest[n:]
}

// put replaces the next n bytes by a mark for a value, or leaves them.
func (l *lifter) put(n int, v any) {
	if l.off {
		l.copy(n)
		return
	}
	l.out.WriteByte('?')
	l.values = append(l.values, v)
	l.rest = l.rest[n:]
}

// text takes 'a text', in which a quote is written twice.
func (l *lifter) text() bool {
	n, ok := quoted(l.rest)
	if ok {
		l.put(n, strings.ReplaceAll(l.rest[1:n-1], "''", "'"))
	}
	return ok
}

// name takes "a name", which is no value.
func (l *lifter) name() bool {
	n, ok := quoted(l.rest)
	if ok {
		l.copy(n)
	}
	return ok
}

// quoted is the length of what stands in quotes at the beginning of s, with them.
func quoted(s string) (int, bool) {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			i++
			continue
		}
		return i + 1, true
	}
	return 0, false
}

// number takes 12, 1.5 and 1e-05; not what is hexadecimal or greater than 64 bits.
func (l *lifter) number() bool {
	n := strings.IndexFunc(l.rest, func(r rune) bool { return r >= 0x80 || !digit(byte(r)) && !letter(byte(r)) && r != '.' })
	if n < 0 {
		n = len(l.rest)
	}
	if e := l.rest[n-1]; (e == 'e' || e == 'E') && n < len(l.rest) && (l.rest[n] == '-' || l.rest[n] == '+') {
		n++
		for n < len(l.rest) && digit(l.rest[n]) {
			n++
		}
	}
	v, ok := numeric(l.rest[:n])
	if ok {
		l.put(n, v)
	}
	return ok
}

func numeric(s string) (any, bool) {
	if strings.Trim(s, "0123456789") == "" {
		v, err := strconv.ParseInt(s, 10, 64)
		return v, err == nil
	}
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return nil, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// word takes a keyword or a name, and X'a blob'.
func (l *lifter) word() bool {
	n := strings.IndexFunc(l.rest, func(r rune) bool { return r < 0x80 && !letter(byte(r)) && !digit(byte(r)) })
	if n < 0 {
		n = len(l.rest)
	}
	word := strings.ToUpper(l.rest[:n])
	if word == "X" && n < len(l.rest) && l.rest[n] == '\'' {
		return l.blob()
	}
	if l.verb == "" {
		l.verb = word
		l.off = word == "SELECT"
		l.copy(n)
		return word == "SELECT" || word == "INSERT" || word == "UPDATE" || word == "DELETE"
	}
	switch word {
	case "CAST", "LIKE", "GLOB", "MATCH", "REGEXP", "WITH", "COLLATE":
		return false // a type's length; plans made for a pattern; what is not thought through
	case "UNION", "EXCEPT", "INTERSECT":
		return false
	case "FROM":
		l.from = l.from || l.depth == 0
		l.off = l.done || !l.from
	case "ORDER", "GROUP", "LIMIT", "RETURNING":
		l.off, l.done = true, true
	case "SELECT":
		l.off = true
		if l.verb != "SELECT" {
			return false // INSERT ... SELECT
		}
	}
	l.copy(n)
	return true
}

func (l *lifter) blob() bool {
	n, ok := quoted(l.rest[1:])
	if !ok {
		return false
	}
	b, err := hex.DecodeString(l.rest[2:n])
	if err != nil {
		return false
	}
	l.put(n+1, b)
	return true
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// letter begins a name; bytes of other alphabets do, too.
func letter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}
