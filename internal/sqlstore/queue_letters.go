package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// ListDeliveries implements notify.Letters.
func (n *Notify) ListDeliveries(ctx context.Context, f notify.DeliveryFilter) ([]notify.Delivery, error) {
	var rows []deliveryRow
	if err := letters(n.store.Reader(), f).Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing deliveries: %w", err)
	}
	return deliveries(rows)
}

// letters selects a page, which is a range of an index that is in its order.
func letters(db bun.IDB, f notify.DeliveryFilter) *bun.SelectQuery {
	q := db.NewSelect().Model((*deliveryRow)(nil)).Where("subscription_id = ?", text(f.SubscriptionID))
	switch f.State {
	case "":
	case notify.Failed:
		q = q.Where("state = ?", notify.Pending).Where("attempts > 0")
	case notify.Pending:
		q = q.Where("state = ?", notify.Pending).Where("attempts = 0")
	case notify.Delivered, notify.Dead, notify.Silenced:
		q = q.Where("state = ?", f.State)
	}
	if f.After != "" {
		q = q.Where("event_id < ?", text(f.After))
	}
	return q.Order("event_id DESC").Limit(int64(max(f.Limit, 1)))
}

// Backlogs implements notify.Letters.
func (n *Notify) Backlogs(ctx context.Context) (map[string]notify.Backlog, error) {
	var rows []struct {
		ID      string
		Waiting int
		Dead    int
	}
	if err := backlogs(n.store.Reader()).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("counting deliveries: %w", err)
	}
	all := map[string]notify.Backlog{}
	for _, r := range rows {
		if r.Waiting+r.Dead > 0 {
			all[r.ID] = notify.Backlog{Pending: r.Waiting, Dead: r.Dead}
		}
	}
	return all, nil
}

// backlogs counts ranges of an index: what was delivered, which is most, is not
// looked at.
func backlogs(db bun.IDB) *bun.SelectQuery {
	count := func(state notify.DeliveryState) *bun.SelectQuery {
		return db.NewSelect().TableExpr("deliveries AS d").ColumnExpr("count(*)").
			Where("d.subscription_id = s.id").Where("d.state = ?", state)
	}
	return db.NewSelect().TableExpr("subscriptions AS s").Column("s.id").
		ColumnExpr("(?) AS waiting", count(notify.Pending)).ColumnExpr("(?) AS dead", count(notify.Dead))
}

// Redeliver implements notify.Letters.
func (n *Notify) Redeliver(ctx context.Context, r notify.Resend, now time.Time, by audit.Entry) (count int, err error) {
	err = n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		q := tx.NewUpdate().Model((*deliveryRow)(nil)).
			Set("state = ?", notify.Pending).Set("attempts = 0").
			Set("next_attempt = ?", stamp(now)).Set("created_at = ?", stamp(now)).
			Where("subscription_id = ?", text(r.SubscriptionID))
		res, err := resent(q, r).Exec(ctx)
		if err != nil {
			return err
		}
		rows, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if count = int(rows); count == 0 && r.DeliveryID != "" {
			return notify.ErrNotFound
		}
		if by.After, err = json.Marshal(map[string]any{"delivery": text(r.DeliveryID), "from": r.From, "until": r.Until, "queued": count}); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
	return count, err
}

// resent narrows to what is asked for: one delivery, or a range of an index.
func resent(q *bun.UpdateQuery, r notify.Resend) *bun.UpdateQuery {
	if r.DeliveryID != "" {
		return q.Where("id = ?", text(r.DeliveryID))
	}
	q = q.Where("state = ?", notify.Dead)
	from, until := r.Bounds()
	if from != "" {
		q = q.Where("event_id >= ?", from)
	}
	if until != "" {
		q = q.Where("event_id < ?", until)
	}
	return q
}

// RecordTest implements notify.Letters.
func (n *Notify) RecordTest(ctx context.Context, d notify.Delivery, by audit.Entry) error {
	row, err := newDeliveryRow(d)
	if err != nil {
		return err
	}
	return n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := store.Insert(ctx, tx, &row); err != nil {
			return fmt.Errorf("storing delivery %s: %w", d.ID, err)
		}
		if by.After, err = json.Marshal(map[string]any{"delivery": row.ID, "state": row.State, "status": row.LastStatus}); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
}

// Tidy implements notify.Letters.
func (n *Notify) Tidy(ctx context.Context, delivered, dead time.Time, limit int) (count int, err error) {
	err = n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		ids, err := settledBefore(ctx, tx, notify.Delivered, delivered, limit)
		if err != nil {
			return err
		}
		for state, before := range map[notify.DeliveryState]time.Time{notify.Silenced: delivered, notify.Dead: dead} {
			more, err := settledBefore(ctx, tx, state, before, limit-len(ids))
			if err != nil {
				return err
			}
			ids = append(ids, more...)
		}
		if len(ids) == 0 {
			return nil
		}
		count = len(ids)
		_, err = tx.NewDelete().Model((*deliveryRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("deleting old deliveries: %w", err)
	}
	return count, nil
}

func settledBefore(ctx context.Context, tx *store.Tx, state notify.DeliveryState, before time.Time, limit int) (ids []string, err error) {
	if limit <= 0 {
		return nil, nil
	}
	err = tx.NewSelect().Model((*deliveryRow)(nil)).Column("id").
		Where("state = ?", state).Where("next_attempt < ?", stamp(before)).Order("next_attempt").Limit(int64(limit)).Scan(ctx, &ids)
	return ids, err
}
