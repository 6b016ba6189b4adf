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
