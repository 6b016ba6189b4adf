package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func paging() table {
	return table{"less": less, "more": more, "strings": stringsProgram}
}

const lessVersion = `less 590 (GNU regular expressions)
Copyright (C) 1984-2021  Mark Nudelman

less comes with NO WARRANTY, to the extent permitted by law.
For information about the terms of redistribution,
see the file named README in the less distribution.
Home page: https://greenwoodsoftware.com/less
`

// pager shows a text page by page.
type pager struct {
	ctx      context.Context
	p        *shell.Proc
	keys     io.ReadCloser
	more     bool
	title    string
	lines    []string // as wide as the terminal at most
	top      int
	pattern  string
	note     string // shown instead of the prompt, once
	rows     int
	finished bool
}

func less(ctx context.Context, p *shell.Proc) int {
	var names []string
	for _, arg := range p.Args[1:] {
		switch {
		case arg == "-V" || arg == "--version":
			_, _ = io.WriteString(p.Out, lessVersion)
			return 0
		case len(arg) > 1 && (arg[0] == '-' || arg[0] == '+'):
		default:
			names = append(names, arg)
		}
	}
	if len(names) == 0 && p.InTerminal(0) {
		fmt.Fprintln(p.Out, `Missing filename ("less --help" for help)`)
		return 1
	}
	if p.InTerminal(1) && p.Terminal != nil {
		return page(ctx, p, names, false)
	}
	for _, name := range orDash(names) {
		_ = lessFile(ctx, p, p.Out, p.Out, name)
	}
	return 0
}

// lessFile copies a file, and says as less does why it can't be read: to its
// output, where that is no terminal.
func lessFile(ctx context.Context, p *shell.Proc, w, errs io.Writer, name string) error {
	r, err := source(p, name)
	if err != nil {
		fmt.Fprintf(errs, "%s: %s\n", name, reason(err))
		return err
	}
	defer r.Close()
	if _, ok := r.(directory); ok {
		fmt.Fprintf(errs, "%s is a directory\n", name)
		return vfs.EISDIR
	}
	return copyTo(ctx, p, w, r)
}

func more(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "d,silent f,logical e,exit-on-eof c,print-over p,clean-print s,squeeze u,plain n,lines: V", usage: "[options] <file>...", version: "from util-linux 2.38.1"})
	switch {
	case a == nil:
		return status
	case a.has("V"):
		fmt.Fprintln(p.Out, "more from util-linux 2.38.1")
		return 0
	case len(a.rest) == 0 && p.InTerminal(0):
		p.Errorf("bad usage")
		try(p)
		return 1
	case p.InTerminal(1) && p.Terminal != nil:
		return page(ctx, p, a.rest, true)
	}
	for _, name := range orDash(a.rest) {
		moreFile(ctx, p, p.Out, name, len(a.rest) > 0)
	}
	return 0
}

// moreFile copies a file, with its name above where that is asked for.
func moreFile(ctx context.Context, p *shell.Proc, w io.Writer, name string, titled bool) {
	r, err := source(p, name)
	if err != nil {
		p.Errorf("cannot open %s: %s", name, reason(err))
		return
	}
	defer r.Close()
	if _, ok := r.(directory); ok {
		fmt.Fprintf(w, "\n*** %s: directory ***\n\n", name)
		return
	}
	if titled {
		fmt.Fprintf(w, "::::::::::::::\n%s\n::::::::::::::\n", name)
	}
	_ = copyTo(ctx, p, w, r)
}

// page shows files on a terminal. Keys come from it even when the text does not.
func page(ctx context.Context, p *shell.Proc, names []string, asMore bool) int {
	keys, err := p.Files.Open("/dev/tty", vfs.O_RDONLY, 0)
	if err != nil {
		for _, name := range orDash(names) {
			_ = lessFile(ctx, p, p.Out, p.Err, name)
		}
		return 0
	}
	defer keys.Close()
	columns, rows := p.Terminal.Size()
	g := &pager{ctx: ctx, p: p, more: asMore, keys: keys, rows: max(rows-1, 1)}
	text := &wrapper{hold: p.Hold, columns: max(columns, 1)}
	for _, name := range orDash(names) {
		if asMore {
			moreFile(ctx, p, text, name, len(names) > 1)
		} else if err := lessFile(ctx, p, text, p.Err, name); err != nil && !errors.Is(err, errMemory) {
			return 1
		}
		g.title = name
	}
	g.lines = text.end()
	defer p.Terminal.Raw()()
	g.run()
	return 0
}

