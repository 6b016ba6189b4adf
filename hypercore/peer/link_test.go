package peer_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// followLink follows a core over a link until the test ends.
func followLink(t tester, l *peer.Link, key hypercore.Key) *mirror {
	return followLinkFrom(t, l, key, nil)
}

// followLinkFrom goes on from where another mirror stood.
func followLinkFrom(t tester, l *peer.Link, key hypercore.Key, from *mirror) *mirror {
	return followWith(t, func(o peer.Options) *peer.Follower { return l.NewFollower(key, o) }, peer.Options{}, from)
}

// A bad proof of one core ends that core's part, and is told; the other core is read on over
// the same connection, to which the first comes back when it is mended.
func TestABadProofOnASharedConnection(t *testing.T) {
	good, bad := newCore(1), newCore(2)
	good.append(texts("good", 5)...)
	bad.append(texts("bad", 5)...)
	f := newFakes(t, good, bad)
	lying := true
	f.replies = func(c *core, r wire.Request, m wire.Replication) wire.Replication {
		if d, ok := m.(wire.Data); ok && lying && c == bad && d.Block != nil && d.Block.Index == 3 {
			d.Block = &wire.BlockProof{Index: 3, Value: []byte("a lie"), Nodes: d.Block.Nodes}
			return d
		}
		return m
	}
	link := peer.NewLink(f.dial, wire.Initiator, wire.Options{})
	a, b := followLink(t, link, good.key), followLink(t, link, bad.key)
	a.until(5)
	b.untilState(peer.Connecting, peer.ErrProof)
	if e := b.untilEvent(hypercore.Corrupt); !errors.Is(e.Err, peer.ErrProof) {
		t.Errorf("%+v", e)
	}
	f.change(func() { good.append(texts("more", 3)...) })
	a.until(8)
	f.change(func() { lying = false })
	b.wait("it was read to its end", func() bool { return len(b.blocks) >= 5 })
	a.holds(good.blocks)
	if f.dialled() != 1 {
		t.Errorf("dialled %d times", f.dialled())
	}
	for _, s := range a.states {
		if s.Status == peer.Connecting {
			t.Errorf("%+v", s)
		}
	}
}

// What is wrong with the connection ends it for all, and they meet on the next one.
func TestASharedConnectionEnds(t *testing.T) {
	one, two := newCore(1), newCore(2)
	one.append(texts("one", 5)...)
	two.append(texts("two", 5)...)
	f := newFakes(t, one, two)
	link := peer.NewLink(f.dial, wire.Initiator, wire.Options{})
	a, b := followLink(t, link, one.key), followLink(t, link, two.key)
	a.until(5)
	b.until(5)
	f.hangUp()
	a.untilState(peer.Connecting, nil)
	b.untilState(peer.Connecting, nil)
	f.change(func() { one.append("more"); two.append("more") })
	a.until(6)
	b.until(6)
	a.halt()
	f.change(func() { two.append("after one was left") })
	b.until(7)
	b.halt()
	for left := 1; left > 0; time.Sleep(time.Millisecond) { // the last who leaves hangs up
		f.mu.Lock()
		left = len(f.all)
		f.mu.Unlock()
	}
}

// Two who follow the same core have a connection each: a peer has one channel for a core.
func TestTwoFollowersOfOneCore(t *testing.T) {
	c := newCore(1)
	c.append(texts("block", 5)...)
	f := newFakes(t, c)
	link := peer.NewLink(f.dial, wire.Initiator, wire.Options{})
	a, b := followLink(t, link, c.key), followLink(t, link, c.key)
	a.until(5)
	b.until(5)
	if f.dialled() != 2 {
		t.Errorf("dialled %d times", f.dialled())
	}
}

// One whose handler stands still holds up nobody: what it asked for waits.
func TestAHandlerThatStandsStill(t *testing.T) {
	slow, quick := newCore(1), newCore(2)
	slow.append(texts("slow", 300)...)
	quick.append(texts("quick", 300)...)
	f := newFakes(t, slow, quick)
	link := peer.NewLink(f.dial, wire.Initiator, wire.Options{})
	stands := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- link.NewFollower(slow.key, peer.Options{}).Run(ctx, nil, func(ctx context.Context, _ hypercore.Batch) error {
			select {
			case <-stands:
			default:
				close(stands)
			}
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	<-stands
	m := followLink(t, link, quick.key)
	m.until(300)
	m.holds(quick.blocks)
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A connection that can't be made is nobody's, and is tried again by each.
func TestALinkThatCannotBeMade(t *testing.T) {
	away := errors.New("away")
	link := peer.NewLink(func(context.Context) (net.Conn, error) { return nil, away }, wire.Initiator, wire.Options{})
	for _, m := range []*mirror{followLink(t, link, hypercore.Key{1}), followLink(t, link, hypercore.Key{2})} {
		m.untilState(peer.Connecting, away)
	}
}
