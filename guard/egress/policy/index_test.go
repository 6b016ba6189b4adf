package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// addressGen draws addresses from a space so small that prefixes meet.
func addressGen(v6 bool) *rapid.Generator[netip.Addr] {
	edges := []string{"0.0.0.0", "10.0.0.0", "10.0.0.255", "10.0.1.0", "127.255.255.255", "255.255.255.255"}
	if v6 {
		edges = []string{"::", "::1", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}
	}
	return rapid.Map(rapid.SampledFrom(edges), netip.MustParseAddr)
}

// Whatever the CIDRs, a lookup finds those that hold the address, innermost first.
func TestRangesFindWhatHoldsAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v6 := rapid.Bool().Draw(t, "v6")
		var prefixes []netip.Prefix
		var r ranges
		for i := range rapid.IntRange(0, 12).Draw(t, "n") {
			a := addressGen(v6).Draw(t, "address")
			p, err := a.Prefix(rapid.IntRange(0, a.BitLen()).Draw(t, "bits"))
			if err != nil {
				t.Fatal(err)
			}
			prefixes = append(prefixes, p)
			r.add(p, &matcher{rule: &Rule{ID: fmt.Sprint(i)}})
		}
		r.build()
		a := addressGen(v6).Draw(t, "asked")
		for range rapid.IntRange(0, 2).Draw(t, "steps") {
			if next := a.Next(); next.IsValid() {
				a = next
			}
		}
		if got, want := found(&r, a), holding(prefixes, a); got != want {
			t.Fatalf("%s in %v: %s, want %s", a, prefixes, got, want)
		}
	})
}

func found(r *ranges, a netip.Addr) string {
	var ids []string
	r.each(a, func(ms []*matcher) bool {
		for _, m := range ms {
			ids = append(ids, m.rule.ID)
		}
		return true
	})
	return strings.Join(ids, " ")
}

// holding states the same without any index.
func holding(prefixes []netip.Prefix, a netip.Addr) string {
	var ids []int
	for i, p := range prefixes {
		if p.Contains(a) {
			ids = append(ids, i)
		}
	}
	slices.SortStableFunc(ids, func(x, y int) int { return prefixes[y].Bits() - prefixes[x].Bits() })
	return strings.Trim(fmt.Sprint(ids), "[]")
}

// Whatever the names, a lookup finds the rule for the name and those for suffixes,
// the longest first.
func TestNamesFindWhatCoversAName(t *testing.T) {
	name := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab"}), 1, 4), func(l []string) string { return strings.Join(l, ".") })
	rapid.Check(t, func(t *rapid.T) {
		n := newNames()
		var hosts []string
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			host := name.Draw(t, "name")
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0, 1:
				host = "*." + host
			case 2:
				host = "*"
			}
			hosts = append(hosts, host)
			n.add(host, &matcher{rule: &Rule{Host: host}})
		}
		asked := name.Draw(t, "asked")
		var got []string
		n.each(asked, func(ms []*matcher) bool {
			for _, m := range ms {
				got = append(got, m.rule.Host)
			}
			return true
		})
		if want := covering(hosts, asked); !slices.Equal(got, want) {
			t.Fatalf("%s in %q: %q, want %q", asked, hosts, got, want)
		}
	})
}

func covering(hosts []string, asked string) []string {
	var list []string
	for _, h := range hosts {
		if h == asked || h == "*" || strings.HasPrefix(h, "*.") && strings.HasSuffix(asked, h[1:]) {
			list = append(list, h)
		}
	}
	special := func(h string) int {
		if h == asked {
			return 1000
		}
		return len(h)
	}
	slices.SortStableFunc(list, func(a, b string) int { return special(b) - special(a) })
	return list
}

// A glob takes any characters for each asterisk, compared with the plainest way to
// say so.
func TestGlobs(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab/")), 1, 8, -1)
	pattern := rapid.StringOfN(rapid.SampledFrom([]rune("ab/**")), 1, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		p, s := pattern.Draw(t, "pattern"), text.Draw(t, "text")
		if got, want := newGlob(p).covers(s), slowGlob(p, s); got != want {
			t.Fatalf("%q covers %q: %v, want %v", p, s, got, want)
		}
	})
}

func slowGlob(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return slowGlob(p[1:], s) || s != "" && slowGlob(p, s[1:])
	}
	return s != "" && s[0] == p[0] && slowGlob(p[1:], s[1:])
}
