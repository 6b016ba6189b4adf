package notify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// A burst is what a lane is handed at once. For one, the queues of all free lanes are
// looked at; what all lanes are handed stands in memory.
const (
	leastBurst = 64
	mostBurst  = 256
	allBursts  = 8_192
	wholePause = 100 * time.Millisecond // behind a look that found a whole burst
)

// burstSize is how many deliveries a lane is handed at once when there are so many.
func burstSize(lanes int) int {
	return min(max(allBursts/max(lanes, 1), leastBurst), mostBurst)
}

// dispatcher hands due deliveries to lanes, one per subscription. A lane sends
// one delivery at a time, so a subscription hears in order and an endpoint
// that is slow or silent delays only itself. All fields belong to the
// goroutine that runs dispatch.
type dispatcher struct {
	*Notifier
	lanes  map[string]*lane
	probes probes
	ended  chan laneEnd
	size   int       // of a burst
	at     time.Time // of the last look, which saw what was due then
	blind  bool      // it failed, or there was none
	whole  bool      // it found a whole burst, behind which there may be more
	wg     sync.WaitGroup
	health faults
}

// lane is where one subscription stands.
type lane struct {
	busy   bool
	unseen bool      // what is due of it was not looked at, because it was busy
	behind bool      // the queue has something that is due, and older than what is at hand
	hold   time.Time // not before this: the last attempt failed
	ledger *ledger
}

type laneEnd struct {
	subscription string
	hold         time.Time
}

// dispatch sends what is due until ctx ends, and returns when the last lane
// has ended.
func (n *Notifier) dispatch(ctx context.Context) {
	d := &dispatcher{
		Notifier: n, lanes: map[string]*lane{}, probes: probes{}, ended: make(chan laneEnd),
		blind: true, health: faults{log: n.deps.Log, what: "delivering alerts"},
	}
	defer d.wg.Wait()
	for ctx.Err() == nil {
		wait, err := d.look(ctx)
		if d.blind = err != nil; err != nil {
			wait = storePause
		}
		if ctx.Err() == nil {
			d.health.note(err)
		}
		d.handOut(ctx)
		d.sleep(ctx, wait)
	}
}

// sleep waits until a delivery may have become possible. The end of a lane that had
// nothing more to send makes none possible.
func (d *dispatcher) sleep(ctx context.Context, wait time.Duration) {
	for over := d.deps.Clock.After(wait); ; {
		select {
		case <-ctx.Done():
			return
		case <-d.kick:
			return
		case <-over:
			return
		case <-d.handed:
			d.handOut(ctx)
		case end := <-d.ended:
			l := d.lanes[end.subscription]
			l.busy, l.hold, l.behind = false, end.hold, l.behind || !end.hold.IsZero()
			if l.unseen || l.behind {
				return
			}
			d.handOut(ctx)
		}
	}
}

// look starts a burst in every free lane that has something due, and returns
// how long to sleep.
func (d *dispatcher) look(ctx context.Context) (time.Duration, error) {
	subs, err := d.subscriptions(ctx)
	if err != nil {
		return 0, err
	}
	d.size = burstSize(len(subs))
	due, err := d.due(ctx)
	if err != nil {
		return 0, err
	}
	d.start(ctx, subs, due)
	if err := d.probe(ctx, subs); err != nil {
		return 0, err
	}
	return d.untilNext(ctx)
}

// unrecorded are the deliveries of free lanes that were sent and are due in the store
// all the same. They must be known before the store is read: afterwards they may be
// recorded, and what was read is old.
func (d *dispatcher) unrecorded() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for name, l := range d.lanes {
		if !l.busy {
			all[name] = l.ledger.list()
		}
	}
	return all
}

func (d *dispatcher) due(ctx context.Context) ([]Delivery, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	d.at = d.deps.Clock.Now()
	q := DueQuery{Now: d.at, Each: d.size, Busy: d.busy(), Sent: d.unrecorded()}
	due, err := d.deps.Queue.Due(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("reading due deliveries: %w", err)
	}
	return due, nil
}

// busy names the subscriptions whose lane is taken: what is due of them is looked at
// when it ends.
func (d *dispatcher) busy() (names []string) {
	for name, l := range d.lanes {
		if l.unseen = l.busy; l.busy {
			names = append(names, name)
		}
	}
	return names
}

