package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// ErrNotEmpty says that a database holds rows already.
var ErrNotEmpty = errors.New("the database is not empty")

// Filler puts rows into an empty database.
type Filler struct{ *Tx }

// Fill runs fn in one transaction on a database without rows: all that fn
// inserts is stored, or nothing. ErrNotEmpty when there are rows. Nothing else
// may use the store meanwhile: its writer waits.
func (s *Store) Fill(ctx context.Context, fn func(ctx context.Context, f *Filler) error) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return fmt.Errorf("beginning to fill: %w", explain(err))
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := wantEmpty(ctx, tx); err != nil {
		return err
	}
	f := &Filler{&Tx{IDB: tx, tx: tx, store: s}}
	if err := fn(ctx, f); err != nil {
		return err
	}
	if _, err := s.appendLog(ctx, tx, f.emitted); err != nil {
		return fmt.Errorf("appending events: %w", explain(err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", explain(err))
	}
	return nil
}

// wantEmpty looks into every table. The counter of the event log has a row in
// an empty database too: it is removed, to be inserted with the others.
func wantEmpty(ctx context.Context, tx bun.Tx) error {
	head, err := readHead(ctx, tx)
	if err != nil {
		return err
	}
	if head.Seq > 0 {
		return fmt.Errorf("%w: its event log has %d events", ErrNotEmpty, head.Seq)
	}
	if _, err := tx.NewDelete().Model((*headRow)(nil)).Where("id = 1").Exec(ctx); err != nil {
		return fmt.Errorf("emptying the event log's head: %w", explain(err))
	}
	for _, t := range Tables() {
		var n int
		if err := tx.NewSelect().ColumnExpr("count(*)").TableExpr("?", bun.Ident(t.Name)).Scan(ctx, &n); err != nil {
			return fmt.Errorf("looking into table %s: %w", t.Name, explain(err))
		}
		if n > 0 {
			return fmt.Errorf("%w: table %s has %d rows", ErrNotEmpty, t.Name, n)
		}
	}
	return nil
}

// Insert stores rows with the values that Snapshot.Each gives.
func (f *Filler) Insert(ctx context.Context, t Table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	args := []any{bun.Ident(t.Name)}
	for _, c := range t.Columns {
		args = append(args, bun.Ident(c.Name))
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(t.Columns)), ", ")
	var q strings.Builder
	q.WriteString("INSERT INTO ? (" + marks + ") VALUES ")
	for i, row := range rows {
		if i > 0 {
			q.WriteString(", ")
		}
		q.WriteString("(" + marks + ")")
		args = append(args, row...)
	}
	if _, err := f.ExecContext(ctx, q.String(), args...); err != nil {
		return fmt.Errorf("filling table %s: %w", t.Name, explain(err))
	}
	return nil
}
