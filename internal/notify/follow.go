package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

const (
	batch        = 256              // records read, and committed, at once
	skipTime     = time.Second      // for which the cursor may stay behind what nobody wants
	storeTimeout = 10 * time.Second // for one step's calls of the store
	storePause   = time.Second      // before asking a store again that failed
)

// follow moves matching events from the log into the queue until ctx ends.
func (n *Notifier) follow(ctx context.Context) {
	wake := n.deps.Wake
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
			if open := n.pause(ctx, n.opts.Poll, wake); !open {
				wake = nil
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
	records, err := n.deps.Queue.Events(ctx, p.at, batch)
	if err != nil {
		return false, fmt.Errorf("reading event log: %w", err)
	}
	var ds []Delivery
	if len(records) > 0 {
		if ds, err = n.deliveries(ctx, records); err != nil {
			return false, err
		}
		if err := n.mark(ctx, records); err != nil {
			return false, err
		}
		p.at = records[len(records)-1].Cursor
	}
	return len(records) == batch, n.move(ctx, p, ds)
}

// move stores deliveries with the cursor, and the cursor alone when it is old.
func (n *Notifier) move(ctx context.Context, p *place, ds []Delivery) error {
	now := n.deps.Clock.Now()
	if p.at == p.stored || len(ds) == 0 && now.Sub(p.moved) < skipTime {
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

func (n *Notifier) wakeDispatcher() {
	select {
	case n.kick <- struct{}{}:
	default:
	}
}

func (n *Notifier) deliveries(ctx context.Context, records []event.Record) ([]Delivery, error) {
	subs, err := n.subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	silences, err := n.silencesNow(ctx)
	if err != nil {
		return nil, err
	}
	now := n.deps.Clock.Now()
	var ds []Delivery
	for _, r := range records {
		for _, s := range subs {
			if s.Wants(r.Event) {
				d := newDelivery(s.ID, r.Event, now)
				d.NextAttempt = s.Manner.when(r.Event, now)
				ds = append(ds, hush(silences, d))
			}
		}
	}
	return ds, nil
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
