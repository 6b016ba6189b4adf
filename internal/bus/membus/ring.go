package membus

import (
	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// ring is a queue of at most bus.QueueSize events that grows as needed and
// then overwrites its oldest.
type ring struct {
	items []event.Event
	head  int // index of the oldest
	n     int // how many are queued
}

// push queues e and reports whether the oldest event was lost for it.
func (r *ring) push(e event.Event) (dropped bool) {
	if r.n == bus.QueueSize {
		r.items[r.head] = e
		r.head = (r.head + 1) % len(r.items)
		return true
	}
	if r.n == len(r.items) {
		r.grow()
	}
	r.items[(r.head+r.n)%len(r.items)] = e
	r.n++
	return false
}

func (r *ring) grow() {
	bigger := make([]event.Event, min(max(16, 2*len(r.items)), bus.QueueSize))
	n := copy(bigger, r.items[r.head:])
	copy(bigger[n:], r.items[:r.head])
	r.items, r.head = bigger, 0
}

// pop takes the oldest event.
func (r *ring) pop() (event.Event, bool) {
	if r.n == 0 {
		return event.Event{}, false
	}
	e := r.items[r.head]
	r.items[r.head] = event.Event{} // let go of the payload
	r.head = (r.head + 1) % len(r.items)
	r.n--
	return e, true
}
