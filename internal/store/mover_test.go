package store

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

func opened(t *testing.T, o Options) *Store {
	t.Helper()
	o.URL = "sqlite:" + filepath.Join(t.TempDir(), "cordon.db")
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The log begins anew when the writer has moved the little that was left.
func TestTheWriteAheadLogBeginsAnew(t *testing.T) {
	p, err := parseSQLite(filepath.Join(t.TempDir(), "cordon.db"))
	if err != nil {
		t.Fatal(err)
	}
	var pools [2]*bun.DB // the writer's and the mover's
	for i := range pools {
		if pools[i], err = p.connect(writer); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = pools[i].Close() }()
	}
	fill := func(pages int) {
		t.Helper()
		_, err := pools[0].ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS heap (page BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?) INSERT INTO heap SELECT zeroblob(4000) FROM n", pages)
		if err != nil {
			t.Fatal(err)
		}
	}
	m := newMover(pools[1], slog.New(slog.DiscardHandler))
	fill(10)
	if m.step(); m.nearly.Load() {
		t.Error("a short log is not worth beginning anew")
	}
	fill(2 * manyPages)
	if m.step(); !m.nearly.Load() {
		t.Fatal("all of a long log is moved, and the writer is not told")
	}
	fill(10) // more came meanwhile
	if m.committed(pools[0]); m.nearly.Load() {
		t.Error("the writer leaves the end of the log where it is")
	}
	fill(10)
	if pages, _, err := move(pools[1]); err != nil || pages > 100 {
		t.Errorf("the log has %d pages, %v; want those of the last commit", pages, err)
	}
}

// Short jobs don't wait for all the long ones that came before them in one commit.
func TestWhatRunsLongIsSeveralCommits(t *testing.T) {
	var mu sync.Mutex
	commits := 0
	s := opened(t, Options{Observe: func(time.Duration, error) { mu.Lock(); commits++; mu.Unlock() }})
	var all sync.WaitGroup
	gate := make(chan struct{})
	began := make(chan struct{})
	all.Go(func() {
		_ = s.Write(t.Context(), func(context.Context, *Tx) error { close(began); <-gate; return nil })
	})
	<-began
	ran := make([]int, 20)
	for i := range ran {
		all.Go(func() {
			err := s.Write(t.Context(), func(context.Context, *Tx) error { time.Sleep(longRun); ran[i]++; return nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	for s.Waiting() < len(ran) {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	all.Wait()
	for i, n := range ran {
		if n != 1 {
			t.Errorf("job %d ran %d times", i, n)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if commits < len(ran) {
		t.Errorf("%d commits, want one for each of %d jobs that take longer than a commit may", commits, len(ran))
	}
}