// handOut gives what is at hand to lanes that are free and have nothing older to send.
// Where something is older, all of it is left to the next look, which knows the order.
func (d *dispatcher) handOut(ctx context.Context) {
	if d.blind || len(d.kick) > 0 { // who was told to look first may find something older
		return
	}
	now := d.deps.Clock.Now()
	for _, name := range d.express.atHand() {
		l := d.lane(name)
		switch {
		case l.busy: // its end comes here again
		case l.behind || !l.free(now):
			d.express.leave(name)
			l.behind = true
			d.wakeDispatcher()
		default:
			if s, ds := d.express.pick(name, d.size); len(ds) > 0 {
				d.launch(ctx, s, ds)
			}
		}
	}
}

// start gives due deliveries to their lanes.
func (d *dispatcher) start(ctx context.Context, subs []Subscription, due []Delivery) {
	waiting := d.sendable(due)
	for _, s := range subs {
		if ds := waiting[s.ID]; len(ds) > 0 && s.State() == Active {
			d.launch(ctx, s, ds)
		}
	}
}

// sendable groups the deliveries whose lane is free by subscription: a burst of each,
// without what is at hand, which comes behind it.
func (d *dispatcher) sendable(due []Delivery) map[string][]Delivery {
	now, atHand := d.deps.Clock.Now(), d.express.holding(due)
	free, found := map[string][]Delivery{}, map[string]int{}
	d.whole = false
	for _, l := range d.lanes {
		l.behind = l.behind && !l.free(now)
	}
	for _, del := range due {
		l := d.lane(del.SubscriptionID)
		if !l.free(now) {
			l.behind = true
			continue
		}
		found[del.SubscriptionID]++
		l.behind = found[del.SubscriptionID] == d.size
		d.whole = d.whole || l.behind
		if !atHand[del.ID] {
			free[del.SubscriptionID] = append(free[del.SubscriptionID], del)
		}
	}
	return free
}

func (l *lane) free(now time.Time) bool { return !l.busy && !l.hold.After(now) && !l.ledger.closed() }

func (d *dispatcher) lane(subscription string) *lane {
	l := d.lanes[subscription]
	if l == nil {
		l = &lane{ledger: newLedger(d.Notifier, &d.wg)}
		d.lanes[subscription] = l
	}
	return l
}

// launch sends a burst in the subscription's lane. Deliveries that failed
// before stand behind those that are due longer, so that one which always
// fails neither blocks the others nor trips the breaker by itself.
func (d *dispatcher) launch(ctx context.Context, s Subscription, ds []Delivery) {
	slices.SortStableFunc(ds, func(a, b Delivery) int {
		return cmp.Or(a.NextAttempt.Compare(b.NextAttempt), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Event.ID, b.Event.ID))
	})
	l := d.lane(s.ID).ledger
	d.occupy(ctx, s, func() time.Time { return d.burst(ctx, s, ds, l) })
}

// occupy lets send have the subscription's lane until it ends.
func (d *dispatcher) occupy(ctx context.Context, s Subscription, send func() (hold time.Time)) {
	d.lane(s.ID).busy = true
	d.wg.Go(func() {
		end := laneEnd{s.ID, send()}
		select {
		case d.ended <- end:
		case <-ctx.Done():
		}
	})
}

// untilNext is the time until the next delivery is due or the next held lane
// may try again, at most Poll. What is due already waits for a lane, whose
// end wakes us, or to be recorded, which wakes us too. Behind a whole burst there is
// so much to do that nobody looks ahead: what is due next is asked a moment later.
func (d *dispatcher) untilNext(ctx context.Context) (time.Duration, error) {
	if d.whole {
		return min(wholePause, d.opts.Poll), nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	at, ok, err := d.deps.Queue.NextDue(ctx, d.at)
	if err != nil {
		return 0, fmt.Errorf("reading next due delivery: %w", err)
	}
	now, wait := d.deps.Clock.Now(), d.opts.Poll
	if ok {
		wait = min(wait, max(at.Sub(now), 0))
	}
	maps.DeleteFunc(d.lanes, func(_ string, l *lane) bool {
		return !l.busy && !l.behind && !l.hold.After(now) && l.ledger.size() == 0
	})
	for _, l := range d.lanes {
		if !l.busy {
			wait = min(wait, l.hold.Sub(now))
		}
	}
	return wait, nil
}
