package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// BenchmarkWrite is the time of a durable write of one row and one event, by
// writers that each wait for their own before the next. Compare the rows per
// second of one writer (a sync of the disk each) and of many (group commit).
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			var commits atomic.Int64
			s := storetest.Open(b, store.Options{URL: storetest.SQLiteURL(b), AfterCommit: func([]event.Record) { commits.Add(1) }})
			events := make([]event.Event, b.N)
			for i := range events {
				events[i] = storetest.Event(b, "bench")
			}
			b.ResetTimer()
			writeAll(b, s, events, writers)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(b.N)/float64(commits.Load()), "rows/commit")
		})
	}
}

func writeAll(b *testing.B, s *store.Store, events []event.Event, writers int) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(events)); i = next.Add(1) - 1 {
				if err := writeOne(s, fmt.Sprint("c", w), events[i], i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func writeOne(s *store.Store, consumer string, e event.Event, i int64) error {
	return s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveCursor(ctx, consumer, event.Cursor{Day: "2026-03-01", Seq: i}); err != nil {
			return err
		}
		return tx.Emit(e)
	})
}
