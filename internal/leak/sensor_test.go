package leak_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ledger keeps commits in memory; the first failures calls fail.
type ledger struct {
	mu       sync.Mutex
	commits  []leak.Commit
	failures int
}

func (l *ledger) Position(context.Context, string) (json.RawMessage, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.commits) == 0 {
		return nil, nil
	}
	return l.commits[len(l.commits)-1].Position, nil
}

func (l *ledger) Commit(_ context.Context, c leak.Commit) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures > 0 {
		l.failures--
		return 0, errors.New("store is away")
	}
	l.commits = append(l.commits, c)
	return len(c.Quarantine), nil
}

func (l *ledger) quarantine() (all []leak.Quarantine) {
	for _, c := range l.commits {
		for _, r := range c.Quarantine {
			all = append(all, r.Value)
		}
	}
	return all
}

func (l *ledger) findings() (all []leak.Finding) {
	for _, c := range l.commits {
		for _, r := range c.Findings {
			all = append(all, r.Value)
		}
	}
	return all
}

// list is a source of given entries, one a batch.
type list []source.Entry

func (l list) Run(ctx context.Context, from json.RawMessage, sink source.Sink) error {
	start := 0
	if from != nil {
		if err := json.Unmarshal(from, &start); err != nil {
			return err
		}
	}
	sink.Report(source.Status{State: source.Live})
	for i := start; i < len(l); i++ {
		if err := sink.Deliver(ctx, source.Batch{Entries: l[i : i+1], Position: json.RawMessage(fmt.Sprint(i + 1))}); err != nil {
			return err
		}
	}
	return nil
}

func entries(texts ...string) list {
	var l list
	for i, s := range texts {
		l = append(l, source.Entry{Index: uint64(i), Indexed: true, CoreKey: "c0ffee", Data: []byte(s)})
	}
	return l
}

// rig is a sensor on a ledger, with everything it says kept.
type rig struct {
	*ledger
	sensor *leak.Sensor
	log    bytes.Buffer
	events []event.Event
}

