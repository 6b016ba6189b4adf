package rulebook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

// Bounds of a try.
const (
	LongestStretch = 7 * 24 * time.Hour // of what was recorded
	MaxPasted      = 10_000             // records that are given
)

// Most is how much of a stretch a try looks at.
type Most struct {
	Records int64         // If 0, 500,000.
	Bytes   int           // Of stored events. If 0, 256 MiB.
	Time    time.Duration // If 0, ten seconds.
}

func (m Most) orUsual() Most {
	return Most{cmp.Or(m.Records, 500_000), cmp.Or(m.Bytes, 256<<20), cmp.Or(m.Time, 10*time.Second)}
}

// What a try was cut by.
const (
	CutRecords = "records"
	CutBytes   = "bytes"
	CutTime    = "time"
)

// Draft is a rule that is not stored, and what it is tried on: some records, or, without
// any, what was recorded from Since to Until.
type Draft struct {
	Text         string // YAML of the rule
	Records      []event.SecurityRecord
	Since, Until time.Time // Until zero: now
}

// Tried is what a draft would have made of records.
type Tried struct {
	Rule     *rule.Rule // the draft
	From, To time.Time  // the stretch that was looked at
	Records  int64      // that were looked at
	Cut      string     // why not all of the stretch was: CutRecords, CutBytes, CutTime; empty: it was
	Cold     bool       // not all of the window before the stretch was: what the first window counts may be too little
	Draft    anomaly.Outcome
	Now      *Outcome // what the rule of that id makes of it as it stands; nil: there is none, or it cannot be read
}

// Outcome is what a rule in the book made of records.
type Outcome struct {
	anomaly.Outcome
	Rule *rule.Rule
	Runs bool // it is in force
}

// Try asks a draft, and the rule that it would replace, about records. Nothing of it is
// stored. The error is *InputError for what cannot be tried, ErrBusy while others are.
func (m *Manager) Try(ctx context.Context, d Draft) (Tried, error) {
	r, err := rule.One([]byte(d.Text))
	if err != nil {
		return Tried{}, mistaken("text", err)
	}
	b, err := m.current(ctx)
	if err != nil {
		return Tried{}, err
	}
	if err := d.span(m.deps.Clock.Now()); err != nil {
		return Tried{}, err
	}
	select {
	case m.trying <- struct{}{}:
		defer func() { <-m.trying }()
	default:
		return Tried{}, ErrBusy
	}
	t, err := newTrial(r, b, d, m.deps.Most.orUsual())
	if err != nil {
		return Tried{}, err
	}
	if len(d.Records) > 0 {
		t.give(d.Records)
		return t.end(d.Until), nil
	}
	return t.read(ctx, m.deps.Past)
}

// span fills in the stretch that the draft is tried on.
func (d *Draft) span(now time.Time) error {
	if len(d.Records) > 0 {
		return d.pasted(now)
	}
	if d.Until.IsZero() || d.Until.After(now) {
		d.Until = now
	}
	switch {
	case d.Since.IsZero():
		return &InputError{"since", 0, "give records, or from when on what was recorded is to be looked at"}
	case !d.Since.Before(d.Until):
		return &InputError{"since", 0, "it is not before the end of the stretch"}
	case d.Until.Sub(d.Since) > LongestStretch:
		return &InputError{"since", 0, fmt.Sprintf("the stretch is longer than %s", rule.Lasting(LongestStretch))}
	}
	return nil
}

// pasted is the stretch of records that were given.
func (d *Draft) pasted(now time.Time) error {
	if len(d.Records) > MaxPasted {
		return &InputError{"records", 0, fmt.Sprintf("there are %d; %d is the most", len(d.Records), MaxPasted)}
	}
	anomaly.Timed(d.Records, now)
	d.Since, d.Until = d.Records[0].Time, d.Records[0].Time
	for _, r := range d.Records {
		if r.Time.Before(d.Since) {
			d.Since = r.Time
		}
		if r.Time.After(d.Until) {
			d.Until = r.Time
		}
	}
	return nil
}

// trial is a try at work.
type trial struct {
	out    Tried
	until  time.Time
	before time.Duration // how long before the stretch reading begins: the longest window
	draft  *anomaly.Replay
	now    *anomaly.Replay // nil: nothing is compared
	bytes  int
	most   Most
}

