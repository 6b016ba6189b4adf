package peer

import (
	"fmt"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// climb joins a node with the siblings on its way up and calls seen, if not nil, with every
// node of the way. It returns the node it leads to.
func climb(n merkle.Node, siblings []merkle.Node, seen func(merkle.Node)) (merkle.Node, error) {
	for _, s := range siblings {
		if s.Index != merkle.Sibling(n.Index) {
			return n, fmt.Errorf("%w: node %d where the sibling of %d belongs", ErrProof, s.Index, n.Index)
		}
		if seen != nil {
			seen(n)
			seen(s)
		}
		n = merkle.ParentOf(n, s)
	}
	return n, nil
}

// extend appends subtrees to a log, each of which must begin where the last one ends.
func extend(p merkle.Peaks, nodes ...[]merkle.Node) (merkle.Peaks, error) {
	p = p.Clone()
	for _, list := range nodes {
		for _, n := range list {
			if merkle.FirstBlock(n.Index) != p.Length || merkle.EndBlock(n.Index) > merkle.MaxLength {
				return p, fmt.Errorf("%w: node %d does not follow on block %d", ErrProof, n.Index, p.Length)
			}
			p.Push(n)
		}
	}
	return p, nil
}

// tree is what the core's key has signed, as far as it is known.
type tree struct {
	fork  uint64
	peaks merkle.Peaks
	cover cover
}

// upgraded is the tree behind an upgrade of the one that begins at the upgrade's start.
// Nothing counts unless the signature is right.
func upgraded(v *merkle.Verifier, from merkle.Peaks, fork uint64, u *wire.UpgradeProof) (merkle.Peaks, error) {
	if u.Start != from.Length {
		return from, fmt.Errorf("%w: an upgrade from %d where %d was asked for", ErrProof, u.Start, from.Length)
	}
	to, err := extend(from, u.Nodes, u.Additional)
	if err != nil {
		return from, err
	}
	if to.Length == from.Length {
		return from, fmt.Errorf("%w: an upgrade by nothing", ErrProof)
	}
	if err := v.Verify(to, fork, u.Signature); err != nil {
		return from, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return to, nil
}

// mostCover is how many nodes are known over blocks that were not read: far more than a
// log takes that grows in few steps.
const mostCover = 1024

// grow takes on the longer tree behind an upgrade, of a log that was read up to a position.
// Of one that grew in many steps since, the roots are known, and blocks are proven up to
// those.
func (t *tree) grow(to merkle.Peaks, position uint64, u *wire.UpgradeProof) {
	t.peaks = to
	t.cover.extend(u.Nodes, u.Additional)
	if len(t.cover.nodes) > mostCover {
		t.cover = newCover(to, position)
	}
}

// root is the root over a block.
func (t *tree) root(block uint64) (merkle.Node, bool) {
	for _, r := range t.peaks.Roots {
		if merkle.FirstBlock(r.Index) <= block && block < merkle.EndBlock(r.Index) {
			return r, true
		}
	}
	return merkle.Node{}, false
}

// cover are the known nodes over the blocks that were not read yet, the nearest last. It
// holds a few nodes for each level.
type cover struct{ nodes []merkle.Node }

// newCover covers a log from a block on.
func newCover(p merkle.Peaks, from uint64) (c cover) {
	for _, r := range p.Roots {
		if merkle.EndBlock(r.Index) > from {
			c.extend([]merkle.Node{r})
		}
	}
	return c
}

// extend adds nodes behind the end.
func (c *cover) extend(lists ...[]merkle.Node) {
	var behind []merkle.Node
	for _, nodes := range lists {
		for _, n := range nodes {
			behind = append([]merkle.Node{n}, behind...)
		}
	}
	c.nodes = append(behind, c.nodes...)
}

// over is the known node over a block.
func (c *cover) over(block uint64) (merkle.Node, bool) {
	for i := len(c.nodes) - 1; i >= 0; i-- {
		if n := c.nodes[i]; merkle.FirstBlock(n.Index) <= block && block < merkle.EndBlock(n.Index) {
			return n, true
		}
	}
	return merkle.Node{}, false
}

// open checks that a block's leaf leads to the known node over it, of which the block must
// be the first that was not read, and knows the siblings from then on. The answer is false
// when the way up ends too early: it was asked for when more was thought to be known.
func (c *cover) open(leaf merkle.Node, siblings []merkle.Node) (bool, error) {
	last := len(c.nodes) - 1
	if last < 0 {
		return false, fmt.Errorf("%w: block %d is past the end", ErrProof, leaf.Index/2)
	}
	want := c.nodes[last]
	var right []merkle.Node
	top, err := climb(leaf, siblings, func(n merkle.Node) {
		if n.Index > leaf.Index && merkle.FirstBlock(n.Index) > leaf.Index/2 {
			right = append(right, n)
		}
	})
	if err != nil {
		return false, err
	}
	if merkle.Depth(top.Index) < merkle.Depth(want.Index) {
		return false, nil
	}
	if top != want {
		return false, fmt.Errorf("%w: block %d does not lead to node %d", ErrProof, leaf.Index/2, want.Index)
	}
	c.nodes = c.nodes[:last]
	for i := len(right) - 1; i >= 0; i-- {
		c.nodes = append(c.nodes, right[i])
	}
	return true, nil
}
