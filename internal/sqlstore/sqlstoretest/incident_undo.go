package sqlstoretest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func undoScenarios() []scenario {
	return []scenario{
		{"whatever was done to an incident is undone, and it is exactly what it was", undoesEachAct},
		{"acts are undone one after the other, the last first", undoesInTurn},
		{"what somebody else did, or what was seen since, is not undone", refusesToUndo},
		{"of many acts the last can be undone, and none of an incident that is gone", forgetsDeeds},
	}
}

func undoesEachAct(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	until := incident.Act{Until: noon.Add(48 * time.Hour)}
	reason := incident.Act{Reason: "revoked\x00"}
	before := map[string]func(id string){
		"nobody's": func(string) {},
		"taken on": func(id string) { d.act(id, incident.Acknowledge, incident.Act{}) },
		"taken on, given and put aside": func(id string) {
			d.act(id, incident.Acknowledge, incident.Act{})
			d.act(id, incident.Assign, incident.Act{Assignee: "bob"})
			d.act(id, incident.Snooze, until)
		},
		"closed": func(id string) { d.act(id, incident.Resolve, reason) },
	}
	acts := map[incident.Verb]incident.Act{
		incident.Acknowledge: {}, incident.Resolve: reason, incident.Ignore: reason, incident.Reopen: {}, incident.Assign: {Assignee: "eve"}, incident.Snooze: until, incident.Wake: {},
	}
	done, at := map[incident.Verb]bool{}, 0
	ids := d.opened(slices.Repeat([]event.Severity{event.High}, len(before)*len(acts))...)
	for stood, prepare := range before {
		for verb, act := range acts {
			id := ids[at]
			at++
			prepare(id)
			was := d.stands(id)
			act.Verb, act.By = verb, "ada"
			if _, err := d.s.ActOnIncident(t.Context(), id, act, actedBy("ada", "x"), "n"); err != nil {
				continue // not of what stands so
			}
			done[verb] = true
			d.act(id, incident.Undo, incident.Act{})
			same(t, stood+", "+string(verb)+" undone", was, d.stands(id))
		}
	}
	for verb := range acts {
		if !done[verb] {
			t.Errorf("%s was never done", verb)
		}
	}
}

func undoesInTurn(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	id := d.opened(event.High)[0]
	var stood [][]string
	for _, verb := range []incident.Verb{incident.Acknowledge, incident.Note, incident.Resolve, incident.Reopen} {
		if verb != incident.Note {
			stood = append(stood, d.stands(id))
		}
		d.act(id, verb, incident.Act{Reason: "why"})
	}
	for k := len(stood) - 1; k >= 0; k-- {
		d.act(id, incident.Undo, incident.Act{})
		same(t, "undone", stood[k], d.stands(id))
	}
	var refused *incident.ActError
	if _, err := d.s.ActOnIncident(t.Context(), id, incident.Act{Verb: incident.Undo, By: "ada"}, actedBy("ada", "incident.undo"), "n"); !errors.As(err, &refused) {
		t.Errorf("nothing is left: %v", err)
	}
	lines, err := d.s.Timeline(t.Context(), id, "", 20)
	if err != nil || len(lines) != 8 || lines[0].Words != "undone: acknowledged: why" || lines[0].By != "ada" {
		t.Errorf("%+v, %v", lines, err)
	}
	if all := strings.Join(actions(t, db), " "); strings.Count(all, "incident.undo") != 3 {
		t.Errorf("audit log: %s", all)
	}
}

func refusesToUndo(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	ids := d.opened(event.High, event.High, event.Medium)
	undo := func(id string, a incident.Act) error {
		a.Verb = incident.Undo
		_, err := d.s.ActOnIncident(storetest.Context(t), id, a, actedBy(a.By, "incident.undo"), "n")
		return err
	}
	var refused *incident.ActError
	d.act(ids[0], incident.Acknowledge, incident.Act{})
	if err := undo(ids[0], incident.Act{By: "bob"}); !errors.As(err, &refused) || !strings.Contains(refused.Problem, "was ada (acknowledged)") {
		t.Errorf("another's: %v", err)
	}
	if err := undo(ids[0], incident.Act{By: "ada", Version: 1}); !errors.Is(err, incident.ErrVersion) {
		t.Errorf("of an old version: %v", err)
	}
	d.act(ids[1], incident.Resolve, incident.Act{Reason: "revoked"})
	d.observe(observation("v1:k:1", incident.Leak))
	if err := undo(ids[1], incident.Act{By: "ada"}); !errors.As(err, &refused) || !strings.Contains(refused.Problem, "it is triggered now") {
		t.Errorf("it came back: %v", err)
	}
	d.merge(ids[0], ids[1])
	if err := undo(ids[0], incident.Act{By: "ada"}); !errors.As(err, &refused) || !strings.Contains(refused.Problem, "was merged into") {
		t.Errorf("of a part: %v", err)
	}
	// What was put aside and ignored is awake when it got graver meanwhile.
	d.act(ids[2], incident.Snooze, incident.Act{Until: now.Now().Add(48 * time.Hour)})
	d.act(ids[2], incident.Ignore, incident.Act{Reason: "a test"})
	graver := observation("v1:k:2", incident.Leak)
	graver.Severity = event.Critical
	d.observe(graver)
	d.act(ids[2], incident.Undo, incident.Act{})
	if i, err := d.s.Incident(t.Context(), ids[2]); err != nil || i.State != incident.Triggered || i.SnoozedUntil != nil {
		t.Errorf("%+v, %v", i, err)
	}
}

func forgetsDeeds(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	id := d.opened(event.High)[0]
	for range incident.MaxDeeds {
		d.act(id, incident.Acknowledge, incident.Act{})
		d.act(id, incident.Reopen, incident.Act{})
	}
	deeds := func() int64 {
		n, err := db.Reader().NewSelect().Table("incident_deeds").Count(storetest.Context(t))
		must(t, err)
		return n
	}
	if n := deeds(); n != incident.MaxDeeds {
		t.Errorf("%d acts can be undone", n)
	}
	d.act(id, incident.Ignore, incident.Act{Reason: "a test"})
	drop(t, db, sqlstore.KeptIncidents, now.Now().Add(time.Hour))
	if n := deeds(); n != 0 {
		t.Errorf("%d acts of what is gone", n)
	}
}
