package capture

import (
	"context"
	"encoding/json"
	"fmt"
)

// keep hands a batch to the store, or to the spool behind what waits there. When
// both refuse it is tried again until ctx ends: meanwhile the queue fills, and those
// who fill it wait.
func (r *Recorder) keep(ctx context.Context, b Batch, observations int) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := r.keepOnce(ctx, b)
		if err == nil {
			r.stored.Add(uint64(observations))
			return
		}
		if ctx.Err() != nil {
			r.lost.Add(uint64(observations))
			r.deps.Log.Error("what attackers did is lost: it could not be stored before the end", "observations", observations, "error", err)
			return
		}
		r.deps.Log.Error("neither store nor spool takes what attackers do, trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-r.deps.Clock.After(pause):
		}
		r.settleDue(ctx) // a full spool has room only after that, and Run waits for this batch
	}
}

func (r *Recorder) keepOnce(ctx context.Context, b Batch) error {
	if r.spooled() == 0 {
		err := r.store(ctx, b)
		if err == nil || r.deps.Spool == nil {
			return err
		}
		r.deps.Log.Warn("the store does not take what attackers do; it goes to the spool", "error", err)
		r.pause = firstPause
		r.retryAt = r.deps.Clock.Now().Add(r.pause)
	}
	record, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encoding a batch for the spool: %w", err)
	}
	return r.deps.Spool.Append(record)
}

// store gives the store its time, also when ctx has just ended.
func (r *Recorder) store(ctx context.Context, b Batch) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return r.deps.Store.Capture(ctx, b)
}

// waiting reports whether something waits for the store.
func (r *Recorder) waiting() bool { return r.spooled() > 0 || !r.abandoned }

// settleDue does what waits for the store, unless that failed a moment ago.
func (r *Recorder) settleDue(ctx context.Context) {
	if !r.waiting() || r.deps.Clock.Now().Before(r.retryAt) {
		return
	}
	err := r.settle(ctx)
	if err == nil {
		return
	}
	r.pause = min(max(2*r.pause, firstPause), longestPause)
	r.retryAt = r.deps.Clock.Now().Add(r.pause)
	r.deps.Log.Warn("what attackers did waits for the store", "bytes", r.spooled(), "error", err)
}

// settle stores what is on disk, then ends the sessions that an earlier run of this
// node has left open.
func (r *Recorder) settle(ctx context.Context) error {
	if r.spooled() > 0 {
		if err := r.deps.Spool.Take(func(record []byte) error { return r.drain(ctx, record) }, r.damaged); err != nil {
			return err
		}
	}
	if r.abandoned {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	err := r.deps.Store.Abandon(ctx, r.deps.Node, r.began)
	r.abandoned = err == nil
	return err
}

func (r *Recorder) drain(ctx context.Context, record []byte) error {
	var b Batch
	if err := json.Unmarshal(record, &b); err != nil {
		r.damaged("a record holds no batch")
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.store(ctx, b)
}

func (r *Recorder) damaged(why string) {
	r.deps.Log.Error("the spool of deckies is damaged", "error", why)
}
