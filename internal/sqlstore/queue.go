package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// What may wait for a webhook, most of all for one that is disabled; the rest
// becomes dead letters.
const (
	maxWaiting = 100_000
	maxWait    = 72 * time.Hour
)

type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries"`

	ID             string    `bun:"id,pk"`
	SubscriptionID string    `bun:"subscription_id"`
	EventID        string    `bun:"event_id"`
	Event          string    `bun:"event"` // the envelope
	State          string    `bun:"state"`
	Attempts       int       `bun:"attempts"`
	NextAttempt    time.Time `bun:"next_attempt"`
	CreatedAt      time.Time `bun:"created_at"`
	LastStatus     int       `bun:"last_status"`
	LastError      string    `bun:"last_error"`
}

func newDeliveryRow(d notify.Delivery) (deliveryRow, error) {
	envelope, err := json.Marshal(d.Event)
	if err != nil {
		return deliveryRow{}, fmt.Errorf("encoding delivery %s: %w", d.ID, err)
	}
	return deliveryRowOf(d, text(string(envelope))), nil
}

func deliveryRowOf(d notify.Delivery, envelope string) deliveryRow {
	return deliveryRow{
		ID: text(d.ID), SubscriptionID: text(d.SubscriptionID), EventID: text(d.Event.ID), Event: envelope,
		State: string(d.State), Attempts: d.Attempts, NextAttempt: stamp(d.NextAttempt), CreatedAt: stamp(d.CreatedAt),
		LastStatus: d.LastStatus, LastError: text(d.LastError),
	}
}

// deliveryRows are the rows of deliveries of which those of an event follow one
// another.
func deliveryRows(ds []notify.Delivery) ([]deliveryRow, error) {
	rows := make([]deliveryRow, len(ds))
	for i, d := range ds {
		if i > 0 && ds[i-1].Event.ID == d.Event.ID {
			rows[i] = deliveryRowOf(d, rows[i-1].Event)
			continue
		}
		row, err := newDeliveryRow(d)
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	return rows, nil
}

// bare is the delivery without its event.
func (r deliveryRow) bare() notify.Delivery {
	return notify.Delivery{
		ID: r.ID, SubscriptionID: r.SubscriptionID, State: notify.DeliveryState(r.State), Attempts: r.Attempts,
		NextAttempt: r.NextAttempt.UTC(), CreatedAt: r.CreatedAt.UTC(), LastStatus: r.LastStatus, LastError: r.LastError,
	}
}

// Cursor implements notify.Queue.
func (n *Notify) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return n.store.Cursor(ctx, consumer)
}

// Events implements notify.Queue.
func (n *Notify) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	return n.store.Events(ctx, after, limit)
}

// Enqueue implements notify.Queue. What waits too long for a webhook, or in
// too large a number, becomes a dead letter.
func (n *Notify) Enqueue(ctx context.Context, consumer string, next event.Cursor, ds []notify.Delivery) error {
	err := n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return n.enqueue(ctx, tx, consumer, next, ds) })
	if err != nil {
		return fmt.Errorf("queueing deliveries: %w", err)
	}
	return nil
}

func (n *Notify) enqueue(ctx context.Context, tx *store.Tx, consumer string, next event.Cursor, ds []notify.Delivery) error {
	rows, err := deliveryRows(ds)
	if err != nil {
		return err
	}
	if err := store.AddAll(ctx, tx, rows); err != nil {
		return err
	}
	if n.full.due(len(ds), n.maxWaiting, n.store.Now()) {
		if err := n.bury(ctx, tx); err != nil {
			return err
		}
	}
	return tx.SaveCursor(ctx, text(consumer), next)
}

// Queues are looked at for what has waited too long a few times a minute, and for
// their length when a hundredth of what may wait has come.
const (
	buryEvery = 15 * time.Second
	buryShare = 100
)

// fullness says when it is time to look whether queues are too long.
type fullness struct {
	mu     sync.Mutex
	looked time.Time
	added  int
}

func (f *fullness) due(added, most int, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.added += added
	if f.added < max(1, most/buryShare) && now.Sub(f.looked) < buryEvery && !now.Before(f.looked) {
		return false
	}
	f.looked, f.added = now, 0
	return true
}

