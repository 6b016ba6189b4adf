package notify

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// maxUnrecorded bounds what is sent of one subscription and not recorded: so many
// messages a crash may repeat, under the same webhook-ids.
const maxUnrecorded = 256

// ledger records what became of one subscription's deliveries, in their order and
// beside the sending: what gathers while one commit is made goes into the next.
type ledger struct {
	n  *Notifier
	wg *sync.WaitGroup // of the dispatcher, which outlives what is recorded here

	mu       sync.Mutex
	waiting  []Outcome
	unsaid   map[string]bool // deliveries that were sent and are not recorded, by id
	recorded chan struct{}   // closed when nothing waits any more; nil: nothing does
	hurry    chan struct{}   // capacity 1: somebody waits for recorded
	stuck    bool            // the store failed again and again, and is left alone for a while
}

func newLedger(n *Notifier, wg *sync.WaitGroup) *ledger {
	return &ledger{n: n, wg: wg, unsaid: map[string]bool{}, hurry: make(chan struct{}, 1)}
}

// take has an outcome recorded. When too many wait, it waits for them. Only the
// subscription's lane calls it.
func (l *ledger) take(ctx context.Context, s Subscription, o Outcome) {
	if l.size() >= maxUnrecorded {
		l.wait()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, o)
	for _, d := range o.deliveries() {
		l.unsaid[d.ID] = true
	}
	if l.recorded == nil {
		l.recorded = make(chan struct{})
		l.wg.Go(func() { l.record(ctx, s) })
	}
}

// wait returns when all that was taken is recorded, or given up.
func (l *ledger) wait() {
	l.mu.Lock()
	recorded := l.recorded
	l.mu.Unlock()
	if recorded != nil {
		wake(l.hurry)
		<-recorded
	}
}

// record works off what waits and ends with it.
func (l *ledger) record(ctx context.Context, s Subscription) {
	l.n.pause(ctx, l.n.opts.Gather, l.hurry)
	for all := l.next(nil); len(all) > 0; all = l.next(all) {
		if err := l.n.settle(ctx, s, alike(all)...); err != nil {
			l.n.deps.Log.Error("recording webhook deliveries fails; they will be repeated with the same webhook-ids",
				"subscription", s.ID, "deliveries", len(all), "error", err)
			l.stick(true)
			l.n.pause(ctx, settleHold, nil)
			l.stick(false)
			l.n.wakeDispatcher()
		}
	}
}

// alike makes one of deliveries that were accepted one after the other with the same
// answer: the store writes them at once.
func alike(all []Outcome) (fewer []Outcome) {
	for _, o := range all {
		if n := len(fewer); n > 0 && fewer[n-1].like(o) {
			fewer[n-1].Also = append(fewer[n-1].Also, o.deliveries()...)
			continue
		}
		o.Also = slices.Clip(o.Also) // what is added goes into a list of our own
		fewer = append(fewer, o)
	}
	return fewer
}

func (o Outcome) like(p Outcome) bool {
	a, b := o.Delivery, p.Delivery
	return o.Success && p.Success && a.State == b.State && a.Attempts == b.Attempts && a.LastStatus == b.LastStatus && a.LastError == b.LastError
}

// next forgets what is done with and returns what has gathered since.
func (l *ledger) next(done []Outcome) []Outcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range done {
		for _, d := range o.deliveries() {
			delete(l.unsaid, d.ID)
		}
	}
	all := l.waiting
	l.waiting = nil
	if len(all) == 0 {
		close(l.recorded)
		l.recorded = nil
	}
	return all
}

func (l *ledger) stick(now bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stuck = now
}

// closed reports whether nothing should be sent, because it could not be recorded.
func (l *ledger) closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stuck
}

// list returns the ids of what was sent and is not recorded.
func (l *ledger) list() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.unsaid)
}

// size is how many deliveries were sent and are not recorded.
func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.unsaid)
}
