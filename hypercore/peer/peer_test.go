package peer_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
	"pgregory.net/rapid"
)

// A log read from its beginning costs one node a block, and one request.
func TestReadingCostsOneNodeABlock(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 1000)...)
	f := newFake(t, c)
	m := f.followed(peer.Options{}, nil)
	m.until(1000)
	m.holds(c.blocks)
	f.mu.Lock()
	defer f.mu.Unlock()
	blocks, nodes := 0, uint64(0)
	for _, r := range f.asked {
		if r.Block != nil {
			blocks, nodes = blocks+1, nodes+r.Block.Nodes
		}
	}
	if blocks != 1000 || nodes > 1000 {
		t.Errorf("%d requests, %d nodes", blocks, nodes)
	}
}

// However a log grows, is truncated and goes on, and however the answers are ordered and
// the connections fall, every block is read, proven, in order.
func TestEveryBlockIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCore(1)
		f := newFake(t, c)
		f.order = shuffled(t)
		m := f.followed(peer.Options{Ahead: rapid.IntRange(1, 20).Draw(t, "ahead"), BatchBlocks: rapid.IntRange(1, 9).Draw(t, "batch")}, nil)
		for i := range rapid.IntRange(1, 6).Draw(t, "steps") {
			f.change(func(c *core) {
				if n := len(c.blocks); n > 0 && rapid.IntRange(0, 3).Draw(t, "fork") == 0 {
					c.truncate(rapid.IntRange(0, n).Draw(t, "kept"))
				}
				c.append(texts(strings.Repeat("x", i), rapid.IntRange(1, 40).Draw(t, "blocks"))...)
			})
			if rapid.Bool().Draw(t, "wait") {
				m.until(uint64(len(c.blocks)))
			}
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				m = f.followed(peer.Options{}, m)
			}
		}
		m.wait("all was read", func() bool { return m.fork == c.fork && len(m.blocks) == len(c.blocks) })
		m.holds(c.blocks)
		m.halt()
	})
}

// shuffled answers what was asked at once in another order, some of it twice.
func shuffled(t *rapid.T) func([]wire.Replication) []wire.Replication {
	order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0))
	return func(answers []wire.Replication) []wire.Replication {
		if order.IntN(4) == 0 {
			answers = append(answers, answers...)
		}
		order.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
		return answers
	}
}

// flip changes one bit of one thing in an answer.
type flip func(d *wire.Data) bool

func lies() map[string]flip {
	return map[string]flip{
		"another block": func(d *wire.Data) bool {
			return d.Block != nil && lie(func() { d.Block.Value = append([]byte("x"), d.Block.Value...) })
		},
		"an empty block":   func(d *wire.Data) bool { return d.Block != nil && lie(func() { d.Block.Value = nil }) },
		"a block's number": func(d *wire.Data) bool { return d.Block != nil && lie(func() { d.Block.Index++ }) },
		"a block's sibling": func(d *wire.Data) bool {
			return d.Block != nil && len(d.Block.Nodes) > 0 && lie(func() { d.Block.Nodes[0].Hash[3] ^= 1 })
		},
		"the size of a sibling": func(d *wire.Data) bool {
			return d.Block != nil && len(d.Block.Nodes) > 0 && lie(func() { d.Block.Nodes[0].Size++ })
		},
		"the number of a sibling": func(d *wire.Data) bool {
			return d.Block != nil && len(d.Block.Nodes) > 0 && lie(func() { d.Block.Nodes[0].Index += 2 })
		},
		"a sibling left out": func(d *wire.Data) bool {
			return d.Block != nil && len(d.Block.Nodes) > 0 && lie(func() { d.Block.Nodes = d.Block.Nodes[1:] })
		},
		"a sibling too many": func(d *wire.Data) bool {
			return d.Block != nil && lie(func() { d.Block.Nodes = append(d.Block.Nodes, merkle.Node{Index: 99}) })
		},
		"the fork of a block": func(d *wire.Data) bool { return d.Block != nil && lie(func() { d.Fork++ }) },
		"the signature":       func(d *wire.Data) bool { return d.Upgrade != nil && lie(func() { d.Upgrade.Signature[9] ^= 1 }) },
		"no signature":        func(d *wire.Data) bool { return d.Upgrade != nil && lie(func() { d.Upgrade.Signature = nil }) },
		"a root":              func(d *wire.Data) bool { return d.Upgrade != nil && lie(func() { d.Upgrade.Nodes[0].Hash[3] ^= 1 }) },
		"a root's size":       func(d *wire.Data) bool { return d.Upgrade != nil && lie(func() { d.Upgrade.Nodes[0].Size++ }) },
		"a root left out": func(d *wire.Data) bool {
			return d.Upgrade != nil && lie(func() { d.Upgrade.Nodes = d.Upgrade.Nodes[1:] })
		},
		"a root too many": func(d *wire.Data) bool {
			return d.Upgrade != nil && lie(func() { d.Upgrade.Additional = append(d.Upgrade.Additional, merkle.Node{Index: 1 << 40}) })
		},
		"where an upgrade begins": func(d *wire.Data) bool { return d.Upgrade != nil && lie(func() { d.Upgrade.Start += 2 }) },
		"an upgrade by nothing": func(d *wire.Data) bool {
			return d.Upgrade != nil && lie(func() { d.Upgrade.Nodes, d.Upgrade.Additional = nil, nil })
		},
		"the manifest of another one": func(d *wire.Data) bool {
			return d.Upgrade != nil && lie(func() { d.Manifest = merkle.DecodeManifest(otherManifest()) })
		},
	}
}

