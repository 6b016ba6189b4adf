package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
)

// Log is the event log, which knows how far each consumer has read it.
type Log interface {
	// Cursor is how far a consumer has read.
	Cursor(ctx context.Context, consumer string) (event.Cursor, error)
	// Events returns at most limit events behind a place, in order.
	Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error)
}

// ErrMoved says that somebody else has moved the consumer meanwhile: another node, which
// took over.
var ErrMoved = errors.New("another node has read the event log further")

// Span is a part of a log that a consumer has read.
type Span struct {
	Consumer string
	From     event.Cursor // where the log's cursor of the consumer is
	Next     event.Cursor // where it goes
}

// LagTime is for how long the stored cursor may stay behind what concerned nobody, which
// is read again after a crash.
const LagTime = time.Second

// Reader is a [Loop]'s step over a log that it reads in batches: Read tells what of a
// batch concerns the consumer, Store keeps that together with the cursor. Of what does
// not concern it the log hears only now and then, so that consumers with nothing to do
// do not keep the log's writer busy. All fields that begin with a capital are mandatory.
// It is for one goroutine, for as long as nobody else reads for the consumer.
type Reader[T any] struct {
	Log      Log
	Consumer string
	Most     int // records in a batch
	Clock    clock.Clock

	Read func(records []event.Record) []T
	// Store keeps all and moves the cursor, or does neither. ErrMoved when the cursor
	// is not at s.From.
	Store func(ctx context.Context, s Span, all []T) error

	known  bool
	at     event.Cursor
	stored event.Cursor
	moved  time.Time // when stored was
}

// Step reads a batch. more: the log may go on behind it.
func (r *Reader[T]) Step(ctx context.Context) (more bool, err error) {
	defer func() { r.known = err == nil }() // after a failure the log says where it was
	if err := r.begin(ctx); err != nil {
		return false, err
	}
	records, err := r.Log.Events(ctx, r.at, r.Most)
	if err != nil {
		return false, fmt.Errorf("reading event log: %w", err)
	}
	var all []T
	if len(records) > 0 {
		all = r.Read(records)
		r.at = records[len(records)-1].Cursor
	}
	return len(records) == r.Most, r.move(ctx, all)
}

func (r *Reader[T]) begin(ctx context.Context) error {
	if r.known {
		return nil
	}
	at, err := r.Log.Cursor(ctx, r.Consumer)
	if err != nil {
		return fmt.Errorf("reading cursor: %w", err)
	}
	r.at, r.stored, r.moved = at, at, r.Clock.Now()
	return nil
}

// move stores what there is with the cursor, and the cursor alone when it is old.
func (r *Reader[T]) move(ctx context.Context, all []T) error {
	now := r.Clock.Now()
	if len(all) == 0 && (r.at == r.stored || now.Sub(r.moved) < LagTime) {
		return nil
	}
	if err := r.Store(ctx, Span{r.Consumer, r.stored, r.at}, all); err != nil {
		return err
	}
	r.stored, r.moved = r.at, now
	return nil
}
