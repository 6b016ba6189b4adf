package api

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/store"
)

func TestDashboardFiles(t *testing.T) {
	n := newNode(t)
	const app, immutable = "<!doctype html>app", "public, max-age=31536000, immutable"
	tests := []struct {
		path          string
		status        int
		body, caching string
		contentType   string
	}{
		{"/", 200, app, "no-cache", "text/html"},
		{"/quarantine", 200, app, "no-cache", "text/html"},
		{"/setup", 200, app, "no-cache", "text/html"},
		{"/deep/route?x=1", 200, app, "no-cache", "text/html"},
		{"/index.html", 200, app, "no-cache", "text/html"},
		{"/favicon.svg", 200, "<svg/>", "no-cache", "image/svg+xml"},
		{"/assets/app-1a2b.js", 200, "1", immutable, "text/javascript"},
		{"/assets/old-9z.js", 404, "", "", "text/plain"},
		{"/..%2f..%2fetc/passwd", 200, app, "no-cache", "text/html"},
		{"/%00", 200, app, "no-cache", "text/html"},
		{"/.keep", 200, app, "no-cache", "text/html"},
		{"/apiary", 200, app, "no-cache", "text/html"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			w := n.call(t, request{path: tt.path})
			if w.Code != tt.status || tt.body != "" && w.Body.String() != tt.body || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.contentType) {
				t.Errorf("got %d %s %q", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if tt.caching != "" && w.Header().Get("Cache-Control") != tt.caching {
				t.Errorf("Cache-Control %q", w.Header().Get("Cache-Control"))
			}
		})
	}
	tag := n.call(t, request{path: "/"}).Header().Get("ETag")
	if w := n.call(t, request{path: "/", headers: map[string]string{"If-None-Match": tag}}); w.Code != http.StatusNotModified {
		t.Errorf("an unchanged page: %d", w.Code)
	}
	wantProblem(t, n.call(t, request{method: "POST", path: "/quarantine"}), 405, "GET and HEAD")
}

// Whoever is far away or on a phone waits for a quarter of the bytes.
func TestTheDashboardIsSentCompressed(t *testing.T) {
	script := strings.Repeat("console.log('what people read at night');\n", 500)
	n := newNode(t, func(d *Deps) {
		d.Dashboard = fstest.MapFS{
			"index.html": {Data: []byte(strings.Repeat("<p>", 100))}, "assets/app-1.js": {Data: []byte(script)},
			"assets/font-1.woff2": {Data: []byte(script)}, "assets/tiny-1.js": {Data: []byte("1")},
		}
	})
	for _, c := range []struct {
		path, accepts string
		packed        bool
	}{
		{"/assets/app-1.js", "gzip, deflate, br", true},
		{"/assets/app-1.js", "br;q=1.0, GZIP ; q=0.5", true},
		{"/incidents", "gzip", true},
		{"/assets/app-1.js", "", false},
		{"/assets/app-1.js", "br, gzip;q=0", false},
		{"/assets/app-1.js", "gzip;q=x", false},
		{"/assets/font-1.woff2", "gzip", false},
		{"/assets/tiny-1.js", "gzip", false},
	} {
		w := n.call(t, request{path: c.path, headers: map[string]string{"Accept-Encoding": c.accepts}})
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.packed || w.Code != 200 {
			t.Fatalf("%s for %q: packed %v, status %d", c.path, c.accepts, got, w.Code)
		}
		if text := w.Header().Get("Vary") == "Accept-Encoding"; text == strings.HasSuffix(c.path, ".woff2") {
			t.Errorf("%s: Vary %q", c.path, w.Header().Get("Vary"))
		}
		if !c.packed {
			continue
		}
		plain, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := io.ReadAll(plain); err != nil || len(all) < 300 {
			t.Errorf("%s: %d bytes, %v", c.path, len(all), err)
		}
	}
	part := n.call(t, request{path: "/assets/app-1.js", headers: map[string]string{"Accept-Encoding": "gzip", "Range": "bytes=0-6"}})
	if part.Code != 206 || part.Body.String() != "console" {
		t.Errorf("a part: %d %q", part.Code, part.Body)
	}
	tag := n.call(t, request{path: "/", headers: map[string]string{"Accept-Encoding": "gzip"}}).Header().Get("ETag")
	if w := n.call(t, request{path: "/", headers: map[string]string{"If-None-Match": tag, "Accept-Encoding": "gzip"}}); w.Code != http.StatusNotModified {
		t.Errorf("an unchanged page: %d", w.Code)
	}
}

