package command

import (
	"strconv"
	"strings"
)

// sedParser reads sed's language.
type sedParser struct {
	compiler
	in       string
	at       int
	extended bool
	quiet    bool // #n was first
	problem  string
	out      []sedCommand
	open     []int
	labels   map[string]int
	lastRE   *pattern
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