// bury bounds all queues by age and by number: an endpoint may be off, or answer more
// slowly than events come.
func (n *Notify) bury(ctx context.Context, tx *store.Tx) error {
	longAgo := stamp(n.store.Now().Add(-maxWait))
	var ids []string
	if err := tx.NewSelect().Model((*subscriptionRow)(nil)).Column("id").Order("id").Scan(ctx, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		if err := n.buryWhere(ctx, tx, id, "it waited for the webhook for 72 hours", "created_at <= ?", longAgo); err != nil {
			return err
		}
		if err := n.buryOverflow(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// buryOverflow gives up the oldest beyond what may wait.
func (n *Notify) buryOverflow(ctx context.Context, tx *store.Tx, subscription string) error {
	var last []deliveryRow
	err := waiting(tx, subscription).Column("id", "created_at").Order("created_at DESC", "id DESC").
		Offset(int64(n.maxWaiting)).Limit(1).Scan(ctx, &last)
	if err != nil || len(last) == 0 {
		return err
	}
	at, why := last[0].CreatedAt, "too many deliveries waited for the webhook"
	if err := n.buryWhere(ctx, tx, subscription, why, "created_at < ?", stamp(at)); err != nil {
		return err
	}
	return n.buryWhere(ctx, tx, subscription, why, "created_at = ? AND id <= ?", stamp(at), last[0].ID)
}

func (n *Notify) buryWhere(ctx context.Context, tx *store.Tx, subscription, why, condition string, args ...any) error {
	_, err := tx.NewUpdate().Model((*deliveryRow)(nil)).
		Set("state = ?", notify.Dead).Set("last_error = ?", why).Set("next_attempt = ?", stamp(n.store.Now())).
		Where("subscription_id = ?", subscription).Where("state = ?", notify.Pending).Where(condition, args...).Exec(ctx)
	return err
}

func waiting(db bun.IDB, subscription string) *bun.SelectQuery {
	return db.NewSelect().Model((*deliveryRow)(nil)).
		Where("subscription_id = ?", subscription).Where("state = ?", notify.Pending)
}

// Settle implements notify.Queue. A delivery that is not pending any more (its
// webhook was removed meanwhile) stays as it is.
func (n *Notify) Settle(ctx context.Context, all ...notify.Outcome) (tripped bool, err error) {
	err = n.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		tripped = false
		for _, o := range all {
			trips, err := settle(ctx, tx, o)
			if err != nil {
				return fmt.Errorf("delivery %s: %w", o.Delivery.ID, err)
			}
			tripped = tripped || trips
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("settling deliveries: %w", err)
	}
	return tripped, nil
}

func settle(ctx context.Context, tx *store.Tx, o notify.Outcome) (tripped bool, err error) {
	settled, err := store.Touched(settling(tx, o).Exec(ctx))
	if err != nil || !settled {
		return false, err
	}
	tripped, err = judge(ctx, tx, text(o.Delivery.SubscriptionID), o)
	if err != nil || !tripped || o.OnTrip.ID == "" {
		return tripped, err
	}
	return tripped, tx.Emit(o.OnTrip)
}

// settling writes an outcome into the rows that had it and are pending. That they are is
// said so that SQLite, which knows nothing of how many rows there are, finds them by
// their ids and not by the state that all waiting ones share.
func settling(db bun.IDB, o notify.Outcome) *bun.UpdateQuery {
	d := o.Delivery
	return db.NewUpdate().Model((*deliveryRow)(nil)).
		Set("state = ?", d.State).Set("attempts = ?", d.Attempts).Set("next_attempt = ?", stamp(d.NextAttempt)).
		Set("last_status = ?", d.LastStatus).Set("last_error = ?", text(d.LastError)).
		Where("id IN (?)", bun.In(carried(o))).Where("NOT state <> ?", notify.Pending)
}

// carried are the ids of the deliveries whose message had this outcome.
func carried(o notify.Outcome) []string {
	ids := []string{text(o.Delivery.ID)}
	for _, d := range o.Also {
		ids = append(ids, text(d.ID))
	}
	return ids
}

// judge counts an outcome for or against the webhook, disables it after too
// many failures in a row and enables it again when a probe is accepted.
func judge(ctx context.Context, tx *store.Tx, subscription string, o notify.Outcome) (tripped bool, err error) {
	var subs []subscriptionRow
	if err := tx.NewSelect().Model(&subs).Where("id = ?", subscription).Scan(ctx); err != nil || len(subs) == 0 {
		return false, err
	}
	s := subs[0]
	if o.Success && o.OnRecover.ID != "" && !s.Enabled && s.AutoDisabledAt != nil {
		s.Enabled, s.AutoDisabledAt = true, nil
		if err := recovered(ctx, tx, subscription, o); err != nil {
			return false, err
		}
	}
	s.Failures++
	switch {
	case o.Success:
		s.Failures = 0
	case o.Gone:
		s.Failures = 1
	}
	if tripped = s.Enabled && o.TripAt > 0 && s.Failures >= o.TripAt; tripped {
		at := stamp(o.At)
		s.Enabled, s.AutoDisabledAt = false, &at
	}
	if o.Success && o.OnRecover.ID == "" && subs[0].Failures == 0 {
		return false, nil // it was well, and is
	}
	_, err = tx.NewUpdate().Model(&s).Column("failures", "enabled", "auto_disabled_at").WherePK().Exec(ctx)
	return tripped, err
}

// recovered tells that a webhook is active again, and puts what failed meanwhile back
// to where it was in the queue.
func recovered(ctx context.Context, tx *store.Tx, subscription string, o notify.Outcome) error {
	if o.InOrder {
		_, err := tx.NewUpdate().Model((*deliveryRow)(nil)).Set("next_attempt = created_at").
			Where("subscription_id = ?", subscription).Where("state = ?", notify.Pending).Where("attempts > 0").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return tx.Emit(o.OnRecover)
}
