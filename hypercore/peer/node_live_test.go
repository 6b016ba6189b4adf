//go:build servers

package peer_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// served is a node that serves an empty core, and a mirror that follows it.
func served(t *testing.T, p hypercoretest.Packages) (*hypercoretest.Node, *mirror) {
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", t.TempDir(), 3, false)
	return n, follow(t, n.Dump().Key, serve(n, wire.Responder), peer.Options{}, nil)
}

func TestNodeAppendsWhileFollowed(t *testing.T) { each(t, nodeAppendsWhileFollowed) }

func nodeAppendsWhileFollowed(t *testing.T, p hypercoretest.Packages) {
	n, m := served(t, p)
	m.untilState(peer.Live, nil)
	length := uint64(0)
	for _, count := range []int{1, 1, 3, 40, 1, 200} {
		n.Do(&length, "append", count, 60)
		m.until(length)
		n.Do(&length, "batch", count, 300)
		m.until(length)
	}
	m.is(n.Dump())
}

func TestNodeForksWhileFollowed(t *testing.T) { each(t, nodeForksWhileFollowed) }

func nodeForksWhileFollowed(t *testing.T, p hypercoretest.Packages) {
	n, m := served(t, p)
	var length uint64
	n.Do(&length, "append", 40, 30)
	m.until(length)
	for fork, cut := range []uint64{25, 24, 10, 1} { // what follows is shorter, as long, longer
		before := length
		n.Do(nil, "truncate", cut)
		n.Do(&length, "append", 5+10*fork, 31+fork)
		m.wait("the fork was read", func() bool {
			return m.fork == uint64(fork+1) && uint64(len(m.blocks)) == length
		})
		m.is(n.Dump())
		m.mu.Lock()
		e := m.events[len(m.events)-1]
		exact := fork == 0 // later forks reach behind what is remembered in single blocks
		if e.Kind != hypercore.Fork || e.Ancestors > cut || before-e.Ancestors > 4*(before-cut) || (exact && e.Ancestors != cut) {
			t.Errorf("%s with %d blocks in common, %d were kept of %d", e.Kind, e.Ancestors, cut, before)
		}
		m.mu.Unlock()
	}
}

// A fork while nobody was looking is found on the way back, from the stored checkpoint.
func TestNodeForksWhileAway(t *testing.T) { each(t, nodeForksWhileAway) }

func nodeForksWhileAway(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", t.TempDir(), 3, false)
	n.Do(nil, "append", 300, 30)
	dial, key := serve(n, wire.Responder), n.Dump().Key
	first := follow(t, key, dial, peer.Options{}, nil)
	first.until(300)
	first.halt()
	n.Do(nil, "truncate", 290)
	n.Do(nil, "append", 50, 31)
	m := follow(t, key, dial, peer.Options{}, first)
	e := m.untilEvent(hypercore.Fork)
	if e.Ancestors > 290 || 300-e.Ancestors > 4*10 || e.Previous.Length != 300 {
		t.Errorf("%+v", e)
	}
	m.until(340)
	m.is(n.Dump())
}

// Connections come and go, and so does following; each block is read once.
func TestConnectionsToNodeComeAndGo(t *testing.T) { each(t, connectionsToNodeComeAndGo) }

func connectionsToNodeComeAndGo(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", t.TempDir(), 3, false)
	m, length := (*mirror)(nil), uint64(0)
	for range 4 {
		dial := serve(n, wire.Responder)
		m = follow(t, n.Dump().Key, dial, peer.Options{}, m)
		n.Do(&length, "append", 37, 60)
		m.until(length)
		n.Do(nil, "hangUp")
		m.untilState(peer.Connecting, peer.ErrClosed)
		n.Do(&length, "append", 5, 60) // while there is no connection
	}
	m = follow(t, n.Dump().Key, serve(n, wire.Responder), peer.Options{}, m)
	m.until(length)
	m.is(n.Dump())
	if len(m.events) > 0 {
		t.Errorf("%+v", m.events)
	}
}

// Everything that a writer does, at random.
func TestNodeDoesEverything(t *testing.T) { each(t, nodeDoesEverything) }

