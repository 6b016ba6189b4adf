package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
)

const maxEvents = 10_000 // in one answer of Events

// eventRow is an event in its place in the log.
type eventRow struct {
	bun.BaseModel `bun:"table:event_log"`

	Seq      int64     `bun:"seq,pk"`
	Day      string    `bun:"day"`
	ID       string    `bun:"id"`
	Topic    string    `bun:"topic"`
	Severity int       `bun:"severity"`
	Time     time.Time `bun:"time"`
	Envelope string    `bun:"envelope"` // without data that is packed
	Packed   []byte    `bun:"packed"`
}

// headRow is the log's one-row counter. Whoever appends holds it until the
// commit, so numbers grow in the order of commits and have no gaps.
type headRow struct {
	bun.BaseModel `bun:"table:event_head"`

	ID  int    `bun:"id,pk"`
	Day string `bun:"day"`
	Seq int64  `bun:"seq"`
}

// cursorRow is how far a consumer has read.
type cursorRow struct {
	bun.BaseModel `bun:"table:event_cursors"`

	Consumer  string    `bun:"consumer,pk"`
	Day       string    `bun:"day"`
	Seq       int64     `bun:"seq"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// appendLog gives the events that are new their numbers and stores them.
func (s *Store) appendLog(ctx context.Context, tx bun.Tx, events []emission) ([]event.Record, error) {
	if len(events) == 0 {
		return nil, nil
	}
	head, err := s.nextHead(ctx, tx)
	if err != nil {
		return nil, err
	}
	events, err = unknown(ctx, tx, events)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	records, rows := number(head, events)
	if err := insertRows(ctx, s, tx, rows, refuse); err != nil {
		return nil, err
	}
	return records, saveHead(ctx, tx, records[len(records)-1].Cursor)
}

// nextHead reads the counter, which the batch holds since its turn began. The
// day never goes back, whatever the clock does.
func (s *Store) nextHead(ctx context.Context, tx bun.IDB) (event.Cursor, error) {
	head, err := readHead(ctx, tx)
	if err != nil {
		return event.Cursor{}, err
	}
	head.Day = max(head.Day, s.opts.Clock.Now().UTC().Format(time.DateOnly))
	return head, nil
}

func saveHead(ctx context.Context, tx bun.IDB, c event.Cursor) error {
	_, err := tx.NewUpdate().Model(&headRow{ID: 1, Day: c.Day, Seq: c.Seq}).WherePK().Exec(ctx)
	return err
}

func readHead(ctx context.Context, db bun.IDB) (event.Cursor, error) {
	row := headRow{ID: 1}
	if err := db.NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return event.Cursor{}, fmt.Errorf("reading the head of the event log: %w", explain(err))
	}
	return event.Cursor{Day: row.Day, Seq: row.Seq}, nil
}

// unknown drops events whose id is in the log or was met before in the list.
func unknown(ctx context.Context, tx bun.IDB, events []emission) ([]emission, error) {
	if !slices.ContainsFunc(events, func(e emission) bool { return !e.fresh }) {
		return events, nil
	}
	seen, err := known(ctx, tx, events)
	if err != nil {
		return nil, err
	}
	fresh := events[:0:0]
	for _, e := range events {
		id := e.Event().ID
		if e.fresh || !seen[id] {
			fresh = append(fresh, e)
		}
		seen[id] = true
	}
	return fresh, nil
}

// known are the ids of events that are in the log, of those that may be.
func known(ctx context.Context, tx bun.IDB, events []emission) (map[string]bool, error) {
	var ids, found []string
	for _, e := range events {
		if !e.fresh {
			ids = append(ids, e.Event().ID)
		}
	}
	seen := make(map[string]bool, len(events))
	if len(ids) == 0 {
		return seen, nil
	}
	err := tx.NewSelect().Model((*eventRow)(nil)).Column("id").Where("id IN (?)", bun.In(ids)).Scan(ctx, &found)
	for _, id := range found {
		seen[id] = true
	}
	return seen, err
}

func number(head event.Cursor, events []emission) ([]event.Record, []eventRow) {
	records := make([]event.Record, len(events))
	rows := make([]eventRow, len(events))
	for i, emitted := range events {
		e := emitted.Event()
		e.Time = e.Time.Round(0).UTC() // as it is read back
		head.Seq++
		records[i] = event.Record{Cursor: head, Event: e}
		rows[i] = eventRow{
			Seq: head.Seq, Day: head.Day, ID: e.ID, Topic: e.Topic,
			Severity: int(e.Severity), Time: e.Time, Envelope: emitted.envelope, Packed: emitted.data,
		}
	}
	return records, rows
}

// Head is the place of the last event; the zero Cursor when there is none.
func (s *Store) Head(ctx context.Context) (event.Cursor, error) {
	return readHead(ctx, s.read)
}

// Events returns at most limit records behind after, in the order of commits. What they
// hold must not be changed: others may be given the same.
func (s *Store) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	limit = min(max(limit, 1), maxEvents)
	records := s.recent.after(after, limit)
	if len(records) == limit {
		return records, nil
	}
	if len(records) > 0 { // another process may have gone on
		after = records[len(records)-1].Cursor
	}
	var rows []eventRow
	err := s.read.NewSelect().Model(&rows).
		Where("day >= ?", after.Day).Where("seq > ?", after.Seq). // the day names the partition, the number the place
		Order("seq").Limit(int64(limit - len(records))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading events after %q: %w", after, explain(err))
	}
	for _, r := range rows {
		rec, _, err := s.record(r)
		if err != nil {
			return nil, err
		}
		records = append(records, rec)
	}
	return records, nil
}

// Cursor is how far a consumer has read; the zero Cursor for a new one.
func (s *Store) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return readCursor(ctx, s.read, consumer)
}

func readCursor(ctx context.Context, db bun.IDB, consumer string) (event.Cursor, error) {
	row := cursorRow{Consumer: consumer}
	err := db.NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return event.Cursor{}, nil
	}
	if err != nil {
		return event.Cursor{}, fmt.Errorf("reading cursor of %s: %w", consumer, explain(err))
	}
	return event.Cursor{Day: row.Day, Seq: row.Seq}, nil
}
