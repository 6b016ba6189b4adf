package respond

import (
	"context"
	"fmt"
	"time"
)

// How long an action that fails is tried, how often at least, and how long the pause
// between two tries may become.
const (
	patience  = time.Hour
	leastTry  = 10
	mostPause = time.Minute
	mostWhy   = 300 // characters of an error that are kept
)

// trouble is an action that could not be done yet. It is told once, tried again after
// longer and longer pauses, and keeps no other one waiting.
type trouble struct {
	since, next time.Time
	tries       int
	seen        bool // in this pass
}

// troubles are the actions in trouble, by id. One goroutine uses them; no more are kept
// than are due.
type troubles map[string]*trouble

// waits reports whether an action is not to be tried yet.
func (all troubles) waits(actionID string, now time.Time) bool {
	t := all[actionID]
	if t == nil {
		return false
	}
	t.seen = true
	return now.Before(t.next)
}

// failed notes a try. first: it is the first one; over: there will be no other.
func (all troubles) failed(actionID string, now time.Time) (first, over bool) {
	t := all[actionID]
	if first = t == nil; first {
		t = &trouble{since: now}
		all[actionID] = t
	}
	t.tries, t.seen = t.tries+1, true
	t.next = now.Add(min(max(now.Sub(t.since), again), mostPause))
	return first, t.tries >= leastTry && now.Sub(t.since) >= patience
}

// forget ends a pass over all that is due: who was not seen is not due any more.
func (all troubles) forget() {
	for actionID, t := range all {
		if !t.seen {
			delete(all, actionID)
		}
		t.seen = false
	}
}

// attempt does an action, within the time that one may take. wait: it is to be tried
// again later; why: it has failed for good.
func (r *Reactor) attempt(ctx context.Context, a Action) (result string, wait bool, why error) {
	now := r.d.Clock.Now()
	if r.troubles.waits(a.ID, now) {
		return "", true, nil
	}
	doing, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	result, err := r.do(doing, a)
	if err == nil || final(err) {
		return result, false, err
	}
	first, over := r.troubles.failed(a.ID, now)
	if over {
		return "", false, fmt.Errorf("it was tried for an hour: %.*s", mostWhy, err.Error())
	}
	if first {
		r.d.Logger.Error("an action of a playbook cannot be done yet, trying again", "action", a.ID, "playbook", a.Playbook, "kind", a.Kind, "error", err)
	}
	return "", true, nil
}
