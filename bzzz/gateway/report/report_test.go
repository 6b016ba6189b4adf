package report

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/bzzz/gateway/judge"
	"go.cordon.dev/cordon/bzzz/gateway/withheld"
)

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func record(n int) Record {
	return Record{
		Message: judge.Message{ID: fmt.Sprint("m", n), Topic: "t", Sender: "s", Data: []byte("never kept")},
		Verdict: judge.Verdict{Answer: judge.Withheld, Reason: judge.ReasonSplit, Hash: "v1:h", Findings: []judge.Finding{{
			Rule: "github-pat", SecretType: "GITHUB_TOKEN", Severity: "info", Confidence: 0.9, Redacted: "ghp_****abc",
			Fingerprint: "v1:f", Context: "the text", Messages: []string{"m0", fmt.Sprint("m", n)},
		}}},
		At: time.Date(2026, 3, 14, 14, 32, 7, 0, time.UTC),
	}
}

// server answers as it is told to, and keeps what it took.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	poison string // events whose data holds it are refused for ever
	got    []Event
	auth   string
}

func newServer(t *testing.T) *server {
	s := &server{status: http.StatusAccepted}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.auth = r.Header.Get("Authorization")
	var body struct{ Events []Event }
	err := json.NewDecoder(r.Body).Decode(&body)
	bad := s.poison != "" && slices.ContainsFunc(body.Events, func(e Event) bool { return strings.Contains(string(e.Data), s.poison) })
	switch {
	case err != nil || bad:
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	case s.status == http.StatusAccepted:
		s.got = append(s.got, body.Events...)
	}
	w.WriteHeader(s.status)
}

func (s *server) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// ids are the messages the server was told of, in their order.
func (s *server) ids() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.got {
		var q quarantined
		if json.Unmarshal(e.Data, &q) == nil {
			out = append(out, q.MessageID)
		}
	}
	return out
}

