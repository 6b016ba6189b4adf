package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
)

// ErrPaused: a paused webhook is sent nothing.
var ErrPaused = errors.New("the webhook is paused")

// Test sends a test event to one webhook, whatever its state and filters, by
// the way every delivery takes, and records how it went. It is tried once and
// counts neither for nor against the webhook.
func (n *Notifier) Test(ctx context.Context, id string, by audit.Entry) (Delivery, error) {
	s, err := n.subscription(ctx, id)
	if err != nil {
		return Delivery{}, err
	}
	e, err := event.New(event.Header{
		Time: n.deps.Clock.Now(), Source: n.deps.Node, Severity: event.Info, Subject: "test of " + id,
	}, event.WebhookTest{Webhook: id, RequestedBy: by.Actor.Name})
	if err != nil {
		return Delivery{}, err
	}
	d := newDelivery(s.ID, e, n.deps.Clock.Now())
	ans := n.attempt(ctx, s, d)
	if ctx.Err() != nil {
		return Delivery{}, fmt.Errorf("testing webhook %q: %w", id, ctx.Err())
	}
	d.State, d.Attempts, d.NextAttempt, d.LastStatus, d.LastError = Delivered, 1, n.deps.Clock.Now(), ans.status, ans.fault
	if ans.fault != "" {
		d.State = Dead
	}
	n.report(s, Outcome{Delivery: d, Success: ans.fault == "", At: d.NextAttempt})
	return d, n.record(ctx, d, by)
}

func (n *Notifier) record(ctx context.Context, d Delivery, by audit.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if err := n.deps.Letters.RecordTest(ctx, d, by); err != nil {
		return fmt.Errorf("recording the test of webhook %q: %w", d.SubscriptionID, err)
	}
	return nil
}

// Deliveries returns a page of a webhook's deliveries, the newest event first.
func (n *Notifier) Deliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error) {
	if _, err := n.subscription(ctx, f.SubscriptionID); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	ds, err := n.deps.Letters.ListDeliveries(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("listing deliveries: %w", err)
	}
	return ds, nil
}

// Redeliver queues deliveries again, with their webhook-ids, and returns how
// many.
func (n *Notifier) Redeliver(ctx context.Context, r Resend, by audit.Entry) (int, error) {
	if !r.Until.IsZero() && !r.From.Before(r.Until) {
		return 0, &InputError{"until", "it is not after from"}
	}
	id := r.SubscriptionID
	s, err := n.subscription(ctx, id)
	if err == nil && s.State() == Paused {
		err = ErrPaused
	}
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	count, err := n.deps.Letters.Redeliver(ctx, r, n.deps.Clock.Now(), by)
	if err != nil {
		return 0, fmt.Errorf("redelivering to webhook %q: %w", id, err)
	}
	n.wakeDispatcher()
	return count, nil
}

func (n *Notifier) subscription(ctx context.Context, id string) (Subscription, error) {
	subs, err := n.subscriptions(ctx)
	if err != nil {
		return Subscription{}, err
	}
	i := slices.IndexFunc(subs, func(s Subscription) bool { return s.ID == id })
	if i < 0 {
		return Subscription{}, fmt.Errorf("webhook %q: %w", id, ErrNotFound)
	}
	return subs[i], nil
}

const (
	tidyEvery = time.Hour
	tidyBatch = 500
)

// tidy forgets what was done long ago, until ctx ends.
func (n *Notifier) tidy(ctx context.Context) {
	health := faults{log: n.deps.Log, what: "tidying the delivery log"}
	for ctx.Err() == nil {
		more, err := n.tidyOnce(ctx)
		if ctx.Err() == nil {
			health.note(err)
		}
		if !more {
			n.pause(ctx, tidyEvery, nil)
		}
	}
}

// tidyOnce deletes one batch, so that no write takes long.
func (n *Notifier) tidyOnce(ctx context.Context) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := n.deps.Clock.Now()
	count, err := n.deps.Letters.Tidy(ctx, now.Add(-n.opts.KeepDelivered), now.Add(-n.opts.KeepDead), tidyBatch)
	if err != nil {
		return false, fmt.Errorf("tidying the delivery log: %w", err)
	}
	return count == tidyBatch, nil
}
