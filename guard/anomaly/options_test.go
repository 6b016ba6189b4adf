package anomaly

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// What comes from the allowlist counts for nobody: not for its address, not for the user
// that it tries, and nobody is hidden by it.
func TestTheAllowlistCountsForNobody(t *testing.T) {
	h := &heard{}
	m := newMonitor(t, Options{Handler: h.add, Allowlist: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("fd00::/8")}})
	for _, from := range []string{"203.0.113.9", "::ffff:203.0.113.9", "fd00::1%eth0"} {
		for range 100 {
			m.RecordFailedAuth(netip.MustParseAddr(from), "root")
		}
		m.RecordPathTraversal(netip.MustParseAddr(from), "../x")
	}
	for range 10 {
		m.RecordFailedAuth(netip.MustParseAddr("198.51.100.7"), "root")
	}
	m.Close()
	want(t, h, "brute_force 198.51.100.7 opened")
	if s := m.Stats(); s.Allowlisted != 303 || s.FailedAuth != 10 || s.PathTraversal != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAllowlistsThatCannotBe(t *testing.T) {
	for name, p := range map[string]netip.Prefix{"none": {}, "of IPv4 written as IPv6": netip.MustParsePrefix("::ffff:203.0.113.0/120")} {
		if m, err := New(Options{Allowlist: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), p}}); err == nil {
			m.Close()
			t.Errorf("a network that is %s is taken", name)
		} else if !strings.HasPrefix(err.Error(), "network 2 of the allowlist") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Events that name nobody make no alert, and that shows.
func TestEventsWithoutAKeyAreCounted(t *testing.T) {
	m := newMonitor(t, Options{})
	door := m.Middleware(HTTPOptions{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	for range 20 {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "@" // a proxy on a Unix socket that nobody named
		door.ServeHTTP(httptest.NewRecorder(), r)
	}
	m.RecordFailedAuth(attacker, "")
	if s := m.Stats(); s.Keyless != 20 || s.FailedAuth != 21 || s.Open != 0 {
		t.Errorf("%+v", s)
	}
}

// A proxy may say in a header of its own who is behind it.
func TestAServiceSaysWhoAsks(t *testing.T) {
	h := during(t, func(m *Monitor) {
		door := m.Middleware(HTTPOptions{Addr: func(r *http.Request) netip.Addr {
			a, _ := netip.ParseAddr(r.Header.Get("X-Real-IP"))
			return a
		}})(http.NotFoundHandler())
		r := httptest.NewRequest(http.MethodGet, "/../../x", nil)
		r.Header.Set("X-Real-IP", "203.0.113.9")
		door.ServeHTTP(httptest.NewRecorder(), r)
	})
	want(t, h, "path_traversal 203.0.113.9 opened", "path_traversal 203.0.113.9 closed")
}

// A handler that does not come back holds up whoever waits for it, no longer than they
// want to.
func TestShutdownWaitsAsLongAsItIsTold(t *testing.T) {
	told, release := make(chan struct{}), make(chan struct{})
	m, err := New(Options{Handler: func(Alert) { close(told); <-release }})
	if err != nil {
		t.Fatal(err)
	}
	m.RecordPathTraversal(attacker, "../x")
	<-told
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(release)
	if err := m.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	m.Close()
}

// A log that nobody gave is the program's own; it loses no alert.
func TestLogToTheDefaultLog(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	LogTo(nil)(Alert{Timestamp: time.Now(), Type: BruteForce, Severity: High})
	if !strings.Contains(log.String(), "type=brute_force") {
		t.Errorf("%q", log.String())
	}
}
