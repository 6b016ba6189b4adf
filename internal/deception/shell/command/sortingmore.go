package command

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

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
