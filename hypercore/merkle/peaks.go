package merkle

import (
	"errors"
	"fmt"
	"slices"
)

// ErrMissing reports a node that is not stored.
var ErrMissing = errors.New("hypercore: tree node is not stored")

// Getter finds a node by index; ErrMissing when it is not stored.
type Getter func(index uint64) (Node, error)

// Peaks are the full roots of the first Length blocks: all that is needed to append the
// next leaf, and all that has to be remembered of what came before.
// The zero value is the empty log. Peaks is a value: Clone before handing out.
type Peaks struct {
	Length uint64
	Bytes  uint64
	Roots  []Node
}

// NewPeaks checks that roots are the full roots of a log of length blocks.
func NewPeaks(length uint64, roots []Node) (Peaks, error) {
	if length > MaxLength {
		return Peaks{}, fmt.Errorf("length %d is over the limit of %d", length, uint64(MaxLength))
	}
	p := Peaks{Length: length, Roots: roots}
	want := FullRoots(nil, length)
	if len(want) != len(roots) {
		return Peaks{}, fmt.Errorf("%d roots for length %d, want %d", len(roots), length, len(want))
	}
	for i, r := range roots {
		if r.Index != want[i] {
			return Peaks{}, fmt.Errorf("root %d has index %d, want %d", i, r.Index, want[i])
		}
		p.Bytes += r.Size
	}
	return p, nil
}

// LoadPeaks reads the roots of a log of length blocks from a tree. They are not proven.
func LoadPeaks(length uint64, get Getter) (Peaks, error) {
	var roots []Node
	for _, index := range FullRoots(nil, length) {
		n, err := get(index)
		if err != nil {
			return Peaks{}, fmt.Errorf("root %d of length %d: %w", index, length, err)
		}
		roots = append(roots, n)
	}
	return NewPeaks(length, roots)
}

// Clone is a copy that shares nothing.
func (p Peaks) Clone() Peaks {
	p.Roots = slices.Clone(p.Roots)
	return p
}

// Equal reports the same log, by hash.
func (p Peaks) Equal(q Peaks) bool {
	return p.Length == q.Length && slices.Equal(p.Roots, q.Roots)
}

// Hash is the tree hash.
func (p Peaks) Hash() Hash { return TreeHash(p.Roots) }

// Push appends the subtree n, which must begin at block Length, and folds full pairs.
func (p *Peaks) Push(n Node) {
	p.push(n, nil)
}

func (p *Peaks) push(n Node, seen func(Node)) {
	p.Length = EndBlock(n.Index)
	p.Bytes += n.Size
	p.Roots = append(p.Roots, n)
	if seen != nil {
		seen(n)
	}
	for len(p.Roots) > 1 {
		last := len(p.Roots) - 1
		a, b := p.Roots[last-1], p.Roots[last]
		if Sibling(b.Index) != a.Index {
			return
		}
		up := ParentOf(a, b)
		p.Roots = append(p.Roots[:last-1], up)
		if seen != nil {
			seen(up)
		}
	}
}

// Grow extends the log to length blocks with subtrees taken from get.
func (p *Peaks) Grow(length uint64, get Getter) error {
	for p.Length < length {
		n, err := get(nextSubtree(p.Length, length))
		if err != nil {
			return fmt.Errorf("growing the tree from %d to %d blocks: %w", p.Length, length, err)
		}
		p.Push(n)
	}
	return nil
}

// ErrNotProven reports nodes that do not lead to the trusted roots.
var ErrNotProven = errors.New("hypercore: blocks do not lead to the signed root")

// Prove checks that p is a prefix of the trusted log, climbing to the trusted roots with
// the nodes to the right of p, which need not be trusted: a wrong one makes the proof fail.
func (p Peaks) Prove(trusted Peaks, get Getter) error {
	if p.Length > trusted.Length {
		return fmt.Errorf("%d blocks of %d: %w", p.Length, trusted.Length, ErrNotProven)
	}
	for i, want := range trusted.Roots {
		if FirstBlock(want.Index) >= p.Length {
			break
		}
		if end := EndBlock(want.Index); end > p.Length {
			return p.proveLast(i, end, trusted, get)
		}
		if i >= len(p.Roots) || p.Roots[i] != want {
			return fmt.Errorf("root %d: %w", want.Index, ErrNotProven)
		}
	}
	return nil
}

// proveLast climbs from the peaks that lie below trusted root i to that root.
func (p Peaks) proveLast(i int, end uint64, trusted Peaks, get Getter) error {
	grown := p.Clone()
	if err := grown.Grow(end, get); err != nil {
		return err
	}
	if len(grown.Roots) <= i || grown.Roots[i] != trusted.Roots[i] {
		return fmt.Errorf("root %d over block %d: %w", trusted.Roots[i].Index, p.Length, ErrNotProven)
	}
	return nil
}
