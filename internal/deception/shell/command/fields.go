package command

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func comm(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("1 2 3 check-order nocheck-order output-delimiter: total z,zero-terminated", "[OPTION]... FILE1 FILE2"))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 2, 2); !ok {
		return status
	}
	var sides [2][]string
	for i, name := range a.rest {
		b, err := readAll(ctx, p, name)
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			return 1
		}
		sides[i] = splitLines(b)
	}
	x, y := sides[0], sides[1]
	tab := a.value("output-delimiter", "\t")
	one, two := tab, tab+tab
	if a.has("1") {
		one, two = "", tab
	}
	if a.has("2") {
		two = strings.TrimPrefix(two, tab)
	}
	var out []string
	put := func(column, lead, line string) {
		if !a.has(column) {
			out = append(out, lead+line)
		}
	}
	for len(x) > 0 || len(y) > 0 {
		switch {
		case len(y) == 0 || len(x) > 0 && collate(p, x[0], y[0]) < 0:
			put("1", "", x[0])
			x = x[1:]
		case len(x) == 0 || collate(p, x[0], y[0]) > 0:
			put("2", one, y[0])
			y = y[1:]
		default:
			put("3", two, x[0])
			x, y = x[1:], y[1:]
		}
	}
	return writeLines(p.Out, out)
}

func shuf(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("e,echo i,input-range: n,head-count: o,output: r,repeat z,zero-terminated random-source:", "[OPTION]... [FILE]"))
	if a == nil {
		return status
	}
	var lines []string
	switch {
	case a.has("e"):
		lines = a.rest
	case a.has("i"):
		var from, to int
		if _, err := fmt.Sscanf(a.value("i", ""), "%d-%d", &from, &to); err != nil || to < from-1 || to-from > 1<<20 {
			p.Errorf("invalid input range: %s", quote(p, a.value("i", "")))
			return 1
		}
		for n := from; n <= to; n++ {
			lines = append(lines, strconv.Itoa(n))
		}
	default:
		b, err := readAll(ctx, p, orDash(a.rest)[0])
		if err != nil {
			p.Errorf("%s: %s", colon(a.rest[0]), reason(err))
			return 1
		}
		lines = splitLines(b)
	}
	chance(p).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if n, err := strconv.Atoi(a.value("n", "")); err == nil && n >= 0 {
		lines = lines[:min(n, len(lines))]
	}
	return writeLines(p.Out, lines)
}

// seq counts.
func seq(ctx context.Context, p *shell.Proc) int {
	var operands []string
	args := p.Args[:1:1]
	for _, arg := range p.Args[1:] { // negative numbers are no options
		if _, err := strconv.ParseFloat(arg, 64); err == nil {
			operands = append(operands, arg)
		} else {
			args = append(args, arg)
		}
	}
	p.Args = args
	a, status := options(p, coreutils("f,format: s,separator: w,equal-width", "[OPTION]... FIRST INCREMENT LAST"))
	if a == nil {
		return status
	}
	if len(a.rest) > 0 {
		p.Errorf("invalid floating point argument: %s", quote(p, a.rest[0]))
		try(p)
		return 1
	}
	a.rest = operands
	if status, ok := missing(p, a, 1, 3); !ok {
		return status
	}
	first, step, digits := 1.0, 1.0, 0
	for _, o := range operands[:min(len(operands), 2)] {
		if _, f, ok := strings.Cut(o, "."); ok && (len(operands) > 1) {
			digits = max(digits, len(f))
		}
	}
	last, _ := strconv.ParseFloat(operands[len(operands)-1], 64)
	if len(operands) > 1 {
		first, _ = strconv.ParseFloat(operands[0], 64)
	}
	if len(operands) == 3 {
		step, _ = strconv.ParseFloat(operands[1], 64)
	}
	if step == 0 {
		p.Errorf("invalid Zero increment value: %s", quote(p, operands[1]))
		try(p)
		return 1
	}
	return count2(ctx, p, a, first, step, last, min(digits, 30))
}

