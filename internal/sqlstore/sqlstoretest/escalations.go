package sqlstoretest

import (
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

func escalationScenarios() []scenario {
	return []scenario{
		{"a step is told once, in the log and in the timeline", firesOnce},
		{"a step of an incident that somebody took on is not told", firesNothing},
		{"a step of a snoozed incident waits", firesAfterSnooze},
		{"timers begin once and end with a sign", marksTimers},
	}
}

// late is an incident of which "soc" was told, with a timer that comes after a quarter
// of an hour.
func late(t *testing.T, db *store.Store) (*sqlstore.Escalations, incident.Incident) {
	t.Helper()
	i := sqlstore.NewIncidents(db)
	observe(t, i, 1, observation("v1:k:a", incident.Leak))
	all, err := i.ListIncidents(t.Context(), incident.Filter{}, "", 1)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	e := sqlstore.NewEscalations(db)
	mark(t, e, notify.Sign{IncidentID: all[0].ID, Begin: []notify.Timer{begun(all[0].ID)}})
	return e, all[0]
}

func begun(incidentID string) notify.Timer {
	return notify.Timer{IncidentID: incidentID, Webhook: "soc", Since: noon, Due: noon.Add(15 * time.Minute)}
}

func mark(t *testing.T, e *sqlstore.Escalations, signs ...notify.Sign) {
	t.Helper()
	if err := e.Mark(t.Context(), signs); err != nil {
		t.Fatal(err)
	}
}

func dueTimers(t *testing.T, e *sqlstore.Escalations, at time.Time) []notify.Timer {
	t.Helper()
	due, err := e.DueTimers(t.Context(), at, 10)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func fire(t *testing.T, e *sqlstore.Escalations, timer notify.Timer, next *time.Time) bool {
	t.Helper()
	told, err := e.Fire(t.Context(), notify.Firing{Timer: timer, Step: notify.Step{After: 15 * time.Minute, To: "oncall"}, Next: next, Source: "node/notify"})
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func firesOnce(t *testing.T, db *store.Store, now *clock.Fake) {
	e, i := late(t, db)
	if early := dueTimers(t, e, noon.Add(15*time.Minute-time.Second)); len(early) != 0 {
		t.Errorf("due too early: %+v", early)
	}
	now.Advance(15 * time.Minute)
	next := noon.Add(time.Hour)
	due := dueTimers(t, e, db.Now())
	if len(due) != 1 || due[0] != begun(i.ID) || !fire(t, e, due[0], &next) || fire(t, e, due[0], &next) {
		t.Fatalf("%+v, not told once", due)
	}
	after := dueTimers(t, e, next)
	if len(after) != 1 || after[0].Step != 1 || !fire(t, e, after[0], nil) || len(dueTimers(t, e, noon.AddDate(1, 0, 0))) != 0 {
		t.Errorf("the second and last step: %+v", after)
	}
	records, err := db.Events(t.Context(), event.Cursor{}, 10)
	if err != nil || len(records) != 3 {
		t.Fatalf("%d events, %v", len(records), err)
	}
	var p event.IncidentEscalated
	if err := records[1].Event.Decode(&p); err != nil || records[1].Event.Severity != event.High || p.IncidentID != i.ID || p.Webhook != "soc" || p.To != "oncall" || p.Step != 1 || p.AfterSeconds != 900 || p.State != "triggered" {
		t.Errorf("told: %+v, %v", p, err)
	}
	lines, err := sqlstore.NewIncidents(db).Timeline(t.Context(), i.ID, "", 10)
	if err != nil || len(lines) != 3 || lines[0].Kind != incident.Response || lines[0].Words != "nobody acknowledged it within 15m0s: oncall is told" {
		t.Errorf("timeline: %+v, %v", lines, err)
	}
	if same, err := sqlstore.NewIncidents(db).Incident(t.Context(), i.ID); err != nil || same.Version != i.Version {
		t.Errorf("the incident itself has changed: %+v, %v", same, err)
	}
}

func firesNothing(t *testing.T, db *store.Store, now *clock.Fake) {
	for _, verb := range []incident.Verb{incident.Acknowledge, incident.Resolve, incident.Ignore} {
		e, i := late(t, db)
		s := sqlstore.NewIncidents(db)
		if _, err := s.ActOnIncident(t.Context(), i.ID, incident.Act{Verb: verb, By: "ada", Reason: "seen"}, actedBy("ada", "incident."+string(verb)), "node/api"); err != nil {
			t.Fatal(err)
		}
		now.Advance(time.Hour)
		for _, timer := range dueTimers(t, e, db.Now()) {
			if fire(t, e, timer, nil) {
				t.Errorf("%s: told all the same", verb)
			}
		}
		if left := dueTimers(t, e, noon.AddDate(1, 0, 0)); len(left) != 0 {
			t.Errorf("%s: %d timers are left", verb, len(left))
		}
		if _, err := s.ActOnIncident(t.Context(), i.ID, incident.Act{Verb: incident.Reopen, By: "ada"}, actedBy("ada", "incident.reopen"), "node/api"); err != nil {
			t.Fatal(err)
		}
	}
	e := sqlstore.NewEscalations(db)
	if fire(t, e, begun("nobody"), nil) {
		t.Error("a step of no incident is told")
	}
	if got := strings.Join(incidentTopics(t, db), " "); strings.Contains(got, "escalated") {
		t.Errorf("events: %s", got)
	}
}

func firesAfterSnooze(t *testing.T, db *store.Store, now *clock.Fake) {
	e, i := late(t, db)
	until := noon.Add(8 * time.Hour)
	if _, err := sqlstore.NewIncidents(db).ActOnIncident(t.Context(), i.ID, incident.Act{Verb: incident.Snooze, By: "ada", Until: until}, actedBy("ada", "incident.snooze"), "node/api"); err != nil {
		t.Fatal(err)
	}
	now.Advance(time.Hour)
	if due := dueTimers(t, e, db.Now()); len(due) != 1 || fire(t, e, due[0], nil) {
		t.Fatalf("%+v: told though it is snoozed", due)
	}
	if early := dueTimers(t, e, until.Add(-time.Second)); len(early) != 0 {
		t.Errorf("due before it wakes: %+v", early)
	}
	now.Advance(7 * time.Hour)
	if due := dueTimers(t, e, db.Now()); len(due) != 1 || due[0].Step != 0 || !fire(t, e, due[0], nil) {
		t.Errorf("when it wakes: %+v", due)
	}
}

func marksTimers(t *testing.T, db *store.Store, _ *clock.Fake) {
	e, i := late(t, db)
	again := begun(i.ID)
	again.Since, again.Due = noon.Add(time.Minute), noon.Add(16*time.Minute)
	other := again
	other.Webhook = "managers"
	mark(t, e, notify.Sign{IncidentID: i.ID, Begin: []notify.Timer{again, other}})
	if due := dueTimers(t, e, noon.Add(time.Hour)); len(due) != 2 || due[0] != begun(i.ID) || due[1] != other {
		t.Errorf("%+v", due)
	}
	mark(t, e, notify.Sign{IncidentID: i.ID})
	if due := dueTimers(t, e, noon.Add(time.Hour)); len(due) != 0 {
		t.Errorf("after its end: %+v", due)
	}
	mark(t, e, notify.Sign{IncidentID: i.ID, Begin: []notify.Timer{again}}, notify.Sign{IncidentID: i.ID}, notify.Sign{IncidentID: i.ID, Begin: []notify.Timer{other}})
	if due := dueTimers(t, e, noon.Add(time.Hour)); len(due) != 1 || due[0] != other || ended(t, e, other) || len(dueTimers(t, e, noon.Add(time.Hour))) != 0 {
		t.Errorf("signs in their order: %+v", due)
	}
}

// ended ends a timer without a step, and reports whether anything was told.
func ended(t *testing.T, e *sqlstore.Escalations, timer notify.Timer) bool {
	t.Helper()
	told, err := e.Fire(t.Context(), notify.Firing{Timer: timer})
	if err != nil {
		t.Fatal(err)
	}
	return told
}
