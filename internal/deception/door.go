package deception

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// door is where one service of a decky listens.
type door struct {
	decky   *decky
	kind    string
	port    uint16
	service service.Service
	log     *slog.Logger
	clients sync.WaitGroup

	mu       sync.Mutex
	gate     *gate  // nil: shut
	detail   string // why it is shut
	here     int
	sessions uint64
	refused  uint64
}

// keepAlive is what Linux does for servers that ask for it (tcp(7)). Go's own
// would probe every 15 seconds, which no real server does.
func keepAlive() net.KeepAliveConfig {
	return net.KeepAliveConfig{Enable: true, Idle: 2 * time.Hour, Interval: 75 * time.Second, Count: 9}
}

// open listens, unless the door is open already.
func (v *door) open() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gate != nil || v.decky.ctx.Err() != nil {
		return
	}
	lc := net.ListenConfig{KeepAliveConfig: keepAlive()}
	l, err := lc.Listen(v.decky.ctx, "tcp", net.JoinHostPort(v.decky.spec.Address, strconv.Itoa(int(v.port))))
	if err != nil {
		v.detail = why(err)
		return
	}
	v.gate, v.detail = newGate(l, v), ""
}

// why says in people's words why a port was not opened, and what to do.
func why(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "the port is in use by another program"
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 need the capability CAP_NET_BIND_SERVICE"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "the address is not one of this machine"
	}
	return err.Error()
}

// close stops listening. Clients stay.
func (v *door) close() {
	v.mu.Lock()
	g := v.gate
	v.gate, v.detail = nil, "stopped"
	v.mu.Unlock()
	if g != nil {
		g.close()
	}
}

// shut stops listening and waits until all clients have gone. The decky's
// context has ended.
func (v *door) shut() {
	v.close()
	v.clients.Wait()
}

// inherit takes over the gate of a door and its counts: whoever comes from now on
// comes to this one. Clients of the other stay with it.
func (v *door) inherit(from *door) {
	from.mu.Lock()
	g, sessions, refused := from.gate, from.sessions, from.refused
	from.gate, from.detail = nil, "mutated"
	from.mu.Unlock()
	v.mu.Lock()
	v.gate, v.sessions, v.refused = g, sessions, refused
	v.mu.Unlock()
	if g != nil {
		g.lead(v)
	}
}

// admit gives a client its conversation, or hangs up when there are too many.
func (v *door) admit(c net.Conn) {
	peer := addrPort(c.RemoteAddr())
	if !v.decky.fleet.crowd.enter(peer.Addr()) {
		v.count(func() { v.refused++ })
		_ = c.Close()
		return
	}
	v.count(func() { v.here++; v.sessions++ })
	v.clients.Go(func() {
		defer v.count(func() { v.here-- })
		defer v.decky.fleet.crowd.leave(peer.Addr())
		v.talk(c, peer)
	})
}

func (v *door) count(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
}

// talk lets the service talk with one client for as long as a client may stay.
func (v *door) talk(c net.Conn, peer netip.AddrPort) {
	ctx, cancel := context.WithTimeout(v.decky.ctx, v.decky.fleet.deps.Limits.Stay)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer func() { _ = c.Close() }()
	f := v.decky.fleet
	s := service.NewSession(f.deps.Sink, f.deps.Clock, v.decky.spec.Name, v.kind, peer, addrPort(c.LocalAddr()))
	reason := "the service failed" // stands when Serve panics
	defer func() { s.End(reason) }()
	defer v.caught(s)
	v.service.Serve(ctx, c, s)
	reason = ending(ctx)
}

// caught keeps a fault of one service from ending the process: the others, and
// everything else here, go on. What the client said is not logged.
func (v *door) caught(s *service.Session) {
	if r := recover(); r != nil {
		stack := debug.Stack()
		if f, ok := r.(*service.Fault); ok {
			stack = f.Stack
		}
		v.log.Error("a decky's service failed", "event", "decky_panic", "session", s.ID(), "stack", string(stack))
	}
}

func ending(ctx context.Context) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "stayed too long"
	case ctx.Err() != nil:
		return "the decky stopped"
	}
	return "closed"
}

func (v *door) isOpen() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.gate != nil
}

func (v *door) status() ServiceStatus {
	v.mu.Lock()
	defer v.mu.Unlock()
	port := v.port
	if v.gate != nil {
		port = addrPort(v.gate.listener.Addr()).Port()
	}
	return ServiceStatus{
		Kind: v.kind, Port: port, Listening: v.gate != nil, Detail: v.detail,
		Clients: v.here, Sessions: v.sessions, Refused: v.refused,
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	p := t.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}
