package archive

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// shelf is a Store in memory, which may be away.
type shelf struct {
	mu    sync.Mutex
	head  ledger.Head
	all   Batch
	saved []watch.Saved
	away  error
	more  chan struct{} // receives after every batch
}

func (s *shelf) Archived(context.Context, Log) (ledger.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head, s.away
}

func (s *shelf) Archive(_ context.Context, b Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		return s.away
	}
	s.head = b.Head
	s.all.Decisions = append(s.all.Decisions, b.Decisions...)
	s.all.Events = append(s.all.Events, b.Events...)
	s.all.Ends = append(s.all.Ends, b.Ends...)
	s.all.News.Alerts = append(s.all.News.Alerts, b.News.Alerts...)
	s.more <- struct{}{}
	return nil
}

func (s *shelf) Baselines(context.Context, string) ([]watch.Saved, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saved, s.away
}

func (s *shelf) setAway(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err
}

func newLedger(t *testing.T, dir string) *ledger.Ledger {
	t.Helper()
	s, err := audit.NewSigner(redact.NewSecret(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(ledger.Options{Dir: dir, Signer: s, Floor: s, Redact: func(text string) string { return text }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func record(flow string, result policy.Result, reason policy.Reason) egress.Record {
	return egress.Record{
		Flow: flow, Time: time.Now().UTC(), Entry: egress.EntryConnect, Client: netip.MustParseAddrPort("[::ffff:127.0.0.1]:5000"),
		Decision: policy.Decision{Result: result, Reason: reason, RuleID: "payments"}, Host: "api.example.com", Port: 443,
		Address: netip.MustParseAddr("203.0.113.9"), Protocol: policy.HTTPS, Program: policy.Program{PID: 7, Exe: "/usr/bin/curl"},
	}
}

func watched() *watch.Watcher {
	return watch.New(watch.Options{Source: "n1/egress", Settings: func() watch.Settings { return watch.Settings{Blocked: 2, Window: time.Minute, Baseline: true} }})
}

// start runs an archivist until the test ends.
func start(t *testing.T, l *ledger.Ledger, s *shelf, c clock.Clock) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := New(Deps{Ledger: l, Store: s, Log: Log{Node: "n1", Dir: "d"}, Clock: c, Watch: watched()}).Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
}

func TestEachDecisionReachesTheStoreWithItsEvent(t *testing.T) {
	l, s := newLedger(t, t.TempDir()), &shelf{more: make(chan struct{}, 100)}
	r := NewRecorder(l, func() bool { return true }, slog.New(slog.DiscardHandler))
	for _, rec := range []egress.Record{record("f1", policy.Allow, policy.ReasonRule), record("f2", policy.Deny, policy.ReasonMetadataAddress), leaking("f3")} {
		if err := r.Decided(t.Context(), rec); err != nil {
			t.Fatal(err)
		}
	}
	end := record("f1", policy.Allow, policy.ReasonRule)
	end.BytesOut = 10
	r.Ended(end)
	start(t, l, s, clock.Real{})
	for <-s.more; s.count() < 4; <-s.more {
	}
	got := s.all
	if got.Decisions[0].Decision != "allow" || got.Decisions[0].Client != "127.0.0.1" || got.Decisions[0].Rule != "payments" || got.Ends[0].BytesOut != 10 {
		t.Errorf("got %+v", got)
	}
	for i, want := range []struct {
		topic    string
		severity event.Severity
	}{{event.TopicConnectionAllowed, event.Info}, {event.TopicConnectionDenied, event.High}, {event.TopicLeakBlocked, event.High}} {
		e := got.Events[i]
		if e.Topic != want.topic || e.Severity != want.severity || e.ID != got.Decisions[i].ID || e.Subject != "api.example.com:443" || e.Validate() != nil {
			t.Errorf("got %+v", e)
		}
	}
	var leak event.LeakBlocked
	if err := got.Events[2].Decode(&leak); err != nil || len(leak.Findings) != 1 || leak.Findings[0].Rule != "github-pat" || leak.Fingerprint != "v1:a:b" {
		t.Errorf("got %+v, %v", leak, err)
	}
	if allowed, denied, missed := r.Counts(); allowed != 1 || denied != 2 || missed != 0 {
		t.Errorf("counted %d, %d, %d", allowed, denied, missed)
	}
}

// Who knocks at a door of egress.inbound is nobody's program here.
func TestWhoComesInIsNotWatched(t *testing.T) {
	for entry, want := range map[egress.Entry]int{egress.EntryConnect: 1, egress.EntryInbound: 0} {
		l, s := newLedger(t, t.TempDir()), &shelf{more: make(chan struct{}, 100)}
		r := NewRecorder(l, func() bool { return true }, slog.New(slog.DiscardHandler))
		for range 3 {
			rec := record("f", policy.Deny, policy.ReasonDefaultPolicy)
			rec.Entry = entry
			if err := r.Decided(t.Context(), rec); err != nil {
				t.Fatal(err)
			}
		}
		start(t, l, s, clock.Real{})
		for <-s.more; s.count() < 3; <-s.more {
		}
		if got := len(s.all.News.Alerts); got != want {
			t.Errorf("%s: %d alerts, want %d", entry, got, want)
		}
	}
}

// leaking is a flow in which a secret was found.
func leaking(flow string) egress.Record {
	r := record(flow, policy.Deny, policy.ReasonLeak)
	r.Findings = []dlp.Finding{{Rule: "github-pat", Redacted: "ghp_****", Fingerprint: "v1:a:b", Where: "body"}}
	return r
}

func (s *shelf) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all.Decisions) + len(s.all.Ends)
}

func TestDecisionsWaitForAStoreThatIsAway(t *testing.T) {
	dir := t.TempDir()
	l, s := newLedger(t, dir), &shelf{more: make(chan struct{}, 100), away: errors.New("away")}
	fake := clock.NewFake(time.Now())
	for range 3 {
		if _, err := l.Append(t.Context(), entry(ledger.Decision, record("f", policy.Deny, policy.ReasonDefaultPolicy))); err != nil {
			t.Fatal(err)
		}
	}
	start(t, l, s, fake)
	for fake.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	s.setAway(nil)
	fake.Advance(again)
	<-s.more
	if s.count() != 3 || s.head != l.Head() {
		t.Errorf("stored %d up to %+v, the ledger's head is %+v", s.count(), s.head, l.Head())
	}
	if alerts := s.all.News.Alerts; len(alerts) != 1 || alerts[0].Topic != event.TopicThresholdExceeded {
		t.Errorf("three denials where two are let pass: %+v", alerts)
	}
}

// What cannot be recorded does not pass, unless the policy only watches.
func TestARecordThatCannotBeWritten(t *testing.T) {
	strict := true
	l := newLedger(t, t.TempDir())
	r := NewRecorder(l, func() bool { return strict }, slog.New(slog.DiscardHandler))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	rec := record("f", policy.Allow, policy.ReasonRule)
	if err := r.Decided(t.Context(), rec); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("strict: %v", err)
	}
	strict = false
	if err := r.Decided(t.Context(), rec); err != nil {
		t.Errorf("watching: %v", err)
	}
	r.Ended(rec)
	if _, _, missed := r.Counts(); missed != 3 {
		t.Errorf("%d were missed", missed)
	}
}

func TestTheURLOfARequestIsRecorded(t *testing.T) {
	dir := t.TempDir()
	l := newLedger(t, dir)
	rec := record("f", policy.Allow, policy.ReasonRule)
	rec.URL = redact.NewSecret("http://ada:pw@api.example.com/v1?token=abc")
	if err := NewRecorder(l, func() bool { return true }, slog.New(slog.DiscardHandler)).Decided(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "audit.log"))
	if err != nil || !strings.Contains(string(text), `"url":"http://api.example.com/v1?token=[3 bytes]"`) {
		t.Errorf("%v\n%s", err, text)
	}
}

