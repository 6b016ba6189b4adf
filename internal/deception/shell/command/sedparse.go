package command

import (
	"regexp"
	"strconv"
	"strings"
)

// sedParser reads sed's language.
type sedParser struct {
	in       string
	at       int
	extended bool
	quiet    bool // #n was first
	problem  string
	out      []sedCommand
	open     []int
	labels   map[string]int
	lastRE   *regexp.Regexp
}

func (s *sedParser) fail(problem string) {
	if s.problem == "" {
		s.problem = problem
	}
}

func (s *sedParser) peek() byte {
	if s.at < len(s.in) {
		return s.in[s.at]
	}
	return 0
}

func (s *sedParser) skip(set string) {
	for s.at < len(s.in) && strings.IndexByte(set, s.in[s.at]) >= 0 {
		s.at++
	}
}

func (s *sedParser) parse() []sedCommand {
	s.labels = map[string]int{}
	s.quiet = strings.HasPrefix(s.in, "#n\n") || s.in == "#n"
	for s.problem == "" {
		s.skip(" \t\n;")
		if s.at >= len(s.in) {
			break
		}
		if s.peek() == '#' {
			s.line()
			continue
		}
		if len(s.out) > 10_000 {
			s.fail("memory exhausted")
			break
		}
		s.command()
	}
	if s.problem == "" && len(s.open) > 0 {
		s.at = 0
		s.fail("unmatched `{'")
	}
	s.link()
	return s.out
}

// link finds where branches lead.
func (s *sedParser) link() {
	for i := range s.out {
		c := &s.out[i]
		if c.otherwise == 0 {
			c.otherwise = i + 1
		}
		if strings.IndexByte("btT", c.name) < 0 {
			continue
		}
		c.target = len(s.out)
		if c.label != "" {
			to, ok := s.labels[c.label]
			if !ok {
				s.fail("can't find label for jump to `" + c.label + "'")
			}
			c.target = to
		}
	}
}

// line takes the rest of a line.
func (s *sedParser) line() string {
	end := strings.IndexByte(s.in[s.at:], '\n')
	if end < 0 {
		end = len(s.in) - s.at
	}
	text := s.in[s.at : s.at+end]
	s.at += end
	return text
}

func (s *sedParser) command() {
	c := sedCommand{}
	if c.from = s.address(); c.from != nil {
		s.skip(" \t")
		if s.peek() == ',' {
			s.at++
			s.skip(" \t")
			if c.to = s.address(); c.to == nil {
				s.fail("unexpected `,'")
				return
			}
		}
	}
	s.skip(" \t")
	for s.peek() == '!' {
		c.negate = true
		s.at++
		s.skip(" \t!")
	}
	if s.at >= len(s.in) {
		s.fail("missing command")
		return
	}
	c.name = s.in[s.at]
	s.at++
	s.body(&c)
}

func (s *sedParser) body(c *sedCommand) {
	switch c.name {
	case '{':
		s.open = append(s.open, len(s.out))
		s.out = append(s.out, *c)
		return
	case '}':
		s.closeBlock(c)
		return
	case ':':
		s.skip(" \t")
		s.labels[strings.TrimSpace(s.word(";\n"))] = len(s.out)
		return
	case 'b', 't', 'T':
		s.skip(" \t")
		c.label = strings.TrimSpace(s.word(";\n}"))
	case 's':
		s.substitution(c)
	case 'y':
		s.transliteration(c)
	case 'a', 'i', 'c':
		s.textOf(c)
	case 'r', 'w':
		s.skip(" \t")
		if c.text = s.line(); c.text == "" {
			s.fail("missing filename in r/R/w/W commands")
		}
	case 'e':
		c.text = strings.TrimSpace(s.line())
	case 'q', 'Q', 'l', 'L':
		s.skip(" \t")
		c.number, _ = strconv.Atoi(s.digits())
	case 'p', 'P', 'd', 'D', 'h', 'H', 'g', 'G', 'x', 'n', 'N', '=', 'z', 'F':
	default:
		s.fail("unknown command: `" + string(c.name) + "'")
	}
	if strings.IndexByte("aicrwe:", c.name) < 0 {
		s.finish()
	}
	s.out = append(s.out, *c)
}

