package anchor

import (
	"slices"
	"strings"
)

// Set is a set of literals to look for. It is immutable and safe for use by many
// goroutines.
type Set struct {
	literals []string
	kernel   Kernel
	tables   *tables
	pairs    *pairTable // nil unless the kernel is Portable
	index    *index
	windows  []window
	home     []uint8 // window -> bucket
	reach    int     // how far into a literal its window begins at most
	room     int
}

// Hit is an occurrence of a literal, which begins at text[Start].
type Hit struct {
	Start   int
	Literal int32
}

// New makes a set of literals, of which each is known by its index. They are
// found in any ASCII case, need not be distinct, and may hold any bytes, though
// they are found fastest with three ASCII bytes in a row or more. An empty one
// is never found.
func New(literals []string) *Set {
	s := &Set{literals: slices.Clone(literals), room: mostAtOnePlace(literals), windows: choose(literals)}
	for _, w := range s.windows {
		s.reach = max(s.reach, int(w.at))
	}
	all, home := deal(s.windows)
	s.home, s.tables = home, newTables(&all, s.windows)
	s.index = newIndex(literals, s.windows)
	return s.With(Kernels()[0])
}

// With returns the same set, which looks with another kernel. It must be one of
// Kernels.
func (s *Set) With(k Kernel) *Set {
	other := *s
	other.kernel, other.pairs = k, nil
	if k == Portable {
		other.pairs = newPairTable(s.windows, s.home)
	}
	return &other
}

// Kernel returns what the set looks with.
func (s *Set) Kernel() Kernel { return s.kernel }

// Room is how many literals can begin at one place of a text: the least room
// that hits must have for Find to get on.
func (s *Set) Room() int { return s.room }

// mostAtOnePlace counts, for each literal, those that it begins with.
func mostAtOnePlace(literals []string) int {
	folded := make([]string, 0, len(literals))
	for _, literal := range literals {
		if literal != "" {
			folded = append(folded, lower(literal))
		}
	}
	slices.Sort(folded)
	var open []string // each begins with all before it
	most := 0
	for _, literal := range folded {
		for len(open) > 0 && !strings.HasPrefix(literal, open[len(open)-1]) {
			open = open[:len(open)-1]
		}
		open = append(open, literal)
		most = max(most, len(open))
	}
	return most
}

// lower maps ASCII letters to lower case, and nothing else.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if isLetter(c) {
			b[i] = fold(c)
		}
	}
	return string(b)
}

// after says whether h is delivered after another hit.
func (h Hit) after(other Hit) bool {
	return h.Start > other.Start || h.Start == other.Start && h.Literal > other.Literal
}
