package sqlstoretest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// ranksIncidents holds the order to what sorting in memory gives.
func ranksIncidents(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	fillRanks(t, s, now)
	all, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 50)
	must(t, err)
	same(t, "incidents", 20, len(all))
	open := []incident.State{incident.Triggered, incident.Acknowledged}
	for _, f := range []incident.Filter{
		{}, {States: open, Snoozed: new(false)}, {Snoozed: new(true)}, {States: []incident.State{incident.Resolved, incident.Triggered}},
		{Severities: []event.Severity{event.Low, event.Critical}}, {Assignee: "ada"}, {Fingerprint: "v1:k:3"}, {Fingerprint: "v1:k:none"},
	} {
		f.Order = incident.Newest
		want, err := s.ListIncidents(t.Context(), f, "", 50)
		must(t, err)
		slices.SortFunc(want, func(a, b incident.Incident) int {
			return cmp.Or(cmp.Compare(b.Rank(), a.Rank()), cmp.Compare(b.ID, a.ID))
		})
		f.Order = incident.Gravest
		for _, size := range []int{1, 3, 20, 50} {
			same(t, fmt.Sprintf("%+v by %d", f, size), idsOf(want), idsOf(readAll(t, s, f, size)))
		}
	}
	n, err := s.OpenIncidents(t.Context())
	must(t, err)
	awake, err := s.ListIncidents(t.Context(), incident.Filter{States: open, Snoozed: new(false)}, "", 50)
	must(t, err)
	want := map[event.Severity]int64{}
	for _, i := range awake {
		want[i.Severity]++
	}
	same(t, "counted", want, n)
	if _, err := s.ListIncidents(t.Context(), incident.Filter{Order: incident.Gravest}, all[0].ID, 9); err == nil {
		t.Error("a place in another order is accepted")
	}
}

// fillRanks opens incidents of all severities: of four one is taken on,
// one closed, and one put aside.
func fillRanks(t *testing.T, s *sqlstore.Incidents, now *clock.Fake) {
	t.Helper()
	verbs := []incident.Act{{Verb: incident.Acknowledge, By: "ada"}, {Verb: incident.Resolve, By: "ada", Reason: "x"}, {Verb: incident.Snooze, By: "ada", Until: now.Now().Add(time.Hour)}}
	for k := range 20 {
		o := observation(fmt.Sprint("v1:k:", k), incident.Leak)
		o.Severity = event.Severity(k * 7 % 5)
		observe(t, s, int64(k+1), o)
		now.Advance(time.Second)
		if k%4 == 3 {
			continue
		}
		all, err := s.ListIncidents(t.Context(), incident.Filter{Fingerprint: o.Key.Value}, "", 1)
		must(t, err)
		act := verbs[k%4]
		_, err = s.ActOnIncident(t.Context(), all[0].ID, act, actedBy("ada", "incident."+string(act.Verb)), "n")
		must(t, err)
	}
}

// readAll reads a list page by page, as the API does.
func readAll(t *testing.T, s *sqlstore.Incidents, f incident.Filter, size int) (all []incident.Incident) {
	t.Helper()
	for before := ""; ; before = f.Order.PlaceOf(all[len(all)-1]) {
		page, err := s.ListIncidents(t.Context(), f, before, size)
		must(t, err)
		all = append(all, page...)
		if len(page) < size {
			return all
		}
	}
}

func idsOf(all []incident.Incident) (ids []string) {
	for _, i := range all {
		ids = append(ids, i.ID)
	}
	return ids
}
