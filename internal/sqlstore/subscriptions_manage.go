package sqlstore

import (
	"context"
	"fmt"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// AddSubscription implements notify.Subscriptions.
func (n *Notify) AddSubscription(ctx context.Context, s notify.Subscription, by audit.Entry, e event.Event) error {
	row, err := n.row(s)
	if err != nil {
		return err
	}
	x, err := newExtras(s)
	if err != nil {
		return fmt.Errorf("encoding settings of webhook %s: %w", s.ID, err)
	}
	return n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		added, err := store.Insert(ctx, tx, &row)
		if err != nil {
			return fmt.Errorf("storing webhook %q: %w", s.ID, err)
		}
		if !added {
			return notify.ErrExists
		}
		if err := n.put(ctx, tx, row, x); err != nil {
			return fmt.Errorf("storing webhook %q: %w", s.ID, err)
		}
		return tellOf(ctx, tx, nil, &s, by, e)
	})
}

// ChangeSubscription implements notify.Subscriptions.
func (n *Notify) ChangeSubscription(ctx context.Context, id string, change func(notify.Subscription) (notify.Subscription, error), by audit.Entry, e event.Event) (now notify.Subscription, err error) {
	err = n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := n.subscriptionByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if now, err = change(was); err != nil {
			return err
		}
		now.ID = was.ID
		row, err := n.row(now)
		if err != nil {
			return err
		}
		x, err := newExtras(now)
		if err != nil {
			return fmt.Errorf("encoding settings of webhook %s: %w", id, err)
		}
		if err := n.put(ctx, tx, row, x); err != nil {
			return fmt.Errorf("storing webhook %q: %w", id, err)
		}
		return tellOf(ctx, tx, &was, &now, by, e)
	})
	return now, err
}

// RemoveSubscription implements notify.Subscriptions.
func (n *Notify) RemoveSubscription(ctx context.Context, id string, by audit.Entry, e event.Event) error {
	return n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := n.subscriptionByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.Managed {
			return notify.ErrManaged
		}
		if err := n.removeSubscription(ctx, tx, was.ID); err != nil {
			return fmt.Errorf("removing webhook %q: %w", id, err)
		}
		return tellOf(ctx, tx, &was, nil, by, e)
	})
}

func (n *Notify) subscriptionByID(ctx context.Context, tx *store.Tx, id string) (notify.Subscription, error) {
	var rows []subscriptionRow
	if err := tx.NewSelect().Model(&rows).Where("id = ?", text(id)).Scan(ctx); err != nil {
		return notify.Subscription{}, fmt.Errorf("reading webhook %q: %w", id, err)
	}
	if len(rows) == 0 {
		return notify.Subscription{}, notify.ErrNotFound
	}
	all, err := readExtras(ctx, tx)
	if err != nil {
		return notify.Subscription{}, fmt.Errorf("reading webhook %q: %w", id, err)
	}
	return n.value(rows[0], all[rows[0].ID])
}

// tellOf appends the audit entry and emits the event of a change.
func tellOf(ctx context.Context, tx *store.Tx, before, after *notify.Subscription, by audit.Entry, e event.Event) (err error) {
	if by.Before, by.After, err = notify.Stories(before, after); err != nil {
		return err
	}
	if err := appendAudit(ctx, tx, by); err != nil {
		return err
	}
	return tx.Emit(e)
}
