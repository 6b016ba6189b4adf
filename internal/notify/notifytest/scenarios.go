package notifytest

import (
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
)

func readsInOrder(t *testing.T, s Store) {
	var want []string
	for range 5 {
		e := Event(t, Start())
		want = append(want, e.ID)
		must(t, s.Append(t.Context(), e))
	}
	var got []string
	after := event.Cursor{}
	for {
		records, err := s.Events(t.Context(), after, 2)
		must(t, err)
		if len(records) == 0 {
			break
		}
		for _, r := range records {
			got = append(got, r.Event.ID)
			after = r.Cursor
		}
	}
	expect(t, "events", want, got)
}

func cursorMoves(t *testing.T, s Store) {
	at, err := s.Cursor(t.Context(), consumer)
	must(t, err)
	expect(t, "cursor of a new consumer", event.Cursor{}, at)
	must(t, s.Append(t.Context(), Event(t, Start())))
	records, err := s.Events(t.Context(), at, 10)
	must(t, err)
	next := records[len(records)-1].Cursor
	must(t, s.Enqueue(t.Context(), consumer, next, nil))
	at, err = s.Cursor(t.Context(), consumer)
	must(t, err)
	expect(t, "cursor", next, at)
	at, err = s.Cursor(t.Context(), "another")
	must(t, err)
	expect(t, "cursor of another consumer", event.Cursor{}, at)
}

func repeatIgnored(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	settle(t, s, ds[0], notify.Delivered, Start())
	must(t, s.Enqueue(t.Context(), consumer, event.Cursor{}, ds))
	expect(t, "due after a repeat of what was delivered", []string{}, dueIDs(t, s, Start(), 10))
}

func dueByTime(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start().Add(2*time.Second), Start().Add(time.Second), Start().Add(time.Hour))
	expect(t, "due before any time", []string{}, dueIDs(t, s, Start(), 10))
	expect(t, "due", []string{ds[1].ID, ds[0].ID}, dueIDs(t, s, Start().Add(2*time.Second), 10))
	expect(t, "due, one at most", []string{ds[1].ID}, dueIDs(t, s, Start().Add(2*time.Second), 1))
	for _, after := range []int{0, 1} {
		want := Start().Add(time.Duration(after+1) * time.Second)
		at, ok, err := s.NextDue(t.Context(), Start().Add(time.Duration(after)*time.Second))
		must(t, err)
		if !ok || !at.Equal(want) {
			t.Errorf("NextDue after %d s = %s, %t; want %s", after, at, ok, want)
		}
	}
}

func deliveredIsDone(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	settle(t, s, ds[0], notify.Delivered, Start())
	expect(t, "due", []string{}, dueIDs(t, s, Start().Add(time.Hour), 10))
	if _, ok, err := s.NextDue(t.Context(), Start().Add(-time.Hour)); ok || err != nil {
		t.Errorf("NextDue = %t, %v; want none", ok, err)
	}
}

func failedComesBack(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	d := ds[0]
	d.LastStatus, d.LastError = 503, "HTTP 503 Service Unavailable"
	settle(t, s, d, notify.Pending, Start().Add(time.Minute))
	expect(t, "due at once", []string{}, dueIDs(t, s, Start(), 10))
	got, err := s.Due(t.Context(), notify.DueQuery{Now: Start().Add(time.Minute), Each: 10})
	must(t, err)
	d.Attempts, d.NextAttempt = 1, Start().Add(time.Minute)
	expect(t, "due a minute later", []notify.Delivery{d}, got)
}

func deadIsDone(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	settle(t, s, ds[0], notify.Dead, Start())
	expect(t, "due", []string{}, dueIDs(t, s, Start().Add(time.Hour), 10))
}

func settledOnce(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	settle(t, s, ds[0], notify.Delivered, Start())
	settle(t, s, ds[0], notify.Pending, Start())
	expect(t, "due after a late outcome", []string{}, dueIDs(t, s, Start().Add(time.Hour), 10))
	if a := subscription(t, s, "a"); a.Failures != 0 {
		t.Errorf("%d failures are counted for what was delivered", a.Failures)
	}
}

