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
		if effort(ctx, p, n, lookCost) != nil {
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
