package store_test

import (
	"context"
	"testing"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// A transaction never spans two files: SQLite could not make it durable as a
// whole. And the log has one counter, in one row, however much is written.
func TestATransactionHasOneFileAndOneCounter(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	for range 3 {
		if err := storetest.Emit(storetest.Context(t), s, storetest.Event(t, "a"), storetest.Event(t, "b")); err != nil {
			t.Fatal(err)
		}
	}
	err := s.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
		for query, want := range map[string]int{
			"SELECT count(*) FROM pragma_database_list WHERE file <> ''": 1,
			"SELECT count(*) FROM event_head":                            1,
			"SELECT seq FROM event_head":                                 6,
		} {
			var got int
			if err := tx.QueryRowContext(ctx, query).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %d, %v, want %d", query, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