// What an xterm is told when less begins and ends (terminfo smcup, smkx).
const (
	lessBegins = "\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\r"
	lessEnds   = "\r\x1b[K\x1b[?1l\x1b>\x1b[?1049l\x1b[23;0;0t"
)

func (g *pager) write(s string) {
	if _, err := io.WriteString(g.p.Out, s); err != nil {
		g.finished = true
	}
}

func (g *pager) run() {
	if !g.more {
		g.write(lessBegins)
		defer g.write(lessEnds)
	}
	g.draw()
	for !g.finished && g.p.Step(g.ctx) == nil {
		if g.more && g.last() {
			return
		}
		g.write(g.prompt())
		key, ok := g.key()
		g.write("\r\x1b[K")
		if !ok {
			return
		}
		g.act(key)
	}
}

func (g *pager) key() (byte, bool) {
	b := make([]byte, 1)
	n, err := g.keys.Read(b)
	return b[0], n == 1 && err == nil
}

// last reports whether the end of the text is on the screen.
func (g *pager) last() bool { return g.top+g.rows >= len(g.lines) }

func (g *pager) prompt() string {
	switch {
	case g.note != "":
		note := g.note
		g.note = ""
		return "\x1b[7m" + note + "\x1b[27m\x1b[K"
	case g.more:
		return fmt.Sprintf("\x1b[7m--More--(%d%%)\x1b[27m", 100*min(g.top+g.rows, len(g.lines))/max(len(g.lines), 1))
	case g.last():
		return "\x1b[7m(END)\x1b[27m\x1b[K"
	case g.title != "-" && g.top == 0:
		return "\x1b[7m" + g.title + "\x1b[27m\x1b[K"
	}
	return ":\x1b[K"
}

// draw shows the page from top on.
func (g *pager) draw() {
	for _, line := range g.lines[g.top:min(g.top+g.rows, len(g.lines))] {
		g.write(line + "\n")
	}
	for i := len(g.lines) - g.top; i < g.rows && !g.more; i++ {
		g.write("~\n")
	}
}

func (g *pager) act(key byte) {
	switch key {
	case 'q', 'Q', 3, 4:
		g.finished = true
	case ' ', 'f', 6, 22:
		g.forward(g.rows)
	case 'd':
		g.forward(g.rows / 2)
	case '\r', '\n', 'j', 'e':
		g.forward(1)
	case 'b', 2:
		g.jump(g.top - g.rows)
	case 'u':
		g.jump(g.top - g.rows/2)
	case 'k', 'y':
		g.jump(g.top - 1)
	case 'g', '<':
		g.jump(0)
	case 'G', '>':
		g.jump(len(g.lines))
	case '/':
		g.ask()
	case 'n':
		g.search()
	}
}

// forward shows further lines below those that are there.
func (g *pager) forward(n int) {
	from := g.top + g.rows
	n = min(n, len(g.lines)-from)
	if n <= 0 {
		return
	}
	for _, line := range g.lines[from : from+n] {
		g.write(line + "\n")
	}
	g.top += n
}

func (g *pager) jump(to int) {
	g.top = max(0, min(to, len(g.lines)-g.rows))
	if !g.more {
		g.write("\x1b[H\x1b[2J")
	}
	g.draw()
}

// ask reads a pattern.
func (g *pager) ask() {
	g.write("/")
	pattern := ""
	for {
		key, ok := g.key()
		switch {
		case !ok || key == 3 || key == 27:
			return
		case key == '\r' || key == '\n':
			if pattern != "" {
				g.pattern = pattern
			}
			g.search()
			return
		case (key == 127 || key == 8) && pattern != "":
			pattern = pattern[:len(pattern)-1]
			g.write("\b \b")
		case key >= ' ' && key != 127 && len(pattern) < 256:
			pattern += string(rune(key))
			g.write(string(rune(key)))
		}
	}
}

func (g *pager) search() {
	if g.pattern == "" {
		g.note = "No previous regular expression"
		return
	}
	re, err := compilerOf(g.ctx, g.p).compile(g.pattern, true, false)
	if err != nil {
		g.note = "Invalid pattern"
		return
	}
	for i := g.top + 1; i < len(g.lines); i++ {
		if i%64 == 0 && g.p.Step(g.ctx) != nil {
			return
		}
		if re.match(g.lines[i]) {
			g.top = i
			g.write("\x1b[H\x1b[2J")
			g.draw()
			return
		}
	}
	g.note = "Pattern not found  (press RETURN)"
}
