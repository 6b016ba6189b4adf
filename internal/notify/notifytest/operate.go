package notifytest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// What operators do to Memory.

// Audit implements Store.
func (m *Memory) Audit(ctx context.Context) ([]audit.Entry, error) {
	end, err := m.begin(ctx, "Audit")
	if err != nil {
		return nil, err
	}
	defer end()
	return slices.Clone(m.audit), nil
}

// AddSubscription implements notify.Subscriptions.
func (m *Memory) AddSubscription(ctx context.Context, s notify.Subscription, by audit.Entry, e event.Event) error {
	end, err := m.begin(ctx, "AddSubscription")
	if err != nil {
		return err
	}
	defer end()
	if m.find(s.ID) != nil {
		return notify.ErrExists
	}
	if by.Before, by.After, err = notify.Stories(nil, &s); err != nil {
		return err
	}
	m.subs = append(m.subs, s)
	slices.SortFunc(m.subs, func(a, b notify.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	m.audit = append(m.audit, by)
	m.append(e)
	return nil
}

// ChangeSubscription implements notify.Subscriptions.
func (m *Memory) ChangeSubscription(ctx context.Context, id string, change func(notify.Subscription) (notify.Subscription, error), by audit.Entry, e event.Event) (notify.Subscription, error) {
	end, err := m.begin(ctx, "ChangeSubscription")
	if err != nil {
		return notify.Subscription{}, err
	}
	defer end()
	s := m.find(id)
	if s == nil {
		return notify.Subscription{}, notify.ErrNotFound
	}
	was := *s
	now, err := change(was)
	if err != nil {
		return was, err
	}
	now.ID = id
	if by.Before, by.After, err = notify.Stories(&was, &now); err != nil {
		return was, err
	}
	*s = now
	m.audit = append(m.audit, by)
	m.append(e)
	return now, nil
}

// RemoveSubscription implements notify.Subscriptions.
func (m *Memory) RemoveSubscription(ctx context.Context, id string, by audit.Entry, e event.Event) error {
	end, err := m.begin(ctx, "RemoveSubscription")
	if err != nil {
		return err
	}
	defer end()
	s := m.find(id)
	if s == nil {
		return notify.ErrNotFound
	}
	if s.Managed {
		return notify.ErrManaged
	}
	if by.Before, by.After, err = notify.Stories(s, nil); err != nil {
		return err
	}
	m.subs = slices.DeleteFunc(m.subs, func(k notify.Subscription) bool { return k.ID == id })
	for i := range m.deliveries {
		if d := &m.deliveries[i]; d.SubscriptionID == id && d.State == notify.Pending {
			d.State, d.LastError = notify.Dead, "the webhook was removed"
		}
	}
	m.audit = append(m.audit, by)
	m.append(e)
	return nil
}

// ListDeliveries implements notify.Letters.
func (m *Memory) ListDeliveries(ctx context.Context, f notify.DeliveryFilter) ([]notify.Delivery, error) {
	end, err := m.begin(ctx, "ListDeliveries")
	if err != nil {
		return nil, err
	}
	defer end()
	ds := slices.DeleteFunc(slices.Clone(m.deliveries), func(d notify.Delivery) bool {
		return d.SubscriptionID != f.SubscriptionID || f.State != "" && d.Shown() != f.State || f.After != "" && d.Event.ID >= f.After
	})
	slices.SortFunc(ds, func(a, b notify.Delivery) int { return cmp.Compare(b.Event.ID, a.Event.ID) })
	return ds[:min(f.Limit, len(ds))], nil
}

// Backlogs implements notify.Letters.
func (m *Memory) Backlogs(ctx context.Context) (map[string]notify.Backlog, error) {
	end, err := m.begin(ctx, "Backlogs")
	if err != nil {
		return nil, err
	}
	defer end()
	all := map[string]notify.Backlog{}
	for _, d := range m.deliveries {
		b := all[d.SubscriptionID]
		switch d.State {
		case notify.Pending:
			b.Pending++
		case notify.Dead:
			b.Dead++
		case notify.Delivered, notify.Failed, notify.Silenced:
			continue
		}
		all[d.SubscriptionID] = b
	}
	return all, nil
}

// Redeliver implements notify.Letters.
func (m *Memory) Redeliver(ctx context.Context, r notify.Resend, now time.Time, by audit.Entry) (int, error) {
	end, err := m.begin(ctx, "Redeliver")
	if err != nil {
		return 0, err
	}
	defer end()
	count := 0
	for i := range m.deliveries {
		d := &m.deliveries[i]
		if d.SubscriptionID == r.SubscriptionID && (d.ID == r.DeliveryID || r.DeliveryID == "" && d.State == notify.Dead && in(r, d.Event.ID)) {
			d.State, d.Attempts, d.NextAttempt, d.CreatedAt = notify.Pending, 0, now, now
			count++
		}
	}
	if r.DeliveryID != "" && count == 0 {
		return 0, notify.ErrNotFound
	}
	m.audit = append(m.audit, by)
	return count, nil
}

func in(r notify.Resend, eventID string) bool {
	from, until := r.Bounds()
	return (from == "" || eventID >= from) && (until == "" || eventID < until)
}

// RecordTest implements notify.Letters.
func (m *Memory) RecordTest(ctx context.Context, d notify.Delivery, by audit.Entry) error {
	end, err := m.begin(ctx, "RecordTest")
	if err != nil {
		return err
	}
	defer end()
	m.deliveries = append(m.deliveries, d)
	m.audit = append(m.audit, by)
	return nil
}

// Tidy implements notify.Letters.
func (m *Memory) Tidy(ctx context.Context, delivered, dead time.Time, limit int) (int, error) {
	end, err := m.begin(ctx, "Tidy")
	if err != nil {
		return 0, err
	}
	defer end()
	count := 0
	m.deliveries = slices.DeleteFunc(m.deliveries, func(d notify.Delivery) bool {
		old := (d.State == notify.Delivered || d.State == notify.Silenced) && d.NextAttempt.Before(delivered) || d.State == notify.Dead && d.NextAttempt.Before(dead)
		if !old || count >= limit {
			return false
		}
		count++
		return true
	})
	return count, nil
}
