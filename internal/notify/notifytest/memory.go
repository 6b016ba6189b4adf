// Package notifytest holds an in-memory store of subscriptions and deliveries,
// and the scenarios that every implementation of notify's storage interfaces
// passes.
//
// To add a scenario, add one line to the table in Run.
//
// Level 2: it may import event, id and notify.
package notifytest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

// Memory is a Store in memory. It is safe for concurrent use.
type Memory struct {
	// Fail, when set before use, is asked before every operation, by its
	// method's name; an error makes the operation fail without effect.
	Fail func(operation string) error

	mu         sync.Mutex
	log        []event.Record
	cursors    map[string]event.Cursor
	subs       []notify.Subscription
	deliveries []notify.Delivery  // in order of arrival
	known      map[[2]string]bool // subscriptions and events that met
	silences   []notify.Silence   // in order of arrival
	audit      []audit.Entry
	consumer   string
	boarding   notify.Boarding // nil: nobody is asked
}

var (
	_ Store        = (*Memory)(nil)
	_ notify.Ferry = (*Memory)(nil)
)

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{cursors: map[string]event.Cursor{}, known: map[[2]string]bool{}}
}

// begin locks the store for one operation.
func (m *Memory) begin(ctx context.Context, operation string) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m.Fail != nil {
		if err := m.Fail(operation); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	return m.mu.Unlock, nil
}

// Append implements Store.
func (m *Memory) Append(ctx context.Context, events ...event.Event) error {
	end, err := m.begin(ctx, "Append")
	if err != nil {
		return err
	}
	defer end()
	records := m.records(events)
	found := m.ask(records)
	if m.Fail != nil {
		if err := m.Fail("Commit"); err != nil {
			return err
		}
	}
	m.commit(records, found)
	return nil
}

func (m *Memory) append(events ...event.Event) {
	records := m.records(events)
	m.commit(records, m.ask(records))
}

func (m *Memory) records(events []event.Event) (all []event.Record) {
	for i, e := range events {
		at := event.Cursor{Day: e.Time.Format(time.DateOnly), Seq: int64(len(m.log) + i + 1)}
		all = append(all, event.Record{Cursor: at, Event: e})
	}
	return all
}

// Cursor implements notify.Queue.
func (m *Memory) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	end, err := m.begin(ctx, "Cursor")
	if err != nil {
		return event.Cursor{}, err
	}
	defer end()
	return m.cursors[consumer], nil
}

