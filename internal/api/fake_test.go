package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rulebook/rulebooktest"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/audit/audittest"
	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/auth/authtest"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/notify/notifytest"
	"go.cordon.dev/cordon/internal/respond/respondtest"
	"go.cordon.dev/cordon/internal/rules/rulestest"
)

const (
	adaPassword = "correct horse battery"
	bobPassword = "staple of another kind"
)

// shelf is an in-memory store of what the leak sensor found.
type shelf struct {
	mu       sync.Mutex
	rows     []leak.Quarantine // oldest first
	findings []leak.Finding
	events   []event.Record
	audit    []audit.Entry
	filter   any         // of the last list
	found    event.Found // what every search of the event log finds, too
	reviews  int
	from, to string // of the last metrics
	until    time.Time
	reads    int   // of events
	readTo   int64 // sequence number of the last event that was read
	err      error
}

func (s *shelf) ListQuarantine(_ context.Context, f leak.QuarantineFilter, p leak.Page) ([]leak.Quarantine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = f
	return behind(s.rows, p, func(q leak.Quarantine) string { return q.ID }, func(q leak.Quarantine) bool {
		return (f.Source == "" || f.Source == q.SourceID) && (f.Rule == "" || f.Rule == q.Rule) &&
			(f.Reviewed == nil || *f.Reviewed == q.Reviewed) && (len(f.Severities) == 0 || slices.Contains(f.Severities, q.Severity))
	}), s.err
}

func behind[T any](rows []T, p leak.Page, id func(T) string, keep func(T) bool) []T {
	var out []T
	for _, r := range slices.Backward(rows) {
		if (p.After == "" || id(r) < p.After) && keep(r) && len(out) < p.Limit {
			out = append(out, r)
		}
	}
	return out
}

func (s *shelf) Quarantine(_ context.Context, id string) (leak.Quarantine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return leak.Quarantine{}, s.err
	}
	for _, q := range s.rows {
		if q.ID == id {
			return q, nil
		}
	}
	return leak.Quarantine{}, leak.ErrNotFound
}

func (s *shelf) ReviewQuarantine(_ context.Context, id string, r leak.Review, by audit.Entry, source string) (leak.Quarantine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reviews++
	if s.err != nil {
		return leak.Quarantine{}, s.err
	}
	i := slices.IndexFunc(s.rows, func(q leak.Quarantine) bool { return q.ID == id })
	q := &s.rows[i]
	q.Reviewed, q.ReviewAction, q.ReviewReason, q.Reviewer, q.ReviewTimestamp = true, r.Action, r.Reason, r.Reviewer, &r.At
	by.After = json.RawMessage(fmt.Sprintf("%q", source))
	s.audit = append(s.audit, by)
	return *q, nil
}

func (s *shelf) ListFindings(_ context.Context, f leak.FindingFilter, p leak.Page) ([]leak.Finding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = f
	return behind(s.findings, p, func(f leak.Finding) string { return f.ID }, func(v leak.Finding) bool {
		return f.Quarantine == "" || f.Quarantine == v.QuarantineID
	}), s.err
}

func (s *shelf) DetectionMetrics(_ context.Context, from, to string) ([]leak.DayMetrics, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to = from, to
	return []leak.DayMetrics{{Date: to, Scanned: 1000, Secrets: 7, FalsePositives: 2, RulesUpdated: 1, AvgLatency: 1500 * time.Microsecond}}, s.err
}

func (s *shelf) QuarantineBuckets(_ context.Context, from, to time.Time, width time.Duration) ([]leak.BucketCount, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = to
	return []leak.BucketCount{{Start: from.Add(width), Severity: event.High, Count: 3}}, s.err
}

func (s *shelf) Totals(context.Context) (leak.Totals, error) {
	return leak.Totals{Quarantined: 5, Findings: 9, Scanned: 1234, Unreviewed: map[event.Severity]int64{event.High: 2, event.Critical: 1}}, s.err
}

func (s *shelf) Head(context.Context) (event.Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.events); n > 0 {
		return s.events[n-1].Cursor, s.err
	}
	return event.Cursor{}, s.err
}

