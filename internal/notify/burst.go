package notify

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

const (
	settleTimeout = 5 * time.Second
	settleTries   = 6           // with pauses of 1, 2, 4 ... seconds
	settleHold    = time.Minute // for a lane whose outcome could not be recorded
)

// burst sends deliveries of one subscription in order and stops at the first
// failure. What was accepted is recorded beside the sending; a failure, before it
// returns the time before which the subscription should be left alone.
func (n *Notifier) burst(ctx context.Context, s Subscription, ds []Delivery, l *ledger) time.Time {
	for len(ds) > 0 {
		d, rest, err := n.next(ctx, s, ds, l)
		if err != nil {
			n.deps.Log.Error("preparing a webhook delivery fails, trying again", "subscription", s.ID, "error", err)
			return n.deps.Clock.Now().Add(storePause)
		}
		ds = rest
		began := n.deps.Clock.Now()
		ans := n.attempt(ctx, s, d.Delivery)
		if ctx.Err() != nil && ans.status == 0 {
			return time.Time{} // cut short by us: the delivery stays as it was
		}
		out, hold := n.judge(s, d, ans)
		n.report(s, d.outcome(out))
		n.trace(began, s, d.outcome(out))
		l.take(ctx, s, out)
		if !out.Success {
			l.wait()
			return hold
		}
		s.Failures = 0
	}
	return time.Time{}
}

// judge turns an answer into what the store records, and says until when the
// subscription should be left alone.
func (n *Notifier) judge(s Subscription, p parcel, ans answer) (Outcome, time.Time) {
	now := n.deps.Clock.Now()
	d := p.all[0]
	d.Attempts++
	d.LastStatus, d.LastError = ans.status, ans.fault
	out := Outcome{Also: p.all[1:], Success: ans.fault == "", TripAt: n.opts.TripAt, At: now}
	if out.Success {
		d.State, d.NextAttempt = Delivered, now
		out.Delivery = d
		return out, time.Time{}
	}
	out.OnTrip = n.tripEvent(s, d)
	if ans.gone { // the receiver asks for no more (Standard Webhooks 1.0, 410 Gone)
		out.TripAt, out.Gone = 1, true
	}
	// The endpoint rests as long as its failures in a row ask for; the delivery
	// at least so, and longer when it is itself what fails.
	hold := now.Add(n.opts.Retry.Wait(s.Failures+1, ans.retryAfter))
	next := hold
	if d.Attempts > s.Failures+1 {
		next = now.Add(n.opts.Retry.Wait(d.Attempts, ans.retryAfter))
	}
	if ans.final || n.opts.Retry.exhausted(d, next) {
		d.State, d.NextAttempt = Dead, now
	} else {
		d.NextAttempt = next
	}
	out.Delivery = d
	return out, hold
}

// tripEvent tells the others, should this failure trip s.
func (n *Notifier) tripEvent(s Subscription, d Delivery) event.Event {
	e, err := n.changed(event.High, fmt.Sprintf("webhook %s tripped: %s", s.ID, d.LastError), s.ID)
	if err != nil { // nothing of it comes from outside: cannot fail
		n.deps.Log.Error("telling that a webhook tripped", "subscription", s.ID, "error", err)
	}
	return e
}

// settle records outcomes, again when the store is away for a moment. What
// was delivered is recorded even when we are told to stop.
func (n *Notifier) settle(ctx context.Context, s Subscription, all ...Outcome) (err error) {
	wait := time.Second
	for range settleTries {
		var tripped bool
		if tripped, err = n.settleOnce(ctx, all); err == nil {
			if tripped {
				n.deps.Log.Error("webhook tripped: it is off, its deliveries keep queueing until it is enabled again",
					"subscription", s.ID, "host", hostOf(s.URL), "failures", s.Failures+1, "last_error", all[len(all)-1].Delivery.LastError)
			}
			return nil
		}
		n.pause(ctx, wait, nil)
		if wait *= 2; ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (n *Notifier) settleOnce(ctx context.Context, all []Outcome) (bool, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	tripped, err := n.deps.Queue.Settle(ctx, all...)
	if err != nil {
		return false, fmt.Errorf("settling deliveries: %w", err)
	}
	return tripped, nil
}

// trace adds an attempt to the story of what led to the event. Why it failed is
// in the log: the words of an endpoint may hold anything.
func (n *Notifier) trace(began time.Time, s Subscription, o Outcome) {
	d, fault := o.Delivery, ""
	if !o.Success {
		fault = "not accepted"
	}
	n.deps.Tracer.Step(d.Event.CorrelationID, "notify.deliver", began, n.deps.Clock.Now(), fault,
		"subscription", s.ID, "topic", d.Event.Topic, "attempt", strconv.Itoa(d.Attempts), "http.status", strconv.Itoa(d.LastStatus))
}

// report makes an attempt visible: metric, status and log. It names the
// subscription and the host only, since a webhook's path may be a credential.
func (n *Notifier) report(s Subscription, o Outcome) {
	d := o.Delivery
	n.deps.Metrics.Delivered(s.ID, o.Success)
	n.remember(s.ID, Attempt{At: o.At, OK: o.Success, HTTPStatus: d.LastStatus, Error: d.LastError})
	level, text, why := said(d)
	if !n.deps.Log.Enabled(context.Background(), level) { // most are not told of, and there are many
		return
	}
	facts := []any{"subscription", s.ID, "host", hostOf(s.URL), "webhook_id", d.ID,
		"event_id", d.Event.ID, "topic", d.Event.Topic, "correlation_id", d.Event.CorrelationID,
		"attempt", d.Attempts, "status", d.LastStatus}
	n.deps.Log.Log(context.Background(), level, text, append(facts, why...)...)
}

// said is what the log says of an attempt.
func said(d Delivery) (level slog.Level, text string, why []any) {
	switch d.State {
	case Dead:
		return slog.LevelError, "webhook delivery given up", []any{"error", d.LastError}
	case Pending:
		return slog.LevelWarn, "webhook delivery failed", []any{"error", d.LastError, "next_attempt", d.NextAttempt}
	}
	return slog.LevelDebug, "webhook delivered", nil
}
