package peer_test

import (
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// A block that the peer says nothing about for long enough is passed over, with its place in
// the tree proven, and read when it arrives, also by a later Run.
func TestABlockThatIsGivenUp(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 30)...)
	hidden := map[int][]byte{0: c.blocks[0], 7: c.blocks[7], 8: c.blocks[8], 29: c.blocks[29]}
	for i := range hidden {
		c.blocks[i] = nil
	}
	f := newFake(t, c)
	o := peer.Options{Retry: 5 * time.Millisecond, Patience: 20 * time.Millisecond}
	m := f.followed(o, nil)
	m.until(30)
	m.holds(c.blocks)
	f.change(func(c *core) { c.append("more") })
	m.until(31)
	arrive := func(blocks ...int) {
		f.change(func(c *core) {
			for _, i := range blocks {
				c.blocks[i] = hidden[i]
			}
		})
		m.wait("the late blocks", func() bool { return m.blocks[blocks[len(blocks)-1]] != nil })
	}
	arrive(7, 8)
	m = f.followed(o, m)
	arrive(0, 29)
	m.wait("all blocks", func() bool { return m.blocks[0] != nil })
	m.holds(c.blocks)
}

// A peer that lies about a block that it does not have is left.
func TestALieAboutAGap(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 9)...)
	c.blocks[4] = nil
	f := newFake(t, c)
	f.replies = func(r wire.Request, m wire.Replication) []wire.Replication {
		if d, ok := m.(wire.Data); ok && d.Hash != nil {
			d.Hash.Nodes = slices.Clone(d.Hash.Nodes)
			d.Hash.Nodes[0].Hash[3] ^= 1
		}
		return []wire.Replication{m}
	}
	m := f.followed(peer.Options{Retry: 5 * time.Millisecond, Patience: 20 * time.Millisecond}, nil)
	m.untilState(peer.Connecting, peer.ErrProof)
	m.holds(c.blocks[:4])
}
