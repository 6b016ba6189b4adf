package notify

import (
	"context"
	"errors"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// Errors matched with errors.Is.
var (
	// ErrNotFound: there is no webhook, or no delivery to it, of that id.
	ErrNotFound = errors.New("not found")
	// ErrExists: a webhook of that id is there already.
	ErrExists = errors.New("a webhook of this id exists already")
	// ErrManaged: the webhook comes from the configuration file, which alone may
	// change it.
	ErrManaged = errors.New("the webhook comes from the configuration file")
)

// Subscription is one webhook: what it wants to hear of, and where to.
type Subscription struct {
	ID             string // stable: the configured id, or a UUIDv7
	URL            string
	SealedSecret   []byte   // sealed with the master key; empty: deliveries are not signed
	Topics         []string // patterns, event.CheckPattern
	Format         string   // a name in the list of formats
	MinSeverity    event.Severity
	MinConfidence  float64  // 0..1, of events that state one
	Rules          []string // of events that name one: only these; empty: all
	Sources        []string // of events that name a leak source: only these; empty: all
	AllowPrivate   bool     // may point at loopback and private addresses
	Manner         Manner   // when it is told
	Template       string   // the body, of a Templated format; empty: the format's own
	Escalate       []Step   // who is told of incidents that nobody acknowledges
	Managed        bool     // comes from the configuration file
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
	NextAttempt    time.Time // when it is tried next; once it is done: when that was
	CreatedAt      time.Time // when it was queued, the last time
	LastStatus     int       // HTTP status; 0: no answer
	LastError      string    // for people; never holds the URL's credentials
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending   DeliveryState = "pending"
	Delivered DeliveryState = "delivered"
	Dead      DeliveryState = "dead"
	Silenced  DeliveryState = "silenced" // a silence hid it; LastError says which
)

// Failed is how a pending delivery is shown after a failed attempt. It is not
// stored.
const Failed DeliveryState = "failed"

// Shown is the state as people see it.
func (d Delivery) Shown() DeliveryState {
	if d.State == Pending && d.Attempts > 0 {
		return Failed
	}
	return d.State
}

// DeliveryFilter chooses deliveries of one webhook.
type DeliveryFilter struct {
	SubscriptionID string
	State          DeliveryState // as shown; empty: all
	After          string        // an event's id: only those of events before it; empty: from the newest
	Limit          int
}

// Resend says which deliveries of a webhook are sent again.
type Resend struct {
	SubscriptionID string
	DeliveryID     string // this one, in any state; empty: all that are dead
	// From and Until bound the dead ones by when their events happened, to the
	// millisecond: at From or later, before Until. Zero: no bound.
	From, Until time.Time
}

// Bounds are the range as ids of events, which are in the order of their time;
// empty: no bound.
func (r Resend) Bounds() (from, until string) {
	if !r.From.IsZero() {
		from = id.From(r.From, [10]byte{})
	}
	if !r.Until.IsZero() {
		until = id.From(r.Until, [10]byte{})
	}
	return from, until
}

// Backlog is what waits for a webhook and what was given up.
type Backlog struct {
	Pending, Dead int
}

// Outcome is what one attempt led to: the delivery's new state, and what it does to
// the subscription's failure count.
type Outcome struct {
	Delivery Delivery // with its new State, Attempts, NextAttempt, LastStatus, LastError
	// Also are further deliveries that the same message carried; they become
	// what Delivery becomes.
	Also    []Delivery
	Success bool // resets the subscription's failures; else adds one
	TripAt  int  // consecutive failures at which the subscription is disabled
	At      time.Time
	OnTrip  event.Event // emitted when this outcome trips the subscription; without an id: none
	// OnRecover is the event of a probe that was accepted: a subscription that
	// is still tripped is enabled again, and it is emitted. Without an id: none.
	OnRecover event.Event
	// InOrder has what failed while the receiver was away be due when it was
	// queued, with OnRecover: the receiver then hears in the order of what happened.
	InOrder bool
	Gone    bool // the receiver wants no more: the failures start over at one, so that it is not probed
}

// deliveries are all that shared the attempt.
func (o Outcome) deliveries() []Delivery { return append([]Delivery{o.Delivery}, o.Also...) }

// Subscriptions keeps the webhooks.
type Subscriptions interface {
	ListSubscriptions(ctx context.Context) ([]Subscription, error)
	// SyncManaged makes the managed subscriptions exactly these: new ones are
	// added, known ones updated, missing ones removed. The failure count stays
	// unless the URL changed; a tripped one is enabled again, because whoever
	// loads a configuration has looked at it. e is emitted when anything changed.
	SyncManaged(ctx context.Context, subs []Subscription, e event.Event) (changed bool, err error)
	// AddSubscription stores a new one, the event and the audit entry, in one
	// transaction. ErrExists when the id is taken.
	AddSubscription(ctx context.Context, s Subscription, by audit.Entry, e event.Event) error
	// ChangeSubscription stores what change makes of a subscription, whose id
	// stays, with the event and the audit entry, in one transaction; it returns
	// what is stored. An error of change changes nothing. ErrNotFound.
	ChangeSubscription(ctx context.Context, id string, change func(Subscription) (Subscription, error), by audit.Entry, e event.Event) (Subscription, error)
	// RemoveSubscription likewise; what was on its way becomes a dead letter.
	// ErrNotFound, ErrManaged.
	RemoveSubscription(ctx context.Context, id string, by audit.Entry, e event.Event) error
}

// Letters is the deliveries as operators see them.
type Letters interface {
	// ListDeliveries returns a page, the newest event first.
	ListDeliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error)
	// Backlogs counts by subscription; those without any are left out.
	Backlogs(ctx context.Context) (map[string]Backlog, error)
	// Redeliver queues what r asks for again, with the ids it has and as if it
	// were new, and stores the audit entry in the same transaction. It returns
	// how many. ErrNotFound when the one asked for is not there.
	Redeliver(ctx context.Context, r Resend, now time.Time, by audit.Entry) (int, error)
	// RecordTest stores the delivery of a test, which is done, and the audit
	// entry. It touches no failure count.
	RecordTest(ctx context.Context, d Delivery, by audit.Entry) error
	// Tidy deletes at most limit deliveries that were delivered or silenced, or
	// given up, before these times, and returns how many.
	Tidy(ctx context.Context, delivered, dead time.Time, limit int) (int, error)
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
	// Due returns, of each enabled subscription, pending deliveries whose time has
	// come; the earliest due first. However much waits for one, the others have
	// their share.
	Due(ctx context.Context, q DueQuery) ([]Delivery, error)
	// NextDue is the time of the earliest pending delivery of an enabled
	// subscription that is due later than at a time; ok false: none.
	NextDue(ctx context.Context, after time.Time) (at time.Time, ok bool, err error)
	// Settle records what attempts of one subscription led to, in their order and
	// in one transaction. It reports whether one of them tripped the subscription's
	// breaker. A delivery that is not pending any more, or gone, stays as it is and
	// counts for nothing.
	Settle(ctx context.Context, all ...Outcome) (tripped bool, err error)
}

// DueQuery asks for what is due.
type DueQuery struct {
	Now  time.Time
	Each int                        // of each subscription, at most
	Busy []string                   // subscriptions that are left out
	Sent map[string]map[string]bool // deliveries that are left out, by subscription and id; nil: none
}

// Waiting looks at what waits for one subscription.
type Waiting interface {
	// DueTogether returns at most limit pending deliveries of a subscription
	// whose time is exactly at, by their events' ids.
	DueTogether(ctx context.Context, subscription string, at time.Time, limit int) ([]Delivery, error)
	// Oldest returns the pending delivery of a subscription whose event is the
	// oldest; ok false: none.
	Oldest(ctx context.Context, subscription string) (d Delivery, ok bool, err error)
}
