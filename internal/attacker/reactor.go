package attacker

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

// Store keeps attackers.
type Store interface {
	follow.Log
	// Observe applies observations in their order and moves the consumer, in one
	// transaction with the events of what changed. source is who says them.
	// follow.ErrMoved.
	Observe(ctx context.Context, read follow.Span, all []Observation, source string) error
}

// Deps are the parts of a Reactor.
type Deps struct {
	Store   Store           // Mandatory.
	Node    string          // Mandatory: node/attacker, who says the events
	Trusted []netip.Prefix  // proxies of ours: what they say of clients gives nobody away
	Wake    <-chan struct{} // says that the log has grown. If nil, the log is only polled.
	Clock   clock.Clock     // If nil, the machine's.
	Log     *slog.Logger    // If nil, discards.
}

// Reactor makes attackers of events. One in a cluster runs at a time.
type Reactor struct{ d Deps }

const (
	consumer     = "attacker"
	batch        = 1_000
	poll         = 2 * time.Second
	again        = time.Second // after a failure
	storeTimeout = 20 * time.Second
)

// New makes a Reactor. The error says what is missing.
func New(d Deps) (*Reactor, error) {
	if d.Store == nil || d.Node == "" {
		return nil, errors.New("making the attacker reactor: Store and Node must be given")
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
		Step: r.reader().Step, Within: storeTimeout, Wake: r.d.Wake, Clock: r.d.Clock, Poll: poll, Again: again,
		Log: r.d.Log, Fails: "attackers wait for the store, trying again", Works: "attackers are kept again",
	}.Run(ctx)
}

// reader handles the log in batches. Observations and cursor are stored together: a
// crash repeats both or neither.
func (r *Reactor) reader() *follow.Reader[Observation] {
	return &follow.Reader[Observation]{
		Log: r.d.Store, Consumer: consumer, Most: batch, Clock: r.d.Clock, Read: r.read,
		Store: func(ctx context.Context, read follow.Span, all []Observation) error {
			return r.d.Store.Observe(ctx, read, all, r.d.Node)
		},
	}
}

func (r *Reactor) read(records []event.Record) (all []Observation) {
	for _, rec := range records {
		o, ok, err := Observe(rec.Event)
		if err != nil { // it will not be better the next time
			r.d.Log.Error("an event cannot be read", "event", rec.Event.ID, "topic", rec.Event.Topic, "error", err)
		}
		if ok {
			all = append(all, r.judge(o))
		}
	}
	return all
}

// judge leaves out an address that gives nobody away: the client's own, what is
// none, and what a proxy of ours says.
func (r *Reactor) judge(o Observation) Observation {
	claimed, err := netip.ParseAddr(o.Claimed)
	trusted := slices.ContainsFunc(r.d.Trusted, func(p netip.Prefix) bool { return p.Contains(o.Address) })
	if err != nil || trusted || claimed.Unmap().WithZone("") == o.Address {
		o.Claimed, o.ClaimedBy = "", ""
	}
	return o
}
