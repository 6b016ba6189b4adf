package awk

import (
	"errors"
	"regexp"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/regex"
)

// pattern is a compiled regular expression over bytes.
type pattern struct{ re *regex.Regexp }

// compile translates mawk's extended expressions, which have no {m,n}. Bytes
// are matched as mawk does, which knows no characters of several bytes.
func compile(source string) (*pattern, error) {
	t := &translator{in: source}
	if err := t.run(); err != nil {
		return nil, errors.New("regular expression compile failed (" + err.Error() + ")\n" + source)
	}
	re, err := regex.Compile("(?s)"+t.out.String(), true)
	if errors.Is(err, regex.ErrTooBig) {
		return nil, errors.New("regular expression compile failed (out of memory)\n" + source)
	}
	if err != nil {
		return nil, errors.New("regular expression compile failed (syntax error ^* or ^+)\n" + source)
	}
	return &pattern{re}, nil
}

func plainText(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// wide gives each byte its own character, so that offsets can be counted.
func wide(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

// find returns up to n matches as pairs of offsets, all when n is negative.
func (p *pattern) find(s string, n int, pay regex.Pay) [][]int {
	if plainText(s) {
		return p.re.FindAll(s, n, pay)
	}
	w := wide(s)
	all := p.re.FindAll(w, n, pay)
	at, bytes := 0, 0
	for _, m := range all {
		for i := range m[:2] {
			for bytes < m[i] {
				if w[bytes] >= 0x80 {
					bytes++
				}
				bytes, at = bytes+1, at+1
			}
			m[i] = at
		}
	}
	return all
}

func (p *pattern) match(s string, pay regex.Pay) bool {
	if !plainText(s) {
		s = wide(s)
	}
	return p.re.Match(s, pay)
}

type translator struct {
	in    string
	at    int
	depth int
	out   strings.Builder
	last  byte // 'a' an operand, '*' a repetition, 0 neither
}

func (t *translator) run() error {
	for t.at < len(t.in) {
		c := t.in[t.at]
		t.at++
		switch c {
		case '\\':
			t.escape()
		case '[':
			if err := t.set(); err != nil {
				return err
			}
		case '(':
			t.depth++
			t.write("(", 0)
		case ')':
			if t.depth--; t.depth < 0 {
				return errors.New("missing '('")
			}
			t.write(")", 'a')
		case '*', '+', '?':
			t.repeat(c)
		case '|', '^':
			t.write(string(c), 0)
		case '.', '$':
			t.write(string(c), 'a')
		default:
			t.literal(c)
		}
	}
	if t.depth > 0 {
		return errors.New("missing ')'")
	}
	return nil
}

func (t *translator) write(s string, last byte) {
	t.out.WriteString(s)
	t.last = last
}

func (t *translator) literal(c byte) { t.write(regexp.QuoteMeta(string(rune(c))), 'a') }

// repeat writes a repetition. One more behind another makes it a star, and one
// with nothing to repeat means itself.
func (t *translator) repeat(c byte) {
	switch {
	case t.last == 0:
		t.literal(c)
	case t.last != '*':
		t.write(string(c), '*')
	default:
		s := t.out.String()
		if s[len(s)-1] != c {
			t.out.Reset()
			t.out.WriteString(s[:len(s)-1] + "*")
		}
	}
}

func (t *translator) escape() {
	if t.at == len(t.in) {
		t.literal('\\')
		return
	}
	c := t.in[t.at]
	t.at++
	if e, ok := escapes[c]; ok {
		c = e
	} else if v, n := numeric(t.in[t.at-1:]); n > 0 {
		c = v
		t.at += n - 1
	}
	t.literal(c)
}

// set translates […], in which a backslash escapes.
func (t *translator) set() error {
	var out strings.Builder
	out.WriteByte('[')
	if strings.HasPrefix(t.in[t.at:], "^") {
		out.WriteByte('^')
		t.at++
	}
	for first := true; ; first = false {
		if t.at >= len(t.in) {
			return errors.New("missing ']'")
		}
		c := t.in[t.at]
		t.at++
		switch {
		case c == ']' && !first:
			out.WriteByte(']')
			t.write(out.String(), 'a')
			return nil
		case c == '[' && strings.HasPrefix(t.in[t.at:], ":") && strings.Contains(t.in[t.at:], ":]"):
			end := t.at + strings.Index(t.in[t.at:], ":]") + 2
			out.WriteString(t.in[t.at-1 : end])
			t.at = end
		case c == '\\' && t.at < len(t.in):
			out.WriteString(t.escapedMember())
		case c == '-' && !first && t.at < len(t.in) && t.in[t.at] != ']':
			out.WriteByte('-')
		default:
			out.WriteString(member(c))
		}
	}
}

func (t *translator) escapedMember() string {
	sub := &translator{in: t.in, at: t.at}
	sub.escape()
	t.at = sub.at
	if s := sub.out.String(); s != "-" {
		return s
	}
	return `\-`
}

// member writes a byte of a set so that it means itself.
func member(c byte) string {
	if strings.IndexByte(`\]^-[&~`, c) >= 0 {
		return `\` + string(c)
	}
	return string(rune(c))
}
