package app

import (
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// wakes tells followers of the event log to look now. It carries no events:
// followers read the log, so a lost wake costs time, never an event.
type wakes struct {
	mu  sync.Mutex
	all map[*waker]struct{}
}

// gathering is how long followers that work in batches are let sleep after news: what
// comes at the same time is one step and one commit of theirs, not one for each event.
// It is far below the second within which an incident is to be there.
const gathering = 20 * time.Millisecond

// waker wakes one follower, so long after news.
type waker struct {
	c     chan struct{}
	after time.Duration
	soon  atomic.Bool // it is about to
}

func (w *waker) ring() {
	if w.after == 0 {
		w.wake()
	} else if w.soon.CompareAndSwap(false, true) {
		time.AfterFunc(w.after, func() { w.soon.Store(false); w.wake() })
	}
}

func (w *waker) wake() {
	select {
	case w.c <- struct{}{}:
	default:
	}
}

// newWakes listens to everything on the bus.
func newWakes(b bus.Bus) (*wakes, bus.Subscription, error) {
	w := &wakes{all: map[*waker]struct{}{}}
	sub, err := b.Subscribe(">", func(event.Event) { w.ring() })
	return w, sub, err
}

// listen returns a channel that has a value as soon as there may be news, and how to
// leave.
func (w *wakes) listen() (<-chan struct{}, func()) { return w.join(0) }

// gather is listen for who works in batches.
func (w *wakes) gather() (<-chan struct{}, func()) { return w.join(gathering) }

func (w *wakes) join(after time.Duration) (<-chan struct{}, func()) {
	one := &waker{c: make(chan struct{}, 1), after: after}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[one] = struct{}{}
	return one.c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, one)
	}
}

func (w *wakes) ring() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		one.ring()
	}
}
