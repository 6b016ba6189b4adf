package dns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// Doors are a port of UDP and the same of TCP.
type Doors struct {
	udp *net.UDPConn
	tcp net.Listener
}

// Listen takes an address, HOST:PORT. With port 0 it finds one that is free for
// both.
func Listen(ctx context.Context, address string) (*Doors, error) {
	const attempts = 8
	var err error
	for range attempts {
		var d *Doors
		if d, err = listen(ctx, address); err == nil || !errors.Is(err, syscall.EADDRINUSE) || !anyPort(address) {
			return d, err
		}
	}
	return nil, err
}

func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && port == "0"
}

func listen(ctx context.Context, address string) (*Doors, error) {
	c := net.ListenConfig{Control: func(network, _ string, raw syscall.RawConn) error { return tellAddress(network, raw) }}
	tcp, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("taking questions by TCP: %w", err)
	}
	udp, err := c.ListenPacket(ctx, "udp", tcp.Addr().String())
	if err != nil {
		_ = tcp.Close()
		return nil, fmt.Errorf("taking questions by UDP: %w", err)
	}
	return &Doors{udp.(*net.UDPConn), tcp}, nil
}

// Addr is where the doors are.
func (d *Doors) Addr() netip.AddrPort { return addrPort(d.tcp.Addr()) }

// Close closes both.
func (d *Doors) Close() {
	_ = d.udp.Close()
	_ = d.tcp.Close()
}

func addrPort(a net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch t := a.(type) {
	case *net.TCPAddr:
		ap = t.AddrPort()
	case *net.UDPAddr:
		ap = t.AddrPort()
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// serveUDP answers datagrams, so many at a time; what is more is dropped, as a full
// buffer would do it, and the client asks again.
func (s *Server) serveUDP(ctx context.Context, conn *net.UDPConn) error {
	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, s.o.Limits.Questions)
	here := addrPort(conn.LocalAddr())
	buf, oob, faults := make([]byte, 4096), make([]byte, 128), 0
	for {
		n, told, _, from, err := conn.ReadMsgUDPAddrPort(buf, oob)
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if faults = s.stumbled(ctx, faults, err); faults > 0 {
			continue
		}
		client := netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if client.Port() == 0 || !s.near.has(client.Addr()) {
			s.totals.dropped.Add(1)
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			s.totals.dropped.Add(1)
			continue
		}
		msg, to := bytes.Clone(buf[:n]), bytes.Clone(oob[:told]) // to: the address that was asked
		all.Go(func() {
			defer func() { <-slots }()
			if out := s.handle(ctx, msg, client, here, false); out != nil {
				_, _, _ = conn.WriteMsgUDPAddrPort(out, to, from) // who has gone asks no more
			}
		})
	}
}

// A client that has gone shows as an error of the socket. So many in a row are taken
// for that; a socket that fails on is read once in a breath.
const (
	gone   = 16
	breath = 50 * time.Millisecond
)

// stumbled counts the errors in a row, none when err is nil, and pauses when there are
// too many.
func (s *Server) stumbled(ctx context.Context, faults int, err error) int {
	if err == nil {
		return 0
	}
	s.totals.dropped.Add(1)
	if faults++; faults < gone {
		return faults
	}
	if faults == gone {
		s.o.Log.Warn("dns: datagrams cannot be read", "error", err)
	}
	select {
	case <-ctx.Done():
	case <-s.o.Clock.After(breath):
	}
	return gone + 1
}

// serveTCP answers connections.
func (s *Server) serveTCP(ctx context.Context, l net.Listener) error {
	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, s.o.Limits.Connections)
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // out of descriptors, or a client that went at once
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			s.totals.dropped.Add(1)
			_ = conn.Close()
			continue
		}
		all.Go(func() {
			defer func() { <-slots }()
			s.serveConn(ctx, conn)
		})
	}
}

// serveConn answers one question after the other.
func (s *Server) serveConn(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	from, here := addrPort(conn.RemoteAddr()), addrPort(conn.LocalAddr())
	if !s.near.has(from.Addr()) {
		return
	}
	frames(conn, s.o.Limits.Idle, func(msg []byte) []byte { return s.handle(ctx, msg, from, here, true) })
}

// maxQuestion is how long a question by TCP may be: a name, EDNS and what a client
// fills it up with (RFC 8467).
const maxQuestion = 4096

// frames answers messages until the other end has no more, or is too slow.
func frames(conn net.Conn, idle time.Duration, answer func([]byte) []byte) {
	for {
		_ = conn.SetDeadline(time.Now().Add(idle))
		msg, err := readFrame(conn, maxQuestion)
		if err != nil {
			return
		}
		out := answer(msg)
		_ = conn.SetDeadline(time.Now().Add(idle))
		if out == nil || writeFrame(conn, out) != nil {
			return
		}
	}
}