func (s *shelf) Events(_ context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []event.Record
	for _, r := range s.events {
		if r.Cursor.Seq > after.Seq && len(out) < limit {
			out = append(out, r)
			s.readTo = r.Cursor.Seq
		}
	}
	s.reads++
	s.readTo = max(s.readTo, after.Seq)
	return out, s.err
}

// FindEvents looks at every event at once, so that it never gives up.
func (s *shelf) FindEvents(_ context.Context, f event.Filter, before int64, limit int) (event.Found, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = f
	found := s.found
	for _, r := range slices.Backward(s.events) {
		switch {
		case before > 0 && r.Cursor.Seq >= before || !f.Passes(r.Event):
		case len(found.Records) == limit:
			found.Next = found.Records[limit-1].Cursor.Seq
			return found, s.err
		default:
			found.Records = append(found.Records, r)
		}
	}
	return found, s.err
}

func (s *shelf) Event(_ context.Context, id string) (event.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.events, func(r event.Record) bool { return r.Event.ID == id }); i >= 0 && s.err == nil {
		return s.events[i], nil
	}
	return event.Record{}, cmp.Or(s.err, event.ErrNotFound)
}

// readAll reports whether somebody has looked for events and has seen all.
func (s *shelf) readAll() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads > 0 && s.readTo == int64(len(s.events))
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// emit puts an event into the log.
func (s *shelf) emit(topic string) event.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.events) + 1
	r := event.Record{Cursor: event.Cursor{Day: "2026-03-14", Seq: int64(n)}, Event: event.Event{
		ID: rowID(n), Topic: topic, Time: noon(), Source: "node/test", Schema: 1, Data: json.RawMessage(`{"n":` + fmt.Sprint(n) + `}`),
	}}
	s.events = append(s.events, r)
	return r
}

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// rowID makes UUIDs of version 7 that grow with n.
func rowID(n int) string { return fmt.Sprintf("01936d2c-5f8e-7abc-9def-%012x", n) }

// node is an API with everything behind it in memory.
type node struct {
	*API
	shelf    shelf
	cases    cases
	episodes episodes
	gossip   rumours
	access   authtest.Store
	sessions authtest.Sessions
	audit    audittest.Log
	notary   *audit.Notary
	hooks    *notifytest.Memory
	rules    rulestest.Memory
	book     rulebooktest.Memory
	blocks   respondtest.Memory
	actions  respondtest.Actions
	turned   respondtest.Egress
	secrets  respondtest.Secrets
	clock    *clock.Fake
	wakes    chan struct{}
	keys     map[auth.Role]string
}

