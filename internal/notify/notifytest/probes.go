package notifytest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
)

func oldestFound(t *testing.T, s Store) {
	if _, ok, err := s.Oldest(t.Context(), "a"); ok || err != nil {
		t.Errorf("an empty queue has an oldest: %t, %v", ok, err)
	}
	ds := with(t, s, []string{"a", "b"}, Start().Add(time.Hour), Start())
	got, ok, err := s.Oldest(t.Context(), "a")
	must(t, err)
	if !ok || got.ID != ds[0].ID { // its event is older, though its time comes later
		t.Errorf("the oldest is %s, %t; want %s", got.ID, ok, ds[0].ID)
	}
	settle(t, s, ds[0], notify.Dead, Start())
	if got, ok, err = s.Oldest(t.Context(), "a"); err != nil || !ok || got.ID != ds[2].ID {
		t.Errorf("the oldest is %s, %t, %v; want %s", got.ID, ok, err, ds[2].ID)
	}
}

func probeRecovers(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start(), Start(), Start())
	first := ds[0]
	first.Attempts = 1
	_, err := s.Settle(t.Context(), notify.Outcome{Delivery: first, TripAt: 1, At: Start()})
	must(t, err)
	before := told(t, s, event.TopicSubscriptionsChanged)
	accepted := ds[1]
	accepted.State = notify.Delivered
	_, err = s.Settle(t.Context(), notify.Outcome{Delivery: accepted, Success: true, TripAt: 1, At: Start(), OnRecover: changed(t)})
	must(t, err)
	if a := subscription(t, s, "a"); !a.Enabled || a.AutoDisabledAt != nil || a.Failures != 0 {
		t.Errorf("after a probe that was accepted: %+v", a)
	}
	expect(t, "told", before+1, told(t, s, event.TopicSubscriptionsChanged))
	gone := ds[2]
	gone.State = notify.Dead
	tripped, err := s.Settle(t.Context(), notify.Outcome{Delivery: gone, TripAt: 1, At: Start(), Gone: true})
	must(t, err)
	if a := subscription(t, s, "a"); !tripped || a.Enabled || a.Failures != 1 {
		t.Errorf("after the receiver is gone: tripped %t, %+v", tripped, a)
	}
}

// tripOn makes "a" trip on its first delivery, which is due again in an hour.
func tripOn(t *testing.T, s Store, d notify.Delivery) {
	t.Helper()
	d.Attempts, d.NextAttempt = 1, Start().Add(time.Hour)
	tripped, err := s.Settle(t.Context(), notify.Outcome{Delivery: d, TripAt: 1, At: Start()})
	must(t, err)
	expect(t, "tripped", true, tripped)
}

func recoversInOrder(t *testing.T, s Store) {
	for _, inOrder := range []bool{true, false} {
		ds := with(t, s, []string{"a", "b"}, Start(), Start(), Start())
		first, second, last := ds[0], ds[2], ds[4]
		settle(t, s, ds[1], notify.Pending, Start().Add(time.Hour)) // another's
		tripOn(t, s, first)
		last.State = notify.Delivered
		_, err := s.Settle(t.Context(), notify.Outcome{Delivery: last, Success: true, TripAt: 1, At: Start(), OnRecover: changed(t), InOrder: inOrder})
		must(t, err)
		want := []string{second.ID, ds[3].ID, ds[5].ID}
		if inOrder {
			want = append([]string{first.ID}, want...)
		}
		got := dueIDs(t, s, Start(), 10)
		slices.Sort(got)
		slices.Sort(want)
		expect(t, "due after the probe", want, got)
		for _, d := range ds {
			settle(t, s, d, notify.Delivered, Start())
		}
	}
}

// dueByEvent: however many deliveries were queued at once, the first that are due are
// those of the oldest events.
func dueByEvent(t *testing.T, s Store) {
	at := make([]time.Time, 100)
	for i := range at {
		at[i] = Start()
	}
	ds := with(t, s, []string{"a"}, at...)
	slices.SortFunc(ds, func(a, b notify.Delivery) int { return strings.Compare(a.Event.ID, b.Event.ID) })
	var want []string
	for _, d := range ds[:8] {
		want = append(want, d.ID)
	}
	got := dueIDs(t, s, Start(), 8)
	expect(t, "due", want, got)
	left, err := s.Due(t.Context(), notify.DueQuery{Now: Start(), Each: 8, Busy: []string{"a"}})
	must(t, err)
	expect(t, "due of those whose lane is free", 0, len(left))
	sent := map[string]map[string]bool{"a": {ds[0].ID: true, ds[3].ID: true, "another": true}}
	left, err = s.Due(t.Context(), notify.DueQuery{Now: Start(), Each: 4, Sent: sent})
	must(t, err)
	expect(t, "due of what was not sent", []string{ds[1].ID, ds[2].ID, ds[4].ID, ds[5].ID}, idsOf(left))
}

func deadRedeliveredByRange(t *testing.T, s Store) {
	syncAll(t, s, Subscription("a", "https://a.example/hook"))
	var ids []string
	for hour := range 4 {
		e := Event(t, Start())
		e.ID = id.From(Start().Add(time.Duration(hour)*time.Hour), [10]byte{byte(hour)})
		must(t, s.Append(t.Context(), e))
		d := notify.Delivery{ID: notify.DeliveryID("a", e.ID), SubscriptionID: "a", Event: e, State: notify.Pending, NextAttempt: Start(), CreatedAt: Start()}
		must(t, s.Enqueue(t.Context(), consumer, event.Cursor{}, []notify.Delivery{d}))
		settle(t, s, d, notify.Dead, Start())
		ids = append(ids, d.ID)
	}
	n, err := s.Redeliver(t.Context(), notify.Resend{SubscriptionID: "a", From: Start().Add(time.Hour), Until: Start().Add(3 * time.Hour)}, Start(), by("webhook.redeliver"))
	must(t, err)
	expect(t, "queued again", 2, n)
	dead := listed(t, s, notify.DeliveryFilter{SubscriptionID: "a", State: notify.Dead, Limit: 10})
	expect(t, "still dead", []string{ids[3], ids[0]}, dead)
}