func lie(f func()) bool { f(); return true }

// A peer that lies about anything is left and reported, and nothing that it made up is
// read. When it tells the truth again, reading goes on where it was.
func TestLiesAreFoundOut(t *testing.T) {
	for name, tell := range lies() {
		t.Run(name, func(t *testing.T) {
			c := newCore(1)
			c.append(texts("block", 21)...)
			f := newFake(t, c)
			lying := true
			f.replies = func(_ wire.Request, m wire.Replication) []wire.Replication {
				if d, ok := m.(wire.Data); ok && lying {
					tell(&d)
					m = d
				}
				return []wire.Replication{m}
			}
			m := f.followed(peer.Options{}, nil)
			e := m.untilEvent(hypercore.Corrupt)
			if !errors.Is(e.Err, peer.ErrProof) || e.To != 0 {
				t.Errorf("%+v", e)
			}
			m.untilState(peer.Connecting, peer.ErrProof)
			f.change(func(*core) { lying = false })
			m.until(21)
			m.holds(c.blocks)
		})
	}
}

// The same while a log grows and forks: what was read before a lie stays.
func TestLiesAboutWhatIsNew(t *testing.T) {
	for name, what := range map[string]func(c *core){
		"growth": func(c *core) { c.append(texts("more", 9)...) },
		"a fork": func(c *core) { c.truncate(15); c.append(texts("other", 9)...) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCore(1)
			c.append(texts("block", 21)...)
			f := newFake(t, c)
			m := f.followed(peer.Options{}, nil)
			m.until(21)
			lying := false
			f.replies = func(_ wire.Request, m wire.Replication) []wire.Replication {
				d, ok := m.(wire.Data)
				if ok && lying && d.Upgrade != nil {
					d.Upgrade.Signature[0] ^= 1
				}
				if ok && lying && d.Hash != nil {
					d.Hash.Nodes[0].Hash[0] ^= 1
				}
				return []wire.Replication{m}
			}
			f.change(func(c *core) { what(c); lying = true })
			m.untilEvent(hypercore.Corrupt)
			m.mu.Lock()
			if len(m.blocks) != 21 {
				t.Errorf("%d blocks after a lie", len(m.blocks))
			}
			m.mu.Unlock()
			f.change(func(*core) { lying = false })
			m.wait("all was read", func() bool { return m.fork == c.fork && len(m.blocks) == len(c.blocks) })
			m.holds(c.blocks)
		})
	}
}

// A key's owner that signs two logs in one fork is found out: reported, and read again
// from where they differ.
func TestTwoLogsInOneFork(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 20)...)
	f := newFake(t, c)
	m := f.followed(peer.Options{}, nil)
	m.until(20)
	f.change(func(c *core) {
		c.truncate(17)
		c.fork--
		c.append(texts("other", 8)...)
	})
	e := m.untilEvent(hypercore.Rollback)
	if e.Ancestors != 17 || e.Fork != 0 || e.Length != 25 {
		t.Errorf("%+v", e)
	}
	m.until(25)
	m.holds(c.blocks)
}

// A peer whose core is older than what was read is waited for.
func TestAPeerThatIsBehind(t *testing.T) {
	long, short := newCore(1), newCore(1)
	long.append(texts("block", 30)...)
	short.append(texts("block", 20)...)
	m := newFake(t, long).followed(peer.Options{}, nil)
	m.until(30)
	f := newFake(t, short)
	m = f.followed(peer.Options{}, m)
	m.untilState(peer.Behind, peer.ErrBehind)
	f.change(func(c *core) { c.append(long.blocksFrom(20)...); c.append("new") })
	m.until(31)
	m.holds(short.blocks)
	if len(m.events) > 0 {
		t.Errorf("%+v", m.events)
	}
}

func (c *core) blocksFrom(at int) (out []string) {
	for _, b := range c.blocks[at:] {
		out = append(out, string(b))
	}
	return out
}

// A block that the peer does not have is waited for, with what is behind it.
func TestABlockThatThePeerDoesNotHave(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 30)...)
	hidden := c.blocks[7]
	c.blocks[7] = nil
	f := newFake(t, c)
	m := f.followed(peer.Options{Retry: 20 * time.Millisecond}, nil)
	m.untilState(peer.Incomplete, peer.ErrWithheld)
	m.holds(c.blocks[:7])
	f.change(func(c *core) { c.blocks[7] = hidden })
	m.until(30)
	m.holds(c.blocks)
}

