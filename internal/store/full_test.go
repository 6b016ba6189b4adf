package store_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// A full disk fails the writes that need room and no others, leaves nothing
// half-written, shows in Health, and is over when there is room again.
func TestDiskFull(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	limitPages(t, s, 200)
	var stored []string
	for i := 0; ; i++ {
		if err := putBig(s, fmt.Sprint("big", i)); err != nil {
			wantDiskFull(t, err)
			break
		}
		stored = append(stored, fmt.Sprint("big", i))
	}
	wantDiskFull(t, s.Health(storetest.Context(t)))
	wantCursors(t, s, stored)
	limitPages(t, s, 1_000_000)
	if err := putBig(s, "later"); err != nil {
		t.Errorf("Write with room again: %v", err)
	}
	if err := s.Health(storetest.Context(t)); err != nil {
		t.Errorf("Health with room again: %v", err)
	}
	wantCursors(t, s, append(stored, "later"))
}

// When one of many writes in a commit finds the disk full, the others are
// stored all the same.
func TestDiskFullCompanions(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	leave := hold(t, s)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			size := 10
			if i == 7 {
				size = 16 << 20
			}
			errs[i] = put(s, fmt.Sprint("c", i), size)
		})
	}
	leave()
	wg.Wait()
	for i, err := range errs {
		if i == 7 {
			wantDiskFull(t, err)
		} else if err != nil {
			t.Errorf("write %d: %v", i, err)
		}
	}
}

// hold occupies the writer and returns what lets it go on, in a database that
// then has little room.
func hold(t *testing.T, s *store.Store) (leave func()) {
	t.Helper()
	inside, out, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
			close(inside)
			<-out
			_, err := tx.ExecContext(ctx, "PRAGMA max_page_count = 2000")
			return err
		})
	}()
	<-inside
	return func() {
		t.Helper()
		close(out)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// limitPages sets the most pages the database may have.
func limitPages(t *testing.T, s *store.Store, n int) {
	t.Helper()
	exec(t, s, fmt.Sprint("PRAGMA max_page_count = ", n))
}

func putBig(s *store.Store, name string) error { return put(s, name, 100_000) }

// put stores a row of the given size, a cursor and an event.
func put(s *store.Store, name string, size int) error {
	return s.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveCursor(ctx, name, event.Cursor{Day: "2026-03-01", Seq: 1}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES (?, ?)", name, strings.Repeat("x", size))
		return err
	})
}

func wantDiskFull(t *testing.T, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v, want an error that says the disk is full", err)
	}
}

// wantCursors checks that exactly these writes left both of their rows.
func wantCursors(t *testing.T, s *store.Store, names []string) {
	t.Helper()
	for _, table := range []string{"event_cursors", "meta"} {
		var n int
		if err := s.Reader().QueryRowContext(storetest.Context(t), "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != len(names) {
			t.Errorf("%s has %d rows, %v, want %d", table, n, err, len(names))
		}
	}
}
