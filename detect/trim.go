package detect

import (
	"slices"
	"strings"
)

// This file keeps the literals of a part few: each has to be told from others
// wherever they resemble it, while a place that has the beginning of some is soon
// seen to go on with none of them.

// literalCost is what another literal costs beside what it is found at: so many
// more occurrences in a text of one byte.
const literalCost = 2e-6

// fewest returns literals of which every one of a set has one as its beginning:
// the beginnings that some share, where these are rare enough. None is shorter than
// minAnchor unless the set's are.
func fewest(set []string) []string {
	sorted := slices.Compact(slices.Sorted(slices.Values(set)))
	kept, _ := fewestOf(sorted)
	return kept
}

// fewestOf does so for a sorted set of different literals, and says what they cost.
func fewestOf(set []string) (kept []string, cost float64) {
	shared := sharedPrefix(set[0], set[len(set)-1])
	whole := []string{shared}
	cut := chance(shared) + literalCost
	if len(set) == 1 || shared == set[0] {
		return whole, cut // what begins with another adds nothing
	}
	for len(set) > 0 {
		n := slices.IndexFunc(set, func(s string) bool { return s[len(shared)] != set[0][len(shared)] })
		if n < 0 {
			n = len(set)
		}
		more, c := fewestOf(set[:n])
		kept, cost = append(kept, more...), cost+c
		set = set[n:]
	}
	if len(shared) >= minAnchor && cut < cost {
		return whole, cut
	}
	return kept, cost
}

func sharedPrefix(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return strings.Clone(a[:n])
}
