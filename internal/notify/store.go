package notify

import (
	"context"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Subscription is one webhook: what it wants to hear of, and where to.
type Subscription struct {
	ID             string // stable: the configured id, or a UUIDv7
	URL            string
	SealedSecret   []byte   // sealed with the master key; empty: deliveries are not signed
	Topics         []string // patterns, event.CheckPattern
	Format         string   // a name in the list of formats
	MinSeverity    event.Severity
	AllowPrivate   bool // may point at loopback and private addresses
	Managed        bool // comes from the configuration file
	Enabled        bool
	Failures       int        // consecutive
	AutoDisabledAt *time.Time // when the breaker tripped; nil: it has not
}

// Delivery is one event on its way to one webhook. Its ID is the webhook-id,
// the same on every attempt: by it a receiver recognises a repeat.
type Delivery struct {
	ID             string
	SubscriptionID string
	Event          event.Event
	State          DeliveryState
	Attempts       int
	NextAttempt    time.Time
	CreatedAt      time.Time
	LastStatus     int    // HTTP status; 0: no answer
	LastError      string // for people; never holds the URL's credentials
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending   DeliveryState = "pending"
	Delivered DeliveryState = "delivered"
	Dead      DeliveryState = "dead"
)

// Outcome is what one attempt led to; the store writes the delivery's new
// state and the subscription's failure count in one transaction.
type Outcome struct {
	Delivery Delivery // with its new State, Attempts, NextAttempt, LastStatus, LastError
	Success  bool     // resets the subscription's failures; else adds one
	TripAt   int      // consecutive failures at which the subscription is disabled
	At       time.Time
}

// Subscriptions keeps the webhooks.
type Subscriptions interface {
	ListSubscriptions(ctx context.Context) ([]Subscription, error)
	// SyncManaged makes the managed subscriptions exactly these: new ones are
	// added, known ones updated, missing ones removed. The failure count stays
	// unless the URL changed; a tripped one is enabled again, because whoever
	// loads a configuration has looked at it. e is emitted when anything changed.
	SyncManaged(ctx context.Context, subs []Subscription, e event.Event) (changed bool, err error)
}

// Queue is the durable list of deliveries, fed from the event log.
type Queue interface {
	// Cursor returns where the consumer stands in the event log.
	Cursor(ctx context.Context, consumer string) (event.Cursor, error)
	// Events returns at most limit records behind after, in order.
	Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error)
	// Enqueue adds deliveries (one per subscription and event; a repeat is
	// ignored) and moves the consumer's cursor, in one transaction.
	Enqueue(ctx context.Context, consumer string, next event.Cursor, ds []Delivery) error
	// Due returns at most limit pending deliveries of enabled subscriptions
	// whose time has come, the earliest due first.
	Due(ctx context.Context, now time.Time, limit int) ([]Delivery, error)
	// NextDue is the time of the earliest pending delivery of an enabled
	// subscription; ok false: none.
	NextDue(ctx context.Context) (at time.Time, ok bool, err error)
	// Settle records what an attempt led to. It reports whether this outcome
	// tripped the subscription's breaker. A delivery that is not pending any
	// more, or gone, stays as it is and counts for nothing.
	Settle(ctx context.Context, o Outcome) (tripped bool, err error)
}
