package notify

import (
	"context"
	"slices"
	"time"
)

// What a lane delivered is recorded together when its receiver is quick: a commit for
// each would cost more than the sending. After a crash what was not recorded is sent
// again, with the same webhook-id.
const (
	mostTogether = 32
	quick        = 10 * time.Millisecond // a receiver that takes longer is recorded at once
	longTogether = 25 * time.Millisecond // the longest that an outcome waits for others
)

// recorder holds back the outcomes of one burst, which is one goroutine's. All that is
// held is recorded by flush.
type recorder struct {
	n     *Notifier
	s     Subscription
	held  Outcome // Delivery.ID is empty: nothing is held
	since time.Time
}

// record records an outcome, or holds it back with others that are its like. Whatever
// was delivered before a failure is recorded before it.
func (r *recorder) record(ctx context.Context, o Outcome, took time.Duration) error {
	if r.held.Delivery.ID != "" && !r.joins(o) {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	switch {
	case r.held.Delivery.ID != "":
		r.held.Also = append(append(r.held.Also, o.Delivery), o.Also...)
	case !o.Success:
		return r.n.settle(ctx, r.s, o)
	default:
		r.held, r.since = o, o.At
		r.held.Also = slices.Clone(o.Also) // it may be a part of what is still to be sent
	}
	if took >= quick || o.At.Sub(r.since) >= longTogether || len(r.held.Also) >= mostTogether-1 {
		return r.flush(ctx)
	}
	return nil
}

// joins reports whether an outcome becomes the same in the store as those that are held.
func (r *recorder) joins(o Outcome) bool {
	a, b := r.held.Delivery, o.Delivery
	return o.Success && a.State == b.State && a.Attempts == b.Attempts && a.LastStatus == b.LastStatus && a.LastError == b.LastError
}

// flush records what is held.
func (r *recorder) flush(ctx context.Context) error {
	if r.held.Delivery.ID == "" {
		return nil
	}
	o := r.held
	r.held = Outcome{}
	return r.n.settle(ctx, r.s, o)
}
