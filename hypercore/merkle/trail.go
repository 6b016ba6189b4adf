package merkle

import (
	"fmt"
	"math/bits"
	"slices"
)

// trailLeaves is how many of the newest leaves a Trail holds: the longest truncation whose
// exact point it can prove without reading older blocks again (192 KiB per follower).
const trailLeaves = 4096

// Trail follows a log like Peaks and remembers enough of its edge to prove, after the log
// was truncated and rewritten, how many blocks at its beginning are still the same.
//
// It keeps the newest leaves, and the two newest full nodes of every depth. The leaves
// give the exact point for truncations within their reach; the nodes give a point less than four times
// as far back from the end as the real one, and being few (2 log2 n) they fit in a checkpoint.
// Nothing is taken from the writer's own hints, which nobody signs.
type Trail struct {
	peaks  Peaks
	leaves []Node    // ring by block number modulo trailLeaves
	first  uint64    // oldest block whose leaf is held
	edge   [][2]Node // per depth: the newest full node and the one before
}

// NewTrail starts at a log's peaks. Recent are nodes of an earlier Trail's Recent; those
// that do not belong to the log do no harm, because every use is proven.
func NewTrail(peaks Peaks, recent []Node) *Trail {
	t := &Trail{peaks: peaks.Clone(), first: peaks.Length}
	for _, n := range slices.Concat(recent, peaks.Roots) {
		if EndBlock(n.Index) <= peaks.Length {
			t.seen(n)
		}
	}
	return t
}

// Peaks are the roots of what was pushed. The caller must not change them.
func (t *Trail) Peaks() Peaks { return t.peaks }

// Push appends a leaf or a subtree.
func (t *Trail) Push(n Node) {
	t.peaks.push(n, t.seen)
	if Depth(n.Index) == 0 {
		t.pushLeaf(n)
		return
	}
	t.first = t.peaks.Length
}

func (t *Trail) pushLeaf(n Node) {
	i := Offset(n.Index)
	if t.leaves == nil {
		t.leaves = make([]Node, trailLeaves)
	}
	t.leaves[i%trailLeaves] = n
	if t.peaks.Length > trailLeaves {
		t.first = max(t.first, t.peaks.Length-trailLeaves)
	}
}

func (t *Trail) seen(n Node) {
	d := Depth(n.Index)
	for len(t.edge) <= d {
		t.edge = append(t.edge, [2]Node{})
	}
	if e := &t.edge[d]; n.Index > e[0].Index || e[0].IsBlank() {
		e[1], e[0] = e[0], n
	} else if n.Index != e[0].Index && (n.Index > e[1].Index || e[1].IsBlank()) {
		e[1] = n
	}
}

// Jump moves to other peaks, as after a gap.
func (t *Trail) Jump(peaks Peaks) {
	t.peaks, t.first = peaks.Clone(), peaks.Length
	for _, n := range peaks.Roots {
		t.seen(n)
	}
}

// Recent are the edge nodes, for a checkpoint.
func (t *Trail) Recent() []Node {
	var out []Node
	for _, pair := range t.edge {
		for _, n := range pair {
			if !n.IsBlank() {
				out = append(out, n)
			}
		}
	}
	return out
}

// Common is the longest proven prefix that the trail shares with a trusted log.
func (t *Trail) Common(trusted Peaks, get Getter) Peaks {
	if p, ok := t.commonByLeaves(trusted, get); ok {
		return p
	}
	for _, length := range t.landmarks(trusted.Length) {
		old, err := LoadPeaks(length, t.node)
		if err == nil && old.Prove(trusted, get) == nil {
			return old
		}
	}
	return Peaks{}
}

// commonByLeaves finds the first held leaf that differs, and proves that what is before it
// is the same: the new log's roots there, grown with the old leaves, give the old roots.
func (t *Trail) commonByLeaves(trusted Peaks, get Getter) (Peaks, bool) {
	at, end := t.first, min(t.peaks.Length, trusted.Length)
	if at >= t.peaks.Length || at > end {
		return Peaks{}, false
	}
	at = t.firstDifferent(at, end, get)
	p, err := LoadPeaks(at, get)
	if err != nil || p.Prove(trusted, get) != nil {
		return Peaks{}, false
	}
	old := p.Clone()
	for i := at; i < t.peaks.Length; i++ {
		old.Push(t.leaves[i%trailLeaves])
	}
	return p, old.Equal(t.peaks)
}

// firstDifferent is the first block from at, before end, that is not the same in the new log,
// else end. Whole subtrees are compared, so that few nodes are asked for, which a peer may
// have to send.
func (t *Trail) firstDifferent(at, end uint64, get Getter) uint64 {
	for at < end {
		depth := bits.Len64(end-at) - 1
		if at > 0 {
			depth = min(depth, bits.TrailingZeros64(at))
		}
		for !t.same(depth, at, get) {
			if depth == 0 {
				return at
			}
			depth--
		}
		at += 1 << depth
	}
	return at
}

// same reports whether the subtree that begins at a block is the same in the new log.
func (t *Trail) same(depth int, block uint64, get Getter) bool {
	n, err := get(Index(depth, block>>depth))
	return err == nil && n == t.subtree(depth, block)
}

// subtree is a node over leaves that are held.
func (t *Trail) subtree(depth int, block uint64) Node {
	if depth == 0 {
		return t.leaves[block%trailLeaves]
	}
	return ParentOf(t.subtree(depth-1, block), t.subtree(depth-1, block+1<<(depth-1)))
}

// landmarks are the lengths, longest first, whose roots the edge can hold.
func (t *Trail) landmarks(limit uint64) []uint64 {
	n := t.peaks.Length
	out := []uint64{n}
	for d := 0; d < bits.Len64(n); d++ {
		out = append(out, n>>d<<d)
		if m := n >> d; m > 0 {
			out = append(out, (m-1)<<d)
		}
	}
	slices.Sort(out)
	out = slices.DeleteFunc(slices.Compact(out), func(l uint64) bool { return l == 0 || l > limit })
	slices.Reverse(out)
	return out
}

func (t *Trail) node(index uint64) (Node, error) {
	if d := Depth(index); d < len(t.edge) {
		for _, n := range t.edge[d] {
			if n.Index == index && !n.IsBlank() {
				return n, nil
			}
		}
	}
	for _, n := range t.peaks.Roots {
		if n.Index == index {
			return n, nil
		}
	}
	return Node{}, fmt.Errorf("node %d: %w", index, ErrMissing)
}
