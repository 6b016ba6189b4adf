package membus

import (
	"testing"

	"pgregory.net/rapid"

	"go.cordon.dev/cordon/internal/bus"
	"go.cordon.dev/cordon/internal/event"
)

// TestRingIsABoundedQueue compares the ring with a plain slice that forgets
// its oldest beyond bus.QueueSize.
func TestRingIsABoundedQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r ring
		var model []int
		next := 0
		for range rapid.IntRange(1, 20).Draw(t, "rounds") {
			for range rapid.IntRange(0, bus.QueueSize+10).Draw(t, "pushes") {
				dropped := r.push(event.Event{Schema: next})
				model = append(model, next)
				if full := len(model) > bus.QueueSize; full != dropped {
					t.Fatalf("push %d dropped %t with %d queued", next, dropped, len(model)-1)
				} else if full {
					model = model[1:]
				}
				next++
			}
			for range rapid.IntRange(0, bus.QueueSize+10).Draw(t, "pops") {
				e, ok := r.pop()
				if ok != (len(model) > 0) {
					t.Fatalf("pop says %t with %d queued", ok, len(model))
				}
				if ok && e.Schema != model[0] {
					t.Fatalf("popped %d, want %d", e.Schema, model[0])
				}
				model = model[min(1, len(model)):]
			}
		}
	})
}
