package sqlstoretest

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func ledgerScenarios() []scenario {
	return []scenario{
		{"a new source has no position", testNoPosition},
		{"rows, events and position are stored together and come back as they were", testCommit},
		{"a batch delivered twice exists once", testCommitTwice},
		{"entries that differ in place, fork, log or secret are different", testDistinct},
		{"a finding of a known entry points to the entry that is stored", testKnownEntry},
		{"hostile text, absurd indexes and years are stored and come back", testHostile},
		{"a batch that cannot be stored leaves nothing", testCommitFails},
		{"a batch without a position leaves the source where it was", testKeepPosition},
	}
}

func testNoPosition(t *testing.T, s *store.Store, _ *clock.Fake) {
	pos, err := sqlstore.NewLeak(s).Position(storetest.Context(t), "log-1")
	if err != nil || pos != nil {
		t.Errorf("Position = %s, %v, want none", pos, err)
	}
}

func testCommit(t *testing.T, s *store.Store, _ *clock.Fake) {
	ctx, l := storetest.Context(t), sqlstore.NewLeak(s)
	c := commitOf(t, newQuarantine(3), newQuarantine(4))
	added, err := l.Commit(ctx, c)
	if err != nil || added != 2 {
		t.Fatalf("Commit = %d, %v, want 2", added, err)
	}
	wantStored(t, s, c)
	pos, err := l.Position(ctx, "log-1")
	must(t, err)
	same(t, "position", string(c.Position), string(pos))
}

// wantStored checks that the lists and the event log hold exactly the batch.
func wantStored(t *testing.T, s *store.Store, c leak.Commit) {
	t.Helper()
	var qs []leak.Quarantine
	var fs []leak.Finding
	var es []event.Event
	for _, r := range c.Quarantine {
		qs, es = append([]leak.Quarantine{r.Value}, qs...), append(es, r.Event)
	}
	for _, r := range c.Findings {
		fs, es = append([]leak.Finding{r.Value}, fs...), append(es, r.Event)
	}
	same(t, "quarantine", qs, listQuarantine(t, s, leak.QuarantineFilter{}))
	same(t, "findings", fs, listFindings(t, s, leak.FindingFilter{}))
	same(t, "events", es, events(t, s))
}

func testCommitTwice(t *testing.T, s *store.Store, _ *clock.Fake) {
	ctx, l := storetest.Context(t), sqlstore.NewLeak(s)
	first := commitOf(t, newQuarantine(3), newQuarantine(4))
	_, err := l.Commit(ctx, first)
	must(t, err)
	again := commitOf(t, newQuarantine(3), newQuarantine(4)) // new ids, the same entries
	added, err := l.Commit(ctx, again)
	if err != nil || added != 0 {
		t.Errorf("Commit of a repeat = %d, %v, want 0", added, err)
	}
	wantStored(t, s, first)
}

func testDistinct(t *testing.T, s *store.Store, _ *clock.Fake) {
	base := func(change func(*leak.Quarantine)) leak.Quarantine {
		q := newQuarantine(3)
		change(&q)
		return q
	}
	seed(t, s,
		base(func(*leak.Quarantine) {}),
		base(func(q *leak.Quarantine) { q.Index = ptr(uint64(4)) }),
		base(func(q *leak.Quarantine) { q.Fork = 2 }),
		base(func(q *leak.Quarantine) { q.CoreKey = "decade" }),
		base(func(q *leak.Quarantine) { q.SourceID = "log-2" }),
		base(func(q *leak.Quarantine) { q.Fingerprint = "v1:aabbccdd:other" }),
		base(func(q *leak.Quarantine) { q.CoreKey = "" }),
		base(func(q *leak.Quarantine) { q.CoreKey, q.MessageID = "", "rotated" }),
		base(func(q *leak.Quarantine) { q.Index = nil }),
		base(func(q *leak.Quarantine) { q.Index, q.MessageID = nil, "other" }),
	)
	if got := len(listQuarantine(t, s, leak.QuarantineFilter{})); got != 10 {
		t.Errorf("%d entries, want 10", got)
	}
	repeats := seed(t, s,
		base(func(q *leak.Quarantine) { q.MessageID = "named otherwise" }), // key, index and fork say it all
		base(func(q *leak.Quarantine) { q.Index = nil }),
	)
	if got := len(listQuarantine(t, s, leak.QuarantineFilter{})); got != 10 {
		t.Errorf("%d entries after %d repeats, want 10", got, len(repeats))
	}
}

