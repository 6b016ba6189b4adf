package sqlstore

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// Operations stores what operators do to the running program: actions that
// have no row of their own.
type Operations struct{ store *store.Store }

// NewOperations returns the operations in s.
func NewOperations(s *store.Store) *Operations { return &Operations{s} }

// Record stores an audit entry and the events of the action in one
// transaction.
func (o *Operations) Record(ctx context.Context, by audit.Entry, events ...event.Event) error {
	err := o.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, e := range events {
			if err := tx.Emit(e); err != nil {
				return err
			}
		}
		return appendAudit(ctx, tx, by)
	})
	if err != nil {
		return fmt.Errorf("recording %s: %w", by.Action, err)
	}
	return nil
}
