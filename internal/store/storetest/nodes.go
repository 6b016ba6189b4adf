package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// testTwoNodes follows the log by cursor while two stores on one database
// write: what the follower saw must be the whole log, in order.
func testTwoNodes(t *testing.T, url string) {
	const writers, each = 4, 15
	nodes := []*store.Store{Open(t, store.Options{URL: url}), Open(t, store.Options{URL: url})}
	var done atomic.Bool
	seen := make(chan []event.Record)
	go func() { seen <- follow(t, nodes[0], &done) }()
	parallel(writers*len(nodes), func(i int) {
		for n := range each {
			if err := Emit(Context(t), nodes[i%len(nodes)], Event(t, fmt.Sprint(i, n))); err != nil {
				t.Errorf("Emit: %v", err)
			}
		}
	})
	done.Store(true)
	got := <-seen
	if len(got) != writers*len(nodes)*each {
		t.Errorf("the follower saw %d events of %d", len(got), writers*len(nodes)*each)
	}
	wantContiguous(t, got)
}

// follow reads behind a cursor until the writers are done and nothing is left.
func follow(t *testing.T, s *store.Store, done *atomic.Bool) (seen []event.Record) {
	var at event.Cursor
	for {
		last := done.Load()
		batch, err := s.Events(Context(t), at, 7)
		if err != nil {
			t.Errorf("Events: %v", err)
			return seen
		}
		seen = append(seen, batch...)
		if len(batch) > 0 {
			at = batch[len(batch)-1].Cursor
		} else if last {
			return seen
		}
	}
}

// testInterleaved opens a transaction on one node, emits, and lets the other
// node write before it ends. Whoever commits first has the smaller number, and
// a reader never sees the larger one alone.
func testInterleaved(t *testing.T, url string) {
	a, b := Open(t, store.Options{URL: url}), Open(t, store.Options{URL: url})
	inside, leave, second := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	first := make(chan error, 1)
	go func() {
		first <- a.Write(Context(t), func(_ context.Context, tx *store.Tx) error {
			close(inside)
			<-leave
			return tx.Emit(Event(t, "first"))
		})
	}()
	<-inside
	go func() { second <- Emit(Context(t), b, Event(t, "second")) }()
	wantContiguous(t, events(t, b, event.Cursor{}, 10))
	close(leave)
	must(t, <-first)
	must(t, <-second)
	all := events(t, a, event.Cursor{}, 10)
	if len(all) != 2 {
		t.Errorf("%d events, want 2", len(all))
	}
	wantContiguous(t, all)
}

func testOpenTogether(t *testing.T, url string) {
	nodes := make([]*store.Store, 4)
	parallel(len(nodes), func(i int) {
		s, err := store.Open(Context(t), store.Options{URL: url})
		if err != nil {
			t.Errorf("Open: %v", err)
			return
		}
		nodes[i] = s
		if err := Emit(Context(t), s, Event(t, fmt.Sprint(i))); err != nil {
			t.Errorf("Emit: %v", err)
		}
	})
	for _, s := range nodes {
		if s != nil {
			wantContiguous(t, events(t, s, event.Cursor{}, 10))
			must(t, s.Close())
		}
	}
	again := Open(t, store.Options{URL: url})
	if got := len(events(t, again, event.Cursor{}, 10)); got != len(nodes) {
		t.Errorf("%d events, want %d", got, len(nodes))
	}
}
