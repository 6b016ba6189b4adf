package peer_test

import (
	"bytes"
	"context"
	"maps"
	"net"
	"slices"
	"sync"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// fakes is a peer that has several cores and offers them all on each connection; one that
// is not wanted is opened again when the other end opens it, as npm's corestore does.
type fakes struct {
	t     tester
	cores []*core
	mu    sync.Mutex
	all   map[*fakesConn]bool
	dials int

	replies func(c *core, r wire.Request, m wire.Replication) wire.Replication // nil: as it should
}

type fakesConn struct {
	*fakes
	nc       net.Conn
	conn     *wire.Conn
	mux      *wire.Mux
	channels map[*wire.Channel]*core
	frame    []byte      // that is being heard
	out      chan []byte // a pipe holds nothing, and both ends write
}

func newFakes(t tester, cores ...*core) *fakes {
	return &fakes{t: t, cores: cores, all: map[*fakesConn]bool{}}
}

// dial is a peer.Dial.
func (f *fakes) dial(context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	f.mu.Lock()
	f.dials++
	f.mu.Unlock()
	go f.serve(far)
	return near, nil
}

func (f *fakes) serve(nc net.Conn) {
	defer nc.Close()
	conn, err := wire.Handshake(context.Background(), nc, wire.Responder, wire.Options{})
	if err != nil {
		return
	}
	c := &fakesConn{fakes: f, nc: nc, conn: conn, mux: wire.NewMux(), channels: map[*wire.Channel]*core{}, out: make(chan []byte, 4096)}
	go func() {
		for b := range c.out {
			if conn.Write(b) != nil {
				nc.Close()
			}
		}
	}()
	f.mu.Lock()
	f.all[c] = true
	for _, core := range f.cores {
		c.offer(core)
	}
	c.flush()
	f.mu.Unlock()
	c.talk()
	f.mu.Lock()
	delete(f.all, c)
	close(c.out)
	f.mu.Unlock()
}

// offer opens a core's channel.
func (c *fakesConn) offer(core *core) {
	id := merkle.DiscoveryKey(core.key)
	greeting := wire.Greeting{Capability: merkle.Capability(false, core.key, c.conn.HandshakeHash())}
	ch := c.mux.Open(wire.Protocol, id[:], greeting.AppendTo(nil))
	c.channels[ch] = core
	c.say(ch)
}

func (c *fakesConn) say(ch *wire.Channel) {
	core := c.channels[ch]
	m := wire.Sync{Fork: core.fork, Length: uint64(len(core.blocks)), Uploading: true, CanUpgrade: true}
	c.mux.Send(ch, m.Type(), m.AppendTo(nil))
}

func (c *fakesConn) flush() {
	for _, b := range c.mux.Frames() {
		c.out <- b
	}
}

// talk answers until the connection ends.
func (c *fakesConn) talk() {
	for {
		b, err := c.conn.Read()
		if err != nil {
			return
		}
		c.mu.Lock()
		c.frame = b
		c.pair()
		err = c.mux.Receive(b, c.hear)
		c.flush()
		c.mu.Unlock()
		if err != nil {
			c.t.Errorf("the follower breaks the protocol: %v", err)
			return
		}
	}
}

func (c *fakesConn) hear(m wire.Message) error {
	core := c.channels[m.Channel]
	switch m.Event {
	case wire.Rejected, wire.Closed:
		delete(c.channels, m.Channel)
		c.pair()
		return nil
	case wire.Opened:
		c.say(m.Channel)
		return nil
	}
	msg, err := wire.Decode(m.Type, m.Body)
	r, ok := msg.(wire.Request)
	if err != nil || !ok {
		return err
	}
	answer := core.answer(r)
	if c.replies != nil {
		answer = c.replies(core, r, answer)
	}
	c.mux.Send(m.Channel, answer.Type(), answer.AppendTo(nil))
	return nil
}

// pair offers the cores that the frame opens and that are not offered already.
func (c *fakesConn) pair() {
	offered := slices.Collect(maps.Values(c.channels))
	for _, core := range c.cores {
		id := merkle.DiscoveryKey(core.key)
		if bytes.Contains(c.frame, id[:]) && !slices.Contains(offered, core) {
			c.offer(core)
		}
	}
}

// change changes the cores and tells everyone who is connected.
func (f *fakes) change(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
	for c := range f.all {
		for ch := range c.channels {
			c.say(ch)
		}
		c.flush()
	}
}

// hangUp ends the connections.
func (f *fakes) hangUp() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.all {
		c.nc.Close()
	}
}

func (f *fakes) dialled() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dials
}
