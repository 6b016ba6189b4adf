package match

import (
	"bytes"
	"regexp/syntax"
	"testing"

	"pgregory.net/rapid"
)

// Looking at every so many-th byte finds what looking at all of them does.
func TestANeedIsMetWhereTheRunIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := need{count: rapid.IntRange(1, 9).Draw(t, "count"), low: rapid.IntRange(0, 5).Draw(t, "low")}
		n.high = n.low + rapid.IntRange(0, 20).Draw(t, "more")
		n.bytes.add('a')
		n.bytes.add('b')
		text := rapid.SliceOfN(rapid.SampledFrom([]byte("aab.")), 0, 60).Draw(t, "text")
		i := rapid.IntRange(0, len(text)).Draw(t, "from")
		want := false
		for at := i + n.low; at <= i+n.high && at+n.count <= len(text); at++ {
			want = want || len(bytes.Trim(text[at:at+n.count], "ab")) == 0
		}
		if got := n.met(text, i); got != want {
			t.Fatalf("%+v in %q from %d: %v", n, text, i, got)
		}
	})
}

// What is derived of an expression: how many bytes in a row, and how far on.
func TestWhatAnExpressionNeeds(t *testing.T) {
	for _, c := range []struct {
		expr             string
		count, low, high int
	}{
		{`[0-9a-f]{32}`, 32, 0, 0},
		{`x{0,9}([0-9a-f]{32})\b`, 32, 0, 9},
		{`[^a]{1,3}[0-9]{12,}`, 12, 1, 12},
		{`-?(?:app-[a-z]{24}|dataset-[0-9]{30}|[a-z]{26})`, 26, 0, 0},
		{`.{0,2}(?:app-[a-z]{24}|dataset-[0-9]{30})`, 28, 0, 8},
		{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}`, 18, 0, 0},
		{`(?:[0-9a-f]{2}:){15}[0-9a-f]{2}`, 47, 0, 0},
		{`(?i)[a-z]{0,9}k{10}`, 10, 0, 27},
		{`[a-z\x{80}-\x{d800}]{0,4}[0-9]{20}`, 20, 0, 12},
		{`a.*[0-9]{20}`, 0, 0, 0},       // too far
		{`[0-9]{7}|[0-9]{40}`, 0, 0, 0}, // too short
		{`[^0-9]{40}`, 0, 0, 0},         // too common
		{`[0-9]{40}|b`, 0, 0, 0},        // not in every match
		{`(?:[0-9]{40})?`, 0, 0, 0},
	} {
		tree, err := syntax.Parse(c.expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		if n := needOf(tree); n.count != c.count || n.low != c.low || n.high != c.high {
			t.Errorf("%s needs %d bytes %d to %d bytes on, want %d, %d to %d", c.expr, n.count, n.low, n.high, c.count, c.low, c.high)
		}
	}
}
