package peer

import (
	"crypto/ed25519"
	"fmt"
	"testing"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
	"pgregory.net/rapid"
)

// grown is a log of so many blocks: its leaves, all its nodes, its roots.
func grown(n int) (leaves []merkle.Node, nodes map[uint64]merkle.Node, p merkle.Peaks) {
	nodes = map[uint64]merkle.Node{}
	h := merkle.NewHasher()
	for i := range n {
		leaf := h.Leaf(uint64(i), fmt.Append(nil, "block ", i))
		leaves, nodes[leaf.Index] = append(leaves, leaf), leaf
		p.Push(leaf)
		for up := leaf; merkle.Offset(up.Index)%2 == 1; nodes[up.Index] = up {
			up = merkle.ParentOf(nodes[merkle.Sibling(up.Index)], up)
		}
	}
	return leaves, nodes, p
}

// From wherever reading begins, and however much is asked for ahead, the levels that are
// asked for lead to a node that is known when the block's turn comes, and to the nearest.
func TestLevelsLeadToTheNearestKnownNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(t, "blocks")
		from := rapid.IntRange(0, n-1).Draw(t, "from")
		ahead := rapid.IntRange(1, 40).Draw(t, "ahead")
		leaves, nodes, p := grown(n)
		c := newCover(p, uint64(from))
		var asked []int
		for at := from; at < n; at++ {
			for next := from + len(asked); next < min(n, at+ahead); next++ {
				over, ok := c.over(uint64(next))
				if !ok {
					t.Fatalf("nothing is known over block %d", next)
				}
				asked = append(asked, levels(uint64(next), uint64(from), over))
			}
			var way []merkle.Node
			for i, up := leaves[at].Index, asked[at-from]; up > 0; up-- {
				way, i = append(way, nodes[merkle.Sibling(i)]), merkle.Parent(i)
			}
			if proven, err := c.open(leaves[at], way); !proven || err != nil {
				t.Fatalf("block %d with %d levels: %v, %v", at, asked[at-from], proven, err)
			}
		}
		if len(c.nodes) > 0 {
			t.Errorf("%d nodes are left", len(c.nodes))
		}
	})
}

// A peer may let its log grow a block at a time and hold the blocks back: what is known of
// them stays little, and still leads to each.
func TestWhatIsKnownOfBlocksThatAreHeldBackIsBounded(t *testing.T) {
	const n = 5000
	leaves, nodes, _ := grown(n)
	tr := &tree{cover: newCover(merkle.Peaks{}, 0)}
	for _, leaf := range leaves {
		p := tr.peaks.Clone()
		p.Push(leaf)
		tr.grow(p, 0, &wire.UpgradeProof{Nodes: []merkle.Node{leaf}})
	}
	if len(tr.cover.nodes) > 2000 {
		t.Errorf("%d nodes are known of %d blocks", len(tr.cover.nodes), n)
	}
	for at := range uint64(n) {
		over, ok := tr.cover.over(at)
		if !ok {
			t.Fatalf("nothing is known over block %d", at)
		}
		var way []merkle.Node
		for i := leaves[at].Index; i != over.Index; i = merkle.Parent(i) {
			way = append(way, nodes[merkle.Sibling(i)])
		}
		if proven, err := tr.cover.open(leaves[at], way); !proven || err != nil {
			t.Fatalf("block %d: %v, %v", at, proven, err)
		}
	}
}

// FuzzProof: whatever a peer sends as a proof, nothing counts but what was signed.
func FuzzProof(f *testing.F) {
	const n = 11
	leaves, nodes, p := grown(n)
	secret := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	key := merkle.Hash(secret.Public().(ed25519.PublicKey))
	v, err := merkle.NewVerifier(key, nil)
	if err != nil {
		f.Fatal(err)
	}
	good := wire.Data{Request: 1, Block: &wire.BlockProof{Value: []byte("block 0")}, Upgrade: &wire.UpgradeProof{Length: n, Nodes: p.Roots, Signature: make([]byte, 64)}}
	for i := uint64(0); merkle.Depth(i) < 3; i = merkle.Parent(i) {
		good.Block.Nodes = append(good.Block.Nodes, nodes[merkle.Sibling(i)])
	}
	f.Add(good.AppendTo(nil))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := wire.Decode(good.Type(), body)
		d, ok := m.(wire.Data)
		if err != nil || !ok {
			return
		}
		if d.Upgrade != nil {
			if _, err := upgraded(v, merkle.Peaks{}, d.Fork, d.Upgrade); err == nil {
				t.Error("a tree that nobody signed counts")
			}
		}
		if d.Block != nil {
			c := newCover(p, 0)
			leaf := merkle.NewHasher().Leaf(0, d.Block.Value)
			if proven, _ := c.open(leaf, d.Block.Nodes); proven && leaf != leaves[0] {
				t.Error("another block counts")
			}
		}
	})
}
