package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// portion is what head and tail were told to show.
type portion struct {
	bytes   bool
	n       int64
	sign    byte // + or -, 0 for none
	end     byte
	titles  bool
	printed bool
}

func newPortion(p *shell.Proc, a *arguments) (portion, bool) {
	q := portion{n: 10, end: '\n'}
	if a.has("z") {
		q.end = 0
	}
	for _, o := range a.all {
		if o.name != "n" && o.name != "c" {
			continue
		}
		q.bytes, q.sign = o.name == "c", 0
		text := o.value
		if text != "" && (text[0] == '+' || text[0] == '-') {
			q.sign, text = text[0], text[1:]
		}
		n, ok := parseSize(text)
		if !ok || text == "" || text[0] < '0' || text[0] > '9' {
			what := "lines"
			if q.bytes {
				what = "bytes"
			}
			p.Errorf("invalid number of %s: %s", what, quote(p, strings.TrimPrefix(o.value, "-")))
			return q, false
		}
		q.n = n
	}
	q.titles = (len(a.rest) > 1 || a.has("v")) && !a.has("q")
	return q, true
}

// title writes which file follows.
func (q *portion) title(p *shell.Proc, name string) {
	if !q.titles {
		return
	}
	if q.printed {
		fmt.Fprintln(p.Out)
	}
	q.printed = true
	if name == "-" {
		name = "standard input"
	}
	fmt.Fprintf(p.Out, "==> %s <==\n", name)
}

// numbered rewrites -5 and +5 into -n 5 and -n +5.
func numbered(p *shell.Proc, plus bool) {
	for i, arg := range p.Args[1:] {
		if before := p.Args[i]; i > 0 && len(before) == 2 && before[0] == '-' {
			continue // the value of an option
		}
		if len(arg) > 1 && (arg[0] == '-' || plus && arg[0] == '+') && arg[1] >= '0' && arg[1] <= '9' {
			digits := len(arg[1:]) - len(strings.TrimLeft(arg[1:], "0123456789"))
			value := arg[1 : 1+digits]
			if arg[0] == '+' {
				value = "+" + value
			}
			args := append(append([]string{}, p.Args[:i+1]...), "-n", value)
			if tail := arg[1+digits:]; tail != "" {
				args = append(args, "-"+tail)
			}
			p.Args = append(args, p.Args[i+2:]...)
			return
		}
	}
}

func head(ctx context.Context, p *shell.Proc) int {
	numbered(p, false)
	a, status := options(p, coreutils("c,bytes: n,lines: q,quiet,silent v,verbose z,zero-terminated", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	q, ok := newPortion(p, a)
	if !ok {
		return 1
	}
	return shown(p, a.rest, &q, func(r io.Reader) error { return q.head(ctx, p, r) })
}

func shown(p *shell.Proc, names []string, q *portion, fn func(io.Reader) error) (status int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		r, err := source(p, name)
		if err != nil {
			p.Errorf("cannot open %s for reading: %s", quoted(name), reason(err))
			status = 1
			continue
		}
		q.title(p, name)
		if err := fn(r); err != nil && !errors.Is(err, vfs.EINTR) && !errors.Is(err, vfs.EPIPE) {
			p.Errorf("error reading %s: %s", quoted(name), reason(err))
			status = 1
		}
		_ = r.Close()
	}
	return status
}

func (q *portion) head(ctx context.Context, p *shell.Proc, r io.Reader) error {
	if q.sign == '-' {
		b, err := hold(ctx, p, r)
		if err != nil {
			return err
		}
		_, err = p.Out.Write(b[:q.cut(b, true)])
		return err
	}
	if q.bytes {
		return copyTo(ctx, p, p.Out, io.LimitReader(r, q.n))
	}
	l := newLines(ctx, p, r, q.end)
	for range q.n {
		line, ended, ok := l.next()
		if !ok {
			return l.failure()
		}
		if ended {
			line = append(line[:len(line):len(line)], q.end)
		}
		if _, err := p.Out.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// cut finds where the last n lines or bytes of b begin.
func (q *portion) cut(b []byte, _ bool) int {
	if q.bytes {
		return int(max(int64(len(b))-q.n, 0))
	}
	at := len(b)
	if q.n == 0 {
		return at
	}
	if at > 0 && b[at-1] == q.end {
		at--
	}
	for n := q.n; ; {
		i := bytes.LastIndexByte(b[:at], q.end)
		if i < 0 {
			return 0
		}
		if n--; n == 0 {
			return i + 1
		}
		at = i
	}
}

func tail(ctx context.Context, p *shell.Proc) int {
	numbered(p, true)
	a, status := options(p, coreutils("c,bytes: f,follow? F n,lines: max-unchanged-stats: pid: q,quiet,silent retry s,sleep-interval: v,verbose z,zero-terminated", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	q, ok := newPortion(p, a)
	if !ok {
		return 1
	}
	status = shown(p, a.rest, &q, func(r io.Reader) error { return q.tail(ctx, p, r) })
	if a.has("f", "F") && len(a.rest) > 0 && status == 0 {
		return follow(ctx, p, a.rest[len(a.rest)-1])
	}
	return status
}

func (q *portion) tail(ctx context.Context, p *shell.Proc, r io.Reader) error {
	b, err := hold(ctx, p, r)
	if err != nil {
		return err
	}
	from := 0
	switch {
	case q.sign != '+':
		from = q.cut(b, false)
	case q.bytes:
		from = int(min(max(q.n-1, 0), int64(len(b))))
	default:
		for n := q.n - 1; n > 0 && from < len(b); n-- {
			i := bytes.IndexByte(b[from:], q.end)
			if i < 0 {
				from = len(b)
				break
			}
			from += i + 1
		}
	}
	_, err = p.Out.Write(b[from:])
	return err
}

// follow shows what is added to a file until the program is ended.
func follow(ctx context.Context, p *shell.Proc, name string) int {
	f, err := p.Files.Open(name, vfs.O_RDONLY, 0)
	if err != nil {
		return 1
	}
	defer f.Close()
	_, _ = f.Seek(0, io.SeekEnd)
	for p.Sleep(ctx, 1e9) == nil {
		if copyTo(ctx, p, p.Out, f) != nil {
			break
		}
	}
	return 130
}
