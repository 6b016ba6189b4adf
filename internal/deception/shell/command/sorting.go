package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

func ordering() table {
	return table{"sort": sortLines, "uniq": uniq, "comm": comm, "shuf": shuf, "seq": seq, "factor": factor, "cut": cut, "paste": paste, "join": join, "tr": tr, "column": column}
}

// key is what sort compares: from a field and character to another.
type key struct {
	from, fromChar, to, toChar int
	flags                      string
}

type sorter struct {
	p     *shell.Proc
	keys  []key
	flags string
	sep   string
}

func sortLines(ctx context.Context, p *shell.Proc) int {
	t := coreutils("b,ignore-leading-blanks d,dictionary-order f,ignore-case g,general-numeric-sort i,ignore-nonprinting M,month-sort h,human-numeric-sort n,numeric-sort R,random-sort r,reverse V,version-sort sort: c,check? C k,key: m,merge o,output: s,stable S,buffer-size: t,field-separator: T,temporary-directory: u,unique z,zero-terminated parallel: debug", "[OPTION]... [FILE]...")
	t.bad = 2
	a, status := options(p, t)
	if a == nil {
		return status
	}
	s := &sorter{p: p, sep: a.value("t", "")}
	for _, o := range a.all {
		if strings.Contains("bdfghiMnRrV", o.name) {
			s.flags += o.name
		}
		if o.name == "k" {
			k, ok := parseKey(o.value)
			if !ok {
				p.Errorf("-: invalid field specification %s", quote(p, o.value))
				return 2
			}
			s.keys = append(s.keys, k)
		}
	}
	var all []string
	for _, name := range orDash(a.rest) {
		b, err := readAll(ctx, p, name)
		if err != nil {
			if err == errMemory {
				p.Errorf("memory exhausted")
			} else if i, e := p.Files.Stat(name); e == nil && i.IsDir() {
				p.Errorf("read failed: %s: %s", colon(name), reason(err))
			} else {
				p.Errorf("cannot read: %s: %s", colon(name), reason(err))
			}
			return 2
		}
		all = append(all, splitLines(b)...)
	}
	return s.finish(a, all)
}

func orDash(names []string) []string {
	if len(names) == 0 {
		return []string{"-"}
	}
	return names
}

func (s *sorter) finish(a *arguments, all []string) int {
	if a.has("c", "C") {
		for i := 1; i < len(all); i++ {
			if c := s.compare(all[i-1], all[i], true); c > 0 || c == 0 && a.has("u") {
				if !a.has("C") {
					s.p.Errorf("%s:%d: disorder: %s", orDash(a.rest)[0], i+1, all[i])
				}
				return 1
			}
		}
		return 0
	}
	last := !a.has("s", "u")
	slices.SortStableFunc(all, func(x, y string) int { return s.compare(x, y, last) })
	if a.has("u") {
		all = slices.CompactFunc(all, func(x, y string) bool { return s.compare(x, y, false) == 0 })
	}
	out := s.p.Out
	if name := a.value("o", ""); name != "" {
		f, err := s.p.Files.Open(name, vfs.O_WRONLY|vfs.O_CREATE|vfs.O_TRUNC, 0o666)
		if err != nil {
			s.p.Errorf("open failed: %s: %s", colon(name), reason(err))
			return 2
		}
		defer f.Close()
		out = f
	}
	return writeLines(out, all)
}

func writeLines(w io.Writer, all []string) int {
	var buffer bytes.Buffer
	for i, line := range all {
		buffer.WriteString(line + "\n")
		if buffer.Len() > 32<<10 || i == len(all)-1 {
			if _, err := w.Write(buffer.Bytes()); err != nil {
				return 1
			}
			buffer.Reset()
		}
	}
	return 0
}

func parseKey(text string) (k key, ok bool) {
	from, to, two := strings.Cut(text, ",")
	var flags string
	if k.from, k.fromChar, flags, ok = parsePosition(from); !ok || k.from < 1 {
		return k, false
	}
	k.flags = flags
	if two {
		if k.to, k.toChar, flags, ok = parsePosition(to); !ok {
			return k, false
		}
		k.flags += flags
	}
	return k, true
}

func parsePosition(s string) (field, char int, flags string, ok bool) {
	end := len(strings.TrimRight(s, "bdfghiMnRrV"))
	s, flags = s[:end], s[end:]
	f, c, dotted := strings.Cut(s, ".")
	field, err := strconv.Atoi(f)
	if err != nil {
		return 0, 0, "", false
	}
	if dotted {
		if char, err = strconv.Atoi(c); err != nil {
			return 0, 0, "", false
		}
	}
	return field, char, flags, true
}

