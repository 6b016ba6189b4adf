package egress_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/guard/egress"
)

// decider is a server that decides, on a unix socket.
type decider struct {
	path   string
	mu     sync.Mutex
	asked  []map[string]any
	answer func(q map[string]any) (status int, body string)
}

func newDecider(t *testing.T, answer func(q map[string]any) (int, string)) *decider {
	t.Helper()
	d := &decider{path: filepath.Join(t.TempDir(), "s"), answer: answer}
	l, err := net.Listen("unix", d.path)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(d.serve))
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return d
}

func (d *decider) serve(w http.ResponseWriter, r *http.Request) {
	var q map[string]any
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.Method != "POST" || r.URL.Path != "/api/v1/egress/decide" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	d.asked = append(d.asked, q)
	d.mu.Unlock()
	status, body := d.answer(q)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

const (
	yes = `{"result":"allow","reason":"rule","rule":"r"}`
	no  = `{"result":"deny","reason":"method_mismatch","rule":"r","detail":"not so","allow_command":"do it"}`
)

// A server is asked for each step, told where in the program, and its word counts.
func TestAServerDecides(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer origin.Close()
	d := newDecider(t, func(q map[string]any) (int, string) {
		if q["method"] == "DELETE" {
			return 200, no
		}
		return 200, yes
	})
	g, err := egress.New(nil, egress.Options{Server: d.path})
	if err != nil {
		t.Fatal(err)
	}
	transport := g.Transport(nil)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	resp, err := client.Get(origin.URL + "/v1")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	last := d.asked[len(d.asked)-1]
	if last["final"] != true || last["address"] != "127.0.0.1" || last["path"] != "/v1" || last["protocol"] != "http" || !strings.HasSuffix(last["source_file"].(string), "server_test.go") || last["source_line"].(float64) < 10 {
		t.Errorf("the last question was %v", last)
	}
	req, err := http.NewRequest("DELETE", origin.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Do(req)
	var denied *egress.AccessDeniedError
	if !errors.As(err, &denied) || denied.Rule != "r" || denied.Detail != "not so" || denied.AllowCommand != "do it" {
		t.Errorf("%v", err)
	}
	if s := g.Status(); s.Allowed != 1 || s.Denied != 1 {
		t.Errorf("status %+v", s)
	}
}

// Whatever a server does but answer, nothing leaves.
func TestWithoutAnAnswerNothingLeaves(t *testing.T) {
	for name, answer := range map[string]func(map[string]any) (int, string){
		"an error":     func(map[string]any) (int, string) { return 500, yes },
		"a redirect":   func(map[string]any) (int, string) { return 302, yes },
		"no JSON":      func(map[string]any) (int, string) { return 200, "yes" },
		"half":         func(map[string]any) (int, string) { return 200, yes[:10] },
		"another word": func(map[string]any) (int, string) { return 200, `{"result":"perhaps"}` },
		"nothing":      func(map[string]any) (int, string) { return 200, `{}` },
		"without bound": func(map[string]any) (int, string) {
			return 200, `{"detail":"` + strings.Repeat("x", 1<<20) + `","result":"allow"}`
		},
	} {
		g, err := egress.New(nil, egress.Options{Server: newDecider(t, answer).path, Dial: forbidden(t)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = g.DialContext(t.Context(), "tcp", "127.0.0.1:1")
		var denied *egress.AccessDeniedError
		if !errors.As(err, &denied) || denied.Reason != egress.ReasonNoServer {
			t.Errorf("%s: %v", name, err)
		}
	}
	g, err := egress.New(nil, egress.Options{Server: filepath.Join(t.TempDir(), "gone"), Dial: forbidden(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.DialContext(t.Context(), "tcp", "127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "did not answer, so nothing leaves") {
		t.Errorf("no server at all: %v", err)
	}
}

// The policy of a server is not the program's to change.
func TestAServersPolicyIsTheServers(t *testing.T) {
	g, err := egress.New(nil, egress.Options{Server: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"allow": g.Allow("a.example", "why"), "remove": g.Remove("a.example"), "replace": g.Replace([]byte("mode: audit"))} {
		if err == nil || !strings.Contains(err.Error(), "the policy is the server's") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := egress.New([]byte("mode: audit"), egress.Options{Server: "s"}); err == nil {
		t.Error("a policy and a server were taken together")
	}
}

// A budget that nobody counts would be none.
func TestAPolicyWithABudgetIsRefused(t *testing.T) {
	_, err := egress.New([]byte("allowlist:\n  rules:\n    - {host: a.example, data_budget: 1MB/day}\n"), egress.Options{})
	if err == nil || !strings.Contains(err.Error(), "line 3: data_budget: is counted by the gateway only") {
		t.Errorf("%v", err)
	}
}

// forbidden is a dialer that nobody may use.
func forbidden(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		t.Error("it was dialed")
		return nil, errors.New("dialed")
	}
}
