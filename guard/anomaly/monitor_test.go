package anomaly

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// What an open episode explains is not counted for what is wider.
func TestOneCauseOneEpisode(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for range 1_000 {
			m.RecordFailedAuth(attacker, "anna")
		}
	})
	want(t, h, "brute_force 203.0.113.9 opened", "brute_force 203.0.113.9 closed")
}

// 5,000 /64s of one provider are no storm of alerts.
func TestRotatingNetworksAreOneDigest(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for i := range uint16(5_000) {
			a := netip.MustParseAddr("2001:db8::").As16()
			a[4], a[5], a[6], a[7] = 0, 1, byte(i>>8), byte(i)
			m.RecordPathTraversal(netip.AddrFrom16(a), "../x")
		}
	})
	opened, digests := 0, 0
	for _, a := range h.all {
		switch a.Metadata["episode"] {
		case EpisodeOpened:
			opened++
		case EpisodeDigest:
			digests++
		}
	}
	if opened != usualBudget || digests != 1 || len(h.all) != 2*usualBudget+1 {
		t.Errorf("%d alerts, %d opened, %d digests", len(h.all), opened, digests)
	}
}

func TestEveryKindHasItsAlert(t *testing.T) {
	h := during(t, func(m *Monitor) {
		m.RecordPrivilegedContainerAttempt("anna")
		m.RecordPathTraversal(attacker, "../x")
		m.RecordCommandInjection(attacker, ";id")
		m.RecordSuspiciousContainer("anna", "miner:latest")
		m.RecordRateLimitExceeded(attacker, "/login")
		m.Record(Event{Kind: "weather"})
	})
	for i, w := range []struct{ severity, message, name, detail string }{
		{"critical", "Attempted to create privileged container by user anna", "", ""},
		{"high", "Path traversal attempt detected from 203.0.113.9", "path", "../x"},
		{"critical", "Command injection attempt detected from 203.0.113.9", "input", ";id"},
		{"high", "Suspicious container by user anna", "image", "miner:latest"},
		{"medium", "Rate limit exceeded from 203.0.113.9", "route", "/login"},
	} {
		a := h.all[i]
		if string(a.Severity) != w.severity || a.Message != w.message || w.name != "" && a.Metadata[w.name] != w.detail {
			t.Errorf("alert %d: %+v", i, a)
		}
	}
}

