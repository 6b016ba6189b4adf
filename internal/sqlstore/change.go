package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// storied is something operators change: its story is what the audit log says of it.
type storied interface {
	Story() (json.RawMessage, error)
}

// tellChange appends the audit entry of a change, with what was before it (nil: nothing)
// and what is after it, and emits its event.
func tellChange(ctx context.Context, tx *store.Tx, was, is storied, by audit.Entry, e event.Event) (err error) {
	if was != nil {
		if by.Before, err = was.Story(); err != nil {
			return err
		}
	}
	if by.After, err = is.Story(); err != nil {
		return err
	}
	if err := appendAudit(ctx, tx, by); err != nil {
		return err
	}
	return tx.Emit(e)
}

// tellStep appends a row to the history of what is changed, and to the audit log, and
// emits the event.
func tellStep(ctx context.Context, tx *store.Tx, history any, by audit.Entry, e event.Event) error {
	if _, err := tx.NewInsert().Model(history).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if err := appendAudit(ctx, tx, by); err != nil {
		return err
	}
	return tx.Emit(e)
}

// replace puts a row where its version was is (0: there is no row), or takes that away.
// It compares and stores in one statement, so that of two nodes that change one version
// one is refused, with the error conflict.
func replace(ctx context.Context, tx *store.Tx, row any, was int64, remove bool, conflict error) error {
	var done bool
	var err error
	switch {
	case remove:
		done, err = store.Touched(tx.NewDelete().Model(row).WherePK().Where("version = ?", was).Exec(ctx))
	case was == 0:
		done, err = store.Insert(ctx, tx, row)
	default:
		done, err = store.Touched(tx.NewUpdate().Model(row).WherePK().Where("version = ?", was).Exec(ctx))
	}
	if err == nil && !done {
		err = conflict
	}
	return err
}

// only reads the one row that q looks for into its model. The error is missing when there
// is none; else it names what was to be read.
func only(ctx context.Context, q *bun.SelectQuery, missing error, what string) error {
	err := q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return missing
	case err != nil:
		return fmt.Errorf("reading %s: %w", what, err)
	}
	return nil
}
