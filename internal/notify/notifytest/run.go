package notifytest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/notify"
)

const consumer = "scenario"

// Start is when the scenarios play.
func Start() time.Time { return time.Date(2026, 1, 2, 15, 0, 0, 0, time.UTC) }

// Run checks that the stores which open makes keep the promises of
// notify.Queue and notify.Subscriptions. Each is empty; if it has a clock, that
// stands at Start.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for name, scenario := range map[string]func(*testing.T, Store){
		"the log is read in order behind the cursor":  readsInOrder,
		"the cursor moves with the deliveries":        cursorMoves,
		"a repeated delivery is ignored":              repeatIgnored,
		"due are those whose time has come, by time":  dueByTime,
		"a delivered one is not due again":            deliveredIsDone,
		"a failed one is due at its next time":        failedComesBack,
		"a dead one is not due again":                 deadIsDone,
		"an outcome counts once":                      settledOnce,
		"outcomes are recorded together, in order":    settledTogether,
		"failures in a row trip the subscription":     trips,
		"a success ends the row of failures":          successResets,
		"a tripped subscription keeps queueing":       trippedQueues,
		"loading a configuration enables":             loadingEnables,
		"managed subscriptions become the given ones": syncReplaces,
		"a sync that changes nothing says so":         syncUnchanged,
		"deliveries of a removed subscription rest":   removedRests,
		"one with a long queue leaves others theirs":  dueIsShared,
		"a trip is told in its transaction":           tripIsTold,
		"a configured one takes over its name":        syncTakesOver,
		"operators add, change and remove":            operatorsManage,
		"what is refused changes nothing":             refusedChangesNothing,
		"deliveries are listed by event, filtered":    lettersAreListed,
		"what waits and what is dead is counted":      backlogsAreCounted,
		"a delivery is sent again as if new":          redelivered,
		"all dead letters are sent again":             deadRedelivered,
		"a test is recorded and counts for nothing":   testRecorded,
		"what was done long ago is forgotten":         tidied,
		"silences are kept, listed and ended":         silencesAreKept,
		"a silence that is over is not ended again":   silenceEndsOnce,
		"silences in force are bounded":               silencesAreBounded,
		"those of one time are read by event":         dueTogether,
		"what one message carried shares its outcome": carriedTogether,
		"the oldest that waits is found":              oldestFound,
		"a probe that is accepted enables":            probeRecovers,
		"after a probe the queue is in its order":     recoversInOrder,
		"those of one time come by event":             dueByEvent,
		"dead letters are sent again by range":        deadRedeliveredByRange,
		"what a silence hid is not due, and goes":     silencedIsDone,
	} {
		t.Run(name, func(t *testing.T) { scenario(t, open(t)) })
	}
}

// Event makes an event that the samples of Subscription match.
func Event(t testing.TB, at time.Time) event.Event {
	t.Helper()
	e, err := event.New(event.Header{Time: at, Source: "node-1/leak", Severity: event.High, Subject: "s", CorrelationID: "c"},
		event.MessageQuarantined{QuarantineID: id.New(), Disposition: "observed", Occurrences: 1})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Subscription makes a managed subscription to all of leak.
func Subscription(name, url string) notify.Subscription {
	return notify.Subscription{
		ID: name, URL: url, Topics: []string{"leak.>"}, Format: "generic", Managed: true, Enabled: true,
	}
}

// with gives the store subscriptions and one delivery each per time.
func with(t *testing.T, s Store, subs []string, at ...time.Time) []notify.Delivery {
	t.Helper()
	var managed []notify.Subscription
	for _, name := range subs {
		managed = append(managed, Subscription(name, "https://"+name+".example/hook"))
	}
	syncAll(t, s, managed...)
	var ds []notify.Delivery
	for _, due := range at {
		e := Event(t, Start())
		must(t, s.Append(t.Context(), e))
		for _, name := range subs {
			ds = append(ds, notify.Delivery{
				ID: notify.DeliveryID(name, e.ID), SubscriptionID: name, Event: e,
				State: notify.Pending, NextAttempt: due, CreatedAt: Start(),
			})
		}
	}
	must(t, s.Enqueue(t.Context(), consumer, event.Cursor{}, ds))
	return ds
}

func syncAll(t *testing.T, s Store, subs ...notify.Subscription) bool {
	t.Helper()
	e, err := event.New(event.Header{Time: Start(), Source: "node-1/notify"}, event.SubscriptionsChanged{Names: []string{"x"}})
	must(t, err)
	changed, err := s.SyncManaged(t.Context(), subs, e)
	must(t, err)
	return changed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// dueIDs are the deliveries due at a time.
func dueIDs(t *testing.T, s Store, at time.Time, limit int) []string {
	t.Helper()
	ds, err := s.Due(t.Context(), notify.DueQuery{Now: at, Each: limit})
	must(t, err)
	return idsOf(ds)
}

func idsOf(ds []notify.Delivery) []string {
	ids := []string{}
	for _, d := range ds {
		ids = append(ids, d.ID)
	}
	return ids
}

func subscription(t *testing.T, s Store, name string) notify.Subscription {
	t.Helper()
	subs, err := s.ListSubscriptions(t.Context())
	must(t, err)
	for _, sub := range subs {
		if sub.ID == name {
			return sub
		}
	}
	t.Fatalf("no subscription %q among %d", name, len(subs))
	return notify.Subscription{}
}

// settle records one attempt and reports whether it tripped.
func settle(t *testing.T, s Store, d notify.Delivery, state notify.DeliveryState, next time.Time) bool {
	t.Helper()
	d.State, d.Attempts, d.NextAttempt = state, d.Attempts+1, next
	tripped, err := s.Settle(context.WithoutCancel(t.Context()), notify.Outcome{
		Delivery: d, Success: state == notify.Delivered, TripAt: 3, At: Start(),
	})
	must(t, err)
	return tripped
}
