package deception

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/testport"
)

// guest is a client of a decky at 127.0.0.1.
func guest(address string) *service.Session {
	return service.NewSession(&servicetest.Sink{}, clock.Real{}, "web-1", "ftp", netip.AddrPortFrom(netip.MustParseAddr(address), 40000), netip.MustParseAddrPort("127.0.0.1:21"))
}

func free(t *testing.T) uint16 { return netip.MustParseAddrPort(testport.Addr(t)).Port() }

// opened opens a port for a client; another program may take one that was free a
// moment ago.
func (r *rig) opened(ctx context.Context, s *service.Session) net.Listener {
	r.t.Helper()
	for range 20 {
		if l, err := r.listen(ctx, s, free(r.t)); err == nil {
			r.t.Cleanup(func() { _ = l.Close() })
			return l
		}
	}
	r.t.Fatal("no port of twenty could be opened")
	return nil
}

func TestAPortForAClientTakesThatClientAlone(t *testing.T) {
	r := newRig(t, Limits{})
	for _, tt := range []struct {
		client string
		want   error
	}{{"127.0.0.1", nil}, {"203.0.113.9", service.ErrStranger}} {
		l := r.opened(t.Context(), guest(tt.client))
		if host, _, _ := net.SplitHostPort(l.Addr().String()); host != "127.0.0.1" {
			t.Errorf("it is at %s, not where the client arrived", l.Addr())
		}
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		in, err := l.Accept()
		if !errors.Is(err, tt.want) {
			t.Errorf("a client at %s: error %v, want %v", tt.client, err, tt.want)
		}
		if err == nil {
			_ = in.Close()
		}
		_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
		if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Error("somebody talks to a stranger")
		}
		_ = c.Close()
	}
}

func TestAPortIsShutWithItsClient(t *testing.T) {
	r := newRig(t, Limits{})
	ctx, cancel := context.WithCancel(t.Context())
	l := r.opened(ctx, guest("127.0.0.1"))
	cancel()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v, want a listener that is closed", err)
	}
	_ = l.Close()
	if r.ports.all != 0 || len(r.ports.by) != 0 {
		t.Errorf("%d ports are counted when all are shut", r.ports.all)
	}
}

func TestPortsForClientsAreBounded(t *testing.T) {
	r := newRig(t, Limits{})
	r.ports = newCrowd(Limits{Clients: 3, PerHost: 2})
	one, two := guest("127.0.0.1"), guest("198.51.100.7")
	first := r.opened(t.Context(), one)
	r.opened(t.Context(), one)
	if _, err := r.listen(t.Context(), one, free(t)); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("the third of a host: error %v", err)
	}
	r.opened(t.Context(), two)
	_ = first.Close()
	r.opened(t.Context(), one)
	if _, err := r.listen(t.Context(), two, free(t)); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("the fourth of all: error %v", err)
	}
}

func TestAPortThatCannotBeOpenedCountsForNothing(t *testing.T) {
	r := newRig(t, Limits{})
	l := r.opened(t.Context(), guest("127.0.0.1"))
	if _, err := r.listen(t.Context(), guest("127.0.0.1"), addrPort(l.Addr()).Port()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a port that is taken: error %v", err)
	}
	if _, err := r.listen(t.Context(), guest("127.0.0.1"), 1023); err == nil {
		t.Error("a port of the services is given away")
	}
	if r.ports.all != 1 {
		t.Errorf("%d ports are counted, want 1", r.ports.all)
	}
}
