package app

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestARunningNodeHasTheMetricsOfTheManual compares what a node that has done
// a little of everything shows with docs/metrics.md: no name too few, none too
// many.
func TestARunningNodeHasTheMetricsOfTheManual(t *testing.T) {
	h := newHouse(t, `leak: {sources: [{id: inbox, kind: dir, path: "DIR/inbox"}]}
egress: {listen: "127.0.0.1:0"}
ingest: {syslog: {udp: "127.0.0.1:0"}}
notify:
  webhooks: [{id: hook, url: "http://127.0.0.1:9/", topics: ["leak.>"], allow_private: true}]
`)
	inbox := filepath.Join(h.dir, "inbox")
	if err := os.Mkdir(inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	key := "AKIA" + "Q3EGUXT5ZLBM2WKH" // cordon:allow
	if err := os.WriteFile(filepath.Join(inbox, "note.txt"), []byte("key "+key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := h.start()
	h.caught(c, 1)
	h.refuseLogin()
	var page string
	for _, line := range []string{ // what is counted is counted after it was done
		`cordon_deliveries_total{result="failed",subscription="hook"}`,
		`shhh_secrets_detected_total{secret_type="AWS_ACCESS_KEY",severity="`,
		`cordon_source_state{source="inbox",state="live"} 1`,
		`cordon_worker_state{state="running",worker="leak-inbox"} 1`,
		`cordon_http_requests_total{code="401",route="POST /api/v1/login"} 1`,
		`cordon_http_requests_total{code="404",route="other"} 1`,
		`cordon_login_failures_total 1`,
		`shhh_quarantine_entries_total 1`,
	} {
		h.until("the page to have "+line, func() bool { page = h.scrape(); return strings.Contains(page, line) })
	}
	want := documentedMetrics(t)
	delete(want, "cordon_bus_dropped_total")        // has no series until a listener is slow
	delete(want, "cordon_store_rows_dropped_total") // nor this one until rows are old
	if diff := gocmp.Diff(want, names(page)); diff != "" {
		t.Errorf("docs/metrics.md and the node differ (-manual +node):\n%s", diff)
	}
	if strings.Contains(page, key) || strings.Contains(page, "made-up") {
		t.Error("what a stranger wrote is in the metrics")
	}
}

// refuseLogin tries a password that is wrong and a path that is none.
func (h *house) refuseLogin() {
	h.t.Helper()
	for _, path := range []string{"/api/v1/login", "/api/v1/made-up"} {
		res, err := http.Post(h.address()+path, "application/json", strings.NewReader(`{"name":"made-up","password":"0123456789"}`))
		if err != nil {
			h.t.Fatal(err)
		}
		_ = res.Body.Close()
	}
}

func (h *house) scrape() string {
	h.t.Helper()
	res, err := http.Get(h.address() + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		h.t.Fatalf("scrape: %d, %v", res.StatusCode, err)
	}
	return string(b)
}

// names are those of Cordon's own metrics on a page.
func names(page string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE ((?:cordon|shhh)_\S+) `).FindAllStringSubmatch(page, -1) {
		out[m[1]] = true
	}
	return out
}

func documentedMetrics(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:cordon|shhh)_[a-z_]+)`").FindAllStringSubmatch(string(b), -1) {
		out[m[1]] = true
	}
	return out
}