func (s *sorter) compare(x, y string, lastResort bool) int {
	keys := s.keys
	if len(keys) == 0 {
		keys = []key{{from: 1}}
	}
	for _, k := range keys {
		flags := k.flags
		if strings.Trim(flags, "b") == "" {
			flags += s.flags
		}
		if c := s.by(s.part(x, k), s.part(y, k), flags); c != 0 {
			if strings.Contains(flags, "r") {
				return -c
			}
			return c
		}
	}
	if !lastResort {
		return 0
	}
	c := collate(s.p, x, y)
	if strings.Contains(s.flags, "r") {
		return -c
	}
	return c
}

// part cuts a key out of a line.
func (s *sorter) part(line string, k key) string {
	if k.from == 1 && k.fromChar == 0 && k.to == 0 {
		return line
	}
	starts, ends := s.fields(line)
	at := func(field int) (int, int) {
		if field > len(starts) {
			return len(line), len(line)
		}
		return starts[field-1], ends[field-1]
	}
	from, end := at(k.from)
	if strings.Contains(k.flags+s.flags, "b") {
		for from < end && (line[from] == ' ' || line[from] == '\t') {
			from++
		}
	}
	from = min(from+max(k.fromChar-1, 0), len(line))
	to := len(line)
	if k.to > 0 {
		start, end := at(k.to)
		to = end
		if k.toChar > 0 {
			to = min(start+k.toChar, len(line))
		}
	}
	if to < from {
		return ""
	}
	return line[from:to]
}

// fields finds where a line's fields are: between separators, or each a run of
// blanks with the text behind it.
func (s *sorter) fields(line string) (starts, ends []int) {
	if s.sep != "" {
		at := 0
		for {
			i := strings.IndexByte(line[at:], s.sep[0])
			starts = append(starts, at)
			if i < 0 {
				return starts, append(ends, len(line))
			}
			ends = append(ends, at+i)
			at += i + 1
		}
	}
	for i := 0; i < len(line); {
		starts = append(starts, i)
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		ends = append(ends, i)
	}
	return starts, ends
}

func (s *sorter) by(x, y, flags string) int {
	switch {
	case strings.ContainsAny(flags, "n"):
		return compareNumbers(x, y)
	case strings.Contains(flags, "g"):
		return compareFloats(x, y)
	case strings.Contains(flags, "h"):
		return compareHuman(x, y)
	case strings.Contains(flags, "V"):
		return compareVersions(x, y)
	case strings.Contains(flags, "M"):
		return month(x) - month(y)
	case strings.Contains(flags, "R"):
		return strings.Compare(scrambled(s.p, x), scrambled(s.p, y))
	}
	if strings.Contains(flags, "f") {
		x, y = strings.ToUpper(x), strings.ToUpper(y)
	}
	if strings.Contains(flags, "d") {
		keep := func(r rune) rune {
			if r == ' ' || r == '\t' || r >= '0' && r <= '9' || r|32 >= 'a' && r|32 <= 'z' {
				return r
			}
			return -1
		}
		x, y = strings.Map(keep, x), strings.Map(keep, y)
	}
	return collate(s.p, x, y)
}

func month(s string) int {
	s = strings.ToUpper(strings.TrimLeft(s, " \t"))
	if len(s) < 3 {
		return 0
	}
	return strings.Index("   JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", s[:3])/3 + order(false)
}

// numberIn is the number at the start of s, in digits.
func numberIn(s string) (negative bool, whole, fraction, rest string) {
	s = strings.TrimLeft(s, " \t")
	if strings.HasPrefix(s, "-") {
		negative, s = true, s[1:]
	}
	end := len(s) - len(strings.TrimLeft(s, "0123456789"))
	whole, s = strings.TrimLeft(s[:end], "0"), s[end:]
	if strings.HasPrefix(s, ".") {
		end = len(s[1:]) - len(strings.TrimLeft(s[1:], "0123456789"))
		fraction, s = strings.TrimRight(s[1:1+end], "0"), s[1+end:]
	}
	return negative, whole, fraction, s
}

func compareNumbers(x, y string) int {
	nx, wx, fx, _ := numberIn(x)
	ny, wy, fy, _ := numberIn(y)
	zx, zy := wx == "" && fx == "", wy == "" && fy == ""
	nx, ny = nx && !zx, ny && !zy
	if nx != ny {
		return order(ny) - order(nx)
	}
	c := len(wx) - len(wy)
	if c == 0 {
		if c = strings.Compare(wx, wy); c == 0 {
			c = strings.Compare(fx, fy)
		}
	}
	if nx {
		return -c
	}
	return c
}

