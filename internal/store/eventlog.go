package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
)

const (
	maxEvents  = 10_000 // in one answer of Events
	insertSize = 500    // rows in one statement: a server takes no statement of any length
)

// eventRow is an event in its place in the log.
type eventRow struct {
	bun.BaseModel `bun:"table:event_log"`

	Seq      int64     `bun:"seq,pk"`
	Day      string    `bun:"day"`
	ID       string    `bun:"id"`
	Topic    string    `bun:"topic"`
	Severity int       `bun:"severity"`
	Time     time.Time `bun:"time"`
	Envelope string    `bun:"envelope"`
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
func (s *Store) appendLog(ctx context.Context, tx bun.IDB, events []event.Event) ([]event.Record, error) {
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
	records, rows, err := number(head, events)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(rows, insertSize) {
		if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
			return nil, err
		}
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
func unknown(ctx context.Context, tx bun.IDB, events []event.Event) ([]event.Event, error) {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	var known []string
	err := tx.NewSelect().Model((*eventRow)(nil)).Column("id").Where("id IN (?)", bun.In(ids)).Scan(ctx, &known)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(events))
	for _, id := range known {
		seen[id] = true
	}
	fresh := events[:0:0]
	for _, e := range events {
		if !seen[e.ID] {
			fresh = append(fresh, e)
		}
		seen[e.ID] = true
	}
	return fresh, nil
}

func number(head event.Cursor, events []event.Event) ([]event.Record, []eventRow, error) {
	records := make([]event.Record, len(events))
	rows := make([]eventRow, len(events))
	for i, e := range events {
		envelope, err := json.Marshal(e)
		if err != nil {
			return nil, nil, fmt.Errorf("encoding event %s: %w", e.ID, err)
		}
		head.Seq++
		records[i] = event.Record{Cursor: head, Event: e}
		rows[i] = eventRow{
			Seq: head.Seq, Day: head.Day, ID: e.ID, Topic: e.Topic,
			Severity: int(e.Severity), Time: e.Time, Envelope: string(envelope),
		}
	}
	return records, rows, nil
}

// Head is the place of the last event; the zero Cursor when there is none.
func (s *Store) Head(ctx context.Context) (event.Cursor, error) {
	return readHead(ctx, s.read)
}

// Events returns at most limit records behind after, in the order of commits.
func (s *Store) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	var rows []eventRow
	err := s.read.NewSelect().Model(&rows).
		Where("day >= ?", after.Day).Where("seq > ?", after.Seq). // the day names the partition, the number the place
		Order("seq").Limit(int64(min(max(limit, 1), maxEvents))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading events after %q: %w", after, explain(err))
	}
	records := make([]event.Record, len(rows))
	for i, r := range rows {
		if records[i], err = r.record(); err != nil {
			return nil, err
		}
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
