package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func TestEveryStatementIsTimed(t *testing.T) {
	var told atomic.Int64
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t), Query: func(time.Duration) { told.Add(1) }})
	before := told.Load()
	if _, err := s.Reader().NewRaw("SELECT 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	read := told.Load()
	err := s.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE event_head SET seq = seq")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if read <= before || told.Load() <= read {
		t.Errorf("told of %d, after a read %d, after a write %d", before, read, told.Load())
	}
}
