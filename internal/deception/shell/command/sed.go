package command

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// sed is GNU's stream editor.
func sed(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "n,quiet,silent e,expression: f,file: E,r,regexp-extended i,in-place? l,line-length: s,separate u,unbuffered z,null-data debug follow-symlinks posix sandbox b,binary", usage: "[OPTION]... {script-only-if-no-other-script} [input-file]...", version: "(GNU sed) 4.9"})
	if a == nil {
		return status
	}
	var script []string
	for _, o := range a.all {
		switch o.name {
		case "e":
			script = append(script, o.value)
		case "f":
			b, err := readAll(ctx, p, o.value)
			if err != nil {
				p.Errorf("couldn't open file %s: %s", o.value, reason(err))
				return 1
			}
			script = append(script, strings.TrimSuffix(string(b), "\n"))
		}
	}
	if len(script) == 0 {
		if len(a.rest) == 0 {
			fmt.Fprintf(p.Err, "Usage: %s [OPTION]... {script-only-if-no-other-script} [input-file]...\n", p.Args[0])
			return 1
		}
		script, a.rest = a.rest[:1], a.rest[1:]
	}
	s := &editor{ctx: ctx, p: p, quiet: a.has("n"), out: p.Out}
	parsed := &sedParser{in: strings.Join(script, "\n"), extended: a.has("E")}
	s.program = parsed.parse()
	if parsed.problem != "" {
		p.Errorf("-e expression #1, char %d: %s", parsed.at, parsed.problem)
		return 1
	}
	s.quiet = s.quiet || parsed.quiet
	if a.has("i") {
		return s.inPlace(a)
	}
	return s.stream(orDash(a.rest), a.has("s"))
}

// editor is one run of sed.
type editor struct {
	ctx     context.Context
	p       *shell.Proc
	program []sedCommand
	quiet   bool
	out     io.Writer

	files   []string
	current *lineReader
	close   io.Closer
	ahead   []byte // the next line, read to know whether this is the last
	ended   bool   // that line had an end
	have    bool
	name    string

	pattern  string
	hold     string
	newline  bool // the line that is edited ended
	number   int
	last     bool
	changed  bool // s did something since the last t
	appended []string
	quit     bool
	status   int
	written  map[string]*vfs.File
}

func (e *editor) inPlace(a *arguments) int {
	status := 0
	for _, name := range a.rest {
		i, err := e.p.Files.Stat(name)
		if err != nil {
			e.p.Errorf("can't read %s: %s", name, reason(err))
			status = 4
			continue
		}
		if !i.Mode.IsRegular() {
			e.p.Errorf("couldn't edit %s: not a regular file", name)
			status = 4
			continue
		}
		if suffix := a.value("i", ""); suffix != "" {
			if b, err := e.p.Files.ReadFile(name); err == nil {
				_ = e.p.Files.WriteFile(name+suffix, b, i.Mode.Perm())
			}
		}
		var out strings.Builder
		one := &editor{ctx: e.ctx, p: e.p, program: freshRanges(e.program), quiet: e.quiet, out: &bounded{w: &out, left: mostHeld}}
		if s := one.stream([]string{name}, false); s != 0 {
			status = s
		}
		if err := e.p.Files.WriteFile(name, []byte(out.String()), i.Mode.Perm()); err != nil {
			e.p.Errorf("couldn't open temporary file %s: %s", name, reason(err))
			return 4
		}
	}
	return status
}

// bounded is a writer that is full at some point.
type bounded struct {
	w    io.Writer
	left int
}

// Write implements io.Writer.
func (b *bounded) Write(d []byte) (int, error) {
	if b.left -= len(d); b.left < 0 {
		return 0, vfs.ENOSPC
	}
	return b.w.Write(d)
}

func freshRanges(program []sedCommand) []sedCommand {
	out := append([]sedCommand{}, program...)
	for i := range out {
		out[i].inRange = false
	}
	return out
}

