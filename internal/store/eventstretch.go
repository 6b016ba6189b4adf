package store

import (
	"context"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/event"
)

// stretchChunk is how many numbers of the log one statement of EachEvent reads, so that
// none lasts long.
const stretchChunk = 512

// EachEvent calls each for the events of a topic that happened from a time on and before
// another, in the order of the log, until it returns false. size is that of the envelope
// in bytes. One is in memory at a time. What was recorded more than an hour before or
// after it happened may be missed.
func (s *Store) EachEvent(ctx context.Context, topic string, from, to time.Time, each func(e event.Event, size int) (more bool)) error {
	first, end, err := s.stretch(ctx, from, to)
	for more := true; more && err == nil && first < end; first += stretchChunk {
		more, err = s.eachOf(ctx, topic, first, min(first+stretchChunk, end), func(row eventRow) (bool, error) {
			r, size, err := s.record(row)
			if err != nil || r.Event.Time.Before(from) || !r.Event.Time.Before(to) {
				return true, err
			}
			return each(r.Event, size), nil
		})
	}
	if err != nil {
		return fmt.Errorf("reading events of %s: %w", topic, explain(err))
	}
	return nil
}

// stretch is the first number of what happened from a time on, and the one behind what
// happened before another.
func (s *Store) stretch(ctx context.Context, from, to time.Time) (first, end int64, err error) {
	row, err := s.eventFrom(ctx, 0)
	if err != nil || row.Seq == 0 {
		return 0, 0, err
	}
	head, err := readHead(ctx, s.read)
	if err != nil {
		return 0, 0, err
	}
	after := func(t time.Time) func(eventRow) bool { return func(r eventRow) bool { return r.Time.After(t) } }
	if first, err = s.bisect(ctx, row.Seq, head.Seq+1, after(from.Add(-lateness))); err != nil {
		return 0, 0, err
	}
	end, err = s.bisect(ctx, first, head.Seq+1, after(to.Add(lateness)))
	return first, end, err
}

// eachOf reads the events of a topic in a part of the log.
func (s *Store) eachOf(ctx context.Context, topic string, first, end int64, each func(eventRow) (more bool, err error)) (more bool, err error) {
	rows, err := s.read.NewSelect().Model((*eventRow)(nil)).Where("seq >= ?", first).Where("seq < ?", end).Where("topic = ?", topic).Order("seq").Rows(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	for more = true; more && rows.Next(); {
		var row eventRow
		if err := s.read.ScanRow(ctx, rows, &row); err != nil {
			return false, err
		}
		if more, err = each(row); err != nil {
			return false, err
		}
	}
	return more, rows.Err()
}
