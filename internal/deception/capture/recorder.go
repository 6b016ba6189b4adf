package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
)

// A batch is stored when it has batchRows observations or the first has waited for
// batchWait. While the store is busy more gathers, and goes into one batch, up to
// these bounds.
const (
	batchRows    = 100
	batchWait    = 250 * time.Millisecond
	mostRows     = 2_000
	mostBytes    = 1 << 20 // without artifacts' data, which goes into files
	storeTimeout = 10 * time.Second
	lastWords    = 5 * time.Second // for what waits when Run ends
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
	frameBytes   = 128 << 10 // of one frame; a longer one is cut into several
)

// Spool keeps batches on disk while the store is away; *spool.Spool does. It is
// bounded: what Append refuses stays in memory.
type Spool interface {
	Append(record []byte) error
	Take(handle func(record []byte) error, damage func(why string)) error
	Len() int64
}

// Deps are the parts of a Recorder.
type Deps struct {
	Store  Store               // Mandatory.
	Ring   *redact.Keyring     // Mandatory. For fingerprints.
	Sealer *Sealer             // Mandatory.
	Blobs  *Blobs              // Mandatory.
	Redact func(string) string // Mandatory. Takes the secrets out of a text.
	Node   string              // Mandatory. Of this machine.
	Spool  Spool               // If nil, all waits in memory while the store is away.
	Clock  clock.Clock         // If nil, the machine's.
	Log    *slog.Logger        // If nil, discards.
	Share  int64               // Bytes of evidence of one attacker in a day. If 0, DayShare.
	Rows   int64               // Observations of one type of one attacker in a day. If 0, DayRows.
	Room   func() Room         // What the disk has room for. If nil, Plenty.

	// Tell stores an event that says of whom not everything is kept. If nil, metrics
	// and sessions say how much was not.
	Tell func(context.Context, event.Event) error
}

// Recorder is the service.Sink of a node's deckies. It is safe for concurrent use.
type Recorder struct {
	deps  Deps
	queue *queue
	busy  chan struct{} // capacity 1: whoever stores holds it

	began     time.Time
	abandoned bool          // sessions of earlier runs are ended
	retryAt   time.Time     // when what waits for the store is tried again
	pause     time.Duration // behind that
	sessions  map[string]*live
	ended     []string // of sessions, oldest first
	shares    shares
	tellAt    time.Time // when it is looked for what is to be told

	stored, dropped, lost, unkept, unkeptBytes atomic.Uint64
}

var _ service.Sink = (*Recorder)(nil)

// Stats are what a Recorder has done so far.
type Stats struct {
	Queued    int    // observations that wait
	Stored    uint64 // observations that were stored or wait on disk
	Artifacts uint64 // contents that were dropped because there was no room for them
	Lost      uint64 // observations that came after the end, or could not be stored
	Spooled   int64  // bytes that wait on disk

	Unkept      uint64 // observations that were left out: their attacker's share was used up, or the disk nearly full
	UnkeptBytes uint64 // of evidence and terminals that were left out, of observations that are kept
}

