package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func cmpFiles(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "b,print-bytes i,ignore-initial: l,verbose n,bytes: s,quiet,silent", usage: "[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]", version: "(GNU diffutils) 3.8", bad: 2})
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 1, 4); !ok {
		return max(status, 2)
	}
	a.rest = append(a.rest, "-")
	var sides [2][]byte
	for i := range sides {
		b, err := readAll(ctx, p, a.rest[i])
		if err != nil {
			p.Errorf("%s: %s", a.rest[i], reason(err))
			return 2
		}
		sides[i] = b
	}
	x, y, line := sides[0], sides[1], 1
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			if !a.has("s") {
				unit := "char"
				if utf8Locale(p) {
					unit = "byte"
				}
				fmt.Fprintf(p.Out, "%s %s differ: %s %d, line %d\n", a.rest[0], a.rest[1], unit, i+1, line)
			}
			return 1
		}
		if x[i] == '\n' {
			line++
		}
	}
	if len(x) == len(y) {
		return 0
	}
	short, n := a.rest[0], len(x)
	if len(y) < len(x) {
		short, n = a.rest[1], len(y)
	}
	if !a.has("s") {
		if n == 0 {
			p.Errorf("EOF on %s which is empty", short)
		} else {
			p.Errorf("EOF on %s after byte %d, line %d", short, n, line-1)
		}
	}
	return 1
}

// mostCompared bounds the lines of files that differ much: the table of their
// longest common part grows with the product.
const mostCompared = 4000

// diff compares two files line by line.
func diff(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "q,brief s,report-identical-files c C,context: u U,unified: e n y,side-by-side i,ignore-case b,ignore-space-change w,ignore-all-space B,ignore-blank-lines label: r,recursive N,new-file a,text color? x,exclude: strip-trailing-cr", usage: "[OPTION]... FILES", version: "(GNU diffutils) 3.8", bad: 2})
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 2, 2); !ok {
		return max(status, 2)
	}
	var sides [2][]byte
	for i, name := range a.rest {
		b, err := readAll(ctx, p, name)
		if err != nil && !(a.has("N") && errors.Is(err, vfs.ENOENT)) {
			p.Errorf("%s: %s", name, reason(err))
			return 2
		}
		sides[i] = b
	}
	if string(sides[0]) == string(sides[1]) {
		if a.has("s") {
			fmt.Fprintf(p.Out, "Files %s and %s are identical\n", a.rest[0], a.rest[1])
		}
		return 0
	}
	if a.has("q") {
		fmt.Fprintf(p.Out, "Files %s and %s differ\n", a.rest[0], a.rest[1])
		return 1
	}
	if strings.IndexByte(string(sides[0])+string(sides[1]), 0) >= 0 {
		fmt.Fprintf(p.Out, "Binary files %s and %s differ\n", a.rest[0], a.rest[1])
		return 2
	}
	x, y := endedLines(sides[0]), endedLines(sides[1])
	hunks := compareLines(x, y)
	if a.has("u", "U") {
		unified(p, a, hunks, x, y)
		return 1
	}
	for _, h := range hunks {
		h.normal(p.Out, x, y)
	}
	return 1
}

// endedLines splits a text into lines with their ends; a last one without says
// so below itself.
func endedLines(b []byte) []string {
	out := strings.SplitAfter(string(b), "\n")
	last := len(out) - 1
	if out[last] == "" {
		return out[:last]
	}
	out[last] += "\n\\ No newline at end of file\n"
	return out
}

// hunk says that lines [a,b) of one file are [c,d) in the other.
type hunk struct{ a, b, c, d int }

