package notify

import (
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// Ferry lets deliveries be queued in the very transaction that appends their events,
// where the log has one writer: an alert then waits for one commit and not for two.
type Ferry interface {
	// Board has the writer ask for what follows from the records that it is about to
	// commit, in place of whom it asked before; nil: nobody. What is found is stored in
	// that transaction and with it the consumer's cursor, when there are deliveries. It
	// reports whether that is possible.
	Board(consumer string, of Boarding) bool
}

// Boarding finds what follows from records, before which the log ended at a place. It
// must not block.
type Boarding func(before event.Cursor, records []event.Record) Boarded

// Boarded is what is stored with events.
type Boarded struct {
	Deliveries []Delivery
	Signs      []Sign
	Committed  func() // called once the events are committed; nil: nobody is
}

// express is the notifier's way to have deliveries stored with their events. It is open
// while all that the log holds was looked at, by the follower or here, and nobody has
// changed who hears of what; else the follower has its way, and begins it again.
type express struct {
	mu   sync.Mutex
	runs bool // there is a Ferry
	open bool
	who  audience
	seen event.Cursor // the last record that was looked at; it may not be committed yet
	done event.Cursor // the last one that is
	left event.Cursor // the last one that was left to the follower, likewise
	hand hand
}

func (x *express) run(yes bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.runs, x.open = yes, false
	x.hand.drop()
}

func (x *express) running() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.runs
}

// begin opens it: all up to a place was looked at, and these people hear of what comes.
// It stays shut while something behind that place was left to the follower.
func (x *express) begin(at event.Cursor, who audience) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.open = x.runs && x.left.Seq <= at.Seq
	x.who, x.seen, x.done = who, at, at
}

// board says what follows from records, unless something was missed or they change who
// hears of what. Then all that is at hand is left to the store: left.
func (x *express) board(before event.Cursor, records []event.Record, now time.Time) (ds []Delivery, who audience, left, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.open || x.seen.Seq != before.Seq || slices.ContainsFunc(records, changesAudience) {
		x.open, x.left = false, records[len(records)-1].Cursor
		return nil, audience{}, x.hand.drop(), false
	}
	x.seen, who = records[len(records)-1].Cursor, x.who
	who.silences = inForce(who.silences, now)
	ds = who.deliveries(records, now)
	x.hand.board(who.subs, ds)
	return ds, who, false, true
}

// committed hands out what was boarded. It reports whether there is something at hand,
// and whether the store has what is not.
func (x *express) committed(at event.Cursor, ds []Delivery) (handed, left bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.done = at
	return x.hand.arrive(ds)
}

// carries moves the follower to where this has come. It reports whether the follower has
// nothing to read: seldom it has to all the same, since another process may have
// written.
func (x *express) carries(p *place, now time.Time, poll time.Duration) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done.Seq > p.at.Seq {
		p.at = x.done
	}
	if x.open && now.Sub(p.read) < poll && !now.Before(p.read) {
		return true
	}
	p.read = now
	return false
}

// holding tells which of some deliveries are at hand, or about to be.
func (x *express) holding(due []Delivery) map[string]bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	ids := map[string]bool{}
	for _, d := range due {
		if x.hand.holds(d.ID) {
			ids[d.ID] = true
		}
	}
	return ids
}

// atHand names the subscriptions with something at hand.
func (x *express) atHand() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.hand.names()
}

// pick takes what is at hand of a subscription, at most so many.
func (x *express) pick(subscription string, most int) (Subscription, []Delivery) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.hand.pick(subscription, most)
}

// leave leaves what is at hand of a subscription to the store.
func (x *express) leave(subscription string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.hand.leave(subscription)
}

func changesAudience(r event.Record) bool {
	return r.Event.Topic == event.TopicSubscriptionsChanged || r.Event.Topic == event.TopicSilenceChanged
}

// inForce leaves out silences that have ended by now. The list may be shared.
func inForce(all []Silence, now time.Time) []Silence {
	over := func(s Silence) bool { return !s.ActiveAt(now) }
	if !slices.ContainsFunc(all, over) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), over)
}

// board is the notifier's Boarding.
func (n *Notifier) board(before event.Cursor, records []event.Record) Boarded {
	ds, who, left, ok := n.express.board(before, records, n.deps.Clock.Now())
	if left {
		n.wakeDispatcher()
	}
	if !ok {
		return Boarded{}
	}
	last := records[len(records)-1].Cursor
	return Boarded{Deliveries: ds, Signs: n.signs(who, records), Committed: func() {
		handed, left := n.express.committed(last, ds)
		if handed {
			wake(n.handed)
		}
		if left {
			n.wakeDispatcher()
		}
	}}
}

// alight leaves the Ferry.
func (n *Notifier) alight() {
	if n.express.running() {
		n.express.run(false)
		n.deps.Ferry.Board(consumer, nil)
	}
}
