package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func reading() table {
	return table{"cat": cat, "head": head, "tail": tail, "tac": tac, "rev": rev, "wc": wc, "tee": tee, "nl": nl, "yes": yes, "fold": fold, "split": split}
}

// inputs calls fn with each operand opened for reading.
func inputs(p *shell.Proc, names []string, fn func(name string, r io.Reader) error) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		r, err := source(p, name)
		if err == nil {
			err = fn(name, r)
			_ = r.Close()
		}
		if errors.Is(err, vfs.EINTR) || errors.Is(err, vfs.EPIPE) {
			return 1
		}
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			status = 1
		}
	}
	return status
}

func cat(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("A,show-all b,number-nonblank e E,show-ends n,number s,squeeze-blank t T,show-tabs u v,show-nonprinting", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	if len(a.all) == 0 || len(a.all) == a.count("u") {
		return inputs(p, a.rest, func(_ string, r io.Reader) error { return copyTo(ctx, p, p.Out, r) })
	}
	c := &catter{p: p, a: a}
	return inputs(p, a.rest, func(_ string, r io.Reader) error { return c.run(newLines(ctx, p, r, '\n')) })
}

type catter struct {
	p      *shell.Proc
	a      *arguments
	number int
	blank  bool
}

func (c *catter) run(l *lineReader) error {
	for {
		line, ended, ok := l.next()
		if !ok {
			return l.failure()
		}
		empty := len(line) == 0
		if empty && c.blank && c.a.has("s") {
			continue
		}
		c.blank = empty
		var out bytes.Buffer
		if c.a.has("b") && !empty || c.a.has("n") && !c.a.has("b") {
			c.number++
			fmt.Fprintf(&out, "%6d\t", c.number)
		}
		out.WriteString(c.visible(line))
		if c.a.has("E", "e", "A") && ended {
			out.WriteByte('$')
		}
		if ended {
			out.WriteByte('\n')
		}
		if _, err := c.p.Out.Write(out.Bytes()); err != nil {
			return err
		}
	}
}

// visible writes what does not print in the ^ and M- notation.
func (c *catter) visible(line []byte) string {
	var out strings.Builder
	for _, b := range line {
		switch {
		case b == '\t' && c.a.has("T", "t", "A"):
			out.WriteString("^I")
		case b == '\t' || !c.a.has("v", "e", "t", "A"):
			out.WriteByte(b)
		default:
			if b >= 128 {
				out.WriteString("M-")
				b -= 128
			}
			if b < 32 {
				out.WriteString("^" + string(rune(b+64)))
			} else if b == 127 {
				out.WriteString("^?")
			} else {
				out.WriteByte(b)
			}
		}
	}
	return out.String()
}

func tac(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b,before r,regex s,separator:", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	return inputs(p, a.rest, func(_ string, r io.Reader) error {
		b, err := hold(ctx, p, r)
		lines := bytes.SplitAfter(b, []byte("\n"))
		for i := len(lines) - 1; i >= 0; i-- {
			_, _ = p.Out.Write(lines[i])
		}
		return err
	})
}

func rev(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "", usage: "[options] [file ...]", version: "from util-linux 2.38.1"})
	if a == nil {
		return status
	}
	return inputs(p, a.rest, func(_ string, r io.Reader) error {
		l := newLines(ctx, p, r, '\n')
		for {
			line, ended, ok := l.next()
			if !ok {
				return l.failure()
			}
			runes := []rune(string(line))
			for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
				runes[i], runes[j] = runes[j], runes[i]
			}
			text := string(runes)
			if ended {
				text += "\n"
			}
			if _, err := io.WriteString(p.Out, text); err != nil {
				return err
			}
		}
	})
}

// tally is what wc counts.
type tally struct{ lines, words, chars, bytes, longest int }

