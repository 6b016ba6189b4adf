package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
)

// Tx is a transaction of the writer. It is valid until the function that was
// given it returns.
type Tx struct {
	bun.IDB
	store   *Store
	emitted []event.Event
}

// Emit adds an event to the log, in this transaction. An event whose id is in
// the log already is ignored.
func (t *Tx) Emit(e event.Event) error {
	if err := e.Validate(); err != nil {
		return fmt.Errorf("emitting: %w", err)
	}
	t.emitted = append(t.emitted, e)
	return nil
}

// SaveCursor remembers, in this transaction, how far a consumer has read.
func (t *Tx) SaveCursor(ctx context.Context, consumer string, c event.Cursor) error {
	row := cursorRow{Consumer: consumer, Day: c.Day, Seq: c.Seq, UpdatedAt: t.store.Now()}
	if err := Put(ctx, t, &row); err != nil {
		return fmt.Errorf("saving cursor of %s: %w", consumer, err)
	}
	return nil
}

// Put stores a model under its primary key: it updates the row that is there
// or inserts one. Databases spell their own upserts differently; in the one
// writer's transaction two statements do the same.
func Put(ctx context.Context, db bun.IDB, model any) error {
	found, err := Touched(db.NewUpdate().Model(model).WherePK().Exec(ctx))
	if err != nil || found {
		return err
	}
	_, err = db.NewInsert().Model(model).Returning("NULL").Exec(ctx) // NULL: bun would ask null columns back
	return err
}

// Insert stores a model unless a row with one of its unique keys is there, and
// reports whether it was new.
func Insert(ctx context.Context, db bun.IDB, model any) (added bool, err error) {
	return Touched(db.NewInsert().Model(model).Ignore().Returning("NULL").Exec(ctx))
}

// Touched reports whether a statement touched a row.
func Touched(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
