package peer_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"net"
	"sync"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// core is a log in memory that proves what it is asked for, as npm hypercore does.
type core struct {
	secret ed25519.PrivateKey
	key    hypercore.Key
	fork   uint64
	blocks [][]byte
	nodes  map[uint64]merkle.Node
	peaks  merkle.Peaks
}

func newCore(seed byte) *core {
	secret := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return &core{secret: secret, key: hypercore.Key(secret.Public().(ed25519.PublicKey)), nodes: map[uint64]merkle.Node{}}
}

func (c *core) append(blocks ...string) {
	h := merkle.NewHasher()
	for _, b := range blocks {
		n := h.Leaf(uint64(len(c.blocks)), []byte(b))
		c.blocks = append(c.blocks, []byte(b))
		c.peaks.Push(n)
		c.nodes[n.Index] = n
		for merkle.Offset(n.Index)%2 == 1 { // a right child completes its parent
			n = merkle.ParentOf(c.nodes[merkle.Sibling(n.Index)], n)
			c.nodes[n.Index] = n
		}
	}
}

// truncate begins a new fork.
func (c *core) truncate(length int) {
	kept := c.blocks[:length]
	c.fork, c.blocks, c.nodes, c.peaks = c.fork+1, nil, map[uint64]merkle.Node{}, merkle.Peaks{}
	for _, b := range kept {
		c.append(string(b))
	}
}

func (c *core) sign() []byte {
	root := c.peaks.Hash()
	msg := append(merkle.TreeNamespace(), root[:]...)
	msg = binary.LittleEndian.AppendUint64(msg, c.peaks.Length)
	return ed25519.Sign(c.secret, binary.LittleEndian.AppendUint64(msg, c.fork))
}

// way is a node's siblings up to a level over it.
func (c *core) way(index, levels uint64) (out []merkle.Node) {
	for range levels {
		out = append(out, c.nodes[merkle.Sibling(index)])
		index = merkle.Parent(index)
	}
	return out
}

// subtrees are the nodes that a log of from blocks needs to become one of to.
func (c *core) subtrees(from, to uint64) (out []merkle.Node) {
	p, err := merkle.LoadPeaks(from, c.get)
	if err != nil {
		panic(err)
	}
	err = p.Grow(to, func(i uint64) (merkle.Node, error) {
		n, err := c.get(i)
		out = append(out, n)
		return n, err
	})
	if err != nil {
		panic(err)
	}
	return out
}

func (c *core) get(i uint64) (merkle.Node, error) {
	if n, ok := c.nodes[i]; ok {
		return n, nil
	}
	return merkle.Node{}, merkle.ErrMissing
}

// answer is what npm's hypercore would say to a request.
func (c *core) answer(r wire.Request) wire.Replication {
	length := uint64(len(c.blocks))
	d := wire.Data{Request: r.ID, Fork: c.fork}
	switch {
	case r.Fork != c.fork, r.Block != nil && (r.Block.Index >= length || c.blocks[r.Block.Index] == nil):
		return wire.NoData{Request: r.ID}
	case r.Upgrade != nil && r.Upgrade.Start+r.Upgrade.Length > length:
		return wire.NoData{Request: r.ID}
	}
	if p := r.Block; p != nil {
		d.Block = &wire.BlockProof{Index: p.Index, Value: c.blocks[p.Index], Nodes: c.way(2*p.Index, p.Nodes)}
	}
	if p := r.Hash; p != nil {
		d.Hash = &wire.HashProof{Index: p.Index, Nodes: append([]merkle.Node{c.nodes[p.Index]}, c.way(p.Index, p.Nodes)...)}
	}
	if u := r.Upgrade; u != nil {
		to := u.Start + u.Length
		d.Upgrade = &wire.UpgradeProof{
			Start: u.Start, Length: u.Length, Signature: c.sign(),
			Nodes: c.subtrees(u.Start, to), Additional: c.subtrees(to, length),
		}
	}
	return d
}

