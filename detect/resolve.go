package detect

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// byPlace orders hits by where they begin; on the same place the better first.
func byPlace(a, b hit) int {
	if c := cmp.Compare(a.from, b.from); c != 0 {
		return c
	}
	return better(a, b)
}

// better orders hits on the same secret: specific before generic, then the more
// confident, where the name of the provider before it counts, then the one that saw through more marks, which cut a secret short
// or get into it for who does not, then the one closer to the plain text, then
// the longer, then the more severe; the id decides the rest, so that the order is
// total.
func better(a, b hit) int {
	if a.compiled.rule.Generic != b.compiled.rule.Generic {
		if b.compiled.rule.Generic {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(b.weight(), a.weight()),
		cmp.Compare(b.finding.Confidence, a.finding.Confidence),
		cmp.Compare(b.layer.seenThrough(), a.layer.seenThrough()),
		cmp.Compare(a.depth, b.depth),
		cmp.Compare(b.end-b.start, a.end-a.start),
		cmp.Compare(b.finding.Severity, a.finding.Severity),
		cmp.Compare(a.finding.Rule.ID, b.finding.Rule.ID),
	)
}

// What the name of its provider adds to the weight of a hit, and from which
// confidence on a format says more than any name.
const (
	nameBonus  = 0.15
	formatSure = 0.9
)

// weight is the confidence, and more if the provider is named and the rule has no
// format that says as much: of two rules for 32 hexadecimal digits, the one whose
// provider is spoken of is meant.
func (h hit) weight() float64 {
	if h.named && h.finding.Confidence < formatSure {
		return min(formatSure, h.finding.Confidence+nameBonus)
	}
	return h.finding.Confidence
}

// nameWindow is how far before a secret its provider's name is looked for, in
// bytes.
const nameWindow = 64

// providerNamed says whether the text before start holds the name of a provider, its
// first word if that is long enough, in any case and with any marks in it.
func providerNamed(text []byte, start int, provider string) bool {
	if provider == "" {
		return false
	}
	name := squeezed([]byte(provider))
	if word, _, _ := strings.Cut(provider, " "); len(word) >= 4 {
		name = squeezed([]byte(word))
	}
	return len(name) > 0 && bytes.Contains(squeezed(text[max(0, start-nameWindow):start]), name)
}

// squeezed keeps letters and digits, in lower case.
func squeezed(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if c = lower(c); c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			out = append(out, c)
		}
	}
	return out
}

// resolve keeps one hit for each secret: of two on the same stretch, the better.
func resolve(hits []hit) []hit {
	hits = distinct(hits)
	slices.SortStableFunc(hits, byPlace)
	kept := hits[:0]
	for _, h := range hits {
		kept = place(kept, h)
	}
	return kept
}

// distinct drops what was found in a text and again in one that was decoded from
// it, though nothing of it was encoded.
func distinct(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(
			cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to),
			cmp.Compare(a.compiled.index, b.compiled.index), cmp.Compare(a.depth, b.depth),
		)
	})
	return slices.CompactFunc(hits, func(a, b hit) bool {
		return a.from == b.from && a.to == b.to && a.compiled == b.compiled && bytes.Equal(a.finding.Secret.Reveal(), b.finding.Secret.Reveal())
	})
}

// place adds h unless a better one overlaps it, and removes those it betters.
func place(kept []hit, h hit) []hit {
	first := len(kept)
	for first > 0 && kept[first-1].to > h.from {
		first--
	}
	for _, k := range kept[first:] {
		if conflict(k, h) && better(k, h) <= 0 {
			return kept
		}
	}
	rest := slices.DeleteFunc(kept[first:], func(k hit) bool { return conflict(k, h) })
	return append(kept[:first+len(rest)], h)
}

// conflict says whether two hits are about the same secret: their stretches
// overlap in the text they were both reached from. Through compressed data
// stretches are not exact: then only a generic hit on the outer text gives way.
func conflict(a, b hit) bool {
	if chained(a, b) {
		return false
	}
	if a.layer == nil || b.layer == nil {
		// Of two carried hits it is known that they are not; of one, only the
		// place in the input is left.
		return (a.layer != nil || b.layer != nil) && overlap(a.from, a.to, b.from, b.to) && yields(a, b, a.exact && b.exact)
	}
	x, y := a.lift(), b.lift()
	for x.layer.depth > y.layer.depth {
		x.up()
	}
	for y.layer.depth > x.layer.depth {
		y.up()
	}
	for x.layer != y.layer && x.layer.parent != nil && y.layer.parent != nil {
		x.up()
		y.up()
	}
	return overlap(x.start, x.end, y.start, y.end) && yields(a, b, x.exact && y.exact)
}

// chained says whether two hits are secrets of their own although they overlap:
// two formats of providers, each of which reaches beyond the other. The end of
// one is then the beginning of the next.
func chained(a, b hit) bool {
	switch {
	case a.compiled.rule.Generic || b.compiled.rule.Generic:
		return false
	case a.depth == 0 && b.depth == 0:
		return beyond(a.from, a.to, b.from, b.to)
	}
	return a.layer != nil && a.layer == b.layer && beyond(a.start, a.end, b.start, b.end)
}

// beyond says whether neither of two stretches holds the other.
func beyond[T int | int64](a, b, c, d T) bool { return a < c && b < d || c < a && d < b }

func overlap[T int | int64](a, b, c, d T) bool { return a < d && c < b }

func yields(a, b hit, exact bool) bool {
	return exact || a.compiled.rule.Generic != b.compiled.rule.Generic
}

// lifted is a stretch on its way to an outer layer.
type lifted struct {
	layer      *layer
	start, end int
	exact      bool
}

func (h hit) lift() lifted { return lifted{h.layer, h.start, h.end, true} }

func (l *lifted) up() {
	l.exact = l.exact && l.layer.exact
	l.start, l.end = l.layer.span(l.start, l.end)
	l.layer = l.layer.parent
}
