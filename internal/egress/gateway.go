package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/id"
)

// Gateway is the sensor. New makes one; Serve runs it. It is safe for
// concurrent use.
type Gateway struct {
	o       Options
	via     string // how it calls itself in Via, to see its own requests again
	flows   *table
	blocked *ring
	totals  totals
	heads   *http1.Allowance
	held    atomic.Int64 // bytes of messages that are held until they are whole

	original func(net.Conn) (netip.AddrPort, error) // where a redirected connection led
	cutting  sync.RWMutex                           // held for writing while all are cut

	mu      sync.Mutex
	clients map[*client]struct{}
	own     []netip.AddrPort // Cordon's doors, those of Serve among them
}

// door is one listener of the gateway.
type door struct {
	all   sync.WaitGroup // what serves its clients
	serve func(*client)
}

// New makes a gateway. The error names what is missing.
func New(o Options) (*Gateway, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o = o.orDefaults()
	unique := strings.ReplaceAll(id.New(), "-", "")
	return &Gateway{
		o: o, via: "cordon-" + unique[len(unique)-12:],
		flows: newTable(), blocked: newRing(o.Limits.Blocked), heads: http1.NewAllowance(int64(o.Limits.Heads)),
		original: originalDestination, clients: map[*client]struct{}{}, own: append([]netip.AddrPort(nil), o.Own...),
	}, nil
}

// Serve takes clients on l until ctx ends. Then it takes no more, gives flows
// Limits.Drain to end, cuts the rest and returns nil when nothing of it runs
// any more. It closes l. It may be called for several listeners at once.
func (g *Gateway) Serve(ctx context.Context, l net.Listener) error {
	return g.serve(ctx, l, &door{serve: (*client).serve})
}

func (g *Gateway) serve(ctx context.Context, l net.Listener, d *door) error {
	g.guard(l.Addr())
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	watched := make(chan struct{})
	watch, done := context.WithCancel(context.WithoutCancel(ctx))
	go func() { defer close(watched); g.watchStalls(watch) }()
	err := g.accept(ctx, l, d)
	_ = l.Close() // closed already when ctx ended
	g.drain(d)
	done()
	<-watched
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("taking clients on %s: %w", l.Addr(), err)
}

// guard remembers an address that no flow may lead to.
func (g *Gateway) guard(a net.Addr) {
	if t, ok := a.(*net.TCPAddr); ok {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.own = append(g.own, t.AddrPort())
	}
}

// accept takes clients until the listener is closed or broken.
func (g *Gateway) accept(ctx context.Context, l net.Listener, d *door) error {
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			g.take(c, d)
		case errors.Is(err, net.ErrClosed):
			return err
		default: // out of descriptors, or a client that went at once
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			g.o.Log.Warn("egress: a client could not be taken", "error", err)
			select {
			case <-ctx.Done():
			case <-g.o.Clock.After(pause):
			}
		}
	}
}

// take serves a client, unless there are too many.
func (g *Gateway) take(conn net.Conn, d *door) {
	c := newClient(g, d, conn)
	if !g.join(c) {
		g.totals.turnedAway.Add(1)
		_ = conn.Close()
		return
	}
	d.all.Go(func() {
		defer g.leave(c)
		d.serve(c)
	})
}

func (g *Gateway) join(c *client) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.clients) >= g.o.Limits.Clients && !g.makeRoom() {
		return false
	}
	g.clients[c] = struct{}{}
	return true
}

func (g *Gateway) leave(c *client) {
	g.calm()
	c.close()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.clients, c)
}

// drain waits for flows to end by themselves, and then cuts them.
func (g *Gateway) drain(d *door) {
	ours := slices.DeleteFunc(g.everyone(), func(c *client) bool { return c.door != d })
	for _, c := range ours {
		c.lastFlow()
	}
	ended := make(chan struct{})
	go func() { defer close(ended); d.all.Wait() }()
	select {
	case <-ended:
	case <-g.o.Clock.After(g.o.Limits.Drain):
		g.severAll(ours, "the gateway stops")
		<-ended
	}
}

func (g *Gateway) everyone() []*client {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*client, 0, len(g.clients))
	for c := range g.clients {
		all = append(all, c)
	}
	return all
}

// Sever cuts every client and everything it has open, idle or not, and cancels
// what is being dialed; what leads outside goes first. Call it when the kill
// switch was turned on. It returns how many clients were cut. Who comes later
// is judged, and finds the switch on.
func (g *Gateway) Sever(why string) int {
	all := g.everyone()
	g.severAll(all, why)
	return len(all)
}

// severAll has one worker on each processor. A worker does both passes over its
// part: between them it would queue behind the thousands who wake because their
// connections have gone.
func (g *Gateway) severAll(all []*client, why string) {
	g.cutting.Lock()
	defer g.cutting.Unlock()
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for k := range workers {
		wg.Go(func() {
			for i := k; i < len(all); i += workers {
				all[i].cutOutside(why)
			}
			for i := k; i < len(all); i += workers {
				all[i].cutInside()
			}
		})
	}
	wg.Wait()
}

// calm waits while all are being cut. Who wakes because its own connection has
// gone tidies up afterwards: thousands who did so at once would take the
// processors from those who cut.
func (g *Gateway) calm() {
	g.cutting.RLock()
	defer g.cutting.RUnlock()
}

// Rejudge asks the Judge again about every live flow and cuts those that are no
// longer allowed. Call it after the Judge has changed its mind. It returns how
// many were cut.
func (g *Gateway) Rejudge() int {
	n := 0
	for _, f := range g.flows.all() {
		d := f.again()
		switch {
		case !d.Allowed():
			f.sever("the policy no longer allows it: " + string(d.Reason))
		case d.Intercept && f.unseen():
			f.sever("the policy now wants its TLS looked into")
		case f.passesUnseen() && g.o.Inspector() != nil:
			f.sever("the policy now wants its messages looked at")
		case !f.countsBy(d):
			f.sever("the policy has a data_budget for it now")
		default:
			continue
		}
		n++
	}
	return n
}
