package command

import (
	"context"
	"errors"
	"io"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// tr translates, squeezes and deletes bytes.
func tr(ctx context.Context, p *shell.Proc) int {
	t := coreutils("c,C,complement d,delete s,squeeze-repeats t,truncate-set1", "[OPTION]... STRING1 [STRING2]")
	t.posix = true
	a, status := options(p, t)
	if a == nil {
		return status
	}
	least := 2
	if a.has("d") != a.has("s") {
		least = 1
	}
	switch {
	case len(a.rest) == 0:
		p.Errorf("missing operand")
	case len(a.rest) < least:
		p.Errorf("missing operand after %s", quote(p, a.rest[0]))
		if !a.has("d", "s") {
			io.WriteString(p.Err, "Two strings must be given when translating.\n")
		}
	case len(a.rest) > 2 || len(a.rest) == 2 && a.has("d") && !a.has("s"):
		p.Errorf("extra operand %s", quote(p, a.rest[min(2, len(a.rest)-1)]))
		if a.has("d") {
			io.WriteString(p.Err, "Only one string may be given when deleting without squeezing repeats.\n")
		}
	default:
		return translate(ctx, p, a)
	}
	try(p)
	return 1
}

func translate(ctx context.Context, p *shell.Proc, a *arguments) int {
	set1, err := trSet(a.rest[0], 0)
	if err == "" && a.has("c") {
		set1 = complement(set1)
	}
	var set2 []byte
	if len(a.rest) == 2 && err == "" {
		set2, err = trSet(a.rest[1], len(set1))
	}
	if err != "" {
		p.Errorf("%s", err)
		return 1
	}
	if len(a.rest) == 2 && !a.has("d") && len(set2) == 0 && !a.has("t") {
		p.Errorf("when not truncating set1, string2 must be non-empty")
		return 1
	}
	m := newMapping(a, set1, set2)
	buffer, last := make([]byte, 32<<10), -1
	for {
		n, err := p.In.Read(buffer)
		out := buffer[:0]
		for _, b := range buffer[:n] {
			to := m.to[b]
			if to < 0 || m.squeeze[byte(to)] && last == to {
				continue
			}
			last = to
			out = append(out, byte(to))
		}
		if _, err := p.Out.Write(out); err != nil {
			return 1
		}
		switch {
		case errors.Is(err, io.EOF):
			return 0
		case err != nil:
			p.Errorf("read error: %s", reason(err))
			return 1
		case effort(ctx, p, n, lookCost) != nil:
			return 1
		}
	}
}

// mapping is what tr does with each byte: -1 deletes it.
type mapping struct {
	to      [256]int
	squeeze [256]bool
}

func newMapping(a *arguments, set1, set2 []byte) *mapping {
	m := &mapping{}
	for i := range m.to {
		m.to[i] = i
	}
	squeezed := set2
	switch {
	case a.has("d"):
		for _, b := range set1 {
			m.to[b] = -1
		}
	case len(set2) > 0:
		for i, b := range set1 {
			if i < len(set2) {
				m.to[b] = int(set2[i])
			} else if !a.has("t") {
				m.to[b] = int(set2[len(set2)-1])
			}
		}
	default:
		squeezed = set1
	}
	if a.has("s") {
		for _, b := range squeezed {
			m.squeeze[b] = true
		}
	}
	return m
}

func complement(set []byte) (out []byte) {
	for b := range 256 {
		if !strings.Contains(string(set), string([]byte{byte(b)})) {
			out = append(out, byte(b))
		}
	}
	return out
}

// trSet expands ranges, classes, repeats and escapes. want is the length that
// [x*] fills up to.
func trSet(s string, want int) (out []byte, problem string) {
	for i := 0; i < len(s); {
		if class, n, ok := trClass(s[i:]); ok {
			if class == nil {
				return nil, "invalid character class ‘" + s[i+2:i+n-2] + "’"
			}
			out = append(out, class...)
			i += n
			continue
		}
		if s[i] == '[' && i+2 < len(s) && s[i+2] == '*' {
			if end := strings.IndexByte(s[i:], ']'); end > 0 {
				for len(out) < want {
					out = append(out, s[i+1])
				}
				i += end + 1
				continue
			}
		}
		b, n := trByte(s[i:])
		i += n
		if i+1 < len(s) && s[i] == '-' {
			last, n := trByte(s[i+1:])
			if last < b {
				return nil, "range-endpoints of '" + string(b) + "-" + string(last) + "' are in reverse collating sequence order"
			}
			for c := int(b); c <= int(last); c++ {
				out = append(out, byte(c))
			}
			i += 1 + n
			continue
		}
		out = append(out, b)
	}
	return out, ""
}

func trClass(s string) (class []byte, n int, ok bool) {
	if !strings.HasPrefix(s, "[:") {
		return nil, 0, false
	}
	end := strings.Index(s, ":]")
	if end < 2 {
		return nil, 0, false
	}
	for b := range 128 {
		if inClass(s[2:end], byte(b)) {
			class = append(class, byte(b))
		}
	}
	return class, end + 2, true
}

func inClass(name string, b byte) bool {
	lower, upper, digit := b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9'
	switch name {
	case "alpha":
		return lower || upper
	case "digit":
		return digit
	case "alnum":
		return lower || upper || digit
	case "lower":
		return lower
	case "upper":
		return upper
	case "space":
		return b == ' ' || b >= 9 && b <= 13
	case "blank":
		return b == ' ' || b == '\t'
	case "cntrl":
		return b < 32 || b == 127
	case "print":
		return b >= 32 && b < 127
	case "graph":
		return b > 32 && b < 127
	case "punct":
		return b > 32 && b < 127 && !lower && !upper && !digit
	case "xdigit":
		return digit || b|32 >= 'a' && b|32 <= 'f'
	}
	return false
}

// trByte reads one byte, perhaps escaped.
func trByte(s string) (b byte, n int) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1
	}
	if c, ok := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': 7, 'b': 8, 'f': 12, 'v': 11, '\\': '\\'}[s[1]]; ok {
		return c, 2
	}
	n = 1
	v := 0
	for n < len(s) && n < 4 && s[n] >= '0' && s[n] <= '7' {
		v = v*8 + int(s[n]-'0')
		n++
	}
	if n > 1 {
		return byte(v), n
	}
	return s[1], 2
}
