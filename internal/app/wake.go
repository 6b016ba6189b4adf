package app

import (
	"sync"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// wakes tells followers of the event log to look now. It carries no events:
// followers read the log, so a lost wake costs time, never an event.
type wakes struct {
	mu    sync.Mutex
	chans map[chan struct{}]struct{}
}

// newWakes listens to everything on the bus.
func newWakes(b bus.Bus) (*wakes, bus.Subscription, error) {
	w := &wakes{chans: map[chan struct{}]struct{}{}}
	sub, err := b.Subscribe(">", func(event.Event) { w.ring() })
	return w, sub, err
}

// listen returns a channel that has a value when there may be news, and how to
// leave.
func (w *wakes) listen() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.chans[c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.chans, c)
	}
}

func (w *wakes) ring() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.chans {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
