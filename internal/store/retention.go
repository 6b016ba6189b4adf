package store

import (
	"context"
	"fmt"
	"time"
)

// DropEvents deletes at most limit of the oldest events, of days before the
// given time's, and returns how many there were. An event that a consumer has
// not read is kept, unless that consumer has not moved since.
func (t *Tx) DropEvents(ctx context.Context, before time.Time, limit int) (int, error) {
	before = before.UTC()
	first, day, err := t.oldestEvent(ctx)
	if err != nil || first == 0 || day >= before.Format(time.DateOnly) {
		return 0, err
	}
	last, err := t.read(ctx, before)
	if err != nil {
		return 0, err
	}
	res, err := t.NewDelete().Model((*eventRow)(nil)).
		Where("seq >= ?", first).Where("seq < ?", first+int64(limit)).Where("seq <= ?", last).
		Where("day < ?", before.Format(time.DateOnly)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("dropping events: %w", err)
	}
	t.store.recent.forget()
	n, err := res.RowsAffected()
	return int(n), err
}

// oldestEvent is the number and day of the first event; 0 when there is none.
func (t *Tx) oldestEvent(ctx context.Context) (seq int64, day string, err error) {
	var rows []eventRow
	if err := t.NewSelect().Model(&rows).Column("seq", "day").Order("seq").Limit(1).Scan(ctx); err != nil {
		return 0, "", fmt.Errorf("reading the oldest event: %w", err)
	}
	if len(rows) == 0 {
		return 0, "", nil
	}
	return rows[0].Seq, rows[0].Day, nil
}

// read is the number up to which every consumer has read that moved since the
// given time.
func (t *Tx) read(ctx context.Context, since time.Time) (int64, error) {
	head, err := readHead(ctx, t)
	if err != nil {
		return 0, err
	}
	var slowest []int64
	err = t.NewSelect().Model((*cursorRow)(nil)).Column("seq").Where("updated_at >= ?", since).
		Order("seq").Limit(1).Scan(ctx, &slowest)
	if err != nil {
		return 0, fmt.Errorf("reading consumers' cursors: %w", err)
	}
	if len(slowest) > 0 {
		return slowest[0], nil
	}
	return head.Seq, nil
}

// scrubber is a place that can leave nothing of deleted rows behind.
type scrubber interface {
	scrub(ctx context.Context, s *Store) error
}

// Scrub makes sure that rows that were deleted are in none of the database's
// files any more. On a server it does nothing: there that is the server's
// doing, in its own time (docs/adr/0010).
func (s *Store) Scrub(ctx context.Context) error {
	p, ok := s.place.(scrubber)
	if !ok {
		return nil
	}
	if s.isClosed() {
		return ErrClosed
	}
	return p.scrub(ctx, s)
}