func compareLines(x, y []string) (out []hunk) {
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	mx, my := x[head:len(x)-tail], y[head:len(y)-tail]
	if len(mx)*len(my) > mostCompared*mostCompared/8 || len(mx) == 0 || len(my) == 0 {
		return []hunk{{head, len(x) - tail, head, len(y) - tail}}
	}
	common := commonLines(mx, my)
	i, j := 0, 0
	for _, c := range append(common, [2]int{len(mx), len(my)}) {
		if c[0] > i || c[1] > j {
			out = append(out, hunk{head + i, head + c[0], head + j, head + c[1]})
		}
		i, j = c[0]+1, c[1]+1
	}
	return out
}

// commonLines finds the longest common subsequence.
func commonLines(x, y []string) (out [][2]int) {
	width := len(y) + 1
	best := make([]uint16, (len(x)+1)*width)
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			out = append(out, [2]int{i, j})
			i, j = i+1, j+1
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return out
}

func (h hunk) normal(w io.Writer, x, y []string) {
	at := func(from, to int) string {
		if to-from <= 1 {
			return fmt.Sprint(max(to, from))
		}
		return fmt.Sprintf("%d,%d", from+1, to)
	}
	letter := "c"
	if h.a == h.b {
		letter = "a"
	} else if h.c == h.d {
		letter = "d"
	}
	fmt.Fprintf(w, "%s%s%s\n", at(h.a, h.b), letter, at(h.c, h.d))
	for _, l := range x[h.a:h.b] {
		_, _ = io.WriteString(w, "< "+l)
	}
	if letter == "c" {
		fmt.Fprintln(w, "---")
	}
	for _, l := range y[h.c:h.d] {
		_, _ = io.WriteString(w, "> "+l)
	}
}

func unified(p *shell.Proc, a *arguments, hunks []hunk, x, y []string) {
	context := 3
	_, _ = fmt.Sscan(a.value("U", "3"), &context)
	context = min(max(context, 0), 1000)
	labels := a.values("label")
	for i, mark := range []string{"---", "+++"} {
		if i < len(labels) {
			fmt.Fprintf(p.Out, "%s %s\n", mark, labels[i])
			continue
		}
		stamp := p.Now()
		if info, err := p.Files.Stat(a.rest[i]); err == nil {
			stamp = info.Mtime
		}
		fmt.Fprintf(p.Out, "%s %s\t%s\n", mark, a.rest[i], stamp.In(zone(p)).Format("2006-01-02 15:04:05.000000000 -0700"))
	}
	for len(hunks) > 0 {
		n := 1
		for n < len(hunks) && hunks[n].a-hunks[n-1].b <= 2*context {
			n++
		}
		unifiedGroup(p.Out, hunks[:n], x, y, context)
		hunks = hunks[n:]
	}
}

func unifiedGroup(w io.Writer, group []hunk, x, y []string, context int) {
	first, last := group[0], group[len(group)-1]
	from, to := max(first.a-context, 0), min(last.b+context, len(x))
	fromY, toY := first.c-(first.a-from), last.d+(to-last.b)
	span := func(from, to int) string {
		if to-from == 1 {
			return fmt.Sprint(to)
		}
		if to == from {
			return fmt.Sprintf("%d,0", from)
		}
		return fmt.Sprintf("%d,%d", from+1, to-from)
	}
	fmt.Fprintf(w, "@@ -%s +%s @@\n", span(from, to), span(fromY, toY))
	at := from
	for _, h := range group {
		for ; at < h.a; at++ {
			_, _ = io.WriteString(w, " "+x[at])
		}
		for ; at < h.b; at++ {
			_, _ = io.WriteString(w, "-"+x[at])
		}
		for _, l := range y[h.c:h.d] {
			_, _ = io.WriteString(w, "+"+l)
		}
	}
	for ; at < to; at++ {
		_, _ = io.WriteString(w, " "+x[at])
	}
}