func (e *editor) stream(files []string, _ bool) int {
	e.files, e.written = files, map[string]*vfs.File{}
	defer func() {
		for _, f := range e.written {
			_ = f.Close()
		}
		if e.close != nil {
			_ = e.close.Close()
		}
	}()
	for !e.quit && e.read() {
		if !e.cycle() {
			break
		}
	}
	return e.status
}

// fill reads a line ahead.
func (e *editor) fill() bool {
	for !e.have {
		if e.current == nil {
			if len(e.files) == 0 {
				return false
			}
			e.name, e.files = e.files[0], e.files[1:]
			r, err := source(e.p, e.name)
			if err != nil {
				e.p.Errorf("can't read %s: %s", e.name, reason(err))
				e.status = 2
				continue
			}
			e.current, e.close = newLines(e.ctx, e.p, r, '\n'), r
		}
		line, ended, ok := e.current.next()
		if ok {
			e.ahead, e.ended, e.have = line, ended, true
			return true
		}
		if err := e.current.failure(); err != nil {
			e.p.Errorf("couldn't read %s: %s", e.name, reason(err))
			e.status = 2
		}
		_ = e.close.Close()
		e.current, e.close = nil, nil
	}
	return true
}

// read takes the next line into the pattern space.
func (e *editor) read() bool {
	if e.p.Step(e.ctx) != nil || !e.fill() {
		return false
	}
	e.pattern, e.newline, e.have = string(e.ahead), e.ended, false
	e.number++
	e.last = !e.fill()
	return true
}

func (e *editor) print(text string, newline bool) {
	if newline {
		text += "\n"
	}
	if _, err := io.WriteString(e.out, text); err != nil {
		e.quit = true
	}
}

// end finishes a cycle: the line is shown, and what was to follow it.
func (e *editor) end(show bool) {
	if show {
		e.print(e.pattern, e.newline || !e.last)
	}
	for _, text := range e.appended {
		e.print(text, false)
	}
	e.appended = nil
}

// mostTurns bounds the commands of one cycle, for loops of b and t.
const mostTurns = 1 << 20

// cycle runs the program on one line; false ends sed.
func (e *editor) cycle() bool {
	e.changed = false
	for at, turns := 0, 0; at < len(e.program); turns++ {
		if turns > mostTurns || len(e.pattern)+len(e.hold) > mostHeld || turns%64 == 63 && e.p.Step(e.ctx) != nil {
			return false
		}
		c := &e.program[at]
		if !e.selects(c) {
			at = c.otherwise
			continue
		}
		next, done := e.run(c, at)
		switch done {
		case sedDelete:
			e.end(false)
			return true
		case sedQuit:
			return false
		case sedRestart:
			turns, at = 0, 0
			continue
		}
		at = next
	}
	e.end(!e.quiet)
	return !e.quit
}

// selects reports whether a command's addresses match this line.
func (e *editor) selects(c *sedCommand) bool {
	hit := true
	switch {
	case c.to != nil:
		hit = e.inRange(c)
	case c.from != nil:
		hit = e.matches(c.from)
	}
	return hit != c.negate
}

func (e *editor) matches(a *sedAddress) bool {
	switch {
	case a.re != nil:
		return a.re.MatchString(e.pattern)
	case a.last:
		return e.last
	case a.step > 0:
		return e.number >= a.line && (e.number-a.line)%a.step == 0
	}
	return e.number == a.line
}

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
			c.inRange = !(zero && c.to.re.MatchString(e.pattern))
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
		c.inRange = !c.to.re.MatchString(e.pattern)
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
		e.appended = append(e.appended, c.text+"\n")
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
			e.appended = append(e.appended, string(b))
		}
	case 'w':
		e.write(c.text, e.pattern)
	case 'l':
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
	for _, m := range c.re.FindAllStringSubmatchIndex(e.pattern, -1) {
		if count++; count < c.number || out.Len() > mostHeld {
			continue
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
	re         *regexp.Regexp
}

// sedCommand is one command of a program.
type sedCommand struct {
	from, to    *sedAddress
	negate      bool
	name        byte
	re          *regexp.Regexp
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
