package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

func cutLine(a *arguments, kind, sep string, spans []span, line string) (string, bool) {
	complement := a.has("complement")
	if kind != "f" {
		var out strings.Builder
		for i := range len(line) {
			if picked(spans, i+1, complement) {
				out.WriteByte(line[i])
			}
		}
		return out.String(), true
	}
	if !strings.Contains(line, sep) {
		return line, !a.has("s")
	}
	var kept []string
	for i, f := range strings.Split(line, sep) {
		if picked(spans, i+1, complement) {
			kept = append(kept, f)
		}
	}
	return strings.Join(kept, a.value("output-delimiter", sep)), true
}

func paste(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("d,delimiters: s,serial z,zero-terminated", "[OPTION]... [FILE]..."))
	if a == nil {
		return status
	}
	gaps := []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`, `\0`, "\x00").Replace(a.value("d", "\t")))
	gap := func(i int) string {
		if len(gaps) == 0 || gaps[i%len(gaps)] == 0 {
			return ""
		}
		return string(gaps[i%len(gaps)])
	}
	files, most := [][]string{}, 0
	for _, name := range orDash(a.rest) {
		b, err := readAll(ctx, p, name)
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			return 1
		}
		files = append(files, splitLines(b))
	}
	if names := orDash(a.rest); len(names) > 1 && !slices.ContainsFunc(names, func(n string) bool { return n != "-" }) {
		all := files[0]
		files = make([][]string, len(names))
		for i, line := range all {
			files[i%len(names)] = append(files[i%len(names)], line)
		}
	}
	var out []string
	if a.has("s") {
		for _, f := range files {
			line := ""
			for i, cell := range f {
				if i > 0 {
					line += gap(i - 1)
				}
				line += cell
			}
			out = append(out, line)
		}
		return writeLines(p.Out, out)
	}
	for _, f := range files {
		most = max(most, len(f))
	}
	for row := range most {
		line := ""
		for i, f := range files {
			if i > 0 {
				line += gap(i - 1)
			}
			if row < len(f) {
				line += f[row]
			}
		}
		out = append(out, line)
	}
	return writeLines(p.Out, out)
}

// join joins lines of two sorted files that have a field in common.
func join(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("a: e: i,ignore-case j: o: t: v: 1: 2: check-order nocheck-order header", "[OPTION]... FILE1 FILE2"))
	if a == nil {
		return status
	}
	if status, ok := missing(p, a, 2, 2); !ok {
		return status
	}
	var sides [2][][]string
	var at [2]int
	for i, name := range a.rest {
		b, err := readAll(ctx, p, name)
		if err != nil {
			p.Errorf("%s: %s", colon(name), reason(err))
			return 1
		}
		n, err := strconv.Atoi(a.value(strconv.Itoa(i+1), a.value("j", "1")))
		if err != nil || n < 1 {
			p.Errorf("invalid field number: %s", quote(p, a.value("j", "")))
			return 1
		}
		at[i] = n - 1
		for _, line := range splitLines(b) {
			f := strings.Fields(line)
			if t := a.value("t", ""); t != "" {
				f = strings.Split(line, t)
			}
			sides[i] = append(sides[i], f)
		}
	}
	gap := orElse(a.value("t", ""), " ")
	var out []string
	used := map[int]bool{}
	for _, x := range sides[0] {
		hit := false
		for j, y := range sides[1] {
			if p.Step(ctx) != nil {
				return 1
			}
			if field(x, at[0]) == field(y, at[1]) {
				hit, used[j] = true, true
				if !a.has("v") {
					out = append(out, strings.Join(slices.Concat([]string{field(x, at[0])}, without(x, at[0]), without(y, at[1])), gap))
				}
			}
		}
		if !hit && (a.value("a", "") == "1" || a.value("v", "") == "1") {
			out = append(out, strings.Join(append([]string{field(x, at[0])}, without(x, at[0])...), gap))
		}
	}
	for j, y := range sides[1] {
		if !used[j] && (a.value("a", "") == "2" || a.value("v", "") == "2") {
			out = append(out, strings.Join(append([]string{field(y, at[1])}, without(y, at[1])...), gap))
		}
	}
	return writeLines(p.Out, out)
}

func field(f []string, i int) string {
	if i < len(f) {
		return f[i]
	}
	return ""
}

func without(f []string, i int) []string {
	if i >= len(f) {
		return f
	}
	return slices.Delete(slices.Clone(f), i, i+1)
}

// listParts are the ranges of cut's list.
func listParts(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

// cutProblem says what is wrong with cut's options; "" when nothing is.
func cutProblem(p *shell.Proc, a *arguments, kind string) string {
	switch {
	case a.count("b")+a.count("c")+a.count("f") > 1:
		return "only one list may be specified"
	case kind != "f" && a.has("d"):
		return "an input delimiter may be specified only when operating on fields"
	case kind != "f" && a.has("s"):
		return "suppressing non-delimited lines makes sense\n\tonly when operating on fields"
	}
	zero, invalid := "fields are numbered from 1", "field value"
	if kind != "f" {
		zero, invalid = "byte/character positions are numbered from 1", "byte/character position"
	}
	list := a.value(kind, "")
	for _, part := range strings.FieldsFunc(list+",", func(r rune) bool { return r == ' ' || r == '\t' }) {
		for _, s := range strings.Split(strings.TrimSuffix(part, ","), ",") {
			if problem := spanProblem(p, s, zero, invalid); problem != "" {
				return problem
			}
		}
	}
	return ""
}

func spanProblem(p *shell.Proc, s, zero, invalid string) string {
	from, to, ranged := strings.Cut(s, "-")
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	first, err1 := strconv.Atoi(orElse(from, "1"))
	last, err2 := strconv.Atoi(orElse(to, "999999999"))
	switch {
	case !digits(from) || !digits(to):
		return "invalid " + invalid + " " + quote(p, strings.TrimLeft(s, "-0123456789"))
	case ranged && from == "" && to == "":
		return "invalid range with no endpoint: -"
	case s == "" || first == 0:
		return zero
	case err1 != nil || err2 != nil:
		return invalid + " " + quote(p, s) + " is too large"
	case ranged && last < first:
		return "invalid decreasing range"
	}
	return ""
}

// tabulate writes a table as column -t does: cells that are missing are blank,
// and the last column is not padded.
func tabulate(w io.Writer, rows [][]string, gap string) {
	var width []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	for _, r := range rows {
		var line strings.Builder
		for i, n := range width {
			cell := field(r, i)
			line.WriteString(cell)
			if i < len(width)-1 {
				line.WriteString(strings.Repeat(" ", n-len([]rune(cell))) + gap)
			}
		}
		fmt.Fprintln(w, line.String())
	}
}

// column lays words out in columns, or with -t in a table.
func column(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, tool{spec: "t,table s,separator: o,output-separator: c,output-width: x,fillrows n,name: N,table-columns: R,table-right: J,json", usage: "[options] [<file>...]", version: "from util-linux 2.38.1"})
	if a == nil {
		return status
	}
	var rows [][]string
	status = inputs(p, a.rest, func(name string, r io.Reader) error {
		b, err := hold(ctx, p, r)
		for _, line := range splitLines(b) {
			f := strings.Fields(line)
			if s := a.value("s", ""); s != "" {
				f = strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(s, r) })
			}
			if len(f) > 0 && a.has("t") {
				rows = append(rows, f)
			} else if len(f) > 0 {
				rows = append(rows, []string{line})
			}
		}
		return err
	})
	if a.has("t") {
		tabulate(p.Out, rows, a.value("o", "  "))
		return status
	}
	widest := 0
	for _, r := range rows {
		widest = max(widest, len([]rune(r[0])))
	}
	cell := (widest/8 + 1) * 8
	n := max(80/cell, 1)
	height := (len(rows) + n - 1) / n
	for r := range height {
		line := ""
		for c := r; c < len(rows); c += height {
			line += rows[c][0]
			if c+height < len(rows) {
				line += strings.Repeat("\t", (cell-len([]rune(rows[c][0]))+7)/8)
			}
		}
		fmt.Fprintln(p.Out, line)
	}
	return status
}
