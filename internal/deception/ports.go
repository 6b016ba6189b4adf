package deception

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"go.cordon.dev/cordon/internal/deception/service"
)

// portLimits bound the ports that are open for single clients: of all deckies
// together, and for one host.
func portLimits() Limits { return Limits{Clients: 1024, PerHost: 64} }

// firstPort is the lowest that a client gets: those below belong to services.
const firstPort = 1024

// listen implements service.Listen.
func (f *Fleet) listen(ctx context.Context, s *service.Session, port uint16) (net.Listener, error) {
	if port < firstPort {
		return nil, fmt.Errorf("port %d is below %d", port, firstPort)
	}
	peer := s.Client().Addr()
	if !f.ports.enter(peer) {
		return nil, errors.New("too many ports are open for clients")
	}
	at := netip.AddrPortFrom(s.Local().Addr(), port)
	lc := net.ListenConfig{KeepAliveConfig: keepAlive()}
	l, err := lc.Listen(ctx, "tcp", at.String())
	if err != nil {
		f.ports.leave(peer)
		return nil, fmt.Errorf("opening a port for a client: %s", why(err))
	}
	out := &clientPort{Listener: l, peer: peer}
	out.shut = sync.OnceValue(func() error {
		f.ports.leave(peer)
		return l.Close()
	})
	out.forget = context.AfterFunc(ctx, func() { _ = out.shut() })
	return out, nil
}

// clientPort is a port for one client.
type clientPort struct {
	net.Listener
	peer   netip.Addr
	shut   func() error
	forget func() bool
}

// Accept waits for the client.
func (p *clientPort) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if addrPort(c.RemoteAddr()).Addr().WithZone("") != p.peer.WithZone("") {
		_ = c.Close()
		return nil, service.ErrStranger
	}
	return c, nil
}

// Close shuts the port.
func (p *clientPort) Close() error {
	p.forget()
	return p.shut()
}
