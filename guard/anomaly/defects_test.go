package anomaly

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The twelve ways in which a monitor made of a map of time slices goes wrong, each with
// what this one does instead.

// heard collects alerts.
type heard struct {
	mu  sync.Mutex
	all []Alert
}

func (h *heard) add(a Alert) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, a)
}

// episodes are the alerts in short: type, key and what they say.
func (h *heard) episodes() (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.all {
		out = append(out, fmt.Sprint(a.Type, " ", a.Metadata["key"], " ", a.Metadata["episode"]))
	}
	return out
}

func newMonitor(t testing.TB, o Options) *Monitor {
	t.Helper()
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// during runs f with a monitor in a time of its own, lets ten minutes pass, and returns
// what was heard.
func during(t *testing.T, f func(m *Monitor)) (h *heard) {
	t.Helper()
	h = &heard{}
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(t, Options{Handler: h.add})
		f(m)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
	})
	return h
}

func want(t *testing.T, h *heard, alerts ...string) {
	t.Helper()
	if got := strings.Join(h.episodes(), "\n"); got != strings.Join(alerts, "\n") {
		t.Errorf("alerts:\n%s\nwant:\n%s", got, strings.Join(alerts, "\n"))
	}
}

var attacker = netip.MustParseAddr("203.0.113.9")

// 1. An address with its port is another key for each connection.
func TestDefect1PortIsNoPartOfTheKey(t *testing.T) {
	h := during(t, func(m *Monitor) {
		refuse := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
		door := m.Middleware(HTTPOptions{})(refuse)
		for port := range 10 {
			r := httptest.NewRequest(http.MethodGet, "/login", nil)
			r.RemoteAddr = fmt.Sprintf("203.0.113.9:%d", 40_000+port)
			door.ServeHTTP(httptest.NewRecorder(), r)
		}
	})
	want(t, h, "brute_force 203.0.113.9 opened", "brute_force 203.0.113.9 closed")
}

// 2. The map of addresses grows for ever.
func TestDefect2KeysAreBounded(t *testing.T) {
	m := newMonitor(t, Options{Detectors: []Detector{{Kind: FailedAuth, Key: BySource, Threshold: 10, Window: time.Minute, Type: BruteForce, Severity: High, Keys: 1_000}}})
	for i := range uint32(50_000) {
		m.RecordFailedAuth(address(i), "")
	}
	if s := m.Stats(); s.MonitoredIPs > 1_000+ways*shards || s.Evicted < 45_000 {
		t.Errorf("%d addresses are followed, %d were evicted", s.MonitoredIPs, s.Evicted)
	}
}

// 3. The slice of times grows with the attack, and each event walks over it.
func TestDefect3AnEventCostsTheSameInAnAttack(t *testing.T) {
	m := newMonitor(t, Options{})
	for range 50_000 {
		m.RecordFailedAuth(attacker, "anna")
	}
	if n := testing.AllocsPerRun(1_000, func() { m.RecordFailedAuth(attacker, "anna") }); n != 0 {
		t.Errorf("%v allocations for event 50,001", n)
	}
}

// 4. Every event beyond the threshold is an alert.
func TestDefect4TenThousandFailuresAreTwoAlerts(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for range 10_000 {
			m.RecordFailedAuth(attacker, "anna")
			time.Sleep(10 * time.Millisecond)
		}
	})
	want(t, h, "brute_force 203.0.113.9 opened", "brute_force 203.0.113.9 closed")
	if last := h.all[1]; last.Metadata["count"] != 10_000 || !strings.HasSuffix(last.Message, "over, 10000 in 1m40s") {
		t.Errorf("the end says %q, %v", last.Message, last.Metadata)
	}
}

// 5. Totals are read without the lock they are written under.
func TestDefect5ConcurrentUse(t *testing.T) {
	m := newMonitor(t, Options{Handler: func(Alert) {}})
	var wg sync.WaitGroup
	for g := range uint32(8) {
		wg.Go(func() {
			for i := range uint32(500) {
				m.RecordFailedAuth(address(i), fmt.Sprint("user", g))
				m.RecordPrivilegedContainerAttempt("anna")
				m.RecordPathTraversal(address(g), "../x")
				m.RecordCommandInjection(address(g), ";id")
				if i%100 == 0 {
					_ = m.Stats()
				}
			}
		})
	}
	wg.Wait()
	if s := m.Stats(); s.FailedAuth != 4_000 || s.PrivilegedContainer != 4_000 || s.PathTraversal != 4_000 || s.CommandInjection != 4_000 {
		t.Errorf("totals: %+v", s)
	}
}

// 6. One user's attempts silence those of another.
func TestDefect6UsersDoNotHideEachOther(t *testing.T) {
	h := during(t, func(m *Monitor) {
		m.RecordPrivilegedContainerAttempt("anna")
		m.RecordPrivilegedContainerAttempt("bob")
		m.RecordPrivilegedContainerAttempt("anna")
	})
	if got := h.episodes(); len(got) != 4 || got[0] != "privilege_escalation anna opened" || got[1] != "privilege_escalation bob opened" {
		t.Errorf("alerts: %q", got)
	}
}

