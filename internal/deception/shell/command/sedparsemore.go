package command

import (
	"strconv"
	"strings"
)

func (s *sedParser) regex(text string, fold bool) *pattern {
	if text == "" {
		if s.lastRE == nil {
			s.fail("no previous regular expression")
		}
		return s.lastRE
	}
	re, err := s.compile(text, s.extended, fold)
	if err != nil {
		s.fail(err.Error())
		return nil
	}
	s.lastRE = re
	return re
}

// delimited takes text up to a delimiter. In a isPattern a set may contain it.
func (s *sedParser) delimited(d byte, isPattern bool) (string, bool) {
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
				if strings.IndexByte("|+?(){}.*^$[]&", d) >= 0 && !isPattern {
					text := out.String()
					out.Reset()
					out.WriteString(text[:len(text)-1] + `\` + string(d))
				}
			case n == '\n' && isPattern:
				out.WriteByte('\n')
			default:
				out.WriteString(`\` + string(n))
			}
		case c == d && !set:
			s.at++
			return out.String(), true
		case c == '\n' && isPattern && d != '\n':
			return "", false
		default:
			if isPattern && c == '[' && !set {
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
		if c.re != nil && p.group > c.re.Groups() {
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
