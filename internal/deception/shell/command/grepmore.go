package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func (g *grepper) folder(dir string) {
	list, err := g.p.Files.ReadDir(dir)
	if err != nil {
		if !g.a.has("s") {
			g.p.Errorf("%s: %s", dir, reason(err))
		}
		g.failed = true
		return
	}
	for _, e := range list {
		name := strings.TrimSuffix(dir, "/") + "/" + e.Name
		if dir == "." && len(g.a.rest) == 1 && g.a.rest[0] == "." && !strings.HasPrefix(g.a.value("exclude-dir", ""), "./") {
			name = dir + "/" + e.Name
		}
		switch {
		case g.p.Step(g.ctx) != nil:
			return
		case e.IsDir():
			if !g.named("exclude-dir", e.Name) {
				g.folder(name)
			}
		case e.Mode.IsRegular():
			if (!g.a.has("include") || g.named("include", e.Name)) && !g.named("exclude", e.Name) {
				g.file(name)
			}
		}
	}
}

func (g *grepper) named(option, name string) bool {
	for _, o := range g.a.all {
		if ok, _ := path.Match(strings.TrimSuffix(o.value, "/"), name); o.name == option && ok {
			return true
		}
	}
	return false
}

// places returns where a line matches, nil when it does not.
func (g *grepper) places(line []byte) (out [][]int) {
	text := string(line)
	for _, re := range g.res {
		if g.a.has("o") || g.color {
			out = append(out, re.findAll(text, -1)...)
		} else if m := re.find(text); m != nil {
			return [][]int{m}
		}
	}
	return out
}

func (g *grepper) search(name string, r io.ReadCloser) {
	defer r.Close()
	if name == "(standard input)" {
		name = g.a.value("label", name)
	}
	s := &grepFile{g: g, name: name, lines: newLines(g.ctx, g.p, r, g.end())}
	s.run()
	if err := s.lines.failure(); err != nil && !errors.Is(err, vfs.EINTR) {
		if !g.a.has("s") {
			g.p.Errorf("%s: %s", name, reason(err))
		}
		g.failed = true
	}
	g.hit = g.hit || (s.count > 0) != g.a.has("L")
	switch {
	case g.a.has("q"):
	case g.a.has("L") && s.count == 0, g.a.has("l") && s.count > 0:
		fmt.Fprintln(g.p.Out, g.paint("35", name))
	case g.a.has("L", "l"):
	case g.a.has("c"):
		fmt.Fprintf(g.p.Out, "%s%d\n", s.prefix(':'), s.count)
	}
}

// end is what ends a line.
func (g *grepper) end() byte {
	if g.a.has("z") {
		return 0
	}
	return '\n'
}

func (g *grepper) paint(color, text string) string {
	if !g.color || text == "" {
		return text
	}
	return "\x1b[" + color + "m\x1b[K" + text + "\x1b[m\x1b[K"
}

// grepFile is one file that is searched.
type grepFile struct {
	g      *grepper
	name   string
	lines  *lineReader
	number int
	offset int
	count  int
	last   int      // number of the line written last
	held   []string // lines before, for -B
	follow int      // lines still to be shown, for -A
	binary bool
}

func (s *grepFile) prefix(mark byte) string {
	if !s.g.names {
		return ""
	}
	return s.g.paint("35", s.name) + s.g.paint("36", string(mark))
}

func (s *grepFile) run() {
	g := s.g
	quiet := g.a.has("q", "l", "L", "c")
	for g.most != 0 {
		line, _, ok := s.lines.next()
		if !ok {
			return
		}
		s.number++
		s.binary = s.binary || bytes.IndexByte(line, 0) >= 0 && !g.a.has("a", "z")
		places := g.places(line)
		if (places != nil) == g.a.has("v") {
			s.context(line, quiet)
			s.offset += len(line) + 1
			continue
		}
		s.count++
		if g.a.has("q", "l", "L") {
			return
		}
		if s.binary && !quiet {
			if !g.a.has("I") {
				g.p.Errorf("%s: binary file matches", s.name)
			}
			return
		}
		if !quiet && !s.write(line, places) {
			return
		}
		s.offset += len(line) + 1
		if g.most > 0 && s.count == g.most {
			return
		}
	}
}

// context keeps or shows a line that does not match.
func (s *grepFile) context(line []byte, quiet bool) {
	g := s.g
	if quiet || g.a.has("o") {
		return
	}
	if s.follow > 0 {
		s.follow--
		s.put('-', line, nil)
		return
	}
	if g.before > 0 {
		if len(s.held) == g.before {
			s.held = s.held[1:]
		}
		s.held = append(s.held, string(line))
	}
}

// write shows a line that matches, and what was held before it.
func (s *grepFile) write(line []byte, places [][]int) bool {
	g := s.g
	if g.a.has("o") {
		for _, m := range places {
			if m[1] > m[0] {
				s.lead(':', s.number, s.offset+m[0])
				if _, err := fmt.Fprintf(g.p.Out, "%s%c", g.paint("01;31", string(line[m[0]:m[1]])), g.end()); err != nil {
					return false
				}
			}
		}
		return true
	}
	first := s.number - len(s.held)
	if g.separated && (g.before > 0 || g.after > 0) && (s.last == 0 || first > s.last+1) {
		fmt.Fprintln(g.p.Out, g.paint("36", "--"))
	}
	for i, h := range s.held {
		s.lead('-', first+i, 0)
		fmt.Fprintf(g.p.Out, "%s%c", h, g.end())
	}
	s.held, s.follow, g.separated = nil, g.after, true
	return s.put(':', line, places)
}

func (s *grepFile) lead(mark byte, number, offset int) {
	g := s.g
	fmt.Fprint(g.p.Out, s.prefix(mark))
	if g.a.has("n") {
		fmt.Fprint(g.p.Out, g.paint("32", strconv.Itoa(number))+g.paint("36", string(mark)))
	}
	if g.a.has("b") {
		fmt.Fprint(g.p.Out, g.paint("32", strconv.Itoa(offset))+g.paint("36", string(mark)))
	}
	if g.a.has("T") {
		fmt.Fprint(g.p.Out, "\t")
	}
}

func (s *grepFile) put(mark byte, line []byte, places [][]int) bool {
	s.lead(mark, s.number, s.offset)
	s.last = s.number
	text := string(line)
	if s.g.color && !s.g.a.has("v") {
		text = s.colored(line, places)
	}
	_, err := fmt.Fprintf(s.g.p.Out, "%s%c", text, s.g.end())
	return err == nil
}

func (s *grepFile) colored(line []byte, places [][]int) string {
	var out strings.Builder
	at := 0
	for _, m := range places {
		if m[0] >= at && m[1] > m[0] {
			out.WriteString(string(line[at:m[0]]) + s.g.paint("01;31", string(line[m[0]:m[1]])))
			at = m[1]
		}
	}
	return out.String() + string(line[at:])
}
