package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// testTurns counts up one number from two nodes at once: each job reads it and
// writes the next.
func testTurns(t *testing.T, url string) {
	const writers, each = 4, 20
	nodes := []*store.Store{Open(t, store.Options{URL: url}), Open(t, store.Options{URL: url})}
	parallel(writers, func(i int) {
		for range each {
			err := nodes[i%2].Write(Context(t), func(ctx context.Context, tx *store.Tx) error {
				var seq []int64
				err := tx.NewSelect().TableExpr("event_cursors").Column("seq").Where("consumer = ?", "count").Scan(ctx, &seq)
				if err != nil {
					return err
				}
				return tx.SaveCursor(ctx, "count", event.Cursor{Seq: sum(seq) + 1})
			})
			if err != nil {
				t.Errorf("Write: %v", err)
			}
		}
	})
	if c, err := nodes[0].Cursor(Context(t), "count"); err != nil || c.Seq != writers*each {
		t.Errorf("counted to %d, %v, want %d", c.Seq, err, writers*each)
	}
}

func sum(numbers []int64) (total int64) {
	for _, n := range numbers {
		total += n
	}
	return total
}

func testLeaseRace(t *testing.T, url string) {
	nodes := []*store.Store{Open(t, store.Options{URL: url}), Open(t, store.Options{URL: url}), Open(t, store.Options{URL: url})}
	for round := range 5 {
		var held atomic.Int32
		parallel(len(nodes), func(i int) {
			ok, err := nodes[i].AcquireLease(Context(t), fmt.Sprint("lease", round), fmt.Sprint("node", i), time.Hour)
			if err != nil {
				t.Errorf("AcquireLease: %v", err)
			}
			if ok {
				held.Add(1)
			}
		})
		if n := held.Load(); n != 1 {
			t.Errorf("%d nodes hold one lease", n)
		}
	}
}

// testNames uses names that some database or language takes for one.
func testNames(t *testing.T, url string) {
	s, ctx := Open(t, store.Options{URL: url}), Context(t)
	names := []string{
		"name", "Name", "name ", " name", "n\u00e4me", "na\u0308me", "nAME", "n\u00e0me", "stra\u00dfe", "strasse", "\U0001f511", "\U0001f512",
		`na\me`, "na'me", `na"me`, "na%me", "na?me", "na\nme", `na\'me`,
	}
	for i, name := range names {
		must(t, s.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveCursor(ctx, name, event.Cursor{Day: "2026-03-01", Seq: int64(i + 1)})
		}))
	}
	for i, name := range names {
		if c, err := s.Cursor(ctx, name); err != nil || c.Seq != int64(i+1) {
			t.Errorf("%q has number %d, %v, want %d", name, c.Seq, err, i+1)
		}
	}
}