func testKnownEntry(t *testing.T, s *store.Store, _ *clock.Fake) {
	stored := seed(t, s, newQuarantine(3))[0]
	repeat := newQuarantine(3)
	f := newFinding(repeat)
	f.Rule = "a rule that was added since"
	_, err := sqlstore.NewLeak(s).Commit(storetest.Context(t), leak.Commit{
		SourceID: "log-1", Quarantine: []leak.Row[leak.Quarantine]{row(t, repeat)}, Findings: []leak.Row[leak.Finding]{row(t, f)},
		Metrics: leak.Tally{Day: "2026-03-01", Messages: 1},
	})
	must(t, err)
	same(t, "findings of the stored entry", 2, len(listFindings(t, s, leak.FindingFilter{Quarantine: stored.ID})))
}

func testHostile(t *testing.T, s *store.Store, _ *clock.Fake) {
	q := newQuarantine(1<<64 - 1)
	q.Fork, q.SourceID, q.MessageID, q.From, q.Label, q.MessageType = 1<<64-1, hostile, hostile, hostile, hostile, hostile
	q.Timestamp = noon
	f := newFinding(q)
	f.Field, f.OccurredAt = hostile, time.Date(123456, 1, 1, 0, 0, 0, 0, time.UTC)
	c := leak.Commit{
		SourceID: hostile, Position: []byte(`{"p":"\u0000'"}`), Metrics: leak.Tally{Day: "2026-03-01", Messages: 1},
		Quarantine: []leak.Row[leak.Quarantine]{row(t, q)}, Findings: []leak.Row[leak.Finding]{row(t, f)},
	}
	_, err := sqlstore.NewLeak(s).Commit(storetest.Context(t), c)
	must(t, err)
	q.SourceID, q.MessageID, q.From, q.Label, q.MessageType = fitted, fitted, fitted, fitted, fitted
	same(t, "quarantine", []leak.Quarantine{q}, listQuarantine(t, s, leak.QuarantineFilter{Source: hostile}))
	f.SourceID, f.MessageID, f.Field = fitted, fitted, fitted
	f.OccurredAt = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	same(t, "findings", []leak.Finding{f}, listFindings(t, s, leak.FindingFilter{Source: hostile}))
	pos, err := sqlstore.NewLeak(s).Position(storetest.Context(t), hostile)
	must(t, err)
	same(t, "position", string(c.Position), string(pos))
}

func testCommitFails(t *testing.T, s *store.Store, _ *clock.Fake) {
	ctx, l := storetest.Context(t), sqlstore.NewLeak(s)
	c := commitOf(t, newQuarantine(3))
	c.Metrics.Day = "yesterday"
	if _, err := l.Commit(ctx, c); err == nil {
		t.Error("a batch with a bad day was stored")
	}
	wantStored(t, s, leak.Commit{})
	if pos, err := l.Position(ctx, "log-1"); err != nil || pos != nil {
		t.Errorf("Position = %s, %v, want none", pos, err)
	}
}

func testKeepPosition(t *testing.T, s *store.Store, _ *clock.Fake) {
	seed(t, s, newQuarantine(3))
	c := commitOf(t, newQuarantine(4))
	c.Position = nil
	l := sqlstore.NewLeak(s)
	_, err := l.Commit(storetest.Context(t), c)
	must(t, err)
	pos, err := l.Position(storetest.Context(t), "log-1")
	must(t, err)
	same(t, "position", `{"index":1}`, string(pos))
}
