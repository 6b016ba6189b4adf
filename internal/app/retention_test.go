package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// A running server deletes what it kept long enough, keeps the rest, and the
// audit log says that it did.
func TestWhatWasKeptLongEnoughIsDeleted(t *testing.T) {
	h := newHouse(t, "store: {retention: {quarantine: 30, findings: 0}}")
	const old = "0176f3a0-0000-7000-8000-000000000001" // of January 2021
	young := id.New()
	h.keep(old, young)
	c := h.start()
	h.until("the old entry is gone", func() bool { return len(h.caught(c, 1)) == 1 })
	if left := h.caught(c, 1); left[0].ID != young {
		t.Errorf("entry %s is left, want %s", left[0].ID, young)
	}
	s := h.peek()
	h.until("the audit log says it", func() bool {
		records, err := sqlstore.NewAudit(s).AuditRecords(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(records, func(r audit.Record) bool { return r.Action == "quarantine.expire" && r.Actor.Kind == "system" })
	})
	fs, err := sqlstore.NewAPI(s).ListFindings(t.Context(), leak.FindingFilter{}, leak.Page{Limit: 10})
	if err != nil || len(fs) != 2 {
		t.Errorf("%d findings, %v, want 2: they are kept for ever", len(fs), err)
	}
	h.until("the log says it", func() bool { return strings.Contains(h.log.String(), "deleted what was kept long enough") })
}

// peek opens the node's store a second time.
func (h *house) peek() *store.Store {
	h.t.Helper()
	s, err := store.Open(h.t.Context(), store.Options{URL: h.cfg.Store.URL})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = s.Close() })
	return s
}

// keep stores an entry and a finding under each id, before the node runs.
func (h *house) keep(ids ...string) {
	h.t.Helper()
	s, err := store.Open(h.t.Context(), store.Options{URL: h.cfg.Store.URL})
	if err != nil {
		h.t.Fatal(err)
	}
	c := leak.Commit{SourceID: "log", Metrics: leak.Tally{Day: "2026-03-01"}}
	for i, name := range ids {
		e, err := event.New(event.Header{Time: time.Now(), Source: "node/test", Severity: event.High, Subject: name}, event.BusHealth{Kind: "memory"})
		if err != nil {
			h.t.Fatal(err)
		}
		other := e
		other.ID = id.New()
		index := uint64(i)
		c.Quarantine = append(c.Quarantine, leak.Row[leak.Quarantine]{Event: e, Value: leak.Quarantine{
			ID: name, Timestamp: time.Now(), SourceID: "log", Index: &index, CoreKey: "c0ffee", Severity: event.High, Fingerprint: name, Disposition: leak.Observed,
		}})
		c.Findings = append(c.Findings, leak.Row[leak.Finding]{Event: other, Value: leak.Finding{
			ID: name, OccurredAt: time.Now(), SourceID: "log", Index: &index, CoreKey: "c0ffee", Severity: event.High, Fingerprint: name, QuarantineID: name,
		}})
	}
	if _, err := sqlstore.NewLeak(s).Commit(h.t.Context(), c); err != nil {
		h.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		h.t.Fatal(err)
	}
}
