package telemetry

import (
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatalf("scrape: %d, %v", w.Code, err)
	}
	return string(body)
}

// ours leaves Cordon's lines of a scrape: Go's own and the build's differ from
// machine to machine.
func ours(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
		if strings.HasPrefix(name, "shhh_") || strings.HasPrefix(name, "cordon_") && !strings.HasPrefix(name, "cordon_build_info") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestScrape holds names, types, labels and values. Dashboards and alerts out
// there rely on the names: only additions may change the golden file.
func TestScrape(t *testing.T) {
	got := ours(scrape(t, everything()))
	golden := filepath.Join("testdata", "metrics.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("scrape differs (-golden +now):\n%s", diff)
	}
}

// everything has a value for every metric there is.
func everything() *Metrics {
	m := NewMetrics(BuildInfo{Version: "1.2.3"})
	m.Leak.SetQuarantine(40)
	m.Leak.Scanned(3, 300*time.Microsecond)
	m.Leak.Scanned(0, time.Second)
	m.Leak.Detected("GITHUB_TOKEN", event.Critical)
	m.Leak.Detected("GITHUB_TOKEN", event.Critical)
	m.Leak.Detected("AWS_ACCESS_KEY", event.High)
	m.Leak.Quarantined(2)
	m.Notify.Delivered("on-call", true)
	m.Notify.Delivered("on-call", false)
	m.Bus.Dropped("leak.>")
	m.Bus.Connected(true)
	m.Store.Committed(7)
	m.Store.Query(400 * time.Microsecond)
	m.Store.Batch(2*time.Millisecond, nil)
	m.Store.Batch(30*time.Second, errors.New("disk full"))
	m.Store.Dropped("events", 500)
	m.HTTP.Answered("GET /api/v1/quarantine/{id}", 200, 3*time.Millisecond)
	m.HTTP.Answered("POST /api/v1/login", 401, 300*time.Millisecond)
	m.HTTP.Answered("POST /api/v1/login", 429, time.Millisecond)
	m.HTTP.Answered("POST /api/v1/login", 200, 300*time.Millisecond)
	m.HTTP.Answered("", 404, time.Millisecond)
	m.WatchEgress(func() EgressSample {
		return EgressSample{
			Clients: 3, Flows: 2, Allowed: 11, Denied: map[string]int64{"default_policy": 4}, BytesOut: 100, BytesIn: 200, KillSwitch: true, Missed: 1, Line: 15,
		}
	})
	m.WatchDisk(func() DiskSample { return DiskSample{Free: 5 << 30, Floor: 1 << 30, Unkept: 7, UnkeptBytes: 4096} })
	m.WatchIngest(func() IngestSample {
		return IngestSample{SpoolBytes: 77, Syslog: map[string]uint64{"record": 8, "unknown": 2, "dropped": 1}, Anomaly: AnomalySample{Open: 1, Evicted: 3, Late: 4}}
	})
	m.Watch(Live{
		Sources: func() []SourceSample {
			return []SourceSample{{ID: "chat", State: "live", Lag: new(uint64(12)), Damaged: true}, {ID: "later", State: "waiting"}}
		},
		Workers:    func() []WorkerSample { return []WorkerSample{{Name: "notify", State: "running", Restarts: 3}} },
		Deliveries: func() []DeliverySample { return []DeliverySample{{Subscription: "on-call", Waiting: 2, Dead: 1}} },
		Writes:     func() int { return 5 },
		Refused:    func() uint64 { return 9 },
	})
	return m
}

func TestScrapeNamesTheBuildAndTheProcess(t *testing.T) {
	page := scrape(t, NewMetrics(BuildInfo{Version: "1.2.3"}))
	for _, want := range []string{`cordon_build_info{commit="unknown",`, `version="1.2.3"`, "go_goroutines ", "process_resident_memory_bytes "} {
		if !strings.Contains(page, want) {
			t.Errorf("the scrape lacks %q", want)
		}
	}
}

func TestBusConnectionComesAndGoes(t *testing.T) {
	m := NewMetrics(BuildInfo{Version: "1"})
	for _, want := range []string{"1", "0", "1"} {
		m.Bus.Connected(want == "1")
		if page := scrape(t, m); !strings.Contains(page, "cordon_bus_connected "+want+"\n") {
			t.Errorf("the scrape lacks cordon_bus_connected %s", want)
		}
	}
}

func TestTwoSetsDoNotMeet(t *testing.T) {
	a, b := NewMetrics(BuildInfo{Version: "1"}), NewMetrics(BuildInfo{Version: "1"})
	a.Leak.Quarantined(5)
	if page := scrape(t, b); !strings.Contains(page, "shhh_quarantine_entries_total 0\n") {
		t.Error("one set shows the other's count")
	}
}

// What the users of the metrics ask for, word by word.
var (
	_ interface {
		Scanned(n int, took time.Duration)
		Detected(secretType string, s event.Severity)
		Quarantined(n int)
	} = (*Leak)(nil)
	_ interface {
		Delivered(subscription string, ok bool)
	} = (*Notify)(nil)
	_ interface {
		Answered(route string, status int, took time.Duration)
	} = (*HTTP)(nil)
)