func nodeDoesEverything(t *testing.T, p hypercoretest.Packages) {
	for seed := 1; seed <= 2; seed++ {
		n, m := served(t, p)
		n.Do(nil, "mixture", 100, seed)
		n.Do(nil, "append", 1, 10) // so that the last fork has a block
		want := n.Dump()
		cleared := false
		for _, b := range want.Blocks {
			cleared = cleared || b == nil
		}
		whole := func() bool { return m.fork == want.Fork && uint64(len(m.blocks)) == want.Length }
		if cleared { // a block that the writer has thrown away before it was read is waited for
			m.wait("all was read, or a block is waited for", func() bool {
				return whole() || slices.ContainsFunc(m.states, func(s peer.State) bool { return errors.Is(s.Err, peer.ErrWithheld) })
			})
			continue
		}
		m.wait("all was read", whole)
		m.is(want)
	}
}

func TestCoreOfACorestore(t *testing.T) { each(t, coreOfACorestore) }

func coreOfACorestore(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "store", t.TempDir(), "audit")
	n.Do(nil, "append", 20, 60)
	want := n.Dump()
	m := follow(t, want.Key, serve(n, wire.Responder), peer.Options{}, nil)
	m.until(20)
	m.is(want)
	n.Do(nil, "append", 20, 60)
	m.until(40)
	m.is(n.Dump())
	other := follow(t, hypercore.Key{9}, serve(n, wire.Responder), peer.Options{}, nil)
	other.untilState(peer.Connecting, peer.ErrUnknownCore)
}

func TestEncryptedCoreOfNode(t *testing.T) { each(t, encryptedCoreOfNode) }

func encryptedCoreOfNode(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", t.TempDir(), 3, true)
	n.Do(nil, "append", 20, 60)
	want := n.Dump()
	key := hypercore.Key(bytes.Repeat([]byte{7}, 32))
	m := follow(t, want.Key, serve(n, wire.Responder), peer.Options{EncryptionKey: &key}, nil)
	m.until(20)
	m.is(want)
	wrong := hypercore.Key{1}
	bad := follow(t, want.Key, serve(n, wire.Responder), peer.Options{EncryptionKey: &wrong}, nil)
	if e := bad.untilEvent(hypercore.Corrupt); e.Index != 0 || e.Data != nil {
		t.Errorf("%+v", e)
	}
}

// A replica that has the tree and no blocks yet is waited for; nothing is left out.
func TestNodeThatIsDownloadingItself(t *testing.T) { each(t, nodeThatIsDownloadingItself) }

func nodeThatIsDownloadingItself(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "replica", t.TempDir(), t.TempDir(), 120)
	want := n.Dump()
	m := follow(t, want.Key, serve(n, wire.Responder), peer.Options{}, nil)
	m.until(120)
	m.is(want)
}

// A writer that is killed and comes back with the same log.
func TestNodeIsKilled(t *testing.T) { each(t, nodeIsKilled) }

func nodeIsKilled(t *testing.T, p hypercoretest.Packages) {
	dir, m := t.TempDir(), (*mirror)(nil)
	for round := range 3 {
		n := hypercoretest.StartNode(t, p)
		n.Do(nil, "open", dir, 3, false)
		m = follow(t, n.Dump().Key, serve(n, wire.Responder), peer.Options{}, m)
		n.Do(nil, "append", 25, 60)
		want := n.Dump()
		m.until(want.Length)
		m.is(want)
		if want.Length != uint64(25*(round+1)) {
			t.Fatalf("%d blocks in round %d", want.Length, round)
		}
		n.Kill()
		m.untilState(peer.Connecting, nil)
	}
}

// Blocks that the writer has thrown away are passed over; all others are read. Hypercore 11
// throws away what proves the blocks beside them, too, and hangs up when it is asked.
func TestNodeThatClears(t *testing.T) {
	n := hypercoretest.StartNode(t, hypercoretest.Npm10)
	n.Do(nil, "open", t.TempDir(), 3, false)
	n.Do(nil, "append", 20, 50)
	n.Do(nil, "clear", 5, 8)
	want := n.Dump()
	m := follow(t, want.Key, serve(n, wire.Responder), peer.Options{Retry: 50 * time.Millisecond, Patience: 100 * time.Millisecond}, nil)
	m.until(20)
	m.is(want)
	if e := m.untilEvent(hypercore.Gap); e.Index != 5 || e.To != 6 {
		t.Errorf("%+v", e)
	}
}
