package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// flat is a tenant of a test: it counts how many of its kind run at once.
type flat struct {
	tenant
	ran, waited atomic.Int64
	busy        *atomic.Int64
	most        *atomic.Int64
	cancel      context.CancelFunc
	ended       chan error
}

func newFlat(t *testing.T, s leaseStore, owner string, busy, most *atomic.Int64) *flat {
	f := &flat{busy: busy, most: most, ended: make(chan error, 1)}
	f.tenant = tenant{
		name: "source/chat", owner: owner, store: s, run: f.work, standby: func(context.Context) { f.waited.Add(1) },
		terms: terms{length: 6 * time.Second, renew: 50 * time.Millisecond, look: 10 * time.Millisecond},
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel = cancel
	go func() { f.ended <- f.serve(ctx) }()
	t.Cleanup(func() { cancel(); <-f.ended })
	return f
}

func (f *flat) work(ctx context.Context) error {
	f.most.Store(max(f.most.Load(), f.busy.Add(1)))
	defer f.busy.Add(-1)
	f.ran.Add(1)
	<-ctx.Done()
	return nil
}

func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func openStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "cordon.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// deaf is a store that a node cannot reach to renew: a node that is cut off.
type deaf struct {
	*store.Store
	cut atomic.Bool
}

func (d *deaf) RenewLease(ctx context.Context, name, owner string, ttl time.Duration) (bool, error) {
	if d.cut.Load() {
		return false, errors.New("no route to the database")
	}
	return d.Store.RenewLease(ctx, name, owner, ttl)
}

func (d *deaf) AcquireLease(ctx context.Context, name, owner string, ttl time.Duration) (bool, error) {
	if d.cut.Load() {
		return false, nil
	}
	return d.Store.AcquireLease(ctx, name, owner, ttl)
}

func TestOneNodeAtATimeHasTheLease(t *testing.T) {
	var busy, most atomic.Int64
	s := &deaf{Store: openStore(t)}
	one := newFlat(t, s, "one", &busy, &most)
	soon(t, "the first to run", func() bool { return one.ran.Load() == 1 })
	two := newFlat(t, s.Store, "two", &busy, &most)
	soon(t, "the second to stand by", func() bool { return two.waited.Load() == 1 })

	one.cancel() // stopped: the lease is given back
	soon(t, "the second to take over", func() bool { return two.ran.Load() == 1 })
	three := newFlat(t, s, "three", &busy, &most)
	soon(t, "the third to stand by", func() bool { return three.waited.Load() == 1 })
	two.cancel()
	soon(t, "the third to run", func() bool { return three.ran.Load() == 1 })

	s.cut.Store(true) // cut off: the holder ends by itself before another begins
	four := newFlat(t, s.Store, "four", &busy, &most)
	soon(t, "the fourth to take over", func() bool { return four.ran.Load() == 1 })
	if most.Load() != 1 {
		t.Errorf("%d ran at once", most.Load())
	}
}

func TestARunThatFailsGivesTheLeaseBack(t *testing.T) {
	s := openStore(t)
	broken := errors.New("the log is gone")
	f := tenant{name: "source/chat", owner: "one", store: s, terms: singleTerms(), run: func(context.Context) error { return broken }}
	if err := f.serve(t.Context()); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if held, err := s.AcquireLease(t.Context(), "source/chat", "two", time.Minute); err != nil || !held {
		t.Errorf("another takes it: %t, %v", held, err)
	}
}

func TestAPanicGivesTheLeaseBackAndGoesOn(t *testing.T) {
	s := openStore(t)
	f := tenant{name: "source/chat", owner: "one", store: s, terms: singleTerms(), run: func(context.Context) error { panic("x") }}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the supervisor does not learn of the panic")
			}
		}()
		_ = f.serve(t.Context())
	}()
	if held, err := s.AcquireLease(t.Context(), "source/chat", "two", time.Minute); err != nil || !held {
		t.Errorf("another takes it: %t, %v", held, err)
	}
}

// A node that was slow and lost its source cannot store what it still has.
func TestACommitWithoutTheLeaseIsRefused(t *testing.T) {
	s := openStore(t)
	if held, err := s.AcquireLease(t.Context(), sqlstore.SourceLease("chat"), "two", time.Minute); err != nil || !held {
		t.Fatal(held, err)
	}
	c := leak.Commit{SourceID: "chat", Position: []byte(`{"n":1}`), Metrics: leak.Tally{Day: "2026-03-14", Messages: 1}}
	if _, err := sqlstore.NewLeak(s).Under("one").Commit(t.Context(), c); !errors.Is(err, sqlstore.ErrNotHolder) {
		t.Errorf("error %v, want ErrNotHolder", err)
	}
	if p, err := sqlstore.NewLeak(s).Position(t.Context(), "chat"); err != nil || p != nil {
		t.Errorf("position %s, %v", p, err)
	}
	if _, err := sqlstore.NewLeak(s).Under("two").Commit(t.Context(), c); err != nil {
		t.Errorf("the holder's commit: %v", err)
	}
}

func TestANodesIdIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	first, err := ownerOf("web-1", dir)
	if err != nil || holderName(first) != "web-1" {
		t.Fatal(first, err)
	}
	if again, err := ownerOf("web-1", dir); err != nil || again != first {
		t.Errorf("%s, then %s, %v", first, again, err)
	}
	if other, err := ownerOf("web-1", t.TempDir()); err != nil || other == first {
		t.Errorf("two data directories have one id: %s, %v", other, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "node-id"), []byte("web"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ownerOf("web-1", dir); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("error %v does not say what to do", err)
	}
}
