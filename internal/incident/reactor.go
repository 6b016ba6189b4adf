package incident

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

// Store keeps incidents.
type Store interface {
	follow.Log
	// Observe applies observations in their order and moves the consumer to next, in
	// one transaction with the events of what changed. source is who says them.
	Observe(ctx context.Context, consumer string, next event.Cursor, all []Observation, source string) error
}

// Deps are the parts of a Reactor.
type Deps struct {
	Store Store           // Mandatory.
	Node  string          // Mandatory: node/incident, who says the events
	Wake  <-chan struct{} // says that the log has grown. If nil, the log is only polled.
	Clock clock.Clock     // If nil, the machine's.
	Log   *slog.Logger    // If nil, discards.
}

// Reactor makes incidents of events. One in a cluster runs at a time.
type Reactor struct{ d Deps }

const (
	consumer     = "incident"
	batch        = 256
	poll         = 2 * time.Second
	again        = time.Second // after a failure
	storeTimeout = 10 * time.Second
)

// New makes a Reactor. The error says what is missing.
func New(d Deps) (*Reactor, error) {
	if d.Store == nil || d.Node == "" {
		return nil, errors.New("making the incident reactor: Store and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &Reactor{d}, nil
}

// Run follows the log until ctx ends. While the store is away it waits, and goes on
// where it was.
func (r *Reactor) Run(ctx context.Context) error {
	return follow.Loop{
		Step: r.step, Within: storeTimeout, Wake: r.d.Wake, Clock: r.d.Clock, Poll: poll, Again: again,
		Log: r.d.Log, Fails: "incidents wait for the store, trying again", Works: "incidents are kept again",
	}.Run(ctx)
}

// step handles a batch of the log. Observations and cursor are stored together: a crash
// repeats both or neither.
func (r *Reactor) step(ctx context.Context) (more bool, err error) {
	_, records, err := follow.Next(ctx, r.d.Store, consumer, batch)
	if err != nil || len(records) == 0 {
		return false, err
	}
	var all []Observation
	for _, rec := range records {
		some, err := Observations(rec.Event)
		if err != nil { // it will not be better the next time
			r.d.Log.Error("an event cannot be read", "event", rec.Event.ID, "topic", rec.Event.Topic, "error", err)
		}
		all = append(all, some...)
	}
	if err := r.d.Store.Observe(ctx, consumer, records[len(records)-1].Cursor, all, r.d.Node); err != nil {
		return false, fmt.Errorf("storing incidents: %w", err)
	}
	return len(records) == batch, nil
}
