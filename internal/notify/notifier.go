package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// consumer names the notifier's cursor in the event log.
const consumer = "notify"

// Sealer encrypts signing secrets at rest (authenticated, under the master
// key). Open fails for what another key has sealed.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Metrics counts attempts. ok tells a delivery that was accepted from one that
// was not.
type Metrics interface {
	Delivered(subscription string, ok bool)
}

// Tracer adds an attempt to the story of the event's cause. Facts are pairs of
// name and value; fault is empty when the attempt was accepted.
type Tracer interface {
	Step(correlationID, name string, from, to time.Time, fault string, facts ...string)
}

// DialControl judges an address after names are resolved and before the
// connection is made (net.Dialer.Control), so that a name which changes its
// address between two look-ups cannot slip through. An error refuses.
type DialControl func(network, address string, c syscall.RawConn) error

// Deps is what a Notifier works with.
type Deps struct {
	Queue         Queue           // Mandatory.
	Waiting       Waiting         // Mandatory.
	Subscriptions Subscriptions   // Mandatory.
	Letters       Letters         // Mandatory.
	Silences      Silences        // Mandatory.
	Formats       []Format        // Mandatory. At least one; names are unique.
	Sealer        Sealer          // Mandatory.
	Guard         DialControl     // Mandatory. Asked for every connection of a subscription without AllowPrivate.
	PrivateGuard  DialControl     // Asked for every connection of a subscription with AllowPrivate. If nil, those may go anywhere.
	Node          string          // Mandatory. The source named in the events that Sync emits.
	Escalations   Escalations     // If nil, nothing is escalated.
	Ferry         Ferry           // If nil, deliveries are queued after their events are committed.
	Clock         clock.Clock     // If nil, the machine's clock.
	Log           *slog.Logger    // If nil, discards.
	Metrics       Metrics         // If nil, nothing is counted.
	Tracer        Tracer          // If nil, no story is kept.
	Wake          <-chan struct{} // If nil, the event log is only polled. A value means: look now.
}

// Options tunes a Notifier. The zero value is what a server runs with.
type Options struct {
	Poll    time.Duration // How often to look when nobody wakes us. If 0, 3 s.
	Timeout time.Duration // For one attempt, from dialling to the end of the answer. If 0, 10 s.
	TripAt  int           // Consecutive failures that trip a subscription. If 0, 5.
	Retry   Retry         // If zero, see Retry.
	// How long what was accepted waits for more of its kind before it is recorded: a
	// commit for each would keep the alerts behind it waiting. If 0, 20 ms; if less, it
	// does not wait.
	Gather time.Duration
	// How long the log keeps what was delivered, and what was given up. If 0,
	// 7 and 30 days.
	KeepDelivered, KeepDead time.Duration
}

// Notifier follows the event log and delivers what subscriptions ask for.
// Its methods are safe for concurrent use; Run runs once at a time.
type Notifier struct {
	deps Deps
	opts Options
	post *poster
	kick chan struct{} // to the dispatcher: look into the queue
	// To the dispatcher: there is something at hand. Both have room for one word.
	handed chan struct{}

	express express

	mu   sync.Mutex
	last map[string]Attempt // by subscription
}

// New checks d and returns a Notifier that does nothing until Run.
func New(d Deps, o Options) (*Notifier, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("making notifier: %w", err)
	}
	d, o = d.withDefaults(), o.withDefaults()
	return &Notifier{
		deps: d, opts: o,
		post: newPoster(d.Guard, d.PrivateGuard, o.Timeout),
		kick: make(chan struct{}, 1), handed: make(chan struct{}, 1),
		last: map[string]Attempt{},
	}, nil
}

func (d Deps) check() error {
	var errs []error
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"Queue", d.Queue == nil},
		{"Waiting", d.Waiting == nil},
		{"Subscriptions", d.Subscriptions == nil},
		{"Letters", d.Letters == nil},
		{"Silences", d.Silences == nil},
		{"Formats", len(d.Formats) == 0},
		{"Sealer", d.Sealer == nil},
		{"Guard", d.Guard == nil},
		{"Node", d.Node == ""},
	} {
		if f.missing {
			errs = append(errs, fmt.Errorf("Deps.%s is mandatory", f.name))
		}
	}
	return errors.Join(errs...)
}

func (d Deps) withDefaults() Deps {
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Metrics == nil {
		d.Metrics = noMetrics{}
	}
	if d.Tracer == nil {
		d.Tracer = noTracer{}
	}
	return d
}

func (o Options) withDefaults() Options {
	if o.Poll <= 0 {
		o.Poll = 3 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.TripAt <= 0 {
		o.TripAt = 5
	}
	if o.Gather == 0 {
		o.Gather = 20 * time.Millisecond
	}
	if o.KeepDelivered <= 0 {
		o.KeepDelivered = 7 * 24 * time.Hour
	}
	if o.KeepDead <= 0 {
		o.KeepDead = 30 * 24 * time.Hour
	}
	o.Retry = o.Retry.withDefaults()
	return o
}

type noTracer struct{}

func (noTracer) Step(string, string, time.Time, time.Time, string, ...string) {}

type noMetrics struct{}

func (noMetrics) Delivered(string, bool) {}

// Run follows the log and delivers until ctx ends; then it waits for the
// attempts under way, which are cut short and stay queued. A store that fails
// is asked again later: Run returns only when ctx ends.
func (n *Notifier) Run(ctx context.Context) error {
	n.express.run(n.deps.Ferry != nil && n.deps.Ferry.Board(consumer, n.board))
	defer n.alight()
	var wg sync.WaitGroup
	wg.Go(func() { n.follow(ctx) })
	wg.Go(func() { n.dispatch(ctx) })
	wg.Go(func() { n.tidy(ctx) })
	if n.deps.Escalations != nil {
		wg.Go(func() { n.escalate(ctx) })
	}
	wg.Wait()
	n.Close()
	return nil
}

// Close gives up idle connections. Run does it at its end; a Notifier that
// does not run needs it after a Test.
func (n *Notifier) Close() { n.post.close() }

// pause waits for d, or less when wake has a value. It reports whether wake is
// still open.
func (n *Notifier) pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	select {
	case <-ctx.Done():
	case <-n.deps.Clock.After(d):
	case _, open := <-wake:
		return open
	}
	return true
}
