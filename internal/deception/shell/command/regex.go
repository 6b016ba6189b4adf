package command

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
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

// compile translates a POSIX pattern, basic or extended, with GNU's additions.
// Matching takes time linear in the text; patterns with back references, which
// could not, are refused.
func compile(pattern string, extended, ignoreCase bool) (*regexp.Regexp, error) {
	t := &translator{in: pattern, extended: extended}
	if err := t.run(); err != nil {
		return nil, err
	}
	flags := "(?s)"
	if ignoreCase {
		flags = "(?si)"
	}
	re, err := regexp.Compile(flags + t.out.String())
	if err != nil {
		return nil, refused(err)
	}
	re.Longest()
	return re, nil
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
	out      strings.Builder
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
	text := strings.TrimSuffix(t.out.String(), last) + with
	t.out.Reset()
	t.out.WriteString(text)
}

func (t *translator) put(s string) {
	t.out.WriteString(s)
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
	text := t.out.String()
	if last := text[len(text)-1]; (last == '*' || last == '+' || last == '?') && !strings.HasSuffix(text, `\`+string(last)) {
		t.out.Reset()
		t.out.WriteString(wrapLast(text))
	}
	t.out.WriteString(op)
}

// wrapLast lets a repetition be repeated, which Go's syntax reads otherwise: of
// the two stars in a** the second changes nothing.
func wrapLast(text string) string { return text[:len(text)-1] }

func (t *translator) caret() {
	if t.extended || t.out.Len() == 0 || strings.HasSuffix(t.out.String(), "(") || strings.HasSuffix(t.out.String(), "|") {
		t.out.WriteString("^")
		t.atom = false
		return
	}
	t.put(`\^`)
}

func (t *translator) dollar() {
	rest := t.in[t.at:]
	if t.extended || rest == "" || strings.HasPrefix(rest, `\)`) || strings.HasPrefix(rest, `\|`) {
		t.out.WriteString("$")
		t.atom = true
		return
	}
	t.put(`\$`)
}

func (t *translator) operator(c byte) error {
	switch c {
	case '(':
		t.depth++
		t.out.WriteByte('(')
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
		t.out.WriteByte(')')
		t.atom = true
	case '|':
		t.out.WriteByte('|')
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
	t.out.WriteString("{" + text + "}")
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
