package deception

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// gate is an open port and the door that it leads to: another one after a mutation,
// while the port stays open.
type gate struct {
	listener net.Listener
	done     chan struct{} // closed when nobody is let in any more

	mu   sync.Mutex
	door *door
}

func newGate(l net.Listener, to *door) *gate {
	g := &gate{listener: l, done: make(chan struct{}), door: to}
	go g.accept()
	return g
}

// lead makes the gate lead to another door. Afterwards nobody enters the old one.
func (g *gate) lead(to *door) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.door = to
}

// close shuts the port. Afterwards nobody enters.
func (g *gate) close() {
	_ = g.listener.Close()
	<-g.done
}

func (g *gate) accept() {
	defer close(g.done)
	for {
		c, err := g.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		g.mu.Lock()
		to := g.door
		if err == nil {
			to.admit(c)
		}
		g.mu.Unlock()
		if err != nil { // no descriptors left, for example: others will go
			to.pause(err)
		}
	}
}

// pause waits a little after a client could not be accepted, unless the decky ends.
func (v *door) pause(err error) {
	v.log.Warn("accepting a client of a decky", "error", err)
	ctx, cancel := context.WithTimeout(v.decky.ctx, 100*time.Millisecond)
	defer cancel()
	<-ctx.Done()
}