func newRig(t testing.TB, p leak.Policy) *rig {
	t.Helper()
	rules, err := detect.BuiltinRules()
	if err != nil {
		t.Fatal(err)
	}
	set, err := detect.Compile(rules, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{7}, redact.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{ledger: &ledger{}}
	r.sensor, err = leak.New(leak.Deps{
		Scanner: detect.NewScanner(set), Ring: ring, Ledger: r.ledger, Node: "test/leak", Policy: p,
		Clock: clock.NewFake(time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)),
		Log:   slog.New(slog.NewJSONHandler(&r.log, nil)),
		Emit:  func(_ context.Context, e event.Event) error { r.events = append(r.events, e); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// watch runs a source to its end.
func (r *rig) watch(t testing.TB, l list, f leak.Filter) {
	t.Helper()
	run, err := r.sensor.Add(leak.Watch{ID: "src", Kind: "test", Source: l, Types: f})
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// said is every byte that the sensor handed on.
func (r *rig) said(t testing.TB) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"commits": r.commits, "events": r.events, "status": r.sensor.Sources()})
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + r.log.String()
}

func aws() string { return "AKIA" + "Q3EGUXT5ZLBM2WKH" } // cordon:allow

func TestAMessageWithASecretBecomesOneEntry(t *testing.T) {
	r := newRig(t, leak.Policy{})
	r.watch(t, entries(
		`{"type":"chat","from":"agent-1","data":{"note":"all well"}}`,
		`{"type":"task_result","from":"agent-2","timestamp":"2026-03-14T15:00:00Z","data":{"env":{"AWS_ACCESS_KEY_ID":"`+aws()+`"}},"hop_count":1}`,
	), leak.Filter{})

	q := r.quarantine()
	if len(q) != 1 {
		t.Fatalf("%d entries, want 1: %+v", len(q), q)
	}
	e := q[0]
	if *e.Index != 1 || e.SecretType != "AWS_ACCESS_KEY" || e.MessageType != "task_result" || e.From != "agent-2" || e.CoreKey != "c0ffee" {
		t.Errorf("entry = %+v", e)
	}
	if !strings.Contains(e.RedactedContent, `AWS_ACCESS_KEY_ID`) || !strings.Contains(e.RedactedContent, "****") {
		t.Errorf("content = %q", e.RedactedContent)
	}
	if f := r.findings(); len(f) != 1 || f[0].Field != "data.env.AWS_ACCESS_KEY_ID" || f[0].QuarantineID != e.ID || f[0].CorrelationID != e.CorrelationID {
		t.Errorf("findings = %+v", f)
	}
	for _, field := range []string{
		`"event":"secret_detected"`, `"correlation_id":"` + e.CorrelationID, `"secret_type":"AWS_ACCESS_KEY"`,
		`"severity":"high"`, `"hypercore_position":1`, `"bzzz_message_id":"v1:`, `"redacted_content":`,
	} {
		if !strings.Contains(r.log.String(), field) {
			t.Errorf("the log line lacks %s:\n%s", field, r.log.String())
		}
	}
}

func TestEventsCarryWhatJoins(t *testing.T) {
	r := newRig(t, leak.Policy{})
	r.watch(t, entries(`{"type":"t","data":"`+aws()+`"}`), leak.Filter{})
	row := r.commits[0].Quarantine[0]
	var p event.MessageQuarantined
	if err := row.Event.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p.QuarantineID != row.Value.ID || p.Fingerprint != row.Value.Fingerprint || p.Recommendation == "" || row.Event.Severity != event.High {
		t.Errorf("event = %+v", p)
	}
	if r.commits[0].Findings[0].Event.CorrelationID != row.Event.CorrelationID {
		t.Error("finding and entry of one message do not share a correlation id")
	}
}

func TestOneSecretInManyPlacesIsOneEntry(t *testing.T) {
	r := newRig(t, leak.Policy{})
	r.watch(t, entries(`{"type":"t","data":{"a":"`+aws()+`","b":["`+aws()+`"],"`+aws()+`":1}}`), leak.Filter{})
	if q := r.quarantine(); len(q) != 1 || q[0].Occurrences != 3 {
		t.Errorf("entries = %+v", q)
	}
}

func TestAKeyWithEscapedLineEndsIsOneSecret(t *testing.T) {
	pem := "-----BEGIN RSA " + "PRIVATE KEY-----\\n" + strings.Repeat("MIIEpAIBAAKCAQEA7bq3kTzX9v2Lw0sYHcQfJ8nRmU4gDx1WpZoEaVtBiNk5lC6h\\n", 8) + "-----END RSA " + "PRIVATE KEY-----\\n"
	r := newRig(t, leak.Policy{})
	r.watch(t, entries(`{"type":"t","data":{"key":"`+pem+`"}}`), leak.Filter{})
	q := r.quarantine()
	if len(q) != 1 || q[0].SecretType != "PRIVATE_KEY" || q[0].Severity != event.Critical {
		t.Fatalf("entries = %+v", q)
	}
	if strings.Contains(r.said(t), "MIIEpAIBAAKCAQEA7bq3") {
		t.Error("the key's body was handed on")
	}
}

func TestPolicyDecidesWhatEntersQuarantine(t *testing.T) {
	tests := []struct {
		name       string
		policy     leak.Policy
		quarantine int
	}{
		{"zero value", leak.Policy{}, 1},
		{"severity below the bar", leak.Policy{MinSeverity: event.Critical}, 0},
		{"confidence below the bar of the severity", leak.Policy{Confidence: map[event.Severity]float64{event.Critical: 0.999, event.High: 0.999}}, 0},
		{"only the bar of the severity counts", leak.Policy{MinConfidence: 0.999, Confidence: map[event.Severity]float64{event.Critical: 0.1, event.High: 0.1}}, 1},
		{"confidence below the bar", leak.Policy{MinConfidence: 0.999}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.policy)
			r.watch(t, entries(`{"type":"t","data":"`+aws()+`"}`), leak.Filter{})
			if len(r.quarantine()) != tt.quarantine || len(r.findings()) != 1 {
				t.Errorf("%d entries and %d findings", len(r.quarantine()), len(r.findings()))
			}
		})
	}
	if (leak.Policy{}).Withholds(event.Info, 1) {
		t.Error("info enters quarantine")
	}
}