// 7. Attacks that are one by themselves are an alert each time.
func TestDefect7AScannerIsOneEpisode(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for i := range 1_000 {
			m.RecordPathTraversal(attacker, fmt.Sprintf("../%d", i))
			m.RecordCommandInjection(attacker, ";id")
		}
	})
	if got := h.episodes(); len(got) != 4 {
		t.Errorf("alerts: %q", got)
	}
}

// 8. The handler runs where the login runs: a slow one stops it, a panic ends it.
func TestDefect8HandlersStopNobody(t *testing.T) {
	gate, seen := make(chan struct{}), make(chan Type, 8)
	m := newMonitor(t, Options{Queue: 2, Handler: func(a Alert) {
		<-gate
		seen <- a.Type
		panic("the handler is broken")
	}})
	for i := range uint32(20) {
		m.RecordPathTraversal(address(i), "../x")
	}
	if s := m.Stats(); s.Dropped == 0 {
		t.Error("twenty alerts found room in a queue of two, and nobody says that some were dropped")
	}
	close(gate)
	<-seen
	<-seen // the second comes though the first panicked
	m.Close()
	if s := m.Stats(); s.Panics < 2 || s.Panics != s.Alerts {
		t.Errorf("%d panics of %d alerts", s.Panics, s.Alerts)
	}
}

// 9. What the attacker wrote goes into logs as it is, however long.
func TestDefect9WordsOfAttackersAreMadeSafe(t *testing.T) {
	h := during(t, func(m *Monitor) {
		m.RecordPathTraversal(attacker, "../x\n2026-11-21 INFO all is well\x1b[2J\u202e")
		m.RecordCommandInjection(attacker, ";id"+strings.Repeat("A", 1<<20))
		m.RecordPrivilegedContainerAttempt("a\r\nb" + strings.Repeat("\u20ac", 1<<20))
	})
	var out strings.Builder
	LogTo(slog.New(slog.NewJSONHandler(&out, nil)))(h.all[0])
	for _, a := range h.all {
		text, err := json.Marshal(a)
		if err != nil || len(text) > 2_000 {
			t.Errorf("an alert of %d bytes (%v)", len(text), err)
		}
		if strings.ContainsAny(string(text), "\n\r\x1b\u202e") || strings.Contains(fmt.Sprint(a), "\n") {
			t.Errorf("control characters: %q", text)
		}
	}
	if want := `../x\\n2026-11-21 INFO all is well\\x1b[2J\\u202e`; !strings.Contains(out.String(), want) || !strings.Contains(out.String(), `"msg":"security_alert"`) {
		t.Errorf("the log has %s", out.String())
	}
}

// 10. The clock of the machine decides, in whatever order events are read; a time from
// the future lasts for ever.
func TestDefect10EventsHaveTheirOwnTime(t *testing.T) {
	h := &heard{}
	now := noon
	m := newMonitor(t, Options{Handler: h.add, Now: func() time.Time { return now }})
	for i := range 10 { // newest first
		m.Record(Event{Kind: FailedAuth, Addr: attacker, Time: noon.Add(-time.Duration(i) * 10 * time.Second)})
	}
	other := netip.MustParseAddr("198.51.100.7")
	for range 9 {
		m.Record(Event{Kind: FailedAuth, Addr: other, Time: noon.Add(100 * 365 * 24 * time.Hour)})
	}
	m.sweep(now)
	m.Close()
	want(t, h, "brute_force 203.0.113.9 opened")
	now = noon.Add(6 * time.Minute)
	m.Record(Event{Kind: FailedAuth, Addr: other})
	if s := m.Stats(); s.Open != 1 || s.MonitoredIPs != 1 {
		t.Errorf("what came from the future still counts: %+v", s)
	}
}

// 11. Whoever has a /64 of IPv6 has a new address for each attempt.
func TestDefect11ASubscriberIsOneSource(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for i := range uint16(5_000) {
			a := netip.MustParseAddr("2001:db8:1:2::").As16()
			a[14], a[15] = byte(i>>8), byte(i)
			m.RecordFailedAuth(netip.AddrFrom16(a), "")
		}
	})
	want(t, h, "brute_force 2001:db8:1:2::/64 opened", "brute_force 2001:db8:1:2::/64 closed")
}

// 12. Only addresses are counted: many who try one user, or a whole network, are nobody.
func TestDefect12ManyAddressesAreSeenToo(t *testing.T) {
	h := during(t, func(m *Monitor) {
		for i := range uint32(60) {
			m.RecordFailedAuth(address(i<<16|1), "anna")
		}
		for i := range uint32(60) {
			m.RecordFailedAuth(address(0xC6336400|i), fmt.Sprint("user", i))
		}
	})
	if got := h.episodes(); len(got) != 4 || got[0] != "brute_force anna opened" || got[1] != "brute_force 198.51.100.0/24 opened" {
		t.Errorf("alerts: %q", got)
	}
}
