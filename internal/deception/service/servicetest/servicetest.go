// Package servicetest is what every service of a decky is held to, and a sink
// for its tests. A service's tests call Run beside those of its own protocol.
//
// Level 2: it may import deception/service, deception/persona and the standard
// library; only tests import it.
package servicetest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
)

// Sink keeps what it takes.
type Sink struct {
	mu  sync.Mutex
	all []service.Observation
}

// Take implements service.Sink.
func (s *Sink) Take(o service.Observation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, o)
}

// All returns what was taken so far, without pieces of screens.
func (s *Sink) All() (out []service.Observation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.all {
		if o.Frame == nil {
			out = append(out, o)
		}
	}
	return out
}

// Frames returns the pieces of screens that were taken so far.
func (s *Sink) Frames() (out []service.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.all {
		if o.Frame != nil {
			out = append(out, *o.Frame)
		}
	}
	return out
}

// Of returns the observations of one type.
func (s *Sink) Of(t service.Type) (out []service.Observation) {
	for _, o := range s.All() {
		if o.Type == t {
			out = append(out, o)
		}
	}
	return out
}

// Wait returns the first n observations of a type as soon as there are so many.
func (s *Sink) Wait(t testing.TB, kind service.Type, n int) []service.Observation {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if got := s.Of(kind); len(got) >= n {
			return got[:n]
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %d of %s; have %d of %d observations", n, kind, len(s.Of(kind)), len(s.All()))
		}
	}
}

// Field returns the value of a named field, empty when there is none.
func Field(o service.Observation, name string) string {
	for _, f := range o.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// Persona returns a decky's identity that is the same in every run.
func Persona(t testing.TB, decky, archetype string) *persona.Persona {
	t.Helper()
	p, err := persona.New(decky, archetype, [persona.SeedSize]byte{1, 2, 3}, time.Now(), persona.Given{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Setup is what New of a kind gets in a test.
func Setup(t testing.TB, config service.Config) service.Setup {
	t.Helper()
	return service.Setup{
		Persona: Persona(t, "test-1", "linux-server"), Config: config, Clock: clock.Real{},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Listen: open,
	}
}

// open opens a port for whoever comes; that it is for one client alone is the
// fleet's to see to.
func open(ctx context.Context, s *service.Session, port uint16) (net.Listener, error) {
	l, err := net.Listen("tcp", netip.AddrPortFrom(s.Local().Addr(), port).String())
	if err != nil {
		return nil, fmt.Errorf("opening a port for a client: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	return l, nil
}

// Decky is a service that listens for one test.
type Decky struct {
	Address string // 127.0.0.1:PORT
	Sink    *Sink
}

// Password logs in on a decky of Quick; put together so that no scanner takes it for one.
const Password = "correct" + "-" + "horse"

// Quick is a configuration without delays in which root and anna can log in by Password,
// with what the others say, the last of which counts.
func Quick(others ...service.Config) service.Config {
	out := service.Config{
		"fail_delay": "0s",
		"accept":     map[string]any{"users": []string{"root", "anna"}, "passwords": []string{Password}, "after": 0},
	}
	for _, c := range others {
		maps.Copy(out, c)
	}
	return out
}

// Serve makes a service and listens for it.
func Serve(t testing.TB, k service.Kind, config service.Config) *Decky {
	t.Helper()
	s, err := k.New(Setup(t, config))
	if err != nil {
		t.Fatal(err)
	}
	return Listen(t, k.Name, s)
}

// Listen serves s on a port of its own until the test ends.
func Listen(t testing.TB, kind string, s service.Service) *Decky {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &Decky{Address: l.Addr().String(), Sink: &Sink{}}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() { d.accept(ctx, l, kind, s, &all) })
	t.Cleanup(func() { cancel(); _ = l.Close(); all.Wait() })
	return d
}

func (d *Decky) accept(ctx context.Context, l net.Listener, kind string, s service.Service, all *sync.WaitGroup) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		all.Go(func() { d.serve(ctx, c, kind, s) })
	}
}

func (d *Decky) serve(ctx context.Context, c net.Conn, kind string, s service.Service) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer c.Close()
	session := service.NewSession(d.Sink, clock.Real{}, "test-1", kind, address(c.RemoteAddr()), address(c.LocalAddr()))
	s.Serve(ctx, c, session)
	session.End("closed")
}

func address(a net.Addr) netip.AddrPort {
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return p
}
