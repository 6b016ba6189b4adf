// Package bus is Cordon's nervous system: live fan-out and wake-ups. It is
// never the truth. An event is stored first and published second, so the bus
// may lose one and nothing is lost: durable consumers read the event log and
// take a message only as a hint to look now.
//
// Two implementations, memory (membus) and embedded or external NATS
// (natsbus), pass the same conformance suite, bustest. To add one, make a
// folder that implements Bus and calls bustest.Run in a test.
//
// Level 1: it may import event, id, clock, redact.
package bus

import (
	"context"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
)

// Bus carries events to whoever listens now.
type Bus interface {
	// Publish hands an event to all matching subscribers. It never waits for a
	// slow subscriber. An error that is neither ErrClosed nor about the event
	// itself (Check) means that remote listeners may have missed it; those of
	// this process have it.
	Publish(ctx context.Context, e event.Event) error
	// Subscribe calls handle, from one goroutine per subscription and in order
	// of publication per publisher, for every event whose topic matches
	// pattern (event.CheckPattern). A subscriber that falls behind by more
	// than QueueSize events loses the oldest; Dropped counts them.
	Subscribe(pattern string, handle func(event.Event)) (Subscription, error)
	// Close ends all subscriptions, waits for their handlers and frees the bus.
	// It must not be called from a handler. Afterwards Publish and Subscribe
	// return ErrClosed. Calling it again does nothing.
	Close() error
}

// Subscription is one listener.
type Subscription interface {
	// Unsubscribe stops delivery and waits for a running handler to return. It
	// must not be called from the handler. Calling it again does nothing.
	Unsubscribe()
	// Dropped is the number of events this listener lost by being slow.
	Dropped() uint64
}

// QueueSize is how many events wait for one slow subscriber.
const QueueSize = 1024

// MaxData bounds an event's payload in bytes. It is NATS's default
// max_payload: who has more to say puts it into the store and says where.
const MaxData = 1 << 20

// ErrClosed is the error of a bus that was closed.
var ErrClosed = errors.New("bus is closed")

// Check reports why an event cannot go over any bus: it is not valid
// (event.Event.Validate) or its payload is larger than MaxData.
func Check(e event.Event) error {
	if len(e.Data) > MaxData {
		return fmt.Errorf("event %s on %s: payload of %d bytes is larger than %d; store it and publish where it is",
			e.ID, e.Topic, len(e.Data), MaxData)
	}
	return e.Validate()
}