// finish expects the end of a command.
func (s *sedParser) finish() {
	s.skip(" \t")
	switch s.peek() {
	case 0, ';', '\n', '}', '#':
	default:
		s.at++
		s.fail("extra characters after command")
	}
}

func (s *sedParser) closeBlock(c *sedCommand) {
	if len(s.open) == 0 {
		s.fail("unexpected `}'")
		return
	}
	if c.from != nil {
		s.fail("} doesn't want any addresses")
		return
	}
	at := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.out[at].otherwise = len(s.out)
	if len(s.out) == at+1 {
		s.out[at].otherwise = at + 1
	}
	s.finish()
}

func (s *sedParser) word(stop string) string {
	end := strings.IndexAny(s.in[s.at:], stop)
	if end < 0 {
		end = len(s.in) - s.at
	}
	text := s.in[s.at : s.at+end]
	s.at += end
	return text
}

func (s *sedParser) digits() string {
	start := s.at
	s.skip("0123456789")
	return s.in[start:s.at]
}

func (s *sedParser) number() int {
	n, err := strconv.Atoi(s.digits())
	if err != nil {
		return 1 << 40
	}
	return n
}

func (s *sedParser) address() *sedAddress {
	switch c := s.peek(); {
	case c >= '0' && c <= '9':
		a := &sedAddress{line: s.number()}
		if s.peek() == '~' {
			s.at++
			a.step = s.number()
		}
		return a
	case c == '$':
		s.at++
		return &sedAddress{last: true}
	case c == '+':
		s.at++
		return &sedAddress{line: s.number(), plus: true}
	case c == '~':
		s.at++
		return &sedAddress{step: max(s.number(), 1)}
	case c == '/' || c == '\\':
		s.at++
		if c == '\\' {
			c = s.peek()
			s.at++
		}
		text, ok := s.delimited(c, true)
		if !ok {
			s.fail("unterminated address regex")
			return nil
		}
		fold := false
		for s.peek() == 'I' || s.peek() == 'M' {
			fold = fold || s.peek() == 'I'
			s.at++
		}
		return &sedAddress{re: s.regex(text, fold)}
	}
	return nil
}

func (s *sedParser) regex(text string, fold bool) *regexp.Regexp {
	if text == "" {
		if s.lastRE == nil {
			s.fail("no previous regular expression")
		}
		return s.lastRE
	}
	re, err := compile(text, s.extended, fold)
	if err != nil {
		s.fail(err.Error())
		return nil
	}
	s.lastRE = re
	return re
}