func TestMessageTypesFilter(t *testing.T) {
	leaky := func(kind string) string { return `{"type":"` + kind + `","data":"` + aws() + `"}` }
	tests := []struct {
		name   string
		filter leak.Filter
		want   int
	}{
		{"all", leak.Filter{}, 3},
		{"include", leak.Filter{Include: []string{"a"}}, 2},
		{"exclude", leak.Filter{Exclude: []string{"a"}}, 2},
		{"by their beginning", leak.Filter{Include: []string{"a*"}}, 2},
		{"exclude by their beginning", leak.Filter{Exclude: []string{"*"}}, 1},
		{"a star inside is none", leak.Filter{Include: []string{"*b"}}, 1},
		{"exclude wins", leak.Filter{Include: []string{"a"}, Exclude: []string{"a"}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, leak.Policy{})
			r.watch(t, entries(leaky("a"), leaky("b"), "no message: "+aws()), tt.filter)
			if got := len(r.quarantine()); got != tt.want {
				t.Errorf("%d entries, want %d: what has no type is always scanned", got, tt.want)
			}
		})
	}
}

func TestAStoreThatIsAwayLosesNothing(t *testing.T) {
	r := newRig(t, leak.Policy{})
	r.failures = 2
	run, err := r.sensor.Add(leak.Watch{ID: "src", Kind: "test", Source: entries(aws(), "clean", aws())})
	if err != nil {
		t.Fatal(err)
	}
	for tries := 0; run(t.Context()) != nil; tries++ {
		if st := r.sensor.Sources()[0]; st.State != source.Failing || !st.Tried || !strings.Contains(st.Detail, "store is away") {
			t.Errorf("status = %+v", st)
		}
		if tries > 2 {
			t.Fatal("it never recovers")
		}
	}
	if got := len(r.quarantine()); got != 2 {
		t.Errorf("%d entries, want 2", got)
	}
	if st := r.sensor.Sources()[0]; st.State != source.Stopped || st.Messages != 3 || *st.Index != 2 {
		t.Errorf("status = %+v", st)
	}
}

func TestWhatLiesInTheOverlapWasHandledBefore(t *testing.T) {
	r := newRig(t, leak.Policy{})
	first := "padding " + aws() + " end"
	r.watch(t, list{
		{MessageID: "file", Data: []byte(first)},
		{MessageID: "file", Data: []byte(first + " more, and nothing else"), Overlap: len(first)},
	}, leak.Filter{})
	if got := len(r.findings()); got != 1 {
		t.Errorf("%d findings, want 1", got)
	}
}

func TestHostileTextIsMadeVisibleAndShort(t *testing.T) {
	r := newRig(t, leak.Policy{})
	r.watch(t, list{{
		Indexed: true, Label: "evil\x1b[2J" + strings.Repeat("x", 1000), MessageID: "id-" + aws(),
		Data: []byte("\x1b]0;owned\x07 \xff\xfe <script>alert(1)</script> " + aws() + " \u202egnp"),
	}}, leak.Filter{})
	q := r.quarantine()[0]
	for _, s := range []string{q.RedactedContent, q.Label, q.MessageID} {
		if strings.ContainsAny(s, "\x1b\x07\u202e") || len(s) > 600 {
			t.Errorf("kept as %q", s)
		}
	}
	if strings.Contains(r.said(t), aws()) {
		t.Error("a secret in the message's own id was handed on")
	}
}
