package anchor

import (
	"cmp"
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
	reach    int // how far into a literal its window begins at most
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
func New(literals []string) *Set { return NewLike(literals, nil) }

// NewLike is New for literals of which most are in a set that was made before and
// had this layout. They get the places they had there; a place that cannot be is
// passed over. The layout decides how fast the set is and how fast it is made, not
// what it finds.
func NewLike(literals []string, like Layout) *Set {
	s := &Set{literals: slices.Clone(literals), room: mostAtOnePlace(literals), windows: choose(literals, like)}
	all := deal(s.windows)
	if like == nil {
		all = settle(literals, s.windows)
	}
	for _, w := range s.windows {
		s.reach = max(s.reach, int(w.at))
	}
	s.tables = newTables(&all, s.windows)
	s.index = newIndex(literals, s.windows)
	return s.With(Kernels()[0])
}

// With returns the same set, which looks with another kernel. It must be one of
// Kernels.
func (s *Set) With(k Kernel) *Set {
	other := *s
	other.kernel, other.pairs = k, nil
	if k == Portable {
		other.pairs = newPairTable(s.windows)
	}
	return &other
}

// Literals returns the set's literals, each at its index. They are read only.
func (s *Set) Literals() []string { return s.literals }

// Kernel returns what the set looks with.
func (s *Set) Kernel() Kernel { return s.kernel }

// Room is how many literals can begin at one place of a text: the least room
// that hits must have for Find to get on.
func (s *Set) Room() int { return s.room }

// mostAtOnePlace counts, for each literal, those that it begins with.
func mostAtOnePlace(literals []string) int {
	folded := make([]foldedLiteral, 0, len(literals))
	for _, literal := range literals {
		if literal != "" {
			folded = append(folded, newFolded(literal))
		}
	}
	slices.SortFunc(folded, foldedLiteral.compare)
	var open []string // each begins with all before it
	most := 0
	for _, f := range folded {
		for len(open) > 0 && !strings.HasPrefix(f.text, open[len(open)-1]) {
			open = open[:len(open)-1]
		}
		open = append(open, f.text)
		most = max(most, len(open))
	}
	return most
}

// foldedLiteral is a literal in lower case with its first bytes as a number, by
// which thousands are sorted in a fraction of the time.
type foldedLiteral struct {
	head uint64
	text string
}

func newFolded(literal string) foldedLiteral {
	f := foldedLiteral{text: lower(literal)}
	for i := range min(headSize, len(f.text)) {
		f.head |= uint64(f.text[i]) << (8 * (headSize - 1 - i))
	}
	return f
}

func (f foldedLiteral) compare(other foldedLiteral) int {
	if f.head != other.head {
		return cmp.Compare(f.head, other.head)
	}
	return strings.Compare(f.text, other.text)
}

// lower maps ASCII letters to lower case, and nothing else.
func lower(s string) string {
	i := 0
	for i < len(s) && (s[i] < 'A' || s[i] > 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	b := []byte(s)
	for ; i < len(b); i++ {
		if isLetter(b[i]) {
			b[i] = fold(b[i])
		}
	}
	return string(b)
}

// after says whether h is delivered after another hit.
func (h Hit) after(other Hit) bool {
	return h.Start > other.Start || h.Start == other.Start && h.Literal > other.Literal
}