func TestWithoutADashboardThePageSaysWhatToDo(t *testing.T) {
	for name, change := range map[string]func(*Deps){
		"none":  func(d *Deps) { d.Dashboard = nil },
		"empty": func(d *Deps) { d.Dashboard = fstest.MapFS{".keep": {}} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newNode(t, change).call(t, request{path: "/"})
			if w.Code != 200 || !strings.Contains(w.Body.String(), "make build") || !strings.Contains(w.Body.String(), "/openapi.json") {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	var reasons []string
	n := newNode(t, func(d *Deps) { d.Ready = func() []string { return reasons } })
	if w := n.call(t, request{path: "/healthz"}); w.Code != 200 {
		t.Errorf("healthz %d", w.Code)
	}
	if w := n.call(t, request{path: "/readyz"}); w.Code != 200 || w.Body.String() != "ready\n" {
		t.Errorf("ready: %d %q", w.Code, w.Body)
	}
	reasons = []string{"source chat was not tried yet"}
	if w := n.call(t, request{path: "/readyz"}); w.Code != 503 || !strings.Contains(w.Body.String(), "source chat") {
		t.Errorf("not ready: %d %q", w.Code, w.Body)
	}
}

func TestMetricsAreForThisMachineAndViewers(t *testing.T) {
	n := populate(t, newNode(t, func(d *Deps) {
		d.Prometheus = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "up 1") })
	}))
	session := n.login(t, "bob", bobPassword)
	local := auth.WithPrincipal(t.Context(), auth.Principal{Kind: auth.KindLocal, Role: auth.Admin})
	tests := map[string]struct {
		request
		host   string
		status int
	}{
		"this machine":            {request{from: "127.0.0.1:9"}, "127.0.0.1:8420", 200},
		"this machine, by name":   {request{from: "[::1]:9"}, "localhost:8420", 200},
		"another machine":         {request{}, "cordon.example", 401},
		"a proxy on this one":     {request{from: "127.0.0.1:9", headers: map[string]string{"X-Forwarded-For": "203.0.113.9"}}, "127.0.0.1:8420", 401},
		"a rebound name":          {request{from: "127.0.0.1:9"}, "evil.example:8420", 401},
		"a page":                  {request{from: "127.0.0.1:9", headers: map[string]string{"Sec-Fetch-Site": "cross-site"}}, "127.0.0.1:8420", 401},
		"another, with a key":     {request{key: n.keys[auth.Viewer]}, "cordon.example", 200},
		"another, logged in":      {request{cookie: session}, "cordon.example", 200},
		"another, with a bad key": {request{key: "cdn_nope"}, "cordon.example", 401},
		"the control socket":      {request{from: "@", ctx: local}, "localhost", 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.path = "http://" + tt.host + "/metrics"
			w := n.call(t, tt.request)
			if w.Code != tt.status || tt.status == 200 && w.Body.String() != "up 1" {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	w := newNode(t).call(t, request{path: "/openapi.json"})
	want, err := OpenAPI()
	if err != nil || w.Code != 200 || w.Body.String() != string(want) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s (%v)", w.Code, w.Header().Get("Content-Type"), err)
	}
}

// Anybody may ask for the description, without a limit: it is made once.
func TestOpenAPIIsMadeOnce(t *testing.T) {
	n := newNode(t)
	ask := func() { n.call(t, request{path: "/openapi.json"}) }
	ask()
	if made := testing.AllocsPerRun(3, ask); made > 1000 {
		t.Errorf("%.0f allocations for an answer that never changes", made)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := New(Deps{}); err == nil || !strings.Contains(err.Error(), "is mandatory") {
		t.Errorf("got %v", err)
	}
}

type fixedSources []Source

func (f fixedSources) Sources() []Source { return f }

type fixedChecks []Check

func (f fixedChecks) Health(context.Context) []Check { return f }

func TestOverview(t *testing.T) {
	position := uint64(42)
	n := populate(t, newNode(t, func(d *Deps) {
		d.Sources = fixedSources{{ID: "chat", Kind: "hypercore", State: "live", Position: &position, Detects: "observes", Since: noon()}}
	}))
	tests := []struct{ hours, width int }{{1, 1}, {24, 1}, {72, 1}, {73, 6}, {336, 6}, {337, 24}, {2160, 24}}
	for _, tt := range tests {
		o := decode[Overview](t, n.as(t, auth.Viewer, "GET", fmt.Sprintf("/api/v1/overview?hours=%d", tt.hours), nil))
		width := time.Duration(tt.width) * time.Hour
		from := noon().Add(-time.Duration(tt.hours) * time.Hour).Truncate(width)
		if o.BucketHours != tt.width || !o.From.Equal(from) || len(o.Buckets) != 1 || !o.Buckets[0].Start.Equal(from.Add(width)) {
			t.Errorf("%d hours: %+v", tt.hours, o)
		}
		if want := noon().Truncate(width).Add(width); !n.shelf.until.Equal(want) {
			t.Errorf("%d hours: counted until %s, want %s: the bucket that is not over yet counts", tt.hours, n.shelf.until, want)
		}
		if o.Scanned != 1234 || o.Unreviewed != (Unreviewed{High: 2, Critical: 1}) || *o.Sources[0].Position != 42 || o.Version != "test" || !o.StartedAt.Equal(noon()) {
			t.Errorf("got %+v", o)
		}
	}
}

func TestHealthIsItsWorstCheck(t *testing.T) {
	check := func(status string) Check { return Check{Name: "x", Kind: "database", Status: status, Since: noon()} }
	tests := []struct {
		checks fixedChecks
		want   string
	}{
		{nil, "ok"}, {fixedChecks{check("ok")}, "ok"}, {fixedChecks{check("degraded"), check("ok")}, "degraded"},
		{fixedChecks{check("degraded"), check("failing"), check("ok")}, "failing"}, {fixedChecks{check("what?")}, "failing"},
	}
	for _, tt := range tests {
		n := populate(t, newNode(t, func(d *Deps) { d.Checks = tt.checks }))
		if h := decode[Health](t, n.as(t, auth.Viewer, "GET", "/api/v1/health", nil)); h.Status != tt.want || len(h.Checks) != len(tt.checks) {
			t.Errorf("%v: %+v", tt.checks, h)
		}
	}
}

func TestDetectionMetrics(t *testing.T) {
	n := populate(t, newNode(t))
	for query, want := range map[string][2]string{
		"":                               {"2026-02-13", "2026-03-14"},
		"?to=2026-01-31":                 {"2026-01-02", "2026-01-31"},
		"?from=2026-03-01":               {"2026-03-01", "2026-03-14"},
		"?from=2026-03-14&to=2026-03-14": {"2026-03-14", "2026-03-14"},
	} {
		d := decode[DetectionMetrics](t, n.as(t, auth.Viewer, "GET", "/api/v1/metrics/detection"+query, nil))
		if got := [2]string{n.shelf.from, n.shelf.to}; got != want {
			t.Errorf("%q asked for %v, want %v", query, got, want)
		}
		if d.Items[0] != (DetectionDay{want[1], 1000, 7, 2, 1, 1.5}) {
			t.Errorf("got %+v", d.Items[0])
		}
	}
}

func TestAFailureInsideStaysInside(t *testing.T) {
	n := populate(t, newNode(t))
	n.shelf.fail(errors.New("pq: password authentication failed for user cordon at /srv/db"))
	for _, path := range []string{"/overview", "/quarantine", "/quarantine/" + rowID(1), "/findings", "/metrics/detection", "/stream"} {
		w := n.as(t, auth.Viewer, "GET", "/api/v1"+path, nil)
		wantProblem(t, w, 500, "its log says why")
		if strings.Contains(w.Body.String(), "/srv/db") {
			t.Errorf("%s shows %s", path, w.Body)
		}
	}
	for says, err := range map[string]error{"did not answer in time": context.DeadlineExceeded, "check that its server runs": store.ErrUnreachable} {
		n.shelf.fail(fmt.Errorf("reading: %w (10.0.0.7)", err))
		w := n.as(t, auth.Viewer, "GET", "/api/v1/quarantine", nil)
		wantProblem(t, w, 503, says)
		if w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "10.0.0.7") {
			t.Errorf("no Retry-After, or it shows what is inside: %s", w.Body)
		}
	}
}
