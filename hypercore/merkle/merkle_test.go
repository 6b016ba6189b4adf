package merkle_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore/merkle"
	"pgregory.net/rapid"
)

// tree is a whole tree in memory.
type tree struct {
	nodes map[uint64]merkle.Node
	peaks merkle.Peaks
}

func grow(texts []string) *tree {
	t := &tree{nodes: map[uint64]merkle.Node{}}
	h := merkle.NewHasher()
	for i, s := range texts {
		n := h.Leaf(uint64(i), []byte(s))
		t.peaks.Push(n)
		t.nodes[n.Index] = n
		for merkle.Offset(n.Index)%2 == 1 { // a right child completes its parent
			n = merkle.ParentOf(t.nodes[merkle.Sibling(n.Index)], n)
			t.nodes[n.Index] = n
		}
	}
	return t
}

func (t *tree) get(i uint64) (merkle.Node, error) {
	if n, ok := t.nodes[i]; ok {
		return n, nil
	}
	return merkle.Node{}, merkle.ErrMissing
}

func texts(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(prefix, i)
	}
	return out
}

func TestFullRoots(t *testing.T) {
	for length, want := range map[uint64][]uint64{0: nil, 1: {0}, 2: {1}, 3: {1, 4}, 8: {7}, 13: {7, 19, 24}} {
		if diff := cmp.Diff(want, merkle.FullRoots(nil, length)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", length, diff)
		}
	}
}

func TestIndexArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.Uint64Range(0, 2*merkle.MaxLength).Draw(t, "index")
		if merkle.Index(merkle.Depth(i), merkle.Offset(i)) != i {
			t.Errorf("index from depth and offset of %d differs", i)
		}
		s := merkle.Sibling(i)
		if merkle.Parent(s) != merkle.Parent(i) || merkle.Sibling(s) != i {
			t.Errorf("sibling %d of %d", s, i)
		}
		if merkle.EndBlock(i)-merkle.FirstBlock(i) != 1<<merkle.Depth(i) {
			t.Errorf("span of %d", i)
		}
	})
}

// TestProve: a prefix is proven, and no change of a root survives.
func TestProve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "length")
		whole := grow(texts("b", n))
		at := rapid.IntRange(1, n).Draw(t, "prefix")
		p, err := merkle.LoadPeaks(uint64(at), whole.get)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Prove(whole.peaks, whole.get); err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(p.Roots)-1).Draw(t, "root")
		if rapid.Bool().Draw(t, "size or hash") {
			p.Roots[i].Size++
		} else {
			p.Roots[i].Hash[rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		}
		if err := p.Prove(whole.peaks, whole.get); !errors.Is(err, merkle.ErrNotProven) {
			t.Errorf("a changed root was proven: %v", err)
		}
	})
}

func TestProveTooLong(t *testing.T) {
	long, short := grow(texts("b", 9)), grow(texts("b", 8))
	if err := long.peaks.Prove(short.peaks, short.get); !errors.Is(err, merkle.ErrNotProven) {
		t.Errorf("error is %v", err)
	}
}

// TestTrailFindsTheFork: however a log was cut and went on, the common prefix is found
// exactly while leaves are held, and after a restart less than four times as far back as the cut.
func TestTrailFindsTheFork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "before")
		keep := rapid.IntRange(0, n).Draw(t, "keep")
		after := rapid.IntRange(0, 300).Draw(t, "after")
		old := merkle.NewTrail(merkle.Peaks{}, nil)
		h := merkle.NewHasher()
		for i, s := range texts("old", n) {
			old.Push(h.Leaf(uint64(i), []byte(s)))
		}
		now := grow(append(texts("old", keep), texts("new", after)...))
		if got := old.Common(now.peaks, now.get); got.Length != uint64(keep) {
			t.Fatalf("common %d, want %d", got.Length, keep)
		}
		again := merkle.NewTrail(old.Peaks(), old.Recent())
		got := int(again.Common(now.peaks, now.get).Length)
		if got > keep || n-got > 4*(n-keep) {
			t.Fatalf("after a restart: common %d, want %d of %d", got, keep, n)
		}
	})
}

// The point of a fork is found by subtrees: what a peer has to be asked for does not grow with
// what is remembered.
func TestAForkIsFoundWithFewNodes(t *testing.T) {
	const n = 4000
	old := merkle.NewTrail(merkle.Peaks{}, nil)
	h := merkle.NewHasher()
	for i, s := range texts("old", n) {
		old.Push(h.Leaf(uint64(i), []byte(s)))
	}
	for _, keep := range []int{0, 1, 1000, 2047, 2048, 3333, n - 1, n} {
		now := grow(append(texts("old", keep), texts("new", 50)...))
		asked := map[uint64]bool{}
		got := old.Common(now.peaks, func(i uint64) (merkle.Node, error) {
			asked[i] = true
			return now.get(i)
		})
		if got.Length != uint64(keep) || len(asked) > 60 {
			t.Errorf("common %d, want %d, with %d nodes", got.Length, keep, len(asked))
		}
	}
}

func TestRecentIsSmall(t *testing.T) {
	trail := merkle.NewTrail(merkle.Peaks{}, nil)
	h := merkle.NewHasher()
	for i := range uint64(10_000) {
		trail.Push(h.Leaf(i, nil))
	}
	if n := len(trail.Recent()); n > 28 {
		t.Errorf("%d nodes for 10,000 blocks", n)
	}
}

func TestNewPeaksRefuses(t *testing.T) {
	good := grow(texts("b", 5)).peaks
	for name, f := range map[string]func() (uint64, []merkle.Node){
		"too few":     func() (uint64, []merkle.Node) { return 5, good.Roots[:1] },
		"wrong index": func() (uint64, []merkle.Node) { return 6, good.Roots },
		"too long":    func() (uint64, []merkle.Node) { return 1 << 63, good.Roots },
	} {
		length, roots := f()
		if _, err := merkle.NewPeaks(length, roots); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestKnownHashes are values of npm hypercore-crypto.
func TestKnownHashes(t *testing.T) {
	if got := merkle.DefaultNamespace().String(); got != namespaceDefault {
		t.Errorf("default namespace %s", got)
	}
	if got := grow([]string{"block 0", "block 1", "block 2"}).peaks.Hash().String(); got != treeOfThree {
		t.Errorf("tree hash %s", got)
	}
	if got := merkle.DiscoveryKey(merkle.Hash{1}).String(); got != discoveryOfOne {
		t.Errorf("discovery key %s", got)
	}
}