// Events implements notify.Queue.
func (m *Memory) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	end, err := m.begin(ctx, "Events")
	if err != nil {
		return nil, err
	}
	defer end()
	rest := m.log[min(int(after.Seq), len(m.log)):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

// Enqueue implements notify.Queue.
func (m *Memory) Enqueue(ctx context.Context, consumer string, next event.Cursor, ds []notify.Delivery) error {
	end, err := m.begin(ctx, "Enqueue")
	if err != nil {
		return err
	}
	defer end()
	m.enqueue(consumer, next, ds)
	return nil
}

func (m *Memory) enqueue(consumer string, next event.Cursor, ds []notify.Delivery) {
	for _, d := range ds {
		key := [2]string{d.SubscriptionID, d.Event.ID}
		if !m.known[key] {
			m.known[key] = true
			m.deliveries = append(m.deliveries, d)
		}
	}
	m.cursors[consumer] = next
}

// Due implements notify.Queue.
func (m *Memory) Due(ctx context.Context, q notify.DueQuery) ([]notify.Delivery, error) {
	end, err := m.begin(ctx, "Due")
	if err != nil {
		return nil, err
	}
	defer end()
	var due []notify.Delivery
	share := map[string]int{}
	for _, d := range m.pending() {
		if q.Sent[d.SubscriptionID][d.ID] || slices.Contains(q.Busy, d.SubscriptionID) {
			continue
		}
		if !d.NextAttempt.After(q.Now) && share[d.SubscriptionID] < q.Each {
			share[d.SubscriptionID]++
			due = append(due, d)
		}
	}
	return due, nil
}

// pending returns the waiting deliveries of enabled subscriptions by time.
func (m *Memory) pending() []notify.Delivery {
	var ds []notify.Delivery
	for _, d := range m.deliveries {
		s := m.find(d.SubscriptionID)
		if d.State == notify.Pending && s != nil && s.Enabled {
			ds = append(ds, d)
		}
	}
	slices.SortStableFunc(ds, func(a, b notify.Delivery) int {
		return cmp.Or(a.NextAttempt.Compare(b.NextAttempt), cmp.Compare(a.Event.ID, b.Event.ID))
	})
	return ds
}

// NextDue implements notify.Queue.
func (m *Memory) NextDue(ctx context.Context, after time.Time) (time.Time, bool, error) {
	end, err := m.begin(ctx, "NextDue")
	if err != nil {
		return time.Time{}, false, err
	}
	defer end()
	for _, d := range m.pending() {
		if d.NextAttempt.After(after) {
			return d.NextAttempt, true, nil
		}
	}
	return time.Time{}, false, nil
}

// Settle implements notify.Queue.
func (m *Memory) Settle(ctx context.Context, all ...notify.Outcome) (tripped bool, err error) {
	end, err := m.begin(ctx, "Settle")
	if err != nil {
		return false, err
	}
	defer end()
	for _, o := range all {
		tripped = m.settle(o) || tripped
	}
	return tripped, nil
}

func (m *Memory) settle(o notify.Outcome) (tripped bool) {
	for i, d := range m.deliveries {
		if d.ID == o.Delivery.ID && d.State == notify.Pending {
			m.deliveries[i] = o.Delivery
			m.settleAlso(o)
			tripped := m.count(o)
			if tripped && o.OnTrip.ID != "" {
				m.append(o.OnTrip)
			}
			return tripped
		}
	}
	return false
}

// settleAlso makes of the others what became of the first.
func (m *Memory) settleAlso(o notify.Outcome) {
	for i, d := range m.deliveries {
		also := slices.ContainsFunc(o.Also, func(a notify.Delivery) bool { return a.ID == d.ID })
		if also && d.State == notify.Pending {
			now := o.Delivery
			now.ID, now.Event, now.CreatedAt = d.ID, d.Event, d.CreatedAt
			m.deliveries[i] = now
		}
	}
}

// DueTogether implements notify.Waiting.
func (m *Memory) DueTogether(ctx context.Context, subscription string, at time.Time, limit int) ([]notify.Delivery, error) {
	end, err := m.begin(ctx, "DueTogether")
	if err != nil {
		return nil, err
	}
	defer end()
	ds := slices.DeleteFunc(slices.Clone(m.deliveries), func(d notify.Delivery) bool {
		return d.SubscriptionID != subscription || d.State != notify.Pending || !d.NextAttempt.Equal(at)
	})
	slices.SortFunc(ds, func(a, b notify.Delivery) int { return cmp.Compare(a.Event.ID, b.Event.ID) })
	return ds[:min(limit, len(ds))], nil
}

// Oldest implements notify.Waiting.
func (m *Memory) Oldest(ctx context.Context, subscription string) (notify.Delivery, bool, error) {
	end, err := m.begin(ctx, "Oldest")
	if err != nil {
		return notify.Delivery{}, false, err
	}
	defer end()
	ds := slices.DeleteFunc(slices.Clone(m.deliveries), func(d notify.Delivery) bool {
		return d.SubscriptionID != subscription || d.State != notify.Pending
	})
	if len(ds) == 0 {
		return notify.Delivery{}, false, nil
	}
	return slices.MinFunc(ds, func(a, b notify.Delivery) int { return cmp.Compare(a.Event.ID, b.Event.ID) }), true, nil
}

// count keeps the subscription's failures and trips it.
func (m *Memory) count(o notify.Outcome) (tripped bool) {
	s := m.find(o.Delivery.SubscriptionID)
	if s == nil {
		return false
	}
	if o.Success {
		s.Failures = 0
		if o.OnRecover.ID != "" && !s.Enabled && s.AutoDisabledAt != nil {
			s.Enabled, s.AutoDisabledAt = true, nil
			m.recovered(o)
		}
		return false
	}
	if s.Failures++; o.Gone {
		s.Failures = 1
	}
	if !s.Enabled || s.Failures < o.TripAt {
		return false
	}
	at := o.At
	s.Enabled, s.AutoDisabledAt = false, &at
	return true
}

// recovered tells that a subscription is active again.
func (m *Memory) recovered(o notify.Outcome) {
	for i, d := range m.deliveries {
		if o.InOrder && d.SubscriptionID == o.Delivery.SubscriptionID && d.State == notify.Pending && d.Attempts > 0 {
			m.deliveries[i].NextAttempt = d.CreatedAt
		}
	}
	m.append(o.OnRecover)
}

func (m *Memory) find(id string) *notify.Subscription {
	for i := range m.subs {
		if m.subs[i].ID == id {
			return &m.subs[i]
		}
	}
	return nil
}

// ListSubscriptions implements notify.Subscriptions.
func (m *Memory) ListSubscriptions(ctx context.Context) ([]notify.Subscription, error) {
	end, err := m.begin(ctx, "ListSubscriptions")
	if err != nil {
		return nil, err
	}
	defer end()
	return slices.Clone(m.subs), nil
}

// SyncManaged implements notify.Subscriptions.
func (m *Memory) SyncManaged(ctx context.Context, subs []notify.Subscription, e event.Event) (bool, error) {
	end, err := m.begin(ctx, "SyncManaged")
	if err != nil {
		return false, err
	}
	defer end()
	was := slices.Clone(m.subs)
	next := slices.DeleteFunc(slices.Clone(m.subs), func(s notify.Subscription) bool {
		return s.Managed || slices.ContainsFunc(subs, func(k notify.Subscription) bool { return k.ID == s.ID })
	})
	for _, s := range subs {
		s.Failures, s.AutoDisabledAt = 0, nil
		if old := m.find(s.ID); old != nil && old.URL == s.URL && old.AutoDisabledAt == nil {
			s.Failures = old.Failures
		}
		next = append(next, s)
	}
	slices.SortFunc(next, func(a, b notify.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	m.subs = next
	if slices.EqualFunc(was, next, same) {
		return false, nil
	}
	m.append(e)
	return true, nil
}

// same compares what the configuration states.
func same(a, b notify.Subscription) bool {
	return a.ID == b.ID && a.URL == b.URL && a.Format == b.Format && a.MinSeverity == b.MinSeverity &&
		a.AllowPrivate == b.AllowPrivate && a.Managed == b.Managed && a.Enabled == b.Enabled &&
		bytes.Equal(a.SealedSecret, b.SealedSecret) && slices.Equal(a.Topics, b.Topics) &&
		a.MinConfidence == b.MinConfidence && slices.Equal(a.Rules, b.Rules) && slices.Equal(a.Sources, b.Sources) && a.Manner.Equal(b.Manner) && a.Template == b.Template &&
		slices.Equal(a.Escalate, b.Escalate)
}

// Put adds or replaces subscriptions as an operator would, who may pause one
// or enable it again.
func (m *Memory) Put(subs ...notify.Subscription) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range subs {
		m.subs = slices.DeleteFunc(m.subs, func(k notify.Subscription) bool { return k.ID == s.ID })
		m.subs = append(m.subs, s)
	}
	slices.SortFunc(m.subs, func(a, b notify.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	// Whoever boards hears of it as ever; the log of a test has only what the test says.
	m.ask(m.records([]event.Event{{Topic: event.TopicSubscriptionsChanged}}))
}

// Deliveries returns all deliveries of a subscription in order of arrival.
func (m *Memory) Deliveries(subscription string) []notify.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.deliveries), func(d notify.Delivery) bool {
		return d.SubscriptionID != subscription
	})
}

// Log returns the event log.
func (m *Memory) Log() []event.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.log)
}