// New makes a Recorder. The error says what is missing.
func New(d Deps) (*Recorder, error) {
	if d.Store == nil || d.Ring == nil || d.Sealer == nil || d.Blobs == nil || d.Redact == nil || d.Node == "" {
		return nil, errors.New("making the recorder of deckies: Store, Ring, Sealer, Blobs, Redact and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Share <= 0 {
		d.Share = DayShare
	}
	if d.Rows <= 0 {
		d.Rows = DayRows
	}
	return &Recorder{
		deps: d, queue: newQueue(), busy: make(chan struct{}, 1), began: d.Clock.Now(), sessions: map[string]*live{}, shares: shares{bytes: d.Share, rows: d.Rows},
	}, nil
}

// Take implements service.Sink.
func (r *Recorder) Take(o service.Observation) {
	if o.Frame == nil || len(o.Frame.Data) <= frameBytes {
		r.queue.put(o)
		return
	}
	for data := o.Frame.Data; len(data) > 0; {
		n := min(len(data), frameBytes)
		part := *o.Frame
		part.Data = data[:n:n]
		piece := o
		piece.Frame, data = &part, data[n:]
		r.queue.put(piece)
	}
}

// Stats is safe to call at any time.
func (r *Recorder) Stats() Stats {
	return Stats{
		Queued: r.queue.len(), Stored: r.stored.Load(), Artifacts: r.dropped.Load(), Lost: r.queue.lost() + r.lost.Load(), Spooled: r.spooled(),
		Unkept: r.unkept.Load(), UnkeptBytes: r.unkeptBytes.Load(),
	}
}

func (r *Recorder) spooled() int64 {
	if r.deps.Spool == nil {
		return 0
	}
	return r.deps.Spool.Len()
}

// Run stores what is taken until ctx ends or Close is called. What waits when ctx
// ends is stored within a few seconds. It may be run again. One call at a time does
// something.
func (r *Recorder) Run(ctx context.Context) error {
	select {
	case r.busy <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-r.busy }()
	for ctx.Err() == nil && !r.queue.isClosed() {
		r.settleDue(ctx)
		r.wait(ctx)
		r.rows(ctx)
		r.tell(ctx, false)
	}
	if ctx.Err() == nil {
		return nil // Close stores what waits
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	return r.rest(last)
}

// Close ends taking and stores what waits, unless ctx ends first. Take returns at
// once from now on.
func (r *Recorder) Close(ctx context.Context) error {
	r.queue.close()
	select {
	case r.busy <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("closing the recorder of deckies: %w", ctx.Err())
	}
	defer func() { <-r.busy }()
	return r.rest(ctx)
}

// rest stores what waits, once more.
func (r *Recorder) rest(ctx context.Context) error {
	_ = r.settle(ctx) // what waits on disk waits for the next start
	for r.queue.len() > 0 && ctx.Err() == nil {
		r.rows(ctx)
	}
	r.tell(ctx, true)
	if n := r.queue.len(); n > 0 {
		return fmt.Errorf("ending the recorder of deckies: %d observations wait", n)
	}
	return nil
}

// wait returns when there is a batch, when the first of one has waited long enough,
// or when it is time to try what waits on disk.
func (r *Recorder) wait(ctx context.Context) {
	var retry, tell <-chan time.Time
	if r.waiting() {
		retry = r.deps.Clock.After(r.retryAt.Sub(r.deps.Clock.Now()))
	}
	if r.deps.Tell != nil && len(r.shares.over)+len(r.shares.past) > 0 {
		tell = r.deps.Clock.After(r.tellAt.Sub(r.deps.Clock.Now()))
	}
	select {
	case <-ctx.Done():
		return
	case <-retry:
		return
	case <-tell:
		return
	case <-r.queue.ready:
	}
	if r.queue.len() >= batchRows {
		return
	}
	full := r.deps.Clock.After(batchWait)
	for r.queue.len() < batchRows && !r.queue.isClosed() {
		select {
		case <-ctx.Done():
			return
		case <-full:
			return
		case <-r.queue.ready:
		}
	}
}

// rows stores batches while there are whole ones, and then what is left. While one
// is being stored the next is prepared.
func (r *Recorder) rows(ctx context.Context) {
	var storing sync.WaitGroup
	defer storing.Wait()
	for more := true; more; more = r.queue.len() >= batchRows && ctx.Err() == nil {
		all := r.queue.take(mostRows, mostBytes)
		if len(all) == 0 {
			return
		}
		b := r.prepare(all)
		if b.empty() {
			r.stored.Add(uint64(len(all)))
			continue
		}
		storing.Wait() // batches are stored in their order
		storing.Go(func() { r.keep(ctx, b, len(all)) })
	}
}
