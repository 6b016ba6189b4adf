package command

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/regex"
)

// The messages of the C library about patterns.
var (
	errParen   = errors.New("Unmatched ( or \\(")
	errClose   = errors.New("Unmatched ) or \\)")
	errBracket = errors.New("Unmatched [, [^, [:, [., or [=")
	errBrace   = errors.New("Unmatched \\{")
	errContent = errors.New("Invalid content of \\{\\}")
	errBackref = errors.New("Invalid back reference")
	errRegex   = errors.New("Invalid regular expression")
	errTail    = errors.New("Trailing backslash")
	errRange   = errors.New("Invalid range end")
	errClass   = errors.New("Invalid character class name")
	errColon   = errors.New("character class syntax is [[:space:]], not [:space:]")
	errBig     = errors.New("Regular expression too big")
)

// pattern is an expression, and who pays for what it costs.
type pattern struct {
	*regex.Regexp
	pay regex.Pay
}

func (p *pattern) match(text string) bool             { return p.Match(text, p.pay) }
func (p *pattern) find(text string) []int             { return p.Find(text, p.pay) }
func (p *pattern) findAll(text string, n int) [][]int { return p.FindAll(text, n, p.pay) }

// compiler makes patterns for a program, which keeps them until it ends.
type compiler struct {
	pay  regex.Pay
	hold func(bytes int) bool
}

func compilerOf(ctx context.Context, p *shell.Proc) compiler {
	return compiler{func(units int) error { return p.Work(ctx, units) }, p.Hold}
}

// compile translates a POSIX pattern, basic or extended, with GNU's additions.
// Matching takes time linear in the text; patterns with back references, which
// could not, are refused.
func (c compiler) compile(text string, extended, ignoreCase bool) (*pattern, error) {
	t := &translator{in: text, extended: extended}
	if err := t.run(); err != nil {
		return nil, err
	}
	flags := "(?s)"
	if ignoreCase {
		flags = "(?si)"
	}
	return c.plain(flags+string(t.out), true)
}

// plain compiles what is in the syntax of Go's library already.
func (c compiler) plain(source string, longest bool) (*pattern, error) {
	re, err := regex.Compile(source, longest)
	switch {
	case errors.Is(err, regex.ErrTooBig):
		return nil, errBig
	case err != nil:
		return nil, refused(err)
	case !c.hold(re.Memory()):
		return nil, errMemory
	}
	return &pattern{re, c.pay}, c.pay(re.Labour())
}

// refused is what the C library says of a pattern that Go's library refuses.
func refused(err error) error {
	if e := (&syntax.Error{}); errors.As(err, &e) && e.Code == syntax.ErrInvalidCharRange {
		return errRange
	}
	return errRegex
}

type translator struct {
	in       string
	at       int
	extended bool
	depth    int
	out      []byte
	atom     bool     // something is there that a repetition could apply to
	leading  []string // repetitions that had nothing to repeat
}

func (t *translator) run() error {
	for t.at < len(t.in) {
		c := t.in[t.at]
		t.at++
		var err error
		switch {
		case c == '\\':
			err = t.escape()
		case c == '[':
			err = t.bracket()
		case c == '*':
			t.repeat("*")
		case c == '.':
			t.put(".")
		case c == '^':
			t.caret()
		case c == '$':
			t.dollar()
		case t.extended && strings.IndexByte("(){}+?|", c) >= 0:
			err = t.operator(c)
		default:
			t.put(regexp.QuoteMeta(string(c)))
			if c >= 0x80 { // bytes of one rune stay together
				t.undo(regexp.QuoteMeta(string(c)), string([]byte{c}))
			}
		}
		if err != nil {
			return err
		}
	}
	if t.depth > 0 {
		return errParen
	}
	return nil
}

// undo replaces what was written last.
func (t *translator) undo(last, with string) {
	t.out = append(bytes.TrimSuffix(t.out, []byte(last)), with...)
}

func (t *translator) put(s string) {
	t.out = append(t.out, s...)
	t.atom = true
}

// repeat writes a repetition; where nothing stands before it, it means itself.
func (t *translator) repeat(op string) {
	if !t.atom {
		if t.extended {
			t.leading = append(t.leading, op)
			return
		}
		t.put(regexp.QuoteMeta(op))
		return
	}
	text := t.out
	if last := text[len(text)-1]; (last == '*' || last == '+' || last == '?') && !bytes.HasSuffix(text, []byte{'\\', last}) {
		t.out = wrapLast(text)
	}
	t.out = append(t.out, op...)
}

// wrapLast lets a repetition be repeated, which Go's syntax reads otherwise: of
// the two stars in a** the second changes nothing.
func wrapLast(text []byte) []byte { return text[:len(text)-1] }

func (t *translator) caret() {
	if t.extended || len(t.out) == 0 || bytes.HasSuffix(t.out, []byte("(")) || bytes.HasSuffix(t.out, []byte("|")) {
		t.out = append(t.out, "^"...)
		t.atom = false
		return
	}
	t.put(`\^`)
}

func (t *translator) dollar() {
	rest := t.in[t.at:]
	if t.extended || rest == "" || strings.HasPrefix(rest, `\)`) || strings.HasPrefix(rest, `\|`) {
		t.out = append(t.out, "$"...)
		t.atom = true
		return
	}
	t.put(`\$`)
}