// A message between an agent and the server that it started is a POST to a dry run, as
// it was to the policy.
func TestADryRunKnowsMessagesOverStdio(t *testing.T) {
	p, err := policy.Parse([]byte("allowlist: {rules: [{host: files.localhost, protocols: [mcp], methods: [POST]}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for protocol, want := range map[string]policy.Reason{"mcp": policy.ReasonRule, "tcp": policy.ReasonProtocol} {
		d := Decision{Line: ledger.Line{Entry: ledger.Entry{Host: "files.localhost", Entrance: "stdio", Protocol: protocol, Method: "tools/call", Decision: "allow"}}}
		if got := p.Decide(d.Recorded().Request); got.Reason != want {
			t.Errorf("%s: %s, want %s", protocol, got.Reason, want)
		}
	}
}

// A dry run judges what was found, too.
func TestADryRunKnowsWhatLeaked(t *testing.T) {
	p, err := policy.Parse([]byte("mode: strict\nglobal: {network_enabled: true}\nallowlist: {rules: [{host: a.example}, {host: b.example, credentials: [github-pat]}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]policy.Reason{"a.example": policy.ReasonLeak, "b.example": policy.ReasonRule} {
		d := Decision{Line: ledger.Line{Entry: ledger.Entry{Host: host, Port: 80, Decision: "deny", Reason: "leak", Findings: []ledger.Finding{{Rule: "github-pat"}}}}}
		if got := p.Decide(d.Recorded().Request); got.Reason != want {
			t.Errorf("%s: %s, want %s", host, got.Reason, want)
		}
	}
}