// fake is a peer that has a core. What it does otherwise than it should is a function of
// the test.
type fake struct {
	t    tester
	mu   sync.Mutex
	core *core
	all  map[*fakeConn]bool

	key     hypercore.Key                                               // that the capability is made with; the core's if zero
	replies func(r wire.Request, m wire.Replication) []wire.Replication // nil: as it should
	order   func(answers []wire.Replication) []wire.Replication         // of those to one frame
	asked   []wire.Request

	ignoreRejects bool // the test opened channels past the mux
}

// fakeConn is one connection of a fake.
type fakeConn struct {
	conn    *wire.Conn
	mux     *wire.Mux
	channel *wire.Channel
	answers []wire.Replication
	out     chan []byte // a pipe holds nothing, and both ends write
}

func newFake(t tester, c *core) *fake {
	return &fake{t: t, core: c, all: map[*fakeConn]bool{}, key: c.key}
}

// dial is a peer.Dial.
func (f *fake) dial(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	go f.serve(far)
	return near, nil
}

func (f *fake) serve(nc net.Conn) {
	defer nc.Close()
	conn, err := wire.Handshake(context.Background(), nc, wire.Responder, wire.Options{})
	if err != nil {
		return
	}
	c := &fakeConn{conn: conn, mux: wire.NewMux(), out: make(chan []byte, 4096)}
	f.mu.Lock()
	id := merkle.DiscoveryKey(f.core.key)
	greeting := wire.Greeting{Capability: merkle.Capability(false, f.key, conn.HandshakeHash())}
	c.channel = c.mux.Open(wire.Protocol, id[:], greeting.AppendTo(nil))
	c.say(f.core)
	f.all[c] = true
	f.mu.Unlock()
	go func() {
		for b := range c.out {
			if conn.Write(b) != nil {
				nc.Close()
			}
		}
	}()
	f.talk(c)
	f.mu.Lock()
	delete(f.all, c)
	close(c.out)
	f.mu.Unlock()
}

// talk answers until the connection ends.
func (f *fake) talk(c *fakeConn) {
	for {
		f.mu.Lock()
		c.flush()
		f.mu.Unlock()
		b, err := c.conn.Read()
		if err != nil {
			return
		}
		f.mu.Lock()
		err = c.mux.Receive(b, func(m wire.Message) error { return f.hear(c, m) })
		f.reply(c)
		f.mu.Unlock()
		if err != nil && !f.ignoreRejects {
			f.t.Errorf("the follower breaks the protocol: %v", err)
			return
		}
	}
}

func (f *fake) hear(c *fakeConn, m wire.Message) error {
	if m.Event != wire.Received {
		return nil
	}
	msg, err := wire.Decode(m.Type, m.Body)
	r, ok := msg.(wire.Request)
	if err != nil || !ok {
		return err
	}
	f.asked = append(f.asked, r)
	answers := []wire.Replication{f.core.answer(r)}
	if f.replies != nil {
		answers = f.replies(r, answers[0])
	}
	c.answers = append(c.answers, answers...)
	return nil
}

// reply says what there is to say to one frame.
func (f *fake) reply(c *fakeConn) {
	if f.order != nil {
		c.answers = f.order(c.answers)
	}
	for _, a := range c.answers {
		c.mux.Send(c.channel, a.Type(), a.AppendTo(nil))
	}
	c.answers = nil
}

func (c *fakeConn) flush() {
	for _, b := range c.mux.Frames() {
		c.out <- b
	}
}

func (c *fakeConn) say(core *core) {
	m := wire.Sync{Fork: core.fork, Length: uint64(len(core.blocks)), Uploading: true, CanUpgrade: true}
	c.mux.Send(c.channel, m.Type(), m.AppendTo(nil))
}

// change changes the core and tells everyone who is connected.
func (f *fake) change(what func(c *core)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what(f.core)
	for c := range f.all {
		c.say(f.core)
		c.flush()
	}
}

func texts(prefix string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(prefix, " ", i))
	}
	return out
}

// followed is a mirror of a fake.
func (f *fake) followed(o peer.Options, from *mirror) *mirror {
	return follow(f.t, f.core.key, f.dial, o, from)
}
