package notify

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// The pauses between the probes of a tripped webhook: a minute after the trip,
// then twice as long each time.
const (
	firstProbe = time.Minute
	lastProbe  = time.Hour
)

// probes is when the tripped subscriptions are probed: their breakers are half
// open for one delivery. It lives as long as the dispatcher; after a restart it
// begins anew, with an early probe.
type probes map[string]*probing

type probing struct {
	tried int
	next  time.Time
}

// due names the subscriptions whose turn it is, and forgets those that are not
// tripped any more.
func (p probes) due(subs []Subscription, tripAt int, now time.Time) (turn []Subscription) {
	tripped := map[string]bool{}
	for _, s := range subs {
		if !s.probed(tripAt) {
			continue
		}
		tripped[s.ID] = true
		if p[s.ID] == nil {
			p[s.ID] = &probing{next: s.AutoDisabledAt.Add(firstProbe)}
		}
		if !p[s.ID].next.After(now) {
			turn = append(turn, s)
		}
	}
	for id := range p {
		if !tripped[id] {
			delete(p, id)
		}
	}
	return turn
}

// probed reports whether the subscription may come back by itself. One whose
// receiver said that it is gone tripped with fewer failures, and may not.
func (s Subscription) probed(tripAt int) bool {
	return s.State() == Tripped && s.AutoDisabledAt != nil && s.Failures >= tripAt
}

// again puts off the next probe.
func (p *probing) again(now time.Time) {
	wait := firstProbe
	for range min(p.tried, 6) {
		wait *= 2
	}
	p.tried++
	p.next = now.Add(min(wait, lastProbe))
}

// probe sends each tripped subscription whose turn it is the oldest delivery
// that waits for it.
func (d *dispatcher) probe(ctx context.Context, subs []Subscription) error {
	now := d.deps.Clock.Now()
	for _, s := range d.probes.due(subs, d.opts.TripAt, now) {
		if d.lane(s.ID).busy {
			continue
		}
		oldest, ok, err := d.oldest(ctx, s)
		if err != nil {
			return err
		}
		if ok {
			d.probes[s.ID].again(now)
			d.occupy(ctx, s, func() time.Time { return d.try(ctx, s, oldest) })
		}
	}
	return nil
}

func (d *dispatcher) oldest(ctx context.Context, s Subscription) (Delivery, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	del, ok, err := d.deps.Waiting.Oldest(ctx, s.ID)
	if err != nil {
		return del, false, fmt.Errorf("reading the oldest delivery of webhook %q: %w", s.ID, err)
	}
	return del, ok, nil
}

// try makes one attempt. If it is accepted, the subscription is active again.
func (n *Notifier) try(ctx context.Context, s Subscription, d Delivery) time.Time {
	began := n.deps.Clock.Now()
	ans := n.attempt(ctx, s, d)
	if ctx.Err() != nil && ans.status == 0 {
		return time.Time{}
	}
	out, _ := n.judge(s, parcel{d, []Delivery{d}}, ans)
	if out.Success {
		out.OnRecover = n.recoverEvent(s)
		out.InOrder = !s.Manner.waits() // what a digest collected stays together
	}
	n.report(s, out)
	n.trace(began, s, out)
	if err := n.settle(ctx, s, out); err != nil {
		n.deps.Log.Error("recording a probe fails", "subscription", s.ID, "error", err)
	} else if out.Success {
		n.deps.Log.Info("webhook accepts again: it is on, what waited for it is sent", "subscription", s.ID, "host", hostOf(s.URL))
	}
	return time.Time{}
}

// recoverEvent tells the others that a tripped webhook is active again.
func (n *Notifier) recoverEvent(s Subscription) event.Event {
	e, err := n.changed(event.Medium, fmt.Sprintf("webhook %s accepts again; what waited for it is sent", s.ID), s.ID)
	if err != nil { // nothing of it comes from outside: cannot fail
		n.deps.Log.Error("telling that a webhook recovered", "subscription", s.ID, "error", err)
	}
	return e
}
