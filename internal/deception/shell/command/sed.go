package command

import (
	"context"
	"fmt"
	"io"
	"io/fs"
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
	parsed := &sedParser{compiler: compilerOf(ctx, p), in: strings.Join(script, "\n"), extended: a.has("E")}
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
	changed  bool     // s did something since the last t
	appended []string // follows the line
	queued   int      // bytes of that
	quit     bool
	status   int
	full     bool
	held     int // bytes of the spaces and what follows them, the most so far
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
			if !e.backUp(name, name+suffix, i) {
				return e.exhausted()
			}
		}
		if s := e.rewrite(name, i.Mode.Perm()); s != 0 {
			status = s
		}
		if status == 4 {
			return status
		}
	}
	return status
}

// backUp copies a file before it is edited, and reports whether there is memory.
func (e *editor) backUp(name, to string, i vfs.Info) bool {
	if !e.p.Hold(int(i.Size)) {
		return false
	}
	defer e.p.Hold(-int(i.Size))
	if b, err := e.p.Files.ReadFirst(name, int(i.Size)); err == nil {
		_ = e.p.Files.WriteFile(to, b, i.Mode.Perm())
	}
	return true
}

// rewrite edits one file. One that does not fit into memory stays as it was.
func (e *editor) rewrite(name string, mode fs.FileMode) int {
	out := &kept{p: e.p}
	defer out.free()
	one := &editor{ctx: e.ctx, p: e.p, program: freshRanges(e.program), quiet: e.quiet, out: out, held: e.held}
	status := one.stream([]string{name}, false)
	e.held = one.held
	if one.full {
		return status
	}
	if out.full {
		return e.exhausted()
	}
	if err := e.p.Files.WriteFile(name, out.text, mode); err != nil {
		e.p.Errorf("couldn't open temporary file %s: %s", name, reason(err))
		return 4
	}
	return status
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
	e.appended, e.queued = nil, 0
}

// mostTurns bounds the commands of one cycle, for loops of b and t.
const mostTurns = 1 << 20

// cycle runs the program on one line; false ends sed.
func (e *editor) cycle() bool {
	e.changed = false
	for at, turns := 0, 0; at < len(e.program); turns++ {
		if turns > mostTurns || turns%64 == 63 && e.p.Step(e.ctx) != nil {
			return false
		}
		if e.full || !e.fits(0) {
			e.exhausted()
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
	if e.full || !e.fits(0) {
		e.exhausted()
		return false
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
		return a.re.match(e.pattern)
	case a.last:
		return e.last
	case a.step > 0:
		return e.number >= a.line && (e.number-a.line)%a.step == 0
	}
	return e.number == a.line
}
