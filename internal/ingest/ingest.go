package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/ingest/spool"
)

// MaxEvents bounds a batch.
const MaxEvents = 256

// How long the store may take for a batch before it counts as away, and how
// often it is tried again then.
const (
	storeTimeout = 5 * time.Second
	firstPause   = 500 * time.Millisecond
	longestPause = 30 * time.Second
)

// Log is where events end up.
type Log interface {
	// Ingest stores events, with the rows that they tell of, in one
	// transaction. What is there already is not stored again.
	Ingest(ctx context.Context, events []event.Event) error
}

// Deps is what an Intake works with.
type Deps struct {
	Log    Log                 // Mandatory.
	Redact func(string) string // Mandatory. Takes the secrets out of a text.
	Dir    string              // Mandatory. Of the spool.
	Node   string              // node/ingest: who says that records were received. If empty, ingest.
	Now    func() time.Time    // When records are received. If nil, time.Now.
	Limits spool.Limits        // The zero value is the default.
	Logger *slog.Logger        // If nil, discards.
}

// Intake takes events. It is safe for concurrent use.
type Intake struct {
	deps  Deps
	spool *spool.Spool
	wake  chan struct{}
	pause time.Duration // the first between two tries

	patience time.Duration  // with the store
	storing  sync.WaitGroup // calls of Log, those that hang included
}

// Refused says what is wrong with a batch; nothing of it was taken.
type Refused struct {
	Index int // of the event; -1: the batch
	Why   string
}

func (r *Refused) Error() string { return r.Why }

// Open makes an Intake. What an earlier run could not store is stored by Run.
func Open(d Deps) (*Intake, error) {
	if d.Log == nil || d.Redact == nil || d.Dir == "" {
		return nil, errors.New("opening intake: Log, Redact and Dir are mandatory")
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Node == "" {
		d.Node = "ingest"
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	s, err := spool.Open(d.Dir, d.Limits)
	if err != nil {
		return nil, fmt.Errorf("opening intake: %w", err)
	}
	i := &Intake{deps: d, spool: s, wake: make(chan struct{}, 1), pause: firstPause, patience: storeTimeout}
	i.ring()
	return i, nil
}

// Close ends the use of the spool; what waits in it stays.
func (i *Intake) Close() {
	i.storing.Wait()
	i.spool.Close()
}

// Waiting is how many bytes wait for the store.
func (i *Intake) Waiting() int64 { return i.spool.Len() }

// Take stores a batch; spooled says that it waits on disk for the store. Events
// without an id get one from key, which is the sender's name for this batch. It
// returns *Refused for a batch that cannot be taken and spool.ErrFull when there
// is no room for it.
func (i *Intake) Take(ctx context.Context, key string, events []event.Event) (spooled bool, err error) {
	batch, err := i.accept(key, events)
	if err != nil {
		return false, err
	}
	return i.keep(ctx, batch)
}

// keep stores events, or has them wait on disk for the store.
func (i *Intake) keep(ctx context.Context, batch []event.Event) (spooled bool, err error) {
	// Behind what waits already: events stay in their order.
	if i.spool.Len() == 0 {
		err := i.store(ctx, batch)
		if err == nil || ctx.Err() != nil {
			return false, err
		}
		i.deps.Logger.Warn("the store takes no events; they go to the spool", "error", err)
	}
	record, err := json.Marshal(batch)
	if err != nil {
		return false, fmt.Errorf("encoding events for the spool: %w", err)
	}
	if err := i.spool.Append(record); err != nil {
		return false, err
	}
	i.ring()
	return true, nil
}

func (i *Intake) accept(key string, events []event.Event) ([]event.Event, error) {
	if len(events) == 0 || len(events) > MaxEvents {
		return nil, &Refused{-1, fmt.Sprintf("a batch has 1 to %d events, not %d", MaxEvents, len(events))}
	}
	out := make([]event.Event, len(events))
	for n, e := range events {
		if e.ID == "" && key != "" {
			e.ID = derivedID(e.Time, key, n)
		}
		var err error
		if out[n], err = accept(e, i.deps.Redact); err != nil {
			return nil, &Refused{n, i.deps.Redact(err.Error())}
		}
		if now := i.deps.Now(); out[n].Time.After(now) { // a clock that is ahead, or a forged time
			out[n].Time = now.UTC()
		}
	}
	return out, nil
}

// derivedID makes the same UUIDv7 (RFC 9562) for the same batch, whenever it is
// sent again.
func derivedID(at time.Time, key string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", n, at.UnixMilli(), key))
	return id.From(at, [10]byte(sum[:10]))
}

// store stores a batch, and does not wait for a store that hangs: what it may
// store later all the same is known by its ids.
func (i *Intake) store(ctx context.Context, batch []event.Event) error {
	ctx, cancel := context.WithTimeout(ctx, i.patience)
	done := make(chan error, 1)
	i.storing.Go(func() {
		defer cancel()
		done <- i.deps.Log.Ingest(ctx, batch)
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select { // done at the last moment counts
	case err := <-done:
		return err
	default:
		return fmt.Errorf("the store does not answer: %w", ctx.Err())
	}
}

func (i *Intake) ring() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// Run stores what is in the spool, oldest first, until ctx ends. While the
// store is away it waits.
func (i *Intake) Run(ctx context.Context) error {
	pause := i.pause
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-i.wake:
		}
		for err := i.drain(ctx); err != nil; err = i.drain(ctx) {
			if ctx.Err() != nil {
				return nil
			}
			i.deps.Logger.Warn("the spool waits for the store", "bytes", i.spool.Len(), "error", err)
			if !sleep(ctx, pause) {
				return nil
			}
			pause = min(2*pause, longestPause)
		}
		pause = i.pause
	}
}

func (i *Intake) drain(ctx context.Context) error {
	return i.spool.Take(func(record []byte) error {
		var batch []event.Event
		if err := json.Unmarshal(record, &batch); err != nil {
			i.damage("a record holds no events: " + err.Error())
			return nil
		}
		return i.store(ctx, batch)
	}, i.damage)
}

func (i *Intake) damage(why string) { i.deps.Logger.Error("the spool is damaged", "error", why) }

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
