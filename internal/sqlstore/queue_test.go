package sqlstore_test

import (
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// A page of the delivery log is a range of an index in the page's order, in
// each of its states: nothing is sorted, however long the log is.
func TestDeliveriesAreIndexRanges(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	for _, state := range []notify.DeliveryState{"", notify.Pending, notify.Failed, notify.Delivered, notify.Dead} {
		for _, after := range []string{"", "01936d2c"} {
			q := sqlstore.Letters(s.Reader(), notify.DeliveryFilter{SubscriptionID: "a", State: state, After: after, Limit: 50})
			for _, step := range plan(t, s, q) {
				if !strings.HasPrefix(step, "SEARCH") || after != "" && !strings.Contains(step, "event_id<?") {
					t.Errorf("%q in the plan of\n%s", step, q)
				}
			}
		}
	}
}

// Counting what waits and what is dead looks at nothing else: a long log of
// what was delivered costs nothing.
func TestBacklogsAreIndexRanges(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	ranges := 0
	for _, step := range plan(t, s, sqlstore.Backlogs(s.Reader())) {
		if strings.HasPrefix(step, "SEARCH d USING COVERING INDEX") && strings.Contains(step, "subscription_id=? AND state=?") {
			ranges++
		}
	}
	if ranges != 2 {
		t.Errorf("%d counts are ranges of an index, want both:\n%s", ranges, strings.Join(plan(t, s, sqlstore.Backlogs(s.Reader())), "\n"))
	}
}

// What was delivered is found by its ids, however much waits.
func TestOutcomesAreFoundByTheirIDs(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	o := notify.Outcome{Delivery: notify.Delivery{ID: "a"}}
	for _, id := range strings.Split("bcdefghijklmnopqrstuvwxyz", "") {
		o.Also = append(o.Also, notify.Delivery{ID: id})
	}
	for _, step := range plan(t, s, sqlstore.Settling(s.Reader(), o)) {
		if strings.HasPrefix(step, "S") && !strings.Contains(step, "(id=?)") {
			t.Errorf("%q is in the plan", step)
		}
	}
}
