package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

const (
	batch        = 256              // records read, and committed, at once
	storeTimeout = 10 * time.Second // for one step's calls of the store
	storePause   = time.Second      // before asking a store again that failed
)

// follow moves matching events from the log into the queue until ctx ends.
func (n *Notifier) follow(ctx context.Context) {
	woken := n.deps.Wake
	var at place
	health := faults{log: n.deps.Log, what: "queueing alerts"}
	for ctx.Err() == nil {
		more, err := n.enqueueNext(ctx, &at)
		if ctx.Err() == nil {
			health.note(err)
		}
		switch {
		case err != nil: // a busy bus must not turn a broken store into a spin
			at = place{}
			n.pause(ctx, storePause, nil)
		case !more:
			if open := n.pause(ctx, n.opts.Poll, woken); !open {
				woken = nil
			}
		}
	}
}

// place is how far the follower has read, and since when the store's cursor is behind
// that: what nobody wants is read again after a crash, and moves it only now and then.
type place struct {
	known  bool
	at     event.Cursor
	stored event.Cursor
	moved  time.Time
	read   time.Time // when the log was read last
}

// begin reads the cursor, the first time and after a failure.
func (n *Notifier) begin(ctx context.Context, p *place) error {
	if p.known {
		return nil
	}
	at, err := n.deps.Queue.Cursor(ctx, consumer)
	if err != nil {
		return fmt.Errorf("reading cursor: %w", err)
	}
	*p = place{known: true, at: at, stored: at, moved: n.deps.Clock.Now()}
	return nil
}

// enqueueNext handles one batch of the log. The deliveries and the cursor are
// committed together, so a crash repeats the batch or doesn't; its ids are the
// same either way.
func (n *Notifier) enqueueNext(ctx context.Context, p *place) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := n.begin(ctx, p); err != nil {
		return false, err
	}
	if n.express.carries(p, n.deps.Clock.Now(), n.opts.Poll) {
		return false, n.move(ctx, p, nil)
	}
	records, err := n.deps.Queue.Events(ctx, p.at, batch)
	if err != nil {
		return false, fmt.Errorf("reading event log: %w", err)
	}
	if len(records) == 0 && !n.express.running() {
		return false, n.move(ctx, p, nil)
	}
	who, err := n.audience(ctx)
	if err != nil {
		return false, err
	}
	if len(records) == 0 {
		n.express.begin(p.at, who)
		return false, n.move(ctx, p, nil)
	}
	if err := n.mark(ctx, who, records); err != nil {
		return false, err
	}
	p.at = records[len(records)-1].Cursor
	return len(records) == batch, n.move(ctx, p, who.deliveries(records, n.deps.Clock.Now()))
}

// move stores deliveries with the cursor, and the cursor alone when it is old.
func (n *Notifier) move(ctx context.Context, p *place, ds []Delivery) error {
	now := n.deps.Clock.Now()
	if p.at == p.stored || len(ds) == 0 && now.Sub(p.moved) < follow.LagTime {
		return nil
	}
	if err := n.deps.Queue.Enqueue(ctx, consumer, p.at, ds); err != nil {
		return fmt.Errorf("enqueueing deliveries: %w", err)
	}
	p.stored, p.moved = p.at, now
	if len(ds) > 0 {
		n.wakeDispatcher()
	}
	return nil
}

func (n *Notifier) wakeDispatcher() { wake(n.kick) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// audience is who hears of events, as of a place in the log.
type audience struct {
	subs       []Subscription
	escalating []Subscription // those of them with steps
	silences   []Silence
}

func (n *Notifier) audience(ctx context.Context) (a audience, err error) {
	if a.subs, err = n.subscriptions(ctx); err != nil {
		return a, err
	}
	for _, s := range a.subs {
		if len(s.Escalate) > 0 {
			a.escalating = append(a.escalating, s)
		}
	}
	a.silences, err = n.silencesNow(ctx)
	return a, err
}

// deliveries are what is owed because of records.
func (a audience) deliveries(records []event.Record, now time.Time) (ds []Delivery) {
	for _, r := range records {
		for _, s := range a.subs {
			if s.Wants(r.Event) {
				d := newDelivery(s.ID, r.Event, now)
				d.NextAttempt = s.Manner.when(r.Event, now)
				ds = append(ds, hush(a.silences, d))
			}
		}
	}
	return ds
}

func newDelivery(subscription string, e event.Event, now time.Time) Delivery {
	return Delivery{
		ID: DeliveryID(subscription, e.ID), SubscriptionID: subscription, Event: e,
		State: Pending, NextAttempt: now, CreatedAt: now,
	}
}

// DeliveryID is the webhook-id of an event on its way to a subscription. It
// follows from the two alone: whoever makes the delivery again, after a crash
// or on another node, makes the same one.
func DeliveryID(subscriptionID, eventID string) string {
	sum := sha256.Sum256([]byte(subscriptionID + "\x00" + eventID))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// faults logs when a repeated task begins to fail and when it works again,
// not every failure in between.
type faults struct {
	log     *slog.Logger
	what    string
	failing bool
}

func (f *faults) note(err error) {
	switch {
	case err != nil && !f.failing:
		f.log.Error(f.what+" fails, trying again", "error", err)
	case err == nil && f.failing:
		f.log.Info(f.what + " works again")
	}
	f.failing = err != nil
}
