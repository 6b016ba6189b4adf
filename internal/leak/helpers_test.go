package leak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/redact"
)

// recorder is a Ledger that keeps what it is given.
type recorder struct {
	mu       sync.Mutex
	commits  []Commit
	position json.RawMessage
	failures int // how many commits fail from now on
}

func (r *recorder) Position(context.Context, string) (json.RawMessage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.position, nil
}

var errStore = errors.New("store is down")

func (r *recorder) Commit(_ context.Context, c Commit) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failures > 0 {
		r.failures--
		return 0, errStore
	}
	r.commits, r.position = append(r.commits, c), c.Position
	return len(c.Quarantine), nil
}

func (r *recorder) all() []Commit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.commits)
}

// kit is a sensor and everything it says and does.
type kit struct {
	t      testing.TB
	ledger *recorder
	ring   *redact.Keyring
	log    *locked
	clock  *clock.Fake
	deps   Deps
	counts counts

	mu     sync.Mutex
	events []event.Event
}

// locked is a buffer for many writers.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

type counts struct{ scanned, detected, quarantined int }

func (c *counts) Scanned(n int, _ time.Duration)  { c.scanned += n }
func (c *counts) Detected(string, event.Severity) { c.detected++ }
func (c *counts) Quarantined(n int)               { c.quarantined += n }

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

func newKit(t testing.TB, rules []detect.Rule) *kit {
	t.Helper()
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{7}, redact.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{t: t, ledger: &recorder{}, ring: ring, log: &locked{}, clock: clock.NewFake(noon())}
	k.deps = Deps{
		Scanner: detect.NewScanner(set), Ring: ring, Ledger: k.ledger, Node: "node-1/leak", Clock: k.clock,
		Log:     slog.New(slog.NewJSONHandler(k.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: &k.counts, Tracer: noTracer{}, Policy: Policy{MinConfidence: 0.5},
		Emit: func(_ context.Context, e event.Event) error {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.events = append(k.events, e)
			return nil
		},
	}
	return k
}

func builtin(t testing.TB) []detect.Rule {
	t.Helper()
	rules, err := detect.BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// token is a rule whose secrets tests can make: TOK- and 20 letters.
func token() detect.Rule {
	return detect.Rule{
		ID: "test-token", Description: "A token of tests.", Regex: `TOK-[A-Za-z0-9]{20}`, Keywords: []string{"TOK-"},
		Severity: detect.SeverityHigh, Confidence: 0.9, Active: true, SecretType: "TEST_TOKEN", Recommendation: "Throw it away.",
	}
}

// secretNo is the n-th token.
func secretNo(n int) string { return fmt.Sprintf("TOK-%08dabcdefGHIJKL", n) }

// feed delivers entries through a watch, as one batch.
func (k *kit) feed(w Watch, entries ...source.Entry) {
	k.t.Helper()
	w.ID, w.Kind = "chat", "test"
	one := newWatcher(&k.deps, w)
	if err := one.Deliver(k.t.Context(), source.Batch{Entries: entries, Position: json.RawMessage("1")}); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) findings() (out []Finding) {
	for _, c := range k.ledger.all() {
		for _, r := range c.Findings {
			out = append(out, r.Value)
		}
	}
	return out
}

func (k *kit) quarantine() (out []Quarantine) {
	for _, c := range k.ledger.all() {
		for _, r := range c.Quarantine {
			out = append(out, r.Value)
		}
	}
	return out
}

// recorded is every byte that left the sensor: rows, events, log lines,
// statuses.
func (k *kit) recorded(statuses ...SourceStatus) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, err := json.Marshal([]any{k.ledger.all(), k.events, statuses})
	if err != nil {
		k.t.Fatal(err)
	}
	// Without the escapes that JSON adds, so that nothing hides behind them.
	plain := bytes.NewBuffer(nil)
	for _, c := range k.ledger.all() {
		for _, r := range c.Findings {
			fmt.Fprintf(plain, "%+v\n%s\n", r.Value, r.Event.Data)
		}
		for _, r := range c.Quarantine {
			fmt.Fprintf(plain, "%+v\n%s\n", r.Value, r.Event.Data)
		}
	}
	return string(text) + plain.String() + k.log.text()
}

// message is a BZZZ message with the given data.
func bzzz(t testing.TB, data any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"type": "task", "from": "12D3KooWExample", "timestamp": noon(), "data": data}); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func entryOf(n int, data []byte) source.Entry {
	return source.Entry{Index: uint64(n), Indexed: true, Data: data}
}
