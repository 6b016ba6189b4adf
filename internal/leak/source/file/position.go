package file

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/internal/leak/source"
)

// Bounds of what is remembered of a generation.
const (
	headSize = 1 << 10 // its first bytes
	endSize  = 4 << 10 // the last bytes read
	maxEnds  = 4       // earlier ends of reading
)

// generation is what one file held from its making until it was replaced or
// truncated. It outlives the file: rotated, copied or compressed it is the same
// generation, known by what was read of it.
type generation struct {
	N       uint64 `json:"n"`                  // in the order in which they were met
	Key     string `json:"key,omitempty"`      // of the plain file that holds it; empty: none is known
	Archive string `json:"archive,omitempty"`  // mark of the compressed file that holds it and was read to its end
	Live    bool   `json:"live,omitempty"`     // the path led to it
	Offset  int64  `json:"offset"`             // bytes delivered
	Line    int64  `json:"line"`               // where the line begins that Offset lies in; Offset itself between lines
	Open    int    `json:"open,omitempty"`     // bytes before Offset that the next entry has to begin with
	Run     int64  `json:"run,omitempty"`      // where the entry began that is open
	Head    string `json:"head,omitempty"`     // mark of the first HeadLen bytes
	HeadLen int    `json:"head_len,omitempty"` //
	Ends    []end  `json:"ends,omitempty"`     // where reading ended; the last is at Offset
	Copy    end    `json:"copy,omitzero"`      // where a copy of its file ended, that may come to be the one that holds it
}

// end marks the bytes before a place at which reading ended.
type end struct {
	At   int64  `json:"at"`
	Mark string `json:"mark"`
}

// position is all generations that may still be met.
type position struct {
	Next uint64        `json:"next"` // number of the next generation
	Gens []*generation `json:"gens,omitempty"`
}

func parsePosition(raw json.RawMessage) (*position, error) {
	p := &position{}
	if len(raw) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(raw, p); err != nil {
		return nil, fmt.Errorf("reading stored position: %w", err)
	}
	for _, g := range p.Gens {
		if g == nil || !g.sound() {
			return nil, fmt.Errorf("reading stored position: a generation's numbers are out of order")
		}
	}
	return p, nil
}

// sound says whether a generation can have been stored by encode.
func (g *generation) sound() bool {
	ordered := slices.IsSortedFunc(g.Ends, func(a, b end) int { return int(max(-1, min(1, a.At-b.At))) })
	last := len(g.Ends) == 0 && g.Offset == 0 || len(g.Ends) > 0 && g.Ends[len(g.Ends)-1].At == g.Offset && g.Ends[0].At > 0
	return ordered && last && 0 <= g.Line && g.Line <= g.Offset && 0 <= g.Run && g.Run <= g.Offset &&
		0 <= g.Open && g.Open <= source.PieceOverlap && int64(g.Open) <= g.Offset &&
		0 <= g.Copy.At && 0 <= g.HeadLen && g.HeadLen <= headSize && int64(g.HeadLen) <= g.Offset
}

// encode leaves out generations of which nothing was read: their files are found
// again, and an inode that was used again could not be told from theirs.
func (p *position) encode() json.RawMessage {
	begun := slices.DeleteFunc(slices.Clone(p.Gens), func(g *generation) bool { return g.Offset == 0 })
	raw, err := json.Marshal(position{p.Next, begun})
	if err != nil {
		panic(err) // numbers and strings: cannot happen
	}
	return raw
}

// add begins a generation.
func (p *position) add(g *generation) {
	g.N = p.Next
	p.Next++
	p.Gens = append(p.Gens, g)
}

func (p *position) drop(g *generation) {
	p.Gens = slices.DeleteFunc(p.Gens, func(o *generation) bool { return o == g })
}

// inLine says that Offset lies inside a line.
func (g *generation) inLine() bool { return g.Line < g.Offset }

// reach moves a generation to a place; before are the bytes before it, at least
// as many as are marked. Earlier ends are kept when they were those of a pass.
func (g *generation) reach(m source.Marker, at int64, before []byte, earlier []end) {
	mark := m.Mark(before[max(0, len(before)-endSize):])
	g.Ends = append(slices.Clone(earlier), end{at, mark})
	if int64(len(before)) == at && g.HeadLen < headSize { // all of it is there
		g.HeadLen = min(len(before), headSize)
		g.Head = m.Mark(before[:g.HeadLen])
	}
	g.Offset = at
}

// earlier are the ends to keep when reading goes on.
func (g *generation) earlier() []end {
	return slices.Clone(g.Ends[max(0, len(g.Ends)-maxEnds+1):])
}
