package dns

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/id"
)

// askings are the questions that were asked a moment ago. A program asks for one
// name again and again; as long as the answer is the same, that is one flow with
// one record when it begins and, if it was allowed, one when it ends.
type askings struct {
	recorder egress.Recorder
	repeats  time.Duration

	mu    sync.Mutex
	items *lru[askKey, *asking]
	over  []*asking // forgotten while mu was held
}

// askKey is what makes two questions the same for people.
type askKey struct {
	client   netip.Addr
	exe      string
	name     string // empty when a secret stands there
	secret   string // the fingerprint of that, or what is shown of it
	decision policy.Decision
}

// asking is one flow of DNS.
type asking struct {
	done   chan struct{} // closed when it is recorded, or cannot be
	err    error         // once done is closed
	record egress.Record
	until  time.Time

	out, in int64 // bytes of questions and answers; under askings.mu
}

func newAskings(r egress.Recorder, l Limits) *askings {
	a := &askings{recorder: r, repeats: l.Repeats, items: newLRU[askKey](l.Askings, one[*asking])}
	a.items.gone = func(k *asking) { a.over = append(a.over, k) }
	return a
}

// decided returns when the decision about a question is recorded, and the flow that
// the question belongs to.
func (a *askings) decided(ctx context.Context, q *query, v verdict) (*asking, error) {
	record := v.record(q, id.New())
	key := askKey{q.client.Addr(), q.program.Exe, record.Host, secretOf(v), v.decision}
	now := v.request.Time
	a.mu.Lock()
	k, known := a.items.get(key)
	if !known || !now.Before(k.until) {
		known = false
		k = &asking{done: make(chan struct{}), record: record, until: now.Add(a.repeats)}
		a.items.put(key, k)
	}
	over := a.forgotten()
	a.mu.Unlock()
	a.ended(over, now)
	if !known {
		k.err = a.recorder.Decided(ctx, k.record)
		if k.err != nil {
			a.drop(key)
		}
		close(k.done)
	}
	<-k.done
	return k, k.err
}

func secretOf(v verdict) string {
	if len(v.findings) == 0 {
		return ""
	}
	return v.findings[0].Fingerprint + v.findings[0].Redacted
}

// drop forgets a flow that was not recorded: the next question tries again.
func (a *askings) drop(key askKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.items.remove(key)
	a.forgotten()
}

// forgotten takes what is over; mu is held.
func (a *askings) forgotten() []*asking {
	over := a.over
	a.over = nil
	return over
}

// count adds a question and its answer to a flow.
func (a *askings) count(k *asking, out, in int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k.out += int64(out)
	k.in += int64(in)
}

// sweep ends the flows that are over; all of them when everything is.
func (a *askings) sweep(now time.Time, all bool) {
	a.mu.Lock()
	for key, e := range a.items.items {
		if all || !now.Before(e.Value.(*item[askKey, *asking]).value.until) {
			a.items.remove(key)
		}
	}
	over := a.forgotten()
	a.mu.Unlock()
	a.ended(over, now)
}

// ended tells of the ends of flows that were allowed.
func (a *askings) ended(over []*asking, now time.Time) {
	for _, k := range over {
		<-k.done
		if k.err != nil || !k.record.Decision.Allowed() {
			continue
		}
		r := k.record
		a.mu.Lock()
		r.BytesOut, r.BytesIn = k.out, k.in
		a.mu.Unlock()
		r.Took, r.Time = now.Sub(r.Time), now
		a.recorder.Ended(r)
	}
}
