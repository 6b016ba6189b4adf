package anomaly

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

// run is a Sensor's work from a start to a failure.
type run struct {
	*Sensor
	t       *tracker
	rules   *[]*rule.Rule // in force
	longest time.Duration // of the windows
	at      event.Cursor  // how far the log is counted
	stored  event.Cursor  // how far that is stored
	moved   time.Time     // when it was
	window  event.Cursor  // from where it is read again
	marks   []mark        // places behind window, oldest first
	failed  map[string]bool
	unknown error // why the store could not say what was told before
}

// mark is a place in the log and when what is before it was received.
type mark struct {
	at       event.Cursor
	received time.Time
}

// begin reads what is open, and the log of the windows again.
func (s *Sensor) begin(ctx context.Context) (*run, error) {
	r := &run{Sensor: s, rules: s.rules.Load(), longest: time.Minute, failed: map[string]bool{}}
	var err error
	if r.at, err = s.d.Log.Cursor(ctx, Consumer); err != nil {
		return nil, fmt.Errorf("reading cursor: %w", err)
	}
	r.stored, r.moved = r.at, s.d.Clock.Now()
	if r.window, err = s.d.Log.Cursor(ctx, WindowConsumer); err != nil {
		return nil, fmt.Errorf("reading cursor: %w", err)
	}
	open, err := s.d.Store.OpenEpisodes(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading open episodes: %w", err)
	}
	if r.t, err = newTracker(s.d.Detectors, *r.rules); err != nil {
		return nil, err
	}
	for _, d := range r.t.detectors {
		r.longest = max(r.longest, d.Window)
	}
	r.t.ended = func(p Past) time.Time { return r.ended(ctx, p) }
	r.t.restore(open, s.d.Clock.Now())
	s.at.Store(r.t)
	return r, r.replay(ctx)
}

// ended asks the store about an earlier episode. What it cannot say, step returns.
func (r *run) ended(ctx context.Context, p Past) time.Time {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	until, err := r.d.Store.EndedEpisode(ctx, p)
	if err != nil {
		r.unknown = fmt.Errorf("asking for what was told before: %w", err)
	}
	return until
}

// replay counts the log up to where an earlier run has come.
func (r *run) replay(ctx context.Context) error {
	r.t.silent = true
	defer func() { r.t.silent = false }()
	for at := r.window; at.Seq < r.at.Seq; {
		records, err := r.read(ctx, at)
		if err != nil || len(records) == 0 {
			return err
		}
		for _, rec := range records {
			if rec.Cursor.Seq <= r.at.Seq {
				r.take(rec)
			}
		}
		at = records[len(records)-1].Cursor
	}
	return nil
}

func (r *run) read(ctx context.Context, after event.Cursor) ([]event.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	records, err := r.d.Log.Events(ctx, after, batch)
	if err != nil {
		return nil, fmt.Errorf("reading event log: %w", err)
	}
	return records, nil
}

// take counts what an event of the log reports.
func (r *run) take(rec event.Record) {
	if rec.Event.Topic != event.TopicRecordsReceived {
		return
	}
	var p event.RecordsReceived
	if err := rec.Event.Decode(&p); err != nil { // it will not be better the next time
		r.d.Logger.Error("records cannot be read", "event", rec.Event.ID, "error", err)
		return
	}
	received := rec.Event.Time
	if now := r.d.Clock.Now(); received.After(now) { // by the clock of a node that is ahead
		received = now
	}
	r.t.sweep(received) // what was over before it
	r.t.take(p.Records, received)
	r.complain()
	r.mark(mark{rec.Cursor, received})
}

// complain says once of each rule that it could not judge a record.
func (r *run) complain() {
	for _, name := range r.t.rules.index.Failed() {
		if !r.failed[name] {
			r.d.Logger.Warn("an anomaly rule cannot judge a record, which does not count for it", "rule", name)
		}
		r.failed[name] = true
	}
}

// mark notes a place in the log now and then, and lets the window begin at the newest
// that is two windows old.
func (r *run) mark(m mark) {
	if n := len(r.marks); n == 0 || m.received.Sub(r.marks[n-1].received) >= r.longest/8 {
		r.marks = append(r.marks, m)
	}
	for len(r.marks) > 1 && m.received.Sub(r.marks[0].received) >= 2*r.longest {
		r.window, r.marks = r.marks[0].at, r.marks[1:]
	}
}

// step counts a batch of the log and stores what it came to.
func (r *run) step(ctx context.Context) (more bool, err error) {
	records, err := r.read(ctx, r.at)
	if err != nil {
		return false, err
	}
	for _, rec := range records {
		r.take(rec)
		r.at = rec.Cursor
	}
	if r.unknown != nil {
		return false, r.unknown
	}
	if more = len(records) == batch; !more { // nothing waits that is older
		r.t.sweep(r.d.Clock.Now())
	}
	return more, r.store(ctx, r.d.Clock.Now().Add(-follow.LagTime))
}

// store keeps what is new of the episodes with the place in the log. The place alone it
// keeps when that was done last before some time: what changed nothing is counted again
// at a start.
func (r *run) store(ctx context.Context, due time.Time) (err error) {
	c := Commit{From: r.stored, Next: r.at, Window: r.window}
	if c.Changes, c.Events, err = r.t.changes(r.d.Node); err != nil {
		return fmt.Errorf("telling of episodes: %w", err)
	}
	if len(c.Changes) == 0 && (r.at == r.stored || r.moved.After(due)) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := r.d.Store.Commit(ctx, c); err != nil {
		return fmt.Errorf("storing episodes: %w", err)
	}
	r.stored, r.moved = c.Next, r.d.Clock.Now()
	return nil
}
