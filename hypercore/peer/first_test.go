package peer

import (
	"context"
	"net"
	"slices"
	"testing"
	"testing/synctest"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/wire"
)

// A peer may open its end as soon as the connection is there, before a follower that has
// joined it has opened its own: it is no channel that nobody wants.
func TestAPeerMayOpenItsEndFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := hypercore.Key{1}
		near, far := net.Pipe()
		told := make(chan wire.Event, 8)
		go opensFirst(t, far, key, told)
		l := NewLink(func(context.Context) (net.Conn, error) { return near, nil }, wire.Initiator, wire.Options{})
		n, err := l.join(t.Context(), key)
		if err != nil {
			t.Fatalf("join: %v", err)
		}
		synctest.Wait() // the peer has opened, and its frame is here
		lane := n.open(key, 1<<20)
		if err := n.flush(t.Context()); err != nil {
			t.Fatalf("flush: %v", err)
		}
		synctest.Wait()
		lane.leave()
		synctest.Wait()
		close(told)
		var events []wire.Event
		for e := range told {
			events = append(events, e)
		}
		if !slices.Equal(events, []wire.Event{wire.Opened}) {
			t.Errorf("the peer was told %v, want that its channel is open", events)
		}
	})
}

// opensFirst is a peer that opens a core's channel at once.
func opensFirst(t *testing.T, nc net.Conn, key hypercore.Key, told chan<- wire.Event) {
	conn, err := wire.Handshake(t.Context(), nc, wire.Responder, wire.Options{})
	if err != nil {
		t.Errorf("Handshake: %v", err)
		return
	}
	defer conn.Close()
	mux, id := wire.NewMux(), merkle.DiscoveryKey(key)
	mux.Open(wire.Protocol, id[:], wire.Greeting{Capability: merkle.Capability(false, key, conn.HandshakeHash())}.AppendTo(nil))
	for _, f := range mux.Frames() {
		if err := conn.Write(f); err != nil {
			t.Errorf("Write: %v", err)
		}
	}
	for {
		b, err := conn.Read()
		if err != nil {
			return
		}
		_ = mux.Receive(b, func(m wire.Message) error { told <- m.Event; return nil })
	}
}