func wc(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("c,bytes m,chars l,lines files0-from: L,max-line-length w,words", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	if len(a.all) == 0 {
		a.all = []option{{"l", ""}, {"w", ""}, {"c", ""}}
	}
	var counts []tally
	var names []string
	total := tally{}
	status = inputs(p, a.rest, func(name string, r io.Reader) error {
		t, err := count(ctx, p, r)
		total = tally{total.lines + t.lines, total.words + t.words, total.chars + t.chars, total.bytes + t.bytes, max(total.longest, t.longest)}
		counts, names = append(counts, t), append(names, name)
		return err
	})
	if len(a.rest) > 1 {
		counts, names = append(counts, total), append(names, "total")
	}
	width := wcWidth(p, a, total)
	for i, t := range counts {
		name := names[i]
		if len(a.rest) == 0 {
			name = ""
		}
		printTally(p, a, t, name, width)
	}
	return status
}

// wcWidth is how wide wc makes its numbers: as its files' sizes need.
func wcWidth(p *shell.Proc, a *arguments, total tally) int {
	width, regular := 1, true
	var sizes int64
	for _, name := range a.rest {
		i, err := p.Files.Stat(name)
		if err == nil && i.Mode.IsRegular() {
			sizes += i.Size
		} else {
			regular = false
		}
	}
	if regular && len(a.rest) > 0 {
		width = len(strconv.FormatInt(sizes, 10))
	} else {
		width = 7
	}
	if len(a.all) == 1 && len(a.rest) <= 1 {
		width = 1
	}
	return width
}

func printTally(p *shell.Proc, a *arguments, t tally, name string, width int) {
	var cells []string
	for _, c := range []struct {
		name string
		n    int
	}{{"l", t.lines}, {"w", t.words}, {"m", t.chars}, {"c", t.bytes}, {"L", t.longest}} {
		if a.has(c.name) {
			cells = append(cells, fmt.Sprintf("%*d", width, c.n))
		}
	}
	line := strings.Join(cells, " ")
	if name != "" {
		line += " " + name
	}
	fmt.Fprintln(p.Out, line)
}

func count(ctx context.Context, p *shell.Proc, r io.Reader) (t tally, err error) {
	buffer := make([]byte, 32<<10)
	word, column := false, 0
	for {
		n, err := r.Read(buffer)
		for _, b := range buffer[:n] {
			t.bytes++
			if b&0xc0 != 0x80 {
				t.chars++
				column++
			}
			space := b == ' ' || b >= 9 && b <= 13
			if !space && !word {
				t.words++
			}
			word = !space
			if b == '\n' {
				t.lines++
				t.longest = max(t.longest, column-1)
				column = 0
			}
		}
		if errors.Is(err, io.EOF) {
			t.longest = max(t.longest, column)
			return t, nil
		}
		if err != nil {
			return t, err
		}
		if p.Step(ctx) != nil {
			return t, vfs.EINTR
		}
	}
}

func tee(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,append i,ignore-interrupts p output-error?", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	outs := []io.Writer{p.Out}
	for _, name := range a.rest {
		flag := vfs.O_WRONLY | vfs.O_CREATE | vfs.O_TRUNC
		if a.has("a") {
			flag = vfs.O_WRONLY | vfs.O_CREATE | vfs.O_APPEND
		}
		f, err := p.Files.Open(name, flag, 0o666)
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			status = 1
			continue
		}
		defer f.Close()
		outs = append(outs, f)
	}
	if copyTo(ctx, p, io.MultiWriter(outs...), p.In) != nil {
		return 1
	}
	return status
}

