package command

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func (e *editor) inRange(c *sedCommand) bool {
	if !c.inRange {
		zero := c.from.re == nil && c.from.line == 0 && !c.from.last && c.from.step == 0
		if !(zero && e.number == 1) && !e.matches(c.from) {
			return false
		}
		c.inRange, c.end = true, c.to.line
		switch {
		case c.to.plus:
			c.end = e.number + c.to.line
		case c.to.step > 0:
			c.end = (e.number + c.to.step - 1) / c.to.step * c.to.step
		}
		if c.to.re != nil {
			c.inRange = !(zero && c.to.re.match(e.pattern))
			return true
		}
		if c.to.last {
			c.inRange = !e.last
			return true
		}
		c.inRange = e.number < c.end
		return true
	}
	switch {
	case c.to.re != nil:
		c.inRange = !c.to.re.match(e.pattern)
	case c.to.last:
		c.inRange = !e.last
	case e.number >= c.end:
		c.inRange = false
		return e.number == c.end
	}
	return true
}

// What a command does to the cycle.
const (
	sedGoOn = iota
	sedDelete
	sedQuit
	sedRestart
)

// run does one command and returns where to go on.
func (e *editor) run(c *sedCommand, at int) (next, done int) {
	next = at + 1
	switch c.name {
	case 'p':
		e.print(e.pattern, true)
	case 'P':
		first, _, _ := strings.Cut(e.pattern, "\n")
		e.print(first, true)
	case 'd':
		return next, sedDelete
	case 'D':
		_, rest, more := strings.Cut(e.pattern, "\n")
		if !more {
			return next, sedDelete
		}
		e.pattern = rest
		return next, sedRestart
	case 's':
		e.substitute(c)
	case 'y':
		e.pattern = strings.Map(func(r rune) rune {
			if to, ok := c.table[r]; ok {
				return to
			}
			return r
		}, e.pattern)
	case 'h':
		e.hold = e.pattern
	case 'H':
		e.hold += "\n" + e.pattern
	case 'g':
		e.pattern = e.hold
	case 'G':
		e.pattern += "\n" + e.hold
	case 'x':
		e.pattern, e.hold = e.hold, e.pattern
	case 'n', 'N':
		return next, e.next(c.name == 'N')
	case 'b':
		next = c.target
	case 't', 'T':
		if e.changed == (c.name == 't') {
			next = c.target
		}
		e.changed = false
	default:
		return next, e.runText(c)
	}
	return next, sedGoOn
}

// next reads the next line, with N behind this one.
func (e *editor) next(join bool) int {
	old := e.pattern
	if e.last {
		e.end(!e.quiet)
		return sedQuit
	}
	if !join {
		e.end(!e.quiet)
	}
	if !e.read() {
		return sedQuit
	}
	if join {
		e.pattern = old + "\n" + e.pattern
	}
	return sedGoOn
}

// runText does the commands that write text, and those that end sed.
func (e *editor) runText(c *sedCommand) int {
	switch c.name {
	case 'a':
		e.follow(c.text + "\n")
	case 'i':
		e.print(c.text, true)
	case 'c':
		if c.to == nil || !c.inRange || c.negate {
			e.print(c.text, true)
		}
		return sedDelete
	case '=':
		fmt.Fprintln(e.out, e.number)
	case 'q', 'Q':
		e.status = c.number
		e.end(c.name == 'q' && !e.quiet)
		return sedQuit
	case 'r':
		if b, err := readAll(e.ctx, e.p, c.text); err == nil {
			e.follow(string(b))
			e.p.Hold(-len(b) - lineCost*bytes.Count(b, []byte("\n"))) // fits counts it from here on
		}
	case 'w':
		e.write(c.text, e.pattern)
	case 'l':
		if !e.fits(4 * len(e.pattern)) {
			e.exhausted()
			return sedQuit
		}
		e.print(unambiguous(e.pattern), true)
	case 'z':
		e.pattern = ""
	case 'F':
		e.print(e.name, true)
	case 'e':
		_, _ = e.p.Run(e.ctx, "sh", "-c", orElse(c.text, e.pattern))
	}
	return sedGoOn
}

