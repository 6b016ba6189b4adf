package follow

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/event"
)

// Log is the event log, which knows how far each consumer has read it.
type Log interface {
	// Cursor is how far a consumer has read.
	Cursor(ctx context.Context, consumer string) (event.Cursor, error)
	// Events returns at most limit events behind a place, in order.
	Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error)
}

// Next returns how far a consumer has read a log, and at most limit events behind that.
func Next(ctx context.Context, log Log, consumer string, limit int) (from event.Cursor, records []event.Record, err error) {
	if from, err = log.Cursor(ctx, consumer); err != nil {
		return from, nil, fmt.Errorf("reading cursor: %w", err)
	}
	if records, err = log.Events(ctx, from, limit); err != nil {
		return from, nil, fmt.Errorf("reading event log: %w", err)
	}
	return from, records, nil
}