func nl(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b,body-numbering: d,section-delimiter: f,footer-numbering: h,header-numbering: i,line-increment: l,join-blank-lines: n,number-format: p,no-renumber s,number-separator: v,starting-line-number: w,number-width:", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	number, _ := strconv.Atoi(a.value("v", "1"))
	step, _ := strconv.Atoi(a.value("i", "1"))
	width, _ := strconv.Atoi(a.value("w", "6"))
	width = min(max(width, 1), 100)
	format := map[string]string{"ln": "%-*d", "rn": "%*d", "rz": "%0*d"}[a.value("n", "rn")]
	return inputs(p, a.rest, func(_ string, r io.Reader) error {
		l := newLines(ctx, p, r, '\n')
		for {
			line, _, ok := l.next()
			if !ok {
				return l.failure()
			}
			if style := a.value("b", "t"); style == "n" || style == "t" && len(line) == 0 {
				fmt.Fprintf(p.Out, "%*s%s\n", width+len(a.value("s", "\t")), "", line)
				continue
			}
			if _, err := fmt.Fprintf(p.Out, format+"%s%s\n", width, number, a.value("s", "\t"), line); err != nil {
				return err
			}
			number += step
		}
	})
}

func yes(ctx context.Context, p *shell.Proc) int {
	text := "y"
	if len(p.Args) > 1 {
		text = strings.Join(p.Args[1:], " ")
	}
	block := []byte(strings.Repeat(text+"\n", max(1, 4096/(len(text)+1))))
	for p.Step(ctx) == nil {
		if _, err := p.Out.Write(block); err != nil {
			return 1
		}
	}
	return 1
}

func fold(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b,bytes s,spaces w,width:", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	width, err := strconv.Atoi(a.value("w", "80"))
	if err != nil || width < 1 {
		p.Errorf("invalid number of columns: %s", quote(p, a.value("w", "")))
		return 1
	}
	return inputs(p, a.rest, func(_ string, r io.Reader) error {
		l := newLines(ctx, p, r, '\n')
		for {
			line, ended, ok := l.next()
			if !ok {
				return l.failure()
			}
			for len(line) > width {
				at := width
				if i := bytes.LastIndexAny(line[:width], " \t"); a.has("s") && i >= 0 {
					at = i + 1
				}
				fmt.Fprintf(p.Out, "%s\n", line[:at])
				line = line[at:]
			}
			if ended {
				line = append(line[:len(line):len(line)], '\n')
			}
			if _, err := p.Out.Write(line); err != nil {
				return err
			}
		}
	})
}

// split cuts its input into files.
func split(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a,suffix-length: b,bytes: d,numeric-suffixes l,lines: additional-suffix: n,number: verbose", "[OPTION]... [FILE [PREFIX]]"))
	if a == nil {
		return status
	}
	name, prefix := "-", "x"
	if len(a.rest) > 0 {
		name = a.rest[0]
	}
	if len(a.rest) > 1 {
		prefix = a.rest[1]
	}
	b, err := readAll(ctx, p, name)
	if err != nil {
		p.Errorf("cannot open %s for reading: %s", quoted(name), reason(err))
		return 1
	}
	size, isBytes := parseSize(a.value("b", ""))
	lines, err := strconv.Atoi(a.value("l", "1000"))
	if err != nil || lines < 1 {
		p.Errorf("invalid number of lines: %s", quote(p, a.value("l", "")))
		return 1
	}
	for n := 0; len(b) > 0; n++ {
		at := int(min(size, int64(len(b))))
		if !isBytes || size < 1 {
			q := portion{n: int64(lines), end: '\n'}
			at = firstLines(b, q.n)
		}
		if err := p.Files.WriteFile(prefix+suffixOf(n, a.has("d")), b[:at], 0o666); err != nil || p.Step(ctx) != nil {
			p.Errorf("%s: %s", prefix+suffixOf(n, a.has("d")), reason(err))
			return 1
		}
		b = b[at:]
	}
	return 0
}

func firstLines(b []byte, n int64) int {
	at := 0
	for ; n > 0 && at < len(b); n-- {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return len(b)
		}
		at += i + 1
	}
	return at
}

func suffixOf(n int, digits bool) string {
	if digits {
		return fmt.Sprintf("%02d", n)
	}
	return string([]byte{byte('a' + n/26%26), byte('a' + n%26)})
}