func trips(t *testing.T, s Store) {
	ds := with(t, s, []string{"a", "b"}, Start())
	for i, want := range []bool{false, false, true, false} {
		if got := settle(t, s, ds[0], notify.Pending, Start()); got != want {
			t.Errorf("failure %d: tripped = %t, want %t", i+1, got, want)
		}
	}
	a := subscription(t, s, "a")
	if a.State() != notify.Tripped || a.AutoDisabledAt == nil || !a.AutoDisabledAt.Equal(Start()) {
		t.Errorf("subscription is %s, disabled at %v; want tripped at %s", a.State(), a.AutoDisabledAt, Start())
	}
	if b := subscription(t, s, "b"); b.State() != notify.Active || b.Failures != 0 {
		t.Errorf("the other subscription is %s with %d failures", b.State(), b.Failures)
	}
	expect(t, "due, without the tripped one's", []string{ds[1].ID}, dueIDs(t, s, Start(), 10))
}

func successResets(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start(), Start())
	settle(t, s, ds[0], notify.Pending, Start())
	settle(t, s, ds[0], notify.Pending, Start())
	settle(t, s, ds[1], notify.Delivered, Start())
	if tripped := settle(t, s, ds[0], notify.Pending, Start()); tripped {
		t.Error("tripped after a success between failures")
	}
	if a := subscription(t, s, "a"); a.Failures != 1 || !a.Enabled {
		t.Errorf("%d failures, enabled %t; want 1, true", a.Failures, a.Enabled)
	}
}

func trip(t *testing.T, s Store, d notify.Delivery) {
	t.Helper()
	for range 3 {
		settle(t, s, d, notify.Pending, Start())
	}
}

func trippedQueues(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	trip(t, s, ds[0])
	e := Event(t, Start())
	later := notify.Delivery{
		ID: notify.DeliveryID("a", e.ID), SubscriptionID: "a", Event: e, State: notify.Pending, NextAttempt: Start(), CreatedAt: Start(),
	}
	must(t, s.Append(t.Context(), e))
	must(t, s.Enqueue(t.Context(), consumer, event.Cursor{}, []notify.Delivery{later}))
	expect(t, "due while tripped", []string{}, dueIDs(t, s, Start(), 10))
	syncAll(t, s, Subscription("a", "https://elsewhere.example/hook"))
	if got := dueIDs(t, s, Start(), 10); len(got) != 2 {
		t.Errorf("due after it was enabled: %v, want both", got)
	}
}

func loadingEnables(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start())
	settle(t, s, ds[0], notify.Pending, Start())
	same := Subscription("a", subscription(t, s, "a").URL)
	syncAll(t, s, same)
	if a := subscription(t, s, "a"); a.Failures != 1 {
		t.Errorf("%d failures after the same configuration was loaded, want 1 still", a.Failures)
	}
	trip(t, s, ds[0])
	syncAll(t, s, same)
	if a := subscription(t, s, "a"); a.State() != notify.Active || a.Failures != 0 || a.AutoDisabledAt != nil {
		t.Errorf("tripped, then loaded again: %s, %d failures; want active, 0", a.State(), a.Failures)
	}
	settle(t, s, ds[0], notify.Pending, Start())
	syncAll(t, s, Subscription("a", "https://elsewhere.example/hook"))
	if a := subscription(t, s, "a"); a.Failures != 0 {
		t.Errorf("%d failures after a new address, want 0", a.Failures)
	}
}

func syncReplaces(t *testing.T, s Store) {
	full := notify.Subscription{
		ID: "a", URL: "https://a.example/x?y=z", SealedSecret: []byte{0, 1, 255}, Topics: []string{"leak.>", "system.*.health"},
		Format: "slack", MinSeverity: event.Medium, AllowPrivate: true, Managed: true, Enabled: true,
	}
	syncAll(t, s, full, Subscription("b", "https://b.example"))
	expect(t, "a", full, subscription(t, s, "a"))
	full.MinSeverity, full.Format = event.Critical, "generic"
	syncAll(t, s, full, Subscription("c", "https://c.example"))
	subs, err := s.ListSubscriptions(t.Context())
	must(t, err)
	expect(t, "subscriptions", []notify.Subscription{full, Subscription("c", "https://c.example")}, subs)
}

