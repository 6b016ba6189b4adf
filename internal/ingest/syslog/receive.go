package syslog

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Bounds of what senders cost.
const (
	maxDatagram   = 64 << 10
	socketBuffer  = 4 << 20 // datagrams that the system holds
	maxPeers      = 256     // connections
	maxOfOne      = 32      // connections from one address
	handshakeTime = 10 * time.Second
	idleTime      = time.Hour // between two messages: a machine may have little to log
	acceptPause   = 100 * time.Millisecond
)

// readDatagrams takes datagrams, a message each, until the socket is closed.
func (s *Server) readDatagrams() error {
	buf := make([]byte, maxDatagram)
	conn := s.udp.(*net.UDPConn)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return err
		case !s.allowed(from.Addr()):
			s.counts.refused.Add(1)
		case !s.queue.offer(line{bytes.Clone(buf[:n]), s.now()}):
			s.counts.dropped.Add(1)
		default:
			s.counts.received.Add(1)
		}
	}
}

func (s *Server) allowed(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(s.o.Allow, func(p netip.Prefix) bool { return p.Contains(a) })
}

// accept takes connections until the listener is closed. config is nil for plain
// TCP.
func (s *Server) accept(l net.Listener, config *tls.Config) error {
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // too many open files, say: that passes
			s.o.Log.Warn("syslog accepts no connection", "error", err)
			time.Sleep(acceptPause)
			continue
		}
		from, err := netip.ParseAddrPort(conn.RemoteAddr().String())
		if err != nil || !s.allowed(from.Addr()) || !s.peers.add(conn, from.Addr()) {
			s.counts.refused.Add(1)
			_ = conn.Close()
			continue
		}
		s.readers.Go(func() {
			defer s.peers.drop(conn)
			s.readStream(conn, config)
		})
	}
}

// readStream takes the messages of a connection until it ends.
func (s *Server) readStream(conn net.Conn, config *tls.Config) {
	if config != nil {
		ctx, cancel := context.WithTimeout(context.Background(), handshakeTime)
		defer cancel()
		secure := tls.Server(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			s.counts.refused.Add(1)
			s.o.Log.Debug("syslog by TLS: the handshake failed", "error", err)
			return
		}
		conn = secure
	}
	f := framer{r: bufio.NewReaderSize(&timed{conn: conn}, 16<<10)}
	for {
		text, err := f.next()
		s.counts.tooLong.Add(f.tooLong)
		f.tooLong = 0
		if len(text) > 0 {
			if !s.queue.put(line{text, s.now()}) {
				s.counts.dropped.Add(1)
				return
			}
			s.counts.received.Add(1)
		}
		if err != nil {
			return
		}
	}
}

// timed is a connection that is given up when nothing comes.
type timed struct{ conn net.Conn }

// Read implements io.Reader.
func (t *timed) Read(p []byte) (int, error) {
	if err := t.conn.SetReadDeadline(time.Now().Add(idleTime)); err != nil {
		return 0, err
	}
	return t.conn.Read(p)
}

// peers are the open connections.
type peers struct {
	mu     sync.Mutex
	open   map[net.Conn]netip.Addr
	closed bool
}

func (p *peers) add(c net.Conn, from netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	same := 0
	for _, a := range p.open {
		if a == from {
			same++
		}
	}
	if p.closed || len(p.open) >= maxPeers || same >= maxOfOne {
		return false
	}
	p.open[c] = from
	return true
}

func (p *peers) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
	_ = c.Close() // nothing is written to it
}

func (p *peers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := range p.open {
		_ = c.Close()
	}
}