func newTrial(r *rule.Rule, b *book, d Draft, most Most) (t *trial, err error) {
	t = &trial{most: most, out: Tried{Rule: r, From: d.Since.UTC(), To: d.Until.UTC()}, until: d.Until.UTC(), before: r.Window}
	if t.draft, err = anomaly.NewReplay(r, d.Since, d.Until); err != nil {
		return nil, err
	}
	known, err := b.find(r.ID)
	if err != nil || known.Rule == nil {
		return t, nil
	}
	t.out.Now, t.before = &Outcome{Rule: known.Rule, Runs: known.Runs()}, max(r.Window, known.Rule.Window)
	t.now, err = anomaly.NewReplay(known.Rule, d.Since, d.Until)
	return t, err
}

// take counts records that were received at a time.
func (t *trial) take(records []event.SecurityRecord, received time.Time) {
	t.out.Records += int64(len(records))
	t.draft.Take(records, received)
	if t.now != nil {
		t.now.Take(records, received)
	}
}

// give counts records in their order, as if each were received when it happened, or when
// the latest before it did.
func (t *trial) give(records []event.SecurityRecord) {
	var now time.Time
	for _, r := range records {
		if r.Time.After(now) {
			now = r.Time.UTC()
		}
		t.take([]event.SecurityRecord{r}, now)
	}
}

// read counts what was recorded, until the stretch ends or enough was looked at.
func (t *trial) read(ctx context.Context, past Past) (Tried, error) {
	if err := t.warmUp(ctx, past); err != nil {
		return Tried{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, t.most.Time)
	defer cancel()
	at := t.out.From
	err := past.EachEvent(ctx, event.TopicRecordsReceived, t.out.From, t.until, func(e event.Event, size int) bool {
		t.take(recordsOf(e), e.Time)
		at, t.bytes = e.Time, t.bytes+size
		return !t.enough(ctx)
	})
	if errors.Is(err, context.DeadlineExceeded) {
		t.out.Cut, err = CutTime, nil
	}
	if err != nil {
		return Tried{}, fmt.Errorf("reading what was recorded: %w", err)
	}
	if t.out.Cut != "" {
		t.out.To = at.UTC()
	}
	return t.end(t.out.To), nil
}

// warmUp counts what was recorded within a window before the stretch. It may look at half
// as much as the stretch may.
func (t *trial) warmUp(ctx context.Context, past Past) error {
	ctx, cancel := context.WithTimeout(ctx, t.most.Time/2)
	defer cancel()
	var records int64
	var bytes int
	err := past.EachEvent(ctx, event.TopicRecordsReceived, t.out.From.Add(-t.before), t.out.From, func(e event.Event, size int) bool {
		some := recordsOf(e)
		t.draft.WarmUp(some, e.Time)
		if t.now != nil {
			t.now.WarmUp(some, e.Time)
		}
		records, bytes = records+int64(len(some)), bytes+size
		t.out.Cold = records >= t.most.Records/2 || bytes >= t.most.Bytes/2 || ctx.Err() != nil
		return !t.out.Cold
	})
	if errors.Is(err, context.DeadlineExceeded) {
		t.out.Cold, err = true, nil
	}
	if err != nil {
		return fmt.Errorf("reading what was recorded before: %w", err)
	}
	return nil
}

// recordsOf are those of an event. What cannot be read does not count when it is received,
// either.
func recordsOf(e event.Event) []event.SecurityRecord {
	var p event.RecordsReceived
	if e.Decode(&p) != nil {
		return nil
	}
	return p.Records
}

// enough reports whether nothing more is looked at, and notes why.
func (t *trial) enough(ctx context.Context) bool {
	switch {
	case t.out.Records >= t.most.Records:
		t.out.Cut = CutRecords
	case t.bytes >= t.most.Bytes:
		t.out.Cut = CutBytes
	case ctx.Err() != nil:
		t.out.Cut = CutTime
	}
	return t.out.Cut != ""
}

func (t *trial) end(now time.Time) Tried {
	t.out.Draft = t.draft.End(now)
	if t.now != nil {
		t.out.Now.Outcome = t.now.End(now)
	}
	return t.out
}
