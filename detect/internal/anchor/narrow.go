package anchor

import (
	"cmp"
	"slices"
)

// Many literals may be known by one window: "token" stands in dozens, and what most
// windows are part of are words. What a place can have is told by a few more of the
// bytes around it, each of which allows some literals: mostly none is left.

const (
	narrowPlaces = 3
	narrowKinds  = 32  // of bytes: their lowest bits, in which the two cases of a letter agree
	narrowParts  = 8   // of the entries of a slot, which are told apart
	narrowLow    = -15 // where the first place can be, seen from the window's first byte,
	narrowHigh   = 11  // and the last
	chosen       = 0.1 // what an entry that a place was chosen for counts at the next choice
)

// narrow tells which entries of a slot some bytes around a window allow: a bit for
// each part of them.
type narrow struct {
	at      [narrowPlaces]uint8 // seen from narrowLow
	allowed [narrowPlaces][narrowKinds]uint8
}

// around is the bytes of a text that a narrow looks at.
type around = [narrowHigh - narrowLow + 1]byte

// newNarrow chooses the places at which most literals say what stands there, and
// puts entries beside each other that say the same.
func newNarrow(literals []string, entries []entry) (n narrow) {
	weights := make([]float64, len(entries))
	for i := range weights {
		weights[i] = 1
	}
	for k := range n.at {
		n.at[k] = bestPlace(literals, entries, weights)
	}
	if len(entries) > narrowParts {
		slices.SortFunc(entries, func(a, b entry) int {
			return cmp.Or(cmp.Compare(n.key(literals[a.literal], a), n.key(literals[b.literal], b)), cmp.Compare(a.literal, b.literal))
		})
	}
	for k := range n.at {
		for part := range narrowParts {
			from, to := partAt(part, len(entries))
			for _, e := range entries[from:to] {
				n.allow(k, 1<<part, literals[e.literal], e)
			}
		}
	}
	return n
}

// key is what a literal has at the places, as a number; 0 stands for anything.
func (n *narrow) key(literal string, e entry) (key int) {
	for k := range n.at {
		key <<= 8
		if i := n.index(k, e); i >= 0 && i < len(literal) {
			key |= int(literal[i])
		}
	}
	return key
}

// index is where in a literal its byte is that stands at the k-th place.
func (n *narrow) index(k int, e entry) int { return int(n.at[k]) + narrowLow + int(e.at) }

// partAt is where one of the parts of so many entries lies among them.
func partAt(part, entries int) (from, to int) {
	n := max(entries, narrowParts)
	return min(entries, (part*n+narrowParts-1)/narrowParts), min(entries, ((part+1)*n+narrowParts-1)/narrowParts)
}

// bestPlace is the place with the most weight outside of the window; the literals
// that have a byte there lose theirs.
func bestPlace(literals []string, entries []entry, weights []float64) (best uint8) {
	var sums [len(around{})]float64
	for i, e := range entries {
		for k := range literals[e.literal] {
			if at := k - int(e.at) - narrowLow; at >= 0 && at < len(sums) {
				sums[at] += weights[i]
			}
		}
	}
	clear(sums[-narrowLow : leastWindow-narrowLow])
	for at, sum := range sums {
		if sum > sums[best] {
			best = uint8(at)
		}
	}
	for i, e := range entries {
		if k := int(best) + narrowLow + int(e.at); k >= 0 && k < len(literals[e.literal]) {
			weights[i] *= chosen
		}
	}
	return best
}

// allow lets a part of the entries have what a literal has at the k-th place.
func (n *narrow) allow(k int, part uint8, literal string, e entry) {
	i := n.index(k, e)
	if i >= 0 && i < len(literal) {
		n.allowed[k][literal[i]%narrowKinds] |= part
		return
	}
	for kind := range n.allowed[k] {
		n.allowed[k][kind] |= part
	}
}

// among has a bit for each part of the entries that the text around a window allows.
func (n *narrow) among(t *around) uint8 {
	return n.allowed[0][t[n.at[0]]%narrowKinds] & n.allowed[1][t[n.at[1]]%narrowKinds] & n.allowed[2][t[n.at[2]]%narrowKinds]
}