// seqFormat turns the format of seq, which has one number, into fmt's.
func seqFormat(p *shell.Proc, format string) (string, bool) {
	if format == "" {
		return "", true
	}
	from := directive(format)
	if from < 0 {
		p.Errorf("format %s has no %% directive", quote(p, format))
		return "", false
	}
	rest := strings.TrimLeft(format[from+1:], "-+#0 '")
	rest = strings.TrimLeft(rest, "0123456789")
	if strings.HasPrefix(rest, ".") {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	rest = strings.TrimLeft(rest, "lL")
	switch {
	case rest == "":
		p.Errorf("format %s ends in %%", quote(p, format))
		return "", false
	case strings.IndexByte("aAeEfFgG", rest[0]) < 0:
		p.Errorf("format %s has unknown %%%c directive", quote(p, format), rest[0])
		return "", false
	case directive(rest[1:]) >= 0:
		p.Errorf("format %s has too many %% directives", quote(p, format))
		return "", false
	}
	spec := format[from : len(format)-len(rest)+1]
	spec = strings.NewReplacer("l", "", "L", "", "'", "", "g", "v", "G", "v", "a", "x", "A", "X").Replace(spec)
	return format[:from] + spec + rest[1:], true
}

// directive is where the first one stands in a format; -1 when there is none.
func directive(format string) int {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		if i+1 == len(format) || format[i+1] != '%' {
			return i
		}
		i++
	}
	return -1
}

func count2(ctx context.Context, p *shell.Proc, a *arguments, first, step, last float64, digits int) int {
	format, ok := seqFormat(p, a.value("f", ""))
	if !ok {
		return 1
	}
	width := 0
	if a.has("w") {
		width = max(len(strconv.FormatFloat(first, 'f', digits, 64)), len(strconv.FormatFloat(last, 'f', digits, 64)))
	}
	gap := a.value("s", "\n")
	n := math.Floor((last-first)/step + 1e-10)
	for i := 0.0; i <= n; i++ {
		text := strconv.FormatFloat(first+i*step, 'f', digits, 64)
		if width > len(text) {
			sign := strings.HasPrefix(text, "-")
			text = strings.Repeat("0", width-len(text)) + strings.TrimPrefix(text, "-")
			if sign {
				text = "-" + text
			}
		}
		if format != "" {
			text = fmt.Sprintf(format, first+i*step)
		}
		end := gap
		if i == n {
			end = "\n"
		}
		if _, err := io.WriteString(p.Out, text+end); err != nil || p.Step(ctx) != nil {
			return 1
		}
	}
	return 0
}

// span is a range of fields or characters, from 1; to 0 is the end.
type span struct{ from, to int }

func parseSpans(list string) (out []span, ok bool) {
	for _, part := range listParts(list) {
		from, to, ranged := strings.Cut(part, "-")
		s := span{1, 0}
		var err error
		if from != "" {
			if s.from, err = strconv.Atoi(from); err != nil || s.from < 1 {
				return nil, false
			}
		}
		if !ranged {
			s.to = s.from
		} else if to != "" {
			if s.to, err = strconv.Atoi(to); err != nil || s.to < s.from {
				return nil, false
			}
		} else if from == "" {
			return nil, false
		}
		out = append(out, s)
	}
	return out, len(out) > 0
}

func picked(spans []span, n int, complement bool) bool {
	hit := slices.ContainsFunc(spans, func(s span) bool { return n >= s.from && (s.to == 0 || n <= s.to) })
	return hit != complement
}

func cut(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("b,bytes: c,characters: d,delimiter: f,fields: n complement s,only-delimited output-delimiter: z,zero-terminated", "OPTION... [FILE]..."))
	if a == nil {
		return status
	}
	kind := a.last("b", "c", "f")
	if kind == "" {
		p.Errorf("you must specify a list of bytes, characters, or fields")
		try(p)
		return 1
	}
	sep := a.value("d", "\t")
	if len(sep) > 1 {
		p.Errorf("the delimiter must be a single character")
		try(p)
		return 1
	}
	spans, ok := parseSpans(a.value(kind, ""))
	if problem := cutProblem(p, a, kind); problem != "" || !ok {
		p.Errorf("%s", problem)
		try(p)
		return 1
	}
	return inputs(p, a.rest, func(_ string, r io.Reader) error {
		l := newLines(ctx, p, r, '\n')
		for {
			line, _, ok := l.next()
			if !ok {
				return l.failure()
			}
			text, show := cutLine(a, kind, sep, spans, string(line))
			if !show {
				continue
			}
			if _, err := io.WriteString(p.Out, text+"\n"); err != nil {
				return err
			}
		}
	})
}