func newNode(t *testing.T, change ...func(*Deps)) *node {
	t.Helper()
	n := &node{clock: clock.NewFake(noon()), wakes: make(chan struct{}, 1), keys: map[auth.Role]string{}}
	users := auth.NewUsers(auth.UsersDeps{Store: &n.access, Audit: &n.access, Hasher: authtest.CheapHasher(), Clock: n.clock, FailureFloor: -1})
	n.notary = audit.NewNotary(audit.NotaryDeps{Log: &n.audit, Signer: audittest.Signer(1), Clock: n.clock})
	d := Deps{
		Rules: newRules(t, n), AnomalyRules: newRulebook(t, n),
		Webhooks: newWebhooks(t, n),
		Blocks:   newBlocks(t, n), Playbooks: newPlaybooks(t, n),
		Audit: &n.audit, Notary: n.notary,
		Quarantine: &n.shelf, Findings: &n.shelf, Metrics: &n.shelf, Events: &n.shelf, Incidents: &n.cases, Anomalies: &n.episodes, Gossip: &n.gossip, Users: users,
		Keys:     auth.NewKeys(auth.KeysDeps{Store: &n.access, Clock: n.clock}),
		Sessions: auth.NewSessions(auth.SessionsDeps{Store: &n.sessions, Users: &n.access, Clock: n.clock}),
		Setup:    auth.NewSetup(t.TempDir(), n.clock, "http://127.0.0.1:8420"),
		Clock:    n.clock, Node: "node-1", Version: "test",
		Recommendation: func(rule string) string { return "revoke the " + rule },
		Wake:           func() (<-chan struct{}, func()) { return n.wakes, func() {} },
		Dashboard:      fstest.MapFS{"index.html": {Data: []byte("<!doctype html>app")}, "assets/app-1a2b.js": {Data: []byte("1")}, "favicon.svg": {Data: []byte("<svg/>")}},
	}
	for _, f := range change {
		f(&d)
	}
	var err error
	if n.API, err = New(d); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// populate adds users, a key per role, and rows.
func populate(t *testing.T, n *node) *node {
	t.Helper()
	root := auth.Principal{Kind: auth.KindLocal, Name: "root", Role: auth.Admin}
	for name, u := range map[string]struct {
		role     auth.Role
		password string
	}{"ada": {auth.Admin, adaPassword}, "bob": {auth.Viewer, bobPassword}} {
		if _, err := n.Users.Create(t.Context(), root, name, u.role, u.password); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range auth.Roles() {
		secret, _, err := n.Keys.Create(t.Context(), root, auth.NewKey{Name: "key-" + string(r), Role: r})
		if err != nil {
			t.Fatal(err)
		}
		n.keys[r] = secret.Reveal()
	}
	for i := 1; i <= 25; i++ {
		index := uint64(i)
		n.shelf.rows = append(n.shelf.rows, leak.Quarantine{
			ID: rowID(i), Timestamp: noon().Add(time.Duration(i) * time.Second), SourceID: "chat", Index: &index, Rule: "github-token", SecretType: "GITHUB_TOKEN",
			Severity: event.Severities()[1+i%4], Confidence: 0.9, RedactedContent: "<script>alert(1)</script> ghp_****9fK", Fingerprint: "v1:x:y",
			Occurrences: 1, Disposition: leak.Observed, CorrelationID: rowID(1000 + i),
		})
		n.shelf.findings = append(n.shelf.findings, leak.Finding{ID: rowID(100 + i), OccurredAt: noon(), SourceID: "chat", Index: &index, Rule: "github-token", Severity: event.High, QuarantineID: rowID(i)})
	}
	return n
}

// request is one call of a test; zero fields mean the ordinary.
type request struct {
	method, path string
	body         any // string: as it is; else as JSON
	key          string
	cookie       string
	headers      map[string]string
	ctx          context.Context
	from         string // the peer
}

func (n *node) call(t *testing.T, q request) *httptest.ResponseRecorder {
	t.Helper()
	body, raw := q.body.(string)
	if !raw && q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			t.Fatal(err)
		}
		body = string(b)
	}
	method := q.method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, q.path, strings.NewReader(body)) // which sends example.com as Host
	if q.ctx != nil {
		r = r.WithContext(q.ctx)
	}
	if q.from != "" {
		r.RemoteAddr = q.from
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.key != "" {
		r.Header.Set("Authorization", "Bearer "+q.key)
	}
	if q.cookie != "" {
		r.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: q.cookie})
	}
	for k, v := range q.headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	return w
}

// as calls with the key of a role.
func (n *node) as(t *testing.T, role auth.Role, method, path string, body any) *httptest.ResponseRecorder {
	t.Helper()
	return n.call(t, request{method: method, path: path, body: body, key: n.keys[role]})
}

func decode[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("answer %d %q: %v", w.Code, w.Body, err)
	}
	return v
}

// wantProblem checks that an answer is a problem of this status whose detail
// holds the text.
func wantProblem(t *testing.T, w *httptest.ResponseRecorder, status int, detail string) {
	t.Helper()
	p := decode[Problem](t, w)
	if w.Code != status || p.Status != status || w.Header().Get("Content-Type") != "application/problem+json" || p.Title == "" || !strings.Contains(p.Detail, detail) {
		t.Errorf("got %d %s %s\nwant a problem %d with %q", w.Code, w.Header().Get("Content-Type"), w.Body, status, detail)
	}
}
