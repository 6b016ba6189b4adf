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
	if len(a.rest) == 0 { // input is asked as a file is
		i, ok := p.Stat(0)
		sizes, regular = i.Size, ok && i.Mode.IsRegular()
	}
	if regular {
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
