package sqlstore_test

import (
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// The store keeps severity as a rank, so that the worst can be asked for first.
func TestSeverityIsStoredAsARank(t *testing.T) {
	s, ctx := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)}), storetest.Context(t)
	c, err := crashBatch("log", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.NewLeak(s).Commit(ctx, c); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]event.Severity{"quarantine": event.High, "findings": event.High, "event_log": event.Info} {
		var kind string
		var rank event.Severity
		err := s.Reader().QueryRowContext(ctx, "SELECT typeof(severity), severity FROM "+table+" LIMIT 1").Scan(&kind, &rank)
		if err != nil || kind != "integer" || rank != want {
			t.Errorf("%s: severity is %s %d, %v, want rank %d", table, kind, rank, err, want)
		}
	}
}
