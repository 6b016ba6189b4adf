package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// Due implements notify.Queue. Each webhook is asked for by itself: one with a
// long queue must not stand in the way of the others.
func (n *Notify) Due(ctx context.Context, q notify.DueQuery) ([]notify.Delivery, error) {
	ids, err := n.enabled(ctx)
	if err != nil {
		return nil, err
	}
	var rows []deliveryRow
	for _, id := range ids {
		if slices.Contains(q.Busy, id) {
			continue
		}
		some, err := n.dueOf(ctx, id, q)
		if err != nil {
			return nil, fmt.Errorf("reading due deliveries: %w", err)
		}
		rows = append(rows, some...)
	}
	slices.SortStableFunc(rows, func(a, b deliveryRow) int { return a.NextAttempt.Compare(b.NextAttempt) })
	due, err := n.withEvents(ctx, rows)
	if err != nil {
		return nil, fmt.Errorf("reading events of due deliveries: %w", err)
	}
	return due, nil
}

// dueOf reads what is due of one subscription and was not sent, without the events.
func (n *Notify) dueOf(ctx context.Context, subscription string, q notify.DueQuery) (rows []deliveryRow, err error) {
	each, sent := max(q.Each, 1), q.Sent[subscription]
	err = waiting(n.store.Reader(), subscription).ExcludeColumn("event", "subscription_id", "state").Where("next_attempt <= ?", stamp(q.Now)).
		Order("next_attempt", "event_id").Limit(int64(each+len(sent))).Scan(ctx, &rows)
	rows = slices.DeleteFunc(rows, func(r deliveryRow) bool { return sent[r.ID] })
	for i := range rows {
		rows[i].SubscriptionID, rows[i].State = subscription, string(notify.Pending)
	}
	return rows[:min(each, len(rows))], err
}

// deliveries reads each event once, however many webhooks are owed it.
func deliveries(rows []deliveryRow) ([]notify.Delivery, error) {
	out, known := make([]notify.Delivery, len(rows)), map[string]event.Event{}
	for i, r := range rows {
		out[i] = r.bare()
		e, met := known[r.EventID]
		if !met {
			if err := json.Unmarshal([]byte(r.Event), &e); err != nil {
				return nil, fmt.Errorf("decoding delivery %s: %w", r.ID, err)
			}
			known[r.EventID] = e
		}
		out[i].Event = e
	}
	return out, nil
}

// Oldest implements notify.Waiting.
func (n *Notify) Oldest(ctx context.Context, subscription string) (notify.Delivery, bool, error) {
	var rows []deliveryRow
	err := waiting(n.store.Reader(), text(subscription)).Column("*").Order("event_id").Limit(1).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return notify.Delivery{}, false, err
	}
	ds, err := deliveries(rows)
	if err != nil {
		return notify.Delivery{}, false, err
	}
	return ds[0], true, nil
}

// NextDue implements notify.Queue, over enabled webhooks: what waits for a
// disabled one is not due at any time.
func (n *Notify) NextDue(ctx context.Context, after time.Time) (at time.Time, ok bool, err error) {
	db := n.store.Reader()
	first := db.NewSelect().Model((*deliveryRow)(nil)).ModelTableExpr("deliveries AS d").Column("d.next_attempt").
		Where("d.subscription_id = s.id").Where("d.state = ?", notify.Pending).Where("d.next_attempt > ?", stamp(after)).Order("d.next_attempt").Limit(1)
	var times []time.Time
	each := db.NewSelect().TableExpr("subscriptions AS s").ColumnExpr("(?) AS earliest", first).Where("s.enabled = ?", true)
	err = db.NewSelect().TableExpr("(?) AS w", each).Column("earliest").Where("earliest IS NOT NULL").Scan(ctx, &times)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("reading the next due delivery: %w", err)
	}
	for _, t := range times {
		if !ok || t.Before(at) {
			at, ok = t.UTC(), true
		}
	}
	return at, ok, nil
}

func (n *Notify) enabled(ctx context.Context) (ids []string, err error) {
	err = n.store.Reader().NewSelect().Model((*subscriptionRow)(nil)).Column("id").
		Where("enabled = ?", true).Order("id").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("reading enabled webhooks: %w", err)
	}
	return ids, nil
}

// DueTogether implements notify.Waiting.
func (n *Notify) DueTogether(ctx context.Context, subscription string, at time.Time, limit int) ([]notify.Delivery, error) {
	var rows []deliveryRow
	err := waiting(n.store.Reader(), text(subscription)).Column("*").Where("next_attempt = ?", stamp(at)).
		Order("event_id").Limit(int64(max(limit, 1))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading deliveries of one time: %w", err)
	}
	return deliveries(rows)
}
