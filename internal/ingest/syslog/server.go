// Package syslog takes what other machines log: syslog messages by UDP (RFC
// 5426), by TCP (RFC 6587, counted octets or a line each) and by TLS (RFC 5425).
// Lines that a parser knows become records; the others are counted, and gone.
//
// Everything is bounded: lines, connections, and the lines that wait while
// nobody takes records. Then TCP and TLS are read no further, so that the sender
// keeps its lines, and datagrams are dropped and counted.
//
// Level 2: it may import ingest/parse, L0, and the standard library.
package syslog

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/ingest/parse"
)

// Options are what a Server works with. Of the addresses, HOST:PORT, those that
// are empty are not listened on.
type Options struct {
	UDP, TCP, TLS string
	Config        *tls.Config    // Mandatory with TLS.
	Allow         []netip.Prefix // Who may send. Nobody else is heard.
	Plugins       []parse.Plugin
	Recorder      parse.Recorder // Mandatory.
	Clock         clock.Clock    // If nil, the machine's.
	Zone          *time.Location // Of times without one. If nil, the machine's.
	Log           *slog.Logger   // If nil, discards.
}

// Server is a syslog server whose addresses are open. Serve runs it, once.
type Server struct {
	o      Options
	udp    net.PacketConn
	tcp    net.Listener
	tls    net.Listener // before the handshake
	queue  *queue
	reader *parse.Reader
	counts counts

	drain   time.Duration // how long a stop waits for lines that were received
	pause   time.Duration // the first between two tries to record
	readers sync.WaitGroup
	peers   peers
}

const (
	drainTime    = 3 * time.Second
	recordTime   = 30 * time.Second // for one batch
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
	reportEvery  = time.Minute
)

// Listen opens the addresses.
func Listen(ctx context.Context, o Options) (_ *Server, err error) {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		o: o, queue: newQueue(), reader: parse.NewReader(o.Plugins), drain: drainTime, pause: firstPause,
		peers: peers{open: map[net.Conn]netip.Addr{}},
	}
	defer func() {
		if err != nil {
			s.shut()
		}
	}()
	var l net.ListenConfig
	if o.UDP != "" {
		if s.udp, err = l.ListenPacket(ctx, "udp", o.UDP); err != nil {
			return nil, fmt.Errorf("opening syslog by UDP: %w", err)
		}
		_ = s.udp.(*net.UDPConn).SetReadBuffer(socketBuffer) // the system may allow less, which drops more
	}
	if o.TCP != "" {
		if s.tcp, err = l.Listen(ctx, "tcp", o.TCP); err != nil {
			return nil, fmt.Errorf("opening syslog by TCP: %w", err)
		}
	}
	if o.TLS != "" {
		if s.tls, err = l.Listen(ctx, "tcp", o.TLS); err != nil {
			return nil, fmt.Errorf("opening syslog by TLS: %w", err)
		}
	}
	return s, nil
}

// Addrs are the addresses that are open, as HOST:PORT; empty: that one is not.
func (s *Server) Addrs() (udp, tcp, tls string) {
	if s.udp != nil {
		udp = s.udp.LocalAddr().String()
	}
	if s.tcp != nil {
		tcp = s.tcp.Addr().String()
	}
	if s.tls != nil {
		tls = s.tls.Addr().String()
	}
	return udp, tcp, tls
}

// Serve takes messages until ctx ends, then records those that it has.
func (s *Server) Serve(ctx context.Context) error {
	recording, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var consumer sync.WaitGroup
	consumer.Go(func() { s.consume(recording) })
	consumer.Go(func() { s.report(recording) })
	errs := make(chan error, 3)
	if s.udp != nil {
		s.readers.Go(func() { errs <- s.readDatagrams() })
	}
	if s.tcp != nil {
		s.readers.Go(func() { errs <- s.accept(s.tcp, nil) })
	}
	if s.tls != nil {
		s.readers.Go(func() { errs <- s.accept(s.tls, s.o.Config) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-errs:
	}
	s.shut()
	s.queue.close()
	s.readers.Wait()
	select {
	case <-s.queue.empty:
	case <-time.After(s.drain):
	}
	cancel()
	consumer.Wait()
	return err
}

// shut closes what is open.
func (s *Server) shut() {
	if s.udp != nil {
		_ = s.udp.Close() // only read from
	}
	if s.tcp != nil {
		_ = s.tcp.Close()
	}
	if s.tls != nil {
		_ = s.tls.Close()
	}
	s.peers.close()
}
