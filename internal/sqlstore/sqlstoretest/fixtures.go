package sqlstoretest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// noon is when the clocks of the scenarios start.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hostile is what an attacker may write into a log.
const hostile = "'; DROP TABLE quarantine; -- ?0 \x00 \xff \u202e \x1b[2J <script>=cmd|'"

// fitted is hostile as it comes back: NUL and bytes that are no UTF-8 replaced.
const fitted = "'; DROP TABLE quarantine; -- ?0 \ufffd \ufffd \u202e \x1b[2J <script>=cmd|'"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T any](t testing.TB, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func ptr[T any](v T) *T { return &v }

// newQuarantine is an entry with every field set, at index i of log-1.
func newQuarantine(i uint64) leak.Quarantine {
	return leak.Quarantine{
		ID: id.New(), Timestamp: noon.Add(time.Duration(i) * time.Second), SourceID: "log-1", Index: &i, CoreKey: "c0ffee", Fork: 1,
		MessageID: fmt.Sprintf("msg-%d", i), MessageType: "chat", From: "agent-7", Label: "day.log", Rule: "github-pat",
		SecretType: "GITHUB_TOKEN", Severity: event.High, Confidence: 0.92, RedactedContent: "token ghp_****abc found",
		FullContentHash: "v1:aabbccdd:00", Fingerprint: fmt.Sprintf("v1:aabbccdd:%d", i), Occurrences: 2,
		Disposition: leak.Observed, CorrelationID: id.New(),
	}
}

// newFinding is a finding with every field set, in the same message as q.
func newFinding(q leak.Quarantine) leak.Finding {
	return leak.Finding{
		ID: id.New(), OccurredAt: q.Timestamp, SourceID: q.SourceID, Index: q.Index, CoreKey: q.CoreKey, Fork: q.Fork,
		MessageID: q.MessageID, Rule: q.Rule, SecretType: q.SecretType, Severity: q.Severity, Confidence: q.Confidence,
		Redacted: "ghp_****abc", Field: "data.env.TOKEN", Decoders: []string{"base64", "gzip"},
		Fingerprint: q.Fingerprint, QuarantineID: q.ID, CorrelationID: q.CorrelationID,
	}
}

// row adds an event to a value.
func row[T any](t testing.TB, v T) leak.Row[T] {
	return leak.Row[T]{Value: v, Event: storetest.Event(t, "row")}
}

// commitOf is a batch with these entries and a finding for each.
func commitOf(t testing.TB, qs ...leak.Quarantine) leak.Commit {
	c := leak.Commit{SourceID: "log-1", Position: []byte(`{"index":1}`), Metrics: leak.Tally{
		Day: "2026-03-01", Messages: 10, Secrets: len(qs), Latency: 25 * time.Millisecond,
	}}
	for _, q := range qs {
		c.Quarantine = append(c.Quarantine, row(t, q))
		c.Findings = append(c.Findings, row(t, newFinding(q)))
	}
	return c
}

// seed commits entries and returns them.
func seed(t testing.TB, s *store.Store, qs ...leak.Quarantine) []leak.Quarantine {
	t.Helper()
	_, err := sqlstore.NewLeak(s).Commit(storetest.Context(t), commitOf(t, qs...))
	must(t, err)
	return qs
}

func entry(action string) audit.Entry {
	return audit.Entry{
		ID: id.New(), Time: noon, Actor: audit.Actor{Kind: "user", Name: "ada", Role: "admin", Addr: "192.0.2.7"},
		Action: action, Target: "it", Reason: "because",
	}
}

// events is the whole event log.
func events(t testing.TB, s *store.Store) []event.Event {
	t.Helper()
	rs, err := s.Events(storetest.Context(t), event.Cursor{}, 1000)
	must(t, err)
	var es []event.Event
	for _, r := range rs {
		es = append(es, r.Event)
	}
	return es
}

// actions is the audit log's actions, after checking its chain.
func actions(t testing.TB, s *store.Store) []string {
	t.Helper()
	rs, err := sqlstore.NewAudit(s).AuditRecords(storetest.Context(t), 0, 1000)
	must(t, err)
	var out []string
	seq, hash := int64(0), audit.Genesis
	for _, r := range rs {
		must(t, r.Check(seq, hash))
		seq, hash = r.Seq, r.Hash
		out = append(out, r.Action)
	}
	return out
}

// nextSpan is the next event of a consumer that works off one at a time.
func nextSpan(t testing.TB, s *store.Store, consumer string) follow.Span {
	t.Helper()
	from, err := s.Cursor(storetest.Context(t), consumer)
	must(t, err)
	return follow.Span{Consumer: consumer, From: from, Next: event.Cursor{Day: "2026-03-01", Seq: from.Seq + 1}}
}
