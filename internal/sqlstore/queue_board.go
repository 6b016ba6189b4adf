package sqlstore

import (
	"context"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// Board implements notify.Ferry.
func (n *Notify) Board(consumer string, of notify.Boarding) bool {
	if of == nil {
		return n.store.Join(nil)
	}
	return n.store.Join(func(ctx context.Context, tx *store.Tx, before event.Cursor, records []event.Record) (func(), error) {
		found := of(before, records)
		if err := markAll(ctx, tx, found.Signs); err != nil {
			return nil, err
		}
		if len(found.Deliveries) == 0 {
			return found.Committed, nil
		}
		return found.Committed, n.enqueue(ctx, tx, consumer, records[len(records)-1].Cursor, found.Deliveries)
	})
}