// A peer that says more than it can prove is asked again, and what it is short of is told.
func TestAProofThatThePeerDoesNotHave(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 10)...)
	f := newFake(t, c)
	refused := 0
	f.replies = func(r wire.Request, m wire.Replication) []wire.Replication {
		if r.Upgrade != nil && refused < 3 {
			refused++
			m = wire.NoData{Request: r.ID}
		}
		return []wire.Replication{m}
	}
	m := f.followed(peer.Options{}, nil)
	m.untilState(peer.Incomplete, peer.ErrWithheld)
	m.until(10)
	f.change(func(c *core) { refused = 0; c.append(texts("more", 5)...) })
	m.until(15)
	m.holds(c.blocks)
}

func TestPeersThatAreLeft(t *testing.T) {
	for name, tt := range map[string]struct {
		make func(f *fake)
		want error
	}{
		"it does not know the key":     {func(f *fake) { f.key = hypercore.Key{7} }, peer.ErrCapability},
		"it has another core":          {func(f *fake) { f.core = newCore(2) }, peer.ErrUnknownCore},
		"it answers nothing":           {func(f *fake) { f.replies = func(wire.Request, wire.Replication) []wire.Replication { return nil } }, peer.ErrTimeout},
		"it answers blocks no more":    {silentAbout(func(r wire.Request) bool { return r.Block != nil }), peer.ErrTimeout},
		"it answers other questions":   {func(f *fake) { f.replies = answerOther }, peer.ErrTimeout},
		"its message can't be decoded": {func(f *fake) { f.replies = sendJunk }, wire.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCore(1)
			c.append(texts("block", 30)...)
			f := newFake(t, c)
			tt.make(f)
			m := follow(t, c.key, f.dial, peer.Options{Answer: 100 * time.Millisecond}, nil)
			m.untilState(peer.Connecting, tt.want)
			m.holds(nil)
		})
	}
}

func silentAbout(what func(wire.Request) bool) func(f *fake) {
	return func(f *fake) {
		f.replies = func(r wire.Request, m wire.Replication) []wire.Replication {
			if what(r) {
				return nil
			}
			return []wire.Replication{m}
		}
	}
}

func answerOther(r wire.Request, _ wire.Replication) []wire.Replication {
	return []wire.Replication{wire.NoData{Request: r.ID + 1000}, wire.Range{Length: 5}, wire.Extension{Name: "x"}, wire.Want{Length: 1}}
}

func sendJunk(wire.Request, wire.Replication) []wire.Replication {
	return []wire.Replication{wire.Unknown{Kind: 3, Body: []byte{1, 1}}}
}

// What is asked for ahead is bounded, in blocks and in bytes.
func TestAskingAheadIsBounded(t *testing.T) {
	for name, tt := range map[string]struct {
		o    peer.Options
		size int
		most int
	}{
		"blocks": {peer.Options{Ahead: 7}, 10, 7},
		"bytes":  {peer.Options{AheadBytes: 10_000}, 2000, 5},
		"large":  {peer.Options{AheadBytes: 1000}, 2000, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCore(1)
			for range 64 {
				c.append(strings.Repeat("x", tt.size))
			}
			f := newFake(t, c)
			var waiting []wire.Replication
			most := 0
			f.replies = func(r wire.Request, m wire.Replication) []wire.Replication {
				if r.Block == nil {
					return []wire.Replication{m}
				}
				waiting = append(waiting, m)
				most = max(most, len(waiting))
				if len(waiting) < tt.most && r.Block.Index < 63 {
					return nil
				}
				out := slices.Clone(waiting)
				waiting = nil
				slices.Reverse(out)
				return out
			}
			m := f.followed(tt.o, nil)
			m.until(64)
			m.holds(c.blocks)
			f.mu.Lock()
			defer f.mu.Unlock()
			if most != tt.most {
				t.Errorf("%d blocks at once, want %d", most, tt.most)
			}
		})
	}
}

func TestCheckpointsAreChecked(t *testing.T) {
	c := newCore(1)
	for name, from := range map[string]*hypercore.Checkpoint{
		"of another core":            {Key: hypercore.Key{9}},
		"that contradicts itself":    {Key: c.key, Length: 3},
		"of an impossible log":       {Key: c.key, Length: 1 << 60},
		"with nodes of another kind": {Key: c.key, Recent: []byte{200}},
	} {
		err := peer.NewFollower(c.key, newFake(t, c).dial, peer.Options{}).Run(t.Context(), from, nil)
		if err == nil || errors.Is(err, t.Context().Err()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The handler's error ends Run and is returned as it is.
func TestTheHandlersErrorEndsRun(t *testing.T) {
	c := newCore(1)
	c.append("a block")
	want := errors.New("the handler's")
	err := peer.NewFollower(c.key, newFake(t, c).dial, peer.Options{}).Run(t.Context(), nil, func(ctx, hypercore.Batch) error { return want })
	if err != want {
		t.Errorf("%v", err)
	}
}
