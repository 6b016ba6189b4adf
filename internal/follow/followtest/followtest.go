// Package followtest holds an event log in memory, and what every reactor that follows
// one is held to.
//
// Level 1, as package follow; only tests import it.
package followtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/id"
)

// Log implements follow.Log for one consumer.
type Log struct {
	mu     sync.Mutex
	all    []event.Record
	at     event.Cursor
	seen   int
	moves  int // of the consumer
	broken error
}

// Cursor implements follow.Log.
func (l *Log) Cursor(context.Context, string) (event.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at, l.broken
}

// Events implements follow.Log.
func (l *Log) Events(_ context.Context, after event.Cursor, limit int) (out []event.Record, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.all {
		if r.Cursor.Seq > after.Seq && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

// Move is the end of a batch: so many observations are stored, and the consumer is
// behind what was read. It fails while the log does.
func (l *Log) Move(read follow.Span, observations int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return l.broken
	}
	if l.at != read.From {
		return follow.ErrMoved
	}
	l.at, l.seen, l.moves = read.Next, l.seen+observations, l.moves+1
	return nil
}

func (l *Log) put(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, event.Record{Cursor: event.Cursor{Day: "2026-11-22", Seq: int64(len(l.all) + 1)}, Event: e})
}

func (l *Log) moved() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.moves
}

func (l *Log) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = err
}

func (l *Log) want(t *testing.T, n int, when string) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen != n {
		t.Errorf("%d observed %s, want %d", l.seen, when, n)
	}
}

// Reactor follows a log until ctx ends.
type Reactor interface {
	Run(ctx context.Context) error
}

// Run holds a reactor to its promise: what was in the log, what comes, what cannot be read,
// and a store that goes away; all is observed once, and what concerns nobody
// moves the cursor now and then. newReactor makes it with a store that
// is the log and whose Observe is Move. good leads to one observation. batch is how many
// events the reactor reads at most.
func Run(t *testing.T, batch int, good event.Event, newReactor func(l *Log, wake <-chan struct{}) (Reactor, error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, wake := &Log{}, make(chan struct{}, 1)
		r, err := newReactor(l, wake)
		if err != nil {
			t.Fatal(err)
		}
		for range batch + 10 {
			l.put(good)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		l.want(t, batch+10, "at the start")
		l.put(event.Event{ID: id.New(), Topic: good.Topic, Data: []byte("[]")})
		l.put(good)
		wake <- struct{}{}
		l.want(t, batch+11, "behind one that cannot be read")
		l.fail(errors.New("away"))
		l.put(good)
		time.Sleep(time.Minute)
		l.fail(nil)
		time.Sleep(3 * time.Second)
		l.want(t, batch+12, "after the store came back")
		before := l.moved()
		for range 40 { // in two seconds
			l.put(event.Event{ID: id.New(), Topic: "of.no.concern", Data: []byte("{}")})
			wake <- struct{}{}
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(3 * time.Second)
		if moves := l.moved() - before; moves < 1 || moves > 4 || l.at != l.all[len(l.all)-1].Cursor {
			t.Errorf("what concerns nobody moved the cursor %d times, to %v; want at most once a second, to the end", moves, l.at)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