func compareHuman(x, y string) int {
	size := func(s string) (int, bool) {
		n, w, f, rest := numberIn(s)
		if rest == "" || w == "" && f == "" {
			return 0, n
		}
		return strings.IndexByte(" KMGTPEZY", strings.ToUpper(rest[:1])[0]), n
	}
	ux, nx := size(x)
	uy, ny := size(y)
	if nx == ny && max(ux, 0) != max(uy, 0) {
		if nx {
			return uy - ux
		}
		return ux - uy
	}
	return compareNumbers(x, y)
}

func compareFloats(x, y string) int {
	parse := func(s string) (float64, bool) {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			fields := strings.Fields(s)
			if len(fields) == 0 {
				return 0, false
			}
			v, err = strconv.ParseFloat(fields[0], 64)
		}
		return v, err == nil
	}
	a, okA := parse(x)
	b, okB := parse(y)
	switch {
	case okA != okB:
		return order(okA) - order(okB)
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareVersions orders names so that numbers in them count as numbers.
func compareVersions(x, y string) int {
	for x != "" && y != "" {
		px, rx := prefix(x, false)
		py, ry := prefix(y, false)
		if c := strings.Compare(px, py); c != 0 {
			return c
		}
		nx, rx2 := prefix(rx, true)
		ny, ry2 := prefix(ry, true)
		if c := compareNumbers(nx, ny); c != 0 {
			return c
		}
		x, y = rx2, ry2
	}
	return len(x) - len(y)
}

func prefix(s string, digits bool) (head, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9') == digits {
		i++
	}
	return s[:i], s[i:]
}

func uniq(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("c,count d,repeated D all-repeated? f,skip-fields: group? i,ignore-case s,skip-chars: u,unique z,zero-terminated w,check-chars:", "[OPTION]... [INPUT [OUTPUT]]"))
	if a == nil {
		return status
	}
	name := "-"
	if len(a.rest) > 0 {
		name = a.rest[0]
	}
	b, err := readAll(ctx, p, name)
	if err != nil {
		p.Errorf("%s: %s", colon(name), reason(err))
		return 1
	}
	var out []string
	lines := splitLines(b)
	for i := 0; i < len(lines); {
		n := 1
		for i+n < len(lines) && uniqKey(a, lines[i]) == uniqKey(a, lines[i+n]) {
			n++
		}
		out = append(out, uniqGroup(a, lines[i:i+n])...)
		i += n
	}
	return writeLines(p.Out, out)
}

func uniqGroup(a *arguments, same []string) []string {
	switch {
	case a.has("D", "all-repeated"):
		if len(same) > 1 {
			return same
		}
		return nil
	case a.has("d") && len(same) == 1, a.has("u") && len(same) > 1:
		return nil
	case a.has("c"):
		return []string{fmt.Sprintf("%7d %s", len(same), same[0])}
	}
	return same[:1]
}

func uniqKey(a *arguments, line string) string {
	skip, _ := strconv.Atoi(a.value("f", "0"))
	for range min(skip, 1000) {
		line = strings.TrimLeft(line, " \t")
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			line = line[i:]
		} else {
			line = ""
		}
	}
	chars, _ := strconv.Atoi(a.value("s", "0"))
	line = line[min(max(chars, 0), len(line)):]
	if n, err := strconv.Atoi(a.value("w", "")); err == nil && n >= 0 {
		line = line[:min(n, len(line))]
	}
	if a.has("i") {
		line = strings.ToLower(line)
	}
	return line
}

func factor(ctx context.Context, p *shell.Proc) int {
	a, status := options(p, coreutils("h,exponents", "[NUMBER]..."))
	if a == nil {
		return status
	}
	numbers := a.rest
	if len(numbers) == 0 {
		b, _ := hold(ctx, p, p.In)
		numbers = strings.Fields(string(b))
	}
	for _, text := range numbers {
		n, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 10, 63)
		if err != nil {
			p.Errorf("%s is not a valid positive integer", quote(p, text))
			status = 1
			continue
		}
		fmt.Fprintf(p.Out, "%d:", n)
		for _, f := range factors(ctx, p, n) {
			fmt.Fprintf(p.Out, " %d", f)
		}
		fmt.Fprintln(p.Out)
	}
	return status
}

// factors divides by what may divide; each turn is a step, so that a large
// prime takes its time and no more.
func factors(ctx context.Context, p *shell.Proc, n uint64) (out []uint64) {
	if n < 2 || new(big.Int).SetUint64(n).ProbablyPrime(10) && n > 1 {
		if n > 1 {
			out = append(out, n)
		}
		return out
	}
	for d := uint64(2); d*d <= n; d++ {
		if d&0xfff == 0 && p.Step(ctx) != nil {
			return out
		}
		for n%d == 0 {
			out, n = append(out, d), n/d
			if new(big.Int).SetUint64(n).ProbablyPrime(10) {
				return append(out, n)
			}
		}
	}
	if n > 1 {
		out = append(out, n)
	}
	return out
}