// dd copies blocks and tells how fast.
func dd(ctx context.Context, p *shell.Proc) int {
	set := map[string]string{"bs": "512", "count": "", "skip": "0", "seek": "0", "if": "-", "of": "", "status": "", "conv": "", "ibs": "", "obs": "", "iflag": "", "oflag": ""}
	for _, arg := range p.Args[1:] {
		name, value, ok := strings.Cut(arg, "=")
		if _, known := set[name]; !known || !ok {
			p.Errorf("unrecognized operand %s", quote(p, arg))
			try(p)
			return 1
		}
		set[name] = value
	}
	size, okSize := parseSize(orElse(set["ibs"], set["bs"]))
	skip, okSkip := parseSize(set["skip"])
	seek, okSeek := parseSize(set["seek"])
	count, okCount := int64(1<<40), true
	if set["count"] != "" {
		count, okCount = parseSize(set["count"])
	}
	if !okSize || size < 1 || !okSkip || !okSeek || !okCount {
		p.Errorf("invalid number: %s", quote(p, set["bs"]))
		return 1
	}
	in, err := source(p, set["if"])
	if err != nil {
		p.Errorf("failed to open %s: %s", quoted(set["if"]), reason(err))
		return 1
	}
	defer in.Close()
	out := p.Out
	if name := set["of"]; name != "" {
		flag := vfs.O_WRONLY | vfs.O_CREATE | vfs.O_TRUNC
		if strings.Contains(set["conv"], "notrunc") || seek > 0 {
			flag = vfs.O_WRONLY | vfs.O_CREATE
		}
		f, err := p.Files.Open(name, flag, 0o666)
		if err != nil {
			p.Errorf("failed to open %s: %s", quoted(name), reason(err))
			return 1
		}
		defer f.Close()
		_, _ = f.Seek(min(seek, 1<<30)*min(size, 1<<30), io.SeekStart)
		out = f
	}
	return ddCopy(ctx, p, out, in, min(size, 8<<20), skip, count, set["status"])
}

func ddCopy(ctx context.Context, p *shell.Proc, out io.Writer, in io.Reader, size, skip, count int64, show string) int {
	began, status := p.Now(), 0
	if !p.Hold(int(size)) {
		p.Errorf("memory exhausted by input buffer of size %d bytes (%s)", size, spaced(float64(size), 1024))
		return 1
	}
	buffer := make([]byte, size)
	for range skip {
		if _, err := io.ReadFull(in, buffer); err != nil || effort(ctx, p, len(buffer), copyCost) != nil {
			break
		}
	}
	whole, part, total := 0, 0, int64(0)
	for range count {
		n, err := in.Read(buffer)
		if n > 0 {
			if _, err := out.Write(buffer[:n]); err != nil {
				p.Errorf("error writing 'standard output': %s", reason(err))
				status = 1
				break
			}
			total += int64(n)
			if int64(n) == size {
				whole++
			} else {
				part++
			}
		}
		if err != nil || effort(ctx, p, n, copyCost) != nil {
			break
		}
	}
	if show == "none" {
		return status
	}
	fmt.Fprintf(p.Err, "%d+%d records in\n%d+%d records out\n", whole, part, whole, part)
	if show != "noxfer" {
		seconds := max(p.Now().Sub(began).Seconds(), 0.0001)
		scaled := ""
		if total >= 1000 {
			scaled = fmt.Sprintf(" (%s, %s)", spaced(float64(total), 1000), spaced(float64(total), 1024))
			if total < 1024 {
				scaled = fmt.Sprintf(" (%s)", spaced(float64(total), 1000))
			}
		}
		fmt.Fprintf(p.Err, "%d bytes%s copied, %.6g s, %s/s\n", total, scaled, seconds, spaced(float64(total)/seconds, 1000))
	}
	return status
}

// spaced writes a size as dd does: 1.0 kB, 512 MiB.
func spaced(v, base float64) string {
	unit := 0
	for v >= base && unit < 5 {
		v /= base
		unit++
	}
	names := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	if base == 1024 {
		names = []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	}
	if v < 9.95 && unit > 0 {
		return fmt.Sprintf("%.1f %s", v, names[unit])
	}
	return fmt.Sprintf("%.0f %s", v, names[unit])
}