func (e *editor) write(name, text string) {
	switch name {
	case "/dev/stdout":
		e.print(text, true)
		return
	case "/dev/stderr":
		fmt.Fprintln(e.p.Err, text)
		return
	}
	f := e.written[name]
	if f == nil {
		var err error
		if f, err = e.p.Files.Open(name, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_TRUNC, 0o666); err != nil {
			e.p.Errorf("couldn't open file %s: %s", name, reason(err))
			e.status, e.quit = 4, true
			return
		}
		e.written[name] = f
	}
	_, _ = io.WriteString(f, text+"\n")
}

// unambiguous is a line as l shows it.
func unambiguous(s string) string {
	var out strings.Builder
	for i := range len(s) {
		if j := strings.IndexByte("\\\a\b\f\n\r\t\v", s[i]); j >= 0 {
			out.WriteString(`\` + string(`\abfnrtv`[j]))
		} else if s[i] < ' ' || s[i] > 126 {
			fmt.Fprintf(&out, `\%03o`, s[i])
		} else {
			out.WriteByte(s[i])
		}
	}
	return out.String() + "$"
}

func (e *editor) substitute(c *sedCommand) {
	var out strings.Builder
	at, count, hit := 0, 0, false
	all, free, ok := e.hits(c)
	defer free()
	if !ok {
		e.exhausted()
		return
	}
	for _, m := range all {
		if count++; count < c.number {
			continue
		}
		if !e.fits(out.Len() + reach(c.replacement, m) + len(e.pattern) - at) {
			e.exhausted()
			return
		}
		hit = true
		out.WriteString(e.pattern[at:m[0]])
		out.WriteString(expand(c.replacement, e.pattern, m))
		at = m[1]
		if !c.global {
			break
		}
	}
	if !hit {
		return
	}
	out.WriteString(e.pattern[at:])
	e.pattern, e.changed = out.String(), true
	if c.execute {
		_, _ = e.p.Run(e.ctx, "sh", "-c", e.pattern)
	}
	if c.print {
		e.print(e.pattern, true)
	}
	if c.file != "" {
		e.write(c.file, e.pattern)
	}
}

// piece is a part of a replacement: text, or a group and how its case changes.
type piece struct {
	text  string
	group int // -1: text
	how   byte
}

// expand puts matches into a replacement. \U, \L, \u, \l and \E change case.
func expand(pieces []piece, text string, m []int) string {
	var out strings.Builder
	mode, once := byte(0), byte(0)
	for _, p := range pieces {
		if p.how != 0 {
			switch p.how {
			case 'U', 'L':
				mode = p.how
			case 'E':
				mode = 0
			default:
				once = p.how
			}
			continue
		}
		s := p.text
		if p.group >= 0 {
			s = ""
			if 2*p.group+1 < len(m) && m[2*p.group] >= 0 {
				s = text[m[2*p.group]:m[2*p.group+1]]
			}
		}
		switch mode {
		case 'U':
			s = strings.ToUpper(s)
		case 'L':
			s = strings.ToLower(s)
		}
		if once != 0 && s != "" {
			head := strings.ToLower(s[:1])
			if once == 'u' {
				head = strings.ToUpper(s[:1])
			}
			s, once = head+s[1:], 0
		}
		out.WriteString(s)
	}
	return out.String()
}

// sedAddress is a line, every so many lines, the last, or a pattern.
type sedAddress struct {
	line, step int
	last, plus bool
	re         *pattern
}

// sedCommand is one command of a program.
type sedCommand struct {
	from, to    *sedAddress
	negate      bool
	name        byte
	re          *pattern
	replacement []piece
	global      bool
	print       bool
	execute     bool
	number      int
	file        string
	text        string
	label       string
	table       map[rune]rune
	target      int // of b and t
	otherwise   int // where to go when the addresses do not match
	inRange     bool
	end         int
}