func TestDetectorsThatCannotBe(t *testing.T) {
	good := Detector{Kind: FailedAuth, Key: BySource, Threshold: 1, Window: time.Minute, Type: BruteForce, Severity: High}
	for name, spoil := range map[string]func(*Detector){
		"kind": func(d *Detector) { d.Kind = "" }, "key": func(d *Detector) { d.Key = "host" }, "window": func(d *Detector) { d.Window = 0 },
		"threshold": func(d *Detector) { d.Threshold = 0 }, "type": func(d *Detector) { d.Type = "" }, "severity": func(d *Detector) { d.Severity = "" },
	} {
		d := good
		spoil(&d)
		if m, err := New(Options{Detectors: []Detector{good, d}}); err == nil {
			m.Close()
			t.Errorf("without its %s a detector is taken", name)
		} else if !strings.HasPrefix(err.Error(), "detector 2 (") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientAddr(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"no proxy", "203.0.113.9:4000", nil, "203.0.113.9"},
		{"a header that nobody asked for", "203.0.113.9:4000", []string{"198.51.100.7"}, "203.0.113.9"},
		{"one proxy", "10.0.0.1:4000", []string{"203.0.113.9"}, "203.0.113.9"},
		{"what the client wrote before it", "10.0.0.1:4000", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9"},
		{"two proxies", "10.0.0.1:4000", []string{"203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"two headers", "10.0.0.1:4000", []string{"6.6.6.6", "203.0.113.9"}, "203.0.113.9"},
		{"with a port", "10.0.0.1:4000", []string{"203.0.113.9:1234"}, "203.0.113.9"},
		{"IPv6 with a port", "[fd00::1]:4000", []string{"[2001:db8::5]:1234"}, "2001:db8::5"},
		{"IPv6 in brackets", "[fd00::1]:4000", []string{"[2001:db8::5]"}, "2001:db8::5"},
		{"IPv4 inside IPv6", "[::ffff:203.0.113.9]:4000", nil, "203.0.113.9"},
		{"nonsense", "10.0.0.1:4000", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		{"only proxies", "10.0.0.1:4000", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"a header without end", "10.0.0.1:4000", []string{strings.Repeat("10.0.0.2,", 10_000) + "10.0.0.2"}, "10.0.0.2"},
		{"a unix socket", "@", nil, "invalid IP"},
		{"a proxy on a unix socket", "@", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9"},
		{"two proxies, one on a unix socket", "", []string{"203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"an address that is none", "nonsense", []string{"203.0.113.9"}, "invalid IP"},
		{"a zone", "[fe80::1%eth0]:4000", nil, "fe80::1"},
		{"a zone behind a proxy", "[fd00::1%eth0]:4000", []string{"[fe80::1%25eth0]:80, fe80::2%eth0"}, "fe80::2"},
		{"a zone of nonsense", "[fd00::1]:4000", []string{"fe80::2%" + strings.Repeat("x", 10_000)}, "fe80::2"},
		{"empty hops", "10.0.0.1:4000", []string{"203.0.113.9,,"}, "10.0.0.1"},
		{"a number", "10.0.0.1:4000", []string{"2130706433"}, "10.0.0.1"},
		{"octal", "10.0.0.1:4000", []string{"0177.0.0.1"}, "10.0.0.1"},
		{"a name", "10.0.0.1:4000", []string{"localhost"}, "10.0.0.1"},
		{"a port that is none", "10.0.0.1:4000", []string{"203.0.113.9:99999"}, "10.0.0.1"},
		{"a line break", "10.0.0.1:4000", []string{"203.0.113.9\r\n127.0.0.1"}, "10.0.0.1"},
		{"10,000 forged hops before one that is true", "10.0.0.1:4000", []string{strings.Repeat("127.0.0.1,", 10_000) + "203.0.113.9"}, "203.0.113.9"},
		{"10,000 forged hops of somebody else", "203.0.113.9:4000", []string{strings.Repeat("10.0.0.2,", 10_000) + "127.0.0.1"}, "203.0.113.9"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := ClientAddr(r, proxies).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestMiddlewareSeesRequests(t *testing.T) {
	h := during(t, func(m *Monitor) {
		door := m.Middleware(HTTPOptions{User: func(*http.Request) string { return "anna" }})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/busy" {
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}))
		for _, target := range []string{"/a/..%2f..%2f..%2fetc", "/ping?host=x;id", "/ping?host=x%3Bcat+/etc/passwd", "/read?file=..%2fx", "/busy", "/fine?q=salt+%26+pepper"} {
			r := httptest.NewRequest(http.MethodGet, target, nil)
			r.RemoteAddr = "203.0.113.9:1"
			door.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
	if got := h.episodes(); len(got) != 6 || got[0] != "path_traversal 203.0.113.9 opened" || got[1] != "command_injection 203.0.113.9 opened" || got[2] != "rate_limit_exceeded 203.0.113.9 opened" {
		t.Errorf("alerts: %q", got)
	}
}

// What handlers ask of a ResponseWriter works behind the middleware.
func TestMiddlewarePassesOnWhatAWriterCan(t *testing.T) {
	m := newMonitor(t, Options{})
	server := httptest.NewServer(m.Middleware(HTTPOptions{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/flush" {
			w.(http.Flusher).Flush()
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write([]byte("HTTP/1.1 204 No Content\r\n\r\n")) // the client tells
		_ = conn.Close()
	})))
	defer server.Close()
	for path, status := range map[string]int{"/flush": 200, "/hijack": 204} {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != status {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}