func reporter(t *testing.T, s *server, dir string) *Reporter {
	t.Helper()
	to, err := NewServer(s.URL, "the-key")
	if err != nil {
		t.Fatal(err)
	}
	spool, err := OpenSpool(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ToServer(to, spool, "gate-1", quiet())
}

func TestWhatAServerIsTold(t *testing.T) {
	s := newServer(t)
	r := reporter(t, s, t.TempDir())
	r.Withheld(record(1))
	r.Bypass(Bypass{GatewayID: "gate-1", PeerA: "p", PeerB: "q"})
	r.Close()
	if len(s.got) != 2 || s.auth != "Bearer the-key" {
		t.Fatalf("%d events, authorization %q", len(s.got), s.auth)
	}
	want := `{"fingerprint":"v1:f","rule":"github-pat","secret_type":"GITHUB_TOKEN","redacted":"ghp_****abc","confidence":0.9,` +
		`"occurred_at":"2026-03-14T14:32:07Z","source_id":"gate-1","hypercore_position":null,"fork":0,"bzzz_message_id":"m1","quarantine_id":"",` +
		`"redacted_content":"the text [m0, m1]","full_content_hash":"v1:h","occurrences":1,"disposition":"withheld","from":"s"}`
	var q quarantined
	if err := json.Unmarshal(s.got[0].Data, &q); err != nil || q.QuarantineID == "" {
		t.Fatalf("%v, quarantine id %q", err, q.QuarantineID)
	}
	q.QuarantineID = ""
	if b, err := json.Marshal(q); err != nil || string(b) != want {
		t.Errorf("told\n%s\nwant\n%s", b, want)
	}
	if e := s.got[0]; e.Topic != "leak.message.quarantined" || e.Severity != "low" || e.Source != "gate-1/gossip" || e.Schema != 1 || e.ID == "" {
		t.Errorf("the envelope: %+v", e)
	}
	if e := s.got[1]; e.Topic != "leak.gateway.gate-1.bypass" || e.Severity != "high" {
		t.Errorf("the bypass: %+v", e)
	}
}

// The server is away, the gateway restarts: all is told, in its order.
func TestAnOutageAndARestartLoseNothing(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	s.answer(http.StatusServiceUnavailable)
	var want []string
	for run := range 3 {
		r := reporter(t, s, dir)
		for i := range 20 {
			r.Withheld(record(100*run + i))
			want = append(want, fmt.Sprint("m", 100*run+i))
		}
		if run == 2 {
			s.answer(http.StatusAccepted)
		}
		r.Close()
	}
	if got := s.ids(); !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// Whom the key does not let in waits; what is refused for its content is given
// up alone.
func TestRefusals(t *testing.T) {
	s := newServer(t)
	s.answer(http.StatusUnauthorized)
	dir := t.TempDir()
	r := reporter(t, s, dir)
	r.Withheld(record(1))
	r.Close()
	s.answer(http.StatusAccepted)
	s.poison = `"bzzz_message_id":"m2"`
	r = reporter(t, s, dir)
	for i := 2; i < 6; i++ {
		r.Withheld(record(i))
	}
	r.Close()
	if got := s.ids(); !slices.Equal(got, []string{"m1", "m3", "m4", "m5"}) {
		t.Errorf("told of %v", got)
	}
}

func TestAFileGetsALineForEachMessage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events.jsonl")
	for i := range 2 {
		r, err := ToFile(name, quiet())
		if err != nil {
			t.Fatal(err)
		}
		r.Withheld(record(i))
		r.Close()
		r.Withheld(record(9)) // too late
		if r.Dropped() != 1 {
			t.Errorf("%d dropped", r.Dropped())
		}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	want := `{"message_id":"m1","topic":"t","sender":"s","verdict":"withheld","reason":"split_secret","findings":[{"rule":"github-pat","secret_type":"GITHUB_TOKEN","severity":"info","confidence":0.9,"redacted":"ghp_****abc","fingerprint":"v1:f","message_ids":["m0","m1"]}],"time":"2026-03-14T14:32:07Z"}`
	if len(all) != 2 || all[1] != want {
		t.Errorf("the file says\n%s", text)
	}
}

func TestAddressesOfServers(t *testing.T) {
	tests := map[string]string{ // to the base, empty when it is none
		"http://127.0.0.1:8420":                 "http://127.0.0.1:8420",
		"https://cordon.example/":               "https://cordon.example",
		"https://cordon.example/api/v1/events":  "https://cordon.example",
		"https://example/under/api/v1/events":   "https://example/under",
		"unix:///var/lib/cordon/cordon.sock":    "http://localhost",
		"ftp://cordon.example":                  "",
		"http://user:password@cordon.example/x": "", // cordon:allow
		"http://":                               "",
	}
	for address, want := range tests {
		s, err := NewServer(address, "k")
		if (err == nil) != (want != "") || err == nil && s.base != want {
			t.Errorf("%s: %+v, %v", address, s, err)
		}
		if err != nil && strings.Contains(err.Error(), "password@") {
			t.Errorf("the error quotes the password: %v", err)
		}
	}
}

func TestTheFeedIsFollowed(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	pages := map[string]Page{
		"":  {Items: []withheld.Item{{Cursor: "1", Kind: withheld.KindMessageID, Value: "m1", Blocked: true}}, NextCursor: "1"},
		"1": {Items: []withheld.Item{{Cursor: "2", Kind: withheld.KindMessageID, Value: "m2", Blocked: true}}, NextCursor: "2"},
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		after := r.URL.Query().Get("after")
		asked = append(asked, after)
		page, more := pages[after]
		if !more {
			page = Page{Items: []withheld.Item{}, NextCursor: after}
		}
		_ = json.NewEncoder(w).Encode(page) // the test sees what is missing
	}))
	defer api.Close()
	s, err := NewServer(api.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := withheld.Open(filepath.Join(t.TempDir(), "list"), 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { Follow(ctx, s, list, quiet()); close(ended) }()
	await(t, "the last page", func() bool { mu.Lock(); defer mu.Unlock(); return slices.Contains(asked, "2") })
	cancel()
	<-ended
	if !list.Blocked(withheld.KindMessageID, "m1") || !list.Blocked(withheld.KindMessageID, "m2") {
		t.Error("a page is missing")
	}
}