func syncUnchanged(t *testing.T, s Store) {
	subs := []notify.Subscription{Subscription("a", "https://a.example"), Subscription("b", "https://b.example")}
	for i, want := range []bool{true, false} {
		if got := syncAll(t, s, subs...); got != want {
			t.Errorf("sync %d: changed = %t, want %t", i+1, got, want)
		}
	}
	records, err := s.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	if len(records) != 1 || records[0].Event.Topic != event.TopicSubscriptionsChanged {
		t.Errorf("%d events in the log, want the one of the first sync", len(records))
	}
}

func removedRests(t *testing.T, s Store) {
	ds := with(t, s, []string{"a", "b"}, Start())
	syncAll(t, s, Subscription("b", "https://b.example/hook"))
	expect(t, "due", []string{ds[1].ID}, dueIDs(t, s, Start(), 10))
}

func dueTogether(t *testing.T, s Store) {
	soon, late := Start().Add(time.Minute), Start().Add(time.Hour)
	with(t, s, []string{"a", "b"}, soon)
	syncAll(t, s, Subscription("a", "https://a.example/hook"), Subscription("b", "https://b.example/hook"))
	var want []string
	for range 3 {
		e := Event(t, Start())
		must(t, s.Append(t.Context(), e))
		d := notify.Delivery{ID: notify.DeliveryID("a", e.ID), SubscriptionID: "a", Event: e, State: notify.Pending, NextAttempt: late, CreatedAt: Start()}
		must(t, s.Enqueue(t.Context(), consumer, event.Cursor{}, []notify.Delivery{d}))
		want = append(want, d.ID)
	}
	ids := func(limit int) (ids []string) {
		all, err := s.DueTogether(t.Context(), "a", late, limit)
		must(t, err)
		for _, d := range all {
			ids = append(ids, d.ID)
		}
		return ids
	}
	expect(t, "all of the hour", want, ids(10))
	expect(t, "at most two", want[:2], ids(2))
}

func carriedTogether(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start(), Start(), Start())
	next := Start().Add(time.Hour)
	first := ds[0]
	first.Attempts, first.NextAttempt, first.LastStatus, first.LastError = 1, next, 503, "HTTP 503"
	_, err := s.Settle(t.Context(), notify.Outcome{Delivery: first, Also: ds[1:2], TripAt: 5, At: Start()})
	must(t, err)
	expect(t, "due at once", []string{ds[2].ID}, dueIDs(t, s, Start(), 10))
	if n := subscription(t, s, "a").Failures; n != 1 {
		t.Errorf("one message that failed counts as %d", n)
	}
	both, err := s.DueTogether(t.Context(), "a", next, 10)
	must(t, err)
	for i, d := range both {
		want := ds[i]
		want.Attempts, want.NextAttempt, want.LastStatus, want.LastError = 1, next, 503, "HTTP 503"
		expect(t, "what shared the message", want, d)
	}
	expect(t, "both wait", 2, len(both))
}

// settledTogether: the successes end the row of failures before the failure begins another.
func settledTogether(t *testing.T, s Store) {
	ds := with(t, s, []string{"a"}, Start(), Start(), Start(), Start())
	settle(t, s, ds[0], notify.Pending, Start().Add(time.Hour))
	var all []notify.Outcome
	for i, d := range ds[1:] {
		o := notify.Outcome{Delivery: d, Success: i < 2, TripAt: 2, At: Start(), OnTrip: changed(t)}
		o.Delivery.Attempts, o.Delivery.State = 1, notify.Delivered
		if !o.Success {
			o.Delivery.State, o.Delivery.NextAttempt = notify.Pending, Start().Add(2*time.Hour)
		}
		all = append(all, o)
	}
	tripped, err := s.Settle(t.Context(), all...)
	must(t, err)
	if n := subscription(t, s, "a").Failures; tripped || n != 1 {
		t.Errorf("tripped %v with %d failures, want none but the last", tripped, n)
	}
	expect(t, "due at once", 0, len(dueIDs(t, s, Start(), 10)))
	last := all[2]
	tripped, err = s.Settle(t.Context(), all[0], last) // the first is done
	must(t, err)
	if !tripped {
		t.Error("a second failure in a row does not trip")
	}
}
