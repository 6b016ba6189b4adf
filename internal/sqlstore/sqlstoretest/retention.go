package sqlstoretest

import (
	"context"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func retentionScenarios() []scenario {
	return []scenario{
		{"what is older goes, what is younger stays", testDropOld},
		{"the counters follow", testDropCounts},
		{"more than a batch goes batch by batch", testDropBatches},
		{"what was dropped is stored again when it is met again", testDropAgain},
		{"an event waits for whoever reads the log", testDropUnread},
		{"a consumer that does not move holds nothing up", testDropStale},
		{"dropping is audited once", testDropAudit},
		{"what nobody drops is refused", testDropUnknown},
	}
}

// drop drops until nothing is left to drop, and returns how much that was.
func drop(t *testing.T, s *store.Store, what sqlstore.Kept, before time.Time) (total int) {
	t.Helper()
	for more := true; more; {
		var n int
		var err error
		n, more, err = sqlstore.NewRetention(s).Drop(storetest.Context(t), what, before, nil)
		must(t, err)
		total += n
	}
	return total
}

func entries(t *testing.T, s *store.Store) []leak.Quarantine {
	t.Helper()
	qs, err := sqlstore.NewAPI(s).ListQuarantine(storetest.Context(t), leak.QuarantineFilter{}, leak.Page{Limit: 10_000})
	must(t, err)
	return qs
}

// Ids carry the time of the machine, not that of the scenario's clock.
func testDropOld(t *testing.T, s *store.Store, _ *clock.Fake) {
	before := time.Now()
	seed(t, s, newQuarantine(1), newQuarantine(2))
	for _, what := range []sqlstore.Kept{sqlstore.KeptQuarantine, sqlstore.KeptFindings} {
		if n := drop(t, s, what, before.Add(-time.Second)); n != 0 {
			t.Errorf("%d young %s dropped", n, what)
		}
		if n := drop(t, s, what, time.Now().Add(time.Second)); n != 2 {
			t.Errorf("%d old %s dropped, want 2", n, what)
		}
	}
	if left := entries(t, s); len(left) != 0 {
		t.Errorf("%d entries left", len(left))
	}
	fs, err := sqlstore.NewAPI(s).ListFindings(storetest.Context(t), leak.FindingFilter{}, leak.Page{Limit: 10})
	must(t, err)
	if len(fs) != 0 {
		t.Errorf("%d findings left", len(fs))
	}
}

func testDropCounts(t *testing.T, s *store.Store, _ *clock.Fake) {
	old := newQuarantine(1)
	old.Severity = event.Critical
	seed(t, s, old)
	time.Sleep(2 * time.Millisecond) // an id tells milliseconds
	middle := time.Now()
	time.Sleep(2 * time.Millisecond)
	seed(t, s, newQuarantine(2))
	if n := drop(t, s, sqlstore.KeptQuarantine, middle); n != 1 {
		t.Errorf("%d dropped, want 1", n)
	}
	totals, err := sqlstore.NewAPI(s).Totals(storetest.Context(t))
	must(t, err)
	if totals.Quarantined != 1 || totals.Unreviewed[event.Critical] != 0 || totals.Unreviewed[event.High] != 1 {
		t.Errorf("totals = %+v", totals)
	}
}

func testDropBatches(t *testing.T, s *store.Store, _ *clock.Fake) {
	const n = 1201
	var qs []leak.Quarantine
	for i := range uint64(n) {
		qs = append(qs, newQuarantine(i))
	}
	seed(t, s, qs...)
	_, more, err := sqlstore.NewRetention(s).Drop(storetest.Context(t), sqlstore.KeptQuarantine, time.Now().Add(time.Second), nil)
	must(t, err)
	left := len(entries(t, s))
	if !more || left == 0 || left == n {
		t.Errorf("after one batch %d entries are left, more = %v", left, more)
	}
	if dropped := drop(t, s, sqlstore.KeptQuarantine, time.Now().Add(time.Second)); dropped != left || len(entries(t, s)) != 0 {
		t.Errorf("%d dropped, want %d", dropped, left)
	}
}

func testDropAgain(t *testing.T, s *store.Store, _ *clock.Fake) {
	q := newQuarantine(1)
	seed(t, s, q)
	drop(t, s, sqlstore.KeptQuarantine, time.Now().Add(time.Second))
	seed(t, s, q)
	if left := entries(t, s); len(left) != 1 {
		t.Errorf("%d entries, want 1", len(left))
	}
}

func readTo(t *testing.T, s *store.Store, consumer string, seq int64) {
	t.Helper()
	must(t, s.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveCursor(ctx, consumer, event.Cursor{Day: "2026-03-01", Seq: seq})
	}))
}

// fourDays emits two events on each of four days, and ends on the fourth.
func fourDays(t *testing.T, s *store.Store, now *clock.Fake) {
	t.Helper()
	for day := range 4 {
		if day > 0 {
			now.Advance(24 * time.Hour)
		}
		must(t, storetest.Emit(storetest.Context(t), s, storetest.Event(t, "a"), storetest.Event(t, "b")))
	}
}

func testDropUnread(t *testing.T, s *store.Store, now *clock.Fake) {
	fourDays(t, s, now)
	readTo(t, s, "fast", 8)
	readTo(t, s, "slow", 3)
	if n := drop(t, s, sqlstore.KeptEvents, now.Now().Add(-24*time.Hour)); n != 3 {
		t.Errorf("%d dropped, want the 3 that all have read", n)
	}
	readTo(t, s, "slow", 8)
	if n := drop(t, s, sqlstore.KeptEvents, now.Now().Add(-24*time.Hour)); n != 1 {
		t.Errorf("%d dropped, want the last of the second day", n)
	}
	if left := events(t, s); len(left) != 4 {
		t.Errorf("%d events left, want those of two days", len(left))
	}
}

func testDropStale(t *testing.T, s *store.Store, now *clock.Fake) {
	readTo(t, s, "gone for good", 1)
	now.Advance(time.Hour)
	fourDays(t, s, now)
	if n := drop(t, s, sqlstore.KeptEvents, now.Now().Add(-24*time.Hour)); n != 4 {
		t.Errorf("%d dropped, want those of two days", n)
	}
}

func testDropAudit(t *testing.T, s *store.Store, _ *clock.Fake) {
	ctx, r := storetest.Context(t), sqlstore.NewRetention(s)
	by := entry("quarantine.expire")
	by.Actor = audit.Actor{Kind: "system", Name: "retention"}
	future := time.Now().Add(time.Second)
	if _, _, err := r.Drop(ctx, sqlstore.KeptQuarantine, future, &by); err != nil {
		t.Error(err)
	}
	seed(t, s, newQuarantine(1))
	if _, _, err := r.Drop(ctx, sqlstore.KeptQuarantine, future, &by); err != nil {
		t.Error(err)
	}
	same(t, "audit log", []string{"quarantine.expire"}, actions(t, s))
}

func testDropUnknown(t *testing.T, s *store.Store, _ *clock.Fake) {
	if _, _, err := sqlstore.NewRetention(s).Drop(storetest.Context(t), "audit_log", time.Now(), nil); err == nil {
		t.Error("dropping the audit log was not refused")
	}
}
