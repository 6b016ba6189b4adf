package sqlstore

import (
	"context"

	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/store"
)

// advance moves a consumer of the log behind what it has read, in the transaction that
// stores what came of it. follow.ErrMoved when somebody else has.
func advance(ctx context.Context, tx *store.Tx, read follow.Span) error {
	consumer := text(read.Consumer)
	at, err := tx.Cursor(ctx, consumer)
	if err != nil {
		return err
	}
	if at != read.From {
		return follow.ErrMoved
	}
	return tx.SaveCursor(ctx, consumer, read.Next)
}