func (t *translator) operator(c byte) error {
	switch c {
	case '(':
		t.depth++
		t.out = append(t.out, '(')
		t.atom = false
	case ')':
		if t.depth == 0 {
			if t.extended {
				t.put(`\)`)
				return nil
			}
			return errClose
		}
		t.depth--
		t.out = append(t.out, ')')
		t.atom = true
	case '|':
		t.out = append(t.out, '|')
		t.atom = false
	case '{':
		return t.interval()
	case '}':
		t.put(`\}`)
	default:
		t.repeat(string(c))
	}
	return nil
}

// interval reads {m,n}.
func (t *translator) interval() error {
	closing := "}"
	if !t.extended {
		closing = `\}`
	}
	end := strings.Index(t.in[t.at:], closing)
	if end < 0 {
		if t.extended {
			t.put(`\{`)
			return nil
		}
		return errBrace
	}
	text := t.in[t.at : t.at+end]
	number := strings.Trim(text, "0123456789,") == "" && text != "" && strings.Count(text, ",") <= 1
	switch {
	case t.extended && number && !t.atom:
		t.at += end + len(closing)
		t.leading = append(t.leading, "{...}")
		return nil
	case t.extended && !number:
		t.put(`\{`)
		return nil
	case !number || !t.atom:
		return errContent
	}
	if err := inOrder(text); err != nil {
		return err
	}
	t.at += end + len(closing)
	if text[0] == ',' {
		text = "0" + text
	}
	t.out = append(t.out, "{"+text+"}"...)
	return nil
}

// mostRepeated is RE_DUP_MAX of the C library.
const mostRepeated = 0x7fff

// inOrder checks the numbers of an interval.
func inOrder(text string) error {
	low, high, two := strings.Cut(text, ",")
	from, err1 := strconv.Atoi("0" + low)
	to, err2 := strconv.Atoi("0" + high)
	switch {
	case err1 != nil || err2 != nil || from > mostRepeated || to > mostRepeated:
		return errBig
	case two && high != "" && from > to:
		return errContent
	}
	return nil
}

func (t *translator) escape() error {
	if t.at == len(t.in) {
		return errTail
	}
	c := t.in[t.at]
	t.at++
	switch {
	case !t.extended && strings.IndexByte("(){}+?|", c) >= 0:
		if c == ')' && t.depth == 0 {
			return errClose
		}
		return t.operator(c)
	case c >= '1' && c <= '9':
		return errBackref
	case c == 'w' || c == 'W' || c == 's' || c == 'S':
		t.put(map[byte]string{'w': `[0-9A-Za-z_]`, 'W': `[^0-9A-Za-z_]`, 's': `[[:space:]]`, 'S': `[^[:space:]]`}[c])
	case c == 'b' || c == 'B':
		t.put(`\` + string(c))
	case c == '<' || c == '>':
		t.put(`\b`)
	case c == '`':
		t.put(`\A`)
	case c == '\'':
		t.put(`\z`)
	case c == 'n':
		t.put(`\n`)
	case c == 't':
		t.put(`\t`)
	default:
		t.put(regexp.QuoteMeta(string(c)))
	}
	return nil
}

// bracket reads a set. In it a backslash means itself.
func (t *translator) bracket() error {
	start := t.at
	i := start
	if i < len(t.in) && t.in[i] == '^' {
		i++
	}
	if i < len(t.in) && t.in[i] == ']' {
		i++
	}
	for i < len(t.in) && t.in[i] != ']' {
		if t.in[i] == '[' && i+1 < len(t.in) && strings.IndexByte(":.=", t.in[i+1]) >= 0 {
			end := strings.Index(t.in[i+2:], string(t.in[i+1])+"]")
			if end < 0 {
				return errBracket
			}
			i += end + 3
		}
		i++
	}
	if i >= len(t.in) {
		if strings.TrimPrefix(t.in[start:], "^") == "" {
			return errRegex
		}
		return errBracket
	}
	set := t.in[start:i]
	t.at = i + 1
	negate := strings.HasPrefix(set, "^")
	set = strings.TrimPrefix(set, "^")
	if err := checkSet(set); err != nil {
		return err
	}
	out := "["
	if negate {
		out += "^"
	}
	t.put(out + setMembers(set) + "]")
	return nil
}

// classes are the names that may stand between [: and :].
const classes = "alpha digit alnum upper lower space blank punct print graph xdigit cntrl"

// checkSet looks for the faults of a set that Go's library would not name.
func checkSet(set string) error {
	if len(set) > 2 && set[0] == ':' && set[len(set)-1] == ':' && !strings.Contains(set, "[") {
		return errColon
	}
	for rest := set; ; {
		_, after, found := strings.Cut(rest, "[:")
		if !found {
			return nil
		}
		name, next, _ := strings.Cut(after, ":]")
		if !slices.Contains(strings.Fields(classes), name) {
			return errClass
		}
		rest = next
	}
}

func setMembers(set string) string {
	var out strings.Builder
	for i := 0; i < len(set); i++ {
		switch c := set[i]; {
		case c == '[' && strings.HasPrefix(set[i:], "[:"):
			end := strings.Index(set[i:], ":]") + 2
			out.WriteString(set[i : i+end])
			i += end - 1
		case c == '-' && i > 0 && i < len(set)-1:
			out.WriteByte('-')
		case strings.IndexByte(`\[]^-&~`, c) >= 0:
			out.WriteString(`\` + string(c))
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
