package sqlstoretest

import (
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func subscriptionScenarios() []scenario {
	return []scenario{
		{"configured webhooks are added, changed and removed, each change told once", testSync},
		{"loading a configuration closes the breaker", testSyncBreaker},
		{"what was on its way to a removed webhook is dead", testSyncRemoved},
	}
}

func queueScenarios() []scenario {
	return []scenario{
		{"deliveries and cursor are stored together, once per webhook and event", testEnqueue},
		{"deliveries are stored with their events, where the log has one writer", testBoard},
		{"due are the pending ones of enabled webhooks, oldest first", testDue},
		{"a success ends a delivery and clears the failures", testSettleSuccess},
		{"failures in a row trip the breaker, which keeps the queue", testTrip},
		{"an outcome of a delivery that is settled changes nothing", testSettleTwice},
		{"after 72 hours a disabled webhook's queue is dead", testQueueAge},
	}
}

func newHook(id string) notify.Subscription {
	return notify.Subscription{
		ID: id, URL: "https://hooks.example/" + id, SealedSecret: []byte{1, 0, 0xff}, Topics: []string{"leak.>", "system.*.health"},
		Format: "generic", MinSeverity: event.Medium, AllowPrivate: true, Managed: true, Enabled: true,
	}
}

func sync(t testing.TB, s *store.Store, subs ...notify.Subscription) (changed bool) {
	t.Helper()
	changed, err := sqlstore.NewNotify(s, Sealer{}).SyncManaged(storetest.Context(t), subs, storetest.Event(t, "changed"))
	must(t, err)
	return changed
}

func hooks(t testing.TB, s *store.Store) []notify.Subscription {
	t.Helper()
	subs, err := sqlstore.NewNotify(s, Sealer{}).ListSubscriptions(storetest.Context(t))
	must(t, err)
	return subs
}

func testSync(t *testing.T, s *store.Store, _ *clock.Fake) {
	a, b := newHook("a"), newHook("b")
	changedA := a
	changedA.MinSeverity, changedA.Topics, changedA.SealedSecret = event.Low, []string{hostile}, nil
	wantA := changedA
	wantA.Topics = []string{"'; DROP TABLE quarantine; -- ?0 \x00 \ufffd \u202e \x1b[2J <script>=cmd|'"} // JSON escapes NUL
	for i, step := range []struct {
		subs    []notify.Subscription
		changed bool
		want    []notify.Subscription
	}{
		{nil, false, []notify.Subscription{}},
		{[]notify.Subscription{b, a}, true, []notify.Subscription{a, b}},
		{[]notify.Subscription{a, b}, false, []notify.Subscription{a, b}},
		{[]notify.Subscription{changedA, b}, true, []notify.Subscription{wantA, b}},
		{[]notify.Subscription{b}, true, []notify.Subscription{b}},
	} {
		same(t, fmt.Sprintf("step %d: changed", i), step.changed, sync(t, s, step.subs...))
		same(t, fmt.Sprintf("step %d: webhooks", i), step.want, hooks(t, s))
	}
	same(t, "events", 3, len(events(t, s)))
}

// tripped is a store whose webhook "a" has tripped with one delivery waiting.
func tripped(t testing.TB, s *store.Store) notify.Delivery {
	t.Helper()
	sync(t, s, newHook("a"))
	d := newDelivery(t, "a")
	enqueue(t, s, d)
	d.Attempts, d.LastStatus, d.LastError, d.NextAttempt = 1, 503, "answered 503", noon.Add(time.Minute)
	trip, err := sqlstore.NewNotify(s, Sealer{}).Settle(storetest.Context(t), notify.Outcome{Delivery: d, TripAt: 1, At: noon})
	if err != nil || !trip {
		t.Fatalf("Settle = %v, %v, want the breaker to trip", trip, err)
	}
	return d
}

func testSyncBreaker(t *testing.T, s *store.Store, _ *clock.Fake) {
	tripped(t, s)
	want := newHook("a")
	same(t, "loading enables", true, sync(t, s, want))
	same(t, "enabled", []notify.Subscription{want}, hooks(t, s))
	same(t, "loaded again", false, sync(t, s, want))
	want.URL = "https://elsewhere.example/"
	same(t, "new endpoint", true, sync(t, s, want))
	same(t, "moved", []notify.Subscription{want}, hooks(t, s))
}

func testSyncRemoved(t *testing.T, s *store.Store, _ *clock.Fake) {
	sync(t, s, newHook("a"), newHook("b"))
	enqueue(t, s, newDelivery(t, "a"))
	keep := newDelivery(t, "b")
	enqueue(t, s, keep)
	sync(t, s, newHook("b"))
	sync(t, s, newHook("a"), newHook("b"))
	same(t, "due", []notify.Delivery{keep}, due(t, s, noon, 10))
}

func newDelivery(t testing.TB, subscription string) notify.Delivery {
	return notify.Delivery{
		ID: id.New(), SubscriptionID: subscription, Event: storetest.Event(t, hostile), State: notify.Pending,
		NextAttempt: noon, CreatedAt: noon,
	}
}

func enqueue(t testing.TB, s *store.Store, ds ...notify.Delivery) {
	t.Helper()
	must(t, sqlstore.NewNotify(s, Sealer{}).Enqueue(storetest.Context(t), "notify", event.Cursor{Day: "2026-03-01", Seq: 7}, ds))
}

func due(t testing.TB, s *store.Store, now time.Time, limit int) []notify.Delivery {
	t.Helper()
	ds, err := sqlstore.NewNotify(s, Sealer{}).Due(storetest.Context(t), notify.DueQuery{Now: now, Each: limit})
	must(t, err)
	for i := range ds { // what JSON makes of bytes that are no UTF-8
		if ds[i].Event.Subject == fittedJSON {
			ds[i].Event.Subject = hostile
		}
	}
	return ds
}

// fittedJSON is hostile after JSON, which keeps NUL.
const fittedJSON = "'; DROP TABLE quarantine; -- ?0 \x00 \ufffd \u202e \x1b[2J <script>=cmd|'"

func nextDue(t testing.TB, s *store.Store) (time.Time, bool) {
	t.Helper()
	at, ok, err := sqlstore.NewNotify(s, Sealer{}).NextDue(storetest.Context(t), noon.Add(-time.Hour))
	must(t, err)
	return at, ok
}

func testBoard(t *testing.T, s *store.Store, _ *clock.Fake) {
	sync(t, s, newHook("a"))
	db, told := sqlstore.NewNotify(s, Sealer{}), 0
	var last event.Cursor
	possible := db.Board("notify", func(_ event.Cursor, records []event.Record) (b notify.Boarded) {
		for _, r := range records {
			d := newDelivery(t, "a")
			d.Event, last = r.Event, r.Cursor
			b.Deliveries = append(b.Deliveries, d)
		}
		b.Committed = func() { told++ }
		return b
	})
	e := storetest.Event(t, "one")
	must(t, storetest.Emit(storetest.Context(t), s, e))
	at, err := db.Cursor(storetest.Context(t), "notify")
	must(t, err)
	if same(t, "cursor", last, at); !possible {
		same(t, "due", 0, len(due(t, s, noon, 10)))
		return
	}
	waits := due(t, s, noon, 10)
	if len(waits) != 1 || waits[0].Event.ID != e.ID || told != 1 {
		t.Fatalf("%d deliveries wait, and %d commits were told; want that of the event, and 1", len(waits), told)
	}
	db.Board("notify", nil)
	must(t, storetest.Emit(storetest.Context(t), s, storetest.Event(t, "two")))
	same(t, "due when nobody boards any more", 1, len(due(t, s, noon, 10)))
}

func testEnqueue(t *testing.T, s *store.Store, _ *clock.Fake) {
	sync(t, s, newHook("a"), newHook("b"))
	d := newDelivery(t, "a")
	toB, again := d, d
	toB.ID, toB.SubscriptionID, again.ID = id.New(), "b", id.New()
	enqueue(t, s, d, toB)
	enqueue(t, s, again)
	same(t, "due", []notify.Delivery{d, toB}, due(t, s, noon, 10))
	c, err := sqlstore.NewNotify(s, Sealer{}).Cursor(storetest.Context(t), "notify")
	must(t, err)
	same(t, "cursor", event.Cursor{Day: "2026-03-01", Seq: 7}, c)
}

func testDue(t *testing.T, s *store.Store, _ *clock.Fake) {
	off := newHook("off")
	off.Enabled = false
	sync(t, s, newHook("a"), newHook("b"), off)
	if at, ok := nextDue(t, s); ok {
		t.Errorf("an empty queue is due at %s", at)
	}
	at := func(hook string, d time.Duration) notify.Delivery {
		v := newDelivery(t, hook)
		v.NextAttempt = noon.Add(d)
		return v
	}
	never, late, second, first := at("off", -time.Hour), at("a", time.Microsecond), at("a", -time.Second), at("b", -time.Minute)
	enqueue(t, s, never, late, second, first)
	same(t, "due", []notify.Delivery{first, second}, due(t, s, noon, 10))
	same(t, "one of each", []notify.Delivery{first, second}, due(t, s, late.NextAttempt, 1))
	same(t, "a microsecond later", []notify.Delivery{first, second, late}, due(t, s, late.NextAttempt, 10))
	next, ok := nextDue(t, s)
	same(t, "next due", []any{first.NextAttempt, true}, []any{next, ok})
}

func testSettleSuccess(t *testing.T, s *store.Store, _ *clock.Fake) {
	sync(t, s, newHook("a"))
	d, e := newDelivery(t, "a"), newDelivery(t, "a")
	enqueue(t, s, d, e)
	settle := func(d notify.Delivery, success bool) {
		t.Helper()
		if trip, err := sqlstore.NewNotify(s, Sealer{}).Settle(storetest.Context(t), notify.Outcome{Delivery: d, Success: success, TripAt: 5, At: noon}); err != nil || trip {
			t.Fatalf("Settle = %v, %v", trip, err)
		}
	}
	d.Attempts, d.LastStatus, d.LastError, d.NextAttempt = 1, 500, "answered 500", noon.Add(time.Second)
	settle(d, false)
	same(t, "failures", 1, hooks(t, s)[0].Failures)
	same(t, "tried again later", []notify.Delivery{e}, due(t, s, noon, 10))
	same(t, "as it was settled", []notify.Delivery{e, d}, due(t, s, d.NextAttempt, 10))
	d.State = notify.Delivered
	settle(d, true)
	same(t, "failures", 0, hooks(t, s)[0].Failures)
	same(t, "due", []notify.Delivery{e}, due(t, s, noon.Add(time.Hour), 10))
}

func testTrip(t *testing.T, s *store.Store, _ *clock.Fake) {
	d := tripped(t, s)
	enqueue(t, s, newDelivery(t, "a"))
	same(t, "due of a tripped webhook", []notify.Delivery{}, due(t, s, noon.Add(time.Hour), 10))
	if at, ok := nextDue(t, s); ok {
		t.Errorf("a tripped webhook is due at %s", at)
	}
	moved := newHook("a") // a new endpoint enables it again
	moved.URL = "https://elsewhere.example/"
	sync(t, s, moved)
	got := due(t, s, noon.Add(time.Hour), 10)
	same(t, "kept", 2, len(got))
	same(t, "the one that failed", d, got[1])
}

func testSettleTwice(t *testing.T, s *store.Store, _ *clock.Fake) {
	sync(t, s, newHook("a"))
	d := newDelivery(t, "a")
	enqueue(t, s, d)
	d.State = notify.Delivered
	n := sqlstore.NewNotify(s, Sealer{})
	_, err := n.Settle(storetest.Context(t), notify.Outcome{Delivery: d, Success: true, TripAt: 1, At: noon})
	must(t, err)
	d.State = notify.Pending
	trip, err := n.Settle(storetest.Context(t), notify.Outcome{Delivery: d, TripAt: 1, At: noon})
	if err != nil || trip {
		t.Errorf("Settle = %v, %v", trip, err)
	}
	same(t, "failures", 0, hooks(t, s)[0].Failures)
	same(t, "due", []notify.Delivery{}, due(t, s, noon, 10))
}

func testQueueAge(t *testing.T, s *store.Store, now *clock.Fake) {
	tripped(t, s)
	now.Advance(72*time.Hour - time.Second)
	fresh := newDelivery(t, "a")
	fresh.CreatedAt = now.Now()
	enqueue(t, s, fresh)
	moved := newHook("a")
	moved.URL = "https://elsewhere.example/"
	now.Advance(time.Second)
	enqueue(t, s)
	sync(t, s, moved)
	same(t, "left", []notify.Delivery{fresh}, due(t, s, now.Now(), 10))
}
