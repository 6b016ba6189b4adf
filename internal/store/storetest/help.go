package storetest

import (
	"context"
	"sync"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func events(t testing.TB, s *store.Store, after event.Cursor, limit int) []event.Record {
	t.Helper()
	rs, err := s.Events(Context(t), after, limit)
	must(t, err)
	return rs
}

func bodies(rs []event.Record) (es []event.Event) {
	for _, r := range rs {
		es = append(es, r.Event)
	}
	return es
}

// wantContiguous checks that the records are numbered 1, 2, 3, ...
func wantContiguous(t testing.TB, rs []event.Record) {
	t.Helper()
	for i, r := range rs {
		if r.Cursor.Seq != int64(i+1) {
			t.Errorf("record %d of the log has number %d", i+1, r.Cursor.Seq)
		}
	}
}

// parallel runs n calls of do and waits for them.
func parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// block keeps the writer busy until leave is called, so that jobs queue up.
func block(t testing.TB, s *store.Store) (leave func()) {
	t.Helper()
	inside, out, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- s.Write(Context(t), func(context.Context, *store.Tx) error {
			close(inside)
			<-out
			return nil
		})
	}()
	<-inside
	return func() {
		t.Helper()
		close(out)
		must(t, <-done)
	}
}

// inOneBatch queues n jobs behind a busy writer, which then takes them
// together, and returns their errors.
func inOneBatch(t testing.TB, s *store.Store, n int, job func(ctx context.Context, tx *store.Tx, i int) error) []error {
	t.Helper()
	leave, errs := block(t, s), make([]error, n)
	var queued, done sync.WaitGroup
	for i := range n {
		queued.Add(1)
		done.Go(func() {
			queued.Done()
			errs[i] = s.Write(Context(t), func(ctx context.Context, tx *store.Tx) error { return job(ctx, tx, i) })
		})
	}
	queued.Wait()
	leave()
	done.Wait()
	return errs
}
