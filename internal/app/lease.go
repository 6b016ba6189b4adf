package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// Nodes that share a store share its work by leases: what must run once (a
// source, the notifier) runs on the node that holds its lease. The holder
// renews it; when it dies, another takes over after at most the lease's length
// and one look. What the holder commits meanwhile is checked against the lease
// in its transaction, so a node that was only slow does not store twice.
type terms struct {
	length time.Duration // of a lease
	renew  time.Duration // how often the holder prolongs it
	look   time.Duration // how often the others try to take it
}

// clusterTerms keep a failover below five seconds; singleTerms, of a SQLite
// file that one node uses, cost three small writes a minute.
func clusterTerms() terms {
	return terms{length: 3 * time.Second, renew: time.Second, look: 500 * time.Millisecond}
}

func singleTerms() terms {
	return terms{length: time.Minute, renew: 20 * time.Second, look: time.Second}
}

// shared reports whether other nodes can use this node's store.
func (n *node) shared() bool { return !strings.HasPrefix(n.cfg.Store.URL, "sqlite:") }

// leaseStore is what leases need of the store.
type leaseStore interface {
	AcquireLease(ctx context.Context, name, owner string, ttl time.Duration) (held bool, err error)
	RenewLease(ctx context.Context, name, owner string, ttl time.Duration) (held bool, err error)
	ReleaseLease(ctx context.Context, name, owner string) error
}

// tenant runs one thing while this node holds its lease.
type tenant struct {
	name, owner string
	store       leaseStore
	terms       terms
	run         func(context.Context) error
	standby     func(ctx context.Context) // told when another node has it
}

// leased returns what runs run while this node holds the lease. standby, which
// may be nil, is told when another node has it.
func (n *node) leased(name string, run func(context.Context) error, standby func(context.Context)) func(context.Context) error {
	t := tenant{name: name, owner: n.owner, store: n.store, terms: singleTerms(), run: run, standby: standby}
	if n.shared() {
		t.terms = clusterTerms()
	}
	if t.standby == nil {
		t.standby = func(context.Context) {}
	}
	return t.serve
}

// serve takes the lease and runs, again and again, until ctx ends or the run
// does by itself.
func (t tenant) serve(ctx context.Context) error {
	for {
		since, err := t.take(ctx)
		if err != nil || ctx.Err() != nil {
			return err
		}
		lost, err := t.hold(ctx, since)
		if !lost && !errors.Is(err, sqlstore.ErrNotHolder) {
			return err
		}
	}
}

// take waits until the lease is this node's and returns since when it surely
// is; an error is the store's. When ctx ends it returns without it.
func (t tenant) take(ctx context.Context) (since time.Time, err error) {
	for told := false; ctx.Err() == nil; {
		since = time.Now()
		held, err := t.store.AcquireLease(ctx, t.name, t.owner, t.terms.length)
		switch {
		case ctx.Err() != nil:
			return since, nil
		case err != nil || held:
			return since, err
		case !told:
			t.standby(ctx)
			told = true
		}
		rest(ctx, t.terms.look)
	}
	return since, nil
}

// hold runs while the lease can be renewed. lost says that it could not be; what
// the run returned is of no interest then.
func (t tenant) hold(ctx context.Context, since time.Time) (lost bool, err error) {
	running, cancel := context.WithCancel(ctx)
	var gone atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		if !t.keep(running, since) {
			gone.Store(true)
			cancel()
		}
	})
	defer func() { // also when the run panics
		cancel()
		wg.Wait()
		t.release(ctx)
	}()
	err = t.run(running)
	return gone.Load() && ctx.Err() == nil, err
}

// keep renews the lease until ctx ends; false: another has it, or the store has
// not answered for so long that another may have it soon. The last third of the
// lease is for the run to end in.
func (t tenant) keep(ctx context.Context, since time.Time) bool {
	for {
		if rest(ctx, t.terms.renew); ctx.Err() != nil {
			return true
		}
		began := time.Now()
		held, err := t.renew(ctx)
		switch {
		case err == nil && held:
			since = began
		case err == nil || time.Since(since) > t.terms.length*2/3:
			return false
		}
	}
}

func (t tenant) renew(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.terms.length/3)
	defer cancel()
	return t.store.RenewLease(ctx, t.name, t.owner, t.terms.length)
}

// release lets the next node begin at once. When the store is away, the lease
// runs out by itself; when another has it, nothing happens.
func (t tenant) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.terms.length)
	defer cancel()
	_ = t.store.ReleaseLease(ctx, t.name, t.owner)
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// ownerOf names this node as a holder of leases: its name, for people, and an
// id that its data directory keeps, so that a node that was killed takes up its
// own leases at once and no two nodes are mistaken for each other.
func ownerOf(name, dataDir string) (string, error) {
	file := filepath.Join(dataDir, "node-id")
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		b = []byte(id.New() + "\n")
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("reading the node's id: %w", err)
	}
	own := strings.TrimSpace(string(b))
	if err := id.Check(own); err != nil {
		return "", fmt.Errorf("%s does not hold a node's id (%w): remove it, a new one is made", file, err)
	}
	return fmt.Sprintf("%.64s/%s", name, own), nil
}

// holderName is the name of a lease's owner, for people.
func holderName(owner string) string {
	name, _, _ := strings.Cut(owner, "/")
	return name
}