// delimited takes text up to a delimiter. In a pattern a set may contain it.
func (s *sedParser) delimited(d byte, pattern bool) (string, bool) {
	var out strings.Builder
	set, start := false, 0
	for ; s.at < len(s.in); s.at++ {
		c := s.in[s.at]
		switch {
		case c == '\\' && s.at+1 < len(s.in):
			s.at++
			n := s.in[s.at]
			switch {
			case n == d && !set:
				out.WriteByte(d)
				if strings.IndexByte("|+?(){}.*^$[]&", d) >= 0 && !pattern {
					text := out.String()
					out.Reset()
					out.WriteString(text[:len(text)-1] + `\` + string(d))
				}
			case n == '\n' && pattern:
				out.WriteByte('\n')
			default:
				out.WriteString(`\` + string(n))
			}
		case c == d && !set:
			s.at++
			return out.String(), true
		case c == '\n' && pattern && d != '\n':
			return "", false
		default:
			if pattern && c == '[' && !set {
				set, start = true, out.Len()
				if strings.HasPrefix(s.in[s.at:], "[]") || strings.HasPrefix(s.in[s.at:], "[^]") {
					n := strings.IndexByte(s.in[s.at:], ']')
					out.WriteString(s.in[s.at : s.at+n])
					s.at += n
					c = ']'
				}
			} else if c == ']' && !(strings.HasSuffix(out.String(), ":") && strings.Contains(out.String()[start+1:], "[:")) {
				set = false
			}
			out.WriteByte(c)
		}
	}
	return "", false
}

func (s *sedParser) substitution(c *sedCommand) {
	d := s.peek()
	s.at++
	pattern, ok := s.delimited(d, true)
	var replacement string
	if ok {
		replacement, ok = s.delimited(d, false)
	}
	if !ok {
		s.at = len(s.in)
		s.fail("unterminated `s' command")
		return
	}
	fold := false
	for {
		switch f := s.peek(); {
		case f == 'g':
			c.global = true
		case f == 'p':
			c.print = true
		case f == 'i' || f == 'I':
			fold = true
		case f == 'm' || f == 'M':
		case f == 'e':
			c.execute = true
		case f >= '1' && f <= '9':
			c.number = s.number()
			continue
		case f == 'w':
			s.at++
			s.skip(" \t")
			c.file = s.line()
			s.parts(c, pattern, replacement, fold)
			return
		case f == 0 || f == ';' || f == '\n' || f == '}' || f == ' ' || f == '\t' || f == '#':
			s.parts(c, pattern, replacement, fold)
			return
		default:
			s.at++
			s.fail("unknown option to `s'")
			return
		}
		s.at++
	}
}

func (s *sedParser) parts(c *sedCommand, pattern, replacement string, fold bool) {
	c.re = s.regex(pattern, fold)
	c.replacement = pieces(replacement)
	for _, p := range c.replacement {
		if c.re != nil && p.group > c.re.NumSubexp() {
			s.fail("invalid reference \\" + strconv.Itoa(p.group) + " on `s' command's RHS")
		}
	}
}

func pieces(text string) (out []piece) {
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, piece{text: plain.String(), group: -1})
			plain.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '&' {
			flush()
			out = append(out, piece{group: 0})
			continue
		}
		if c != '\\' || i+1 == len(text) {
			plain.WriteByte(c)
			continue
		}
		i++
		switch c = text[i]; {
		case c >= '0' && c <= '9':
			flush()
			out = append(out, piece{group: int(c - '0')})
		case strings.IndexByte("ULEul", c) >= 0:
			flush()
			out = append(out, piece{group: -1, how: c})
		case c == 'n':
			plain.WriteByte('\n')
		case c == 't':
			plain.WriteByte('\t')
		case c == 'r':
			plain.WriteByte('\r')
		default:
			plain.WriteByte(c)
		}
	}
	flush()
	return out
}

func (s *sedParser) transliteration(c *sedCommand) {
	d := s.peek()
	s.at++
	from, ok1 := s.delimited(d, false)
	to, ok2 := s.delimited(d, false)
	if !ok1 || !ok2 {
		s.fail("unterminated `y' command")
		return
	}
	plain := strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`)
	a, b := []rune(plain.Replace(from)), []rune(plain.Replace(to))
	if len(a) != len(b) {
		s.fail("strings for `y' command are different lengths")
		return
	}
	c.table = map[rune]rune{}
	for i, r := range a {
		if _, ok := c.table[r]; !ok {
			c.table[r] = b[i]
		}
	}
}

// textOf reads what a, i and c write: one line, or lines that end in
// backslashes.
func (s *sedParser) textOf(c *sedCommand) {
	s.skip(" \t")
	if s.peek() == '\\' {
		s.at++
		s.skip(" \t")
		if s.peek() == '\n' {
			s.at++
		}
	}
	if s.at >= len(s.in) {
		s.fail("expected \\ after `a', `c' or `i'")
		return
	}
	var out strings.Builder
	for s.at < len(s.in) && s.in[s.at] != '\n' {
		if s.in[s.at] == '\\' && s.at+1 < len(s.in) {
			s.at++
			if s.in[s.at] == 't' {
				out.WriteByte('\t')
				s.at++
				continue
			}
		}
		out.WriteByte(s.in[s.at])
		s.at++
	}
	c.text = out.String()
}
