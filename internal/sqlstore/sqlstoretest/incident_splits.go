package sqlstoretest

import (
	"errors"
	"fmt"
	"math/rand/v2"
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

func splitScenarios() []scenario {
	return []scenario{
		{"a split gives both back what was theirs", splitsGiveBack},
		{"what happened to a part while it was one is not forgotten by a split", splitsKeepNews},
		{"a split of what others were merged into takes them along", splitsBranches},
		{"what people split is merged again by people alone", staysApart},
		{"whatever is merged, split and done: no member and no note is lost, and a split undoes a merge", mergesAtRandom},
	}
}

// desk is a person at work on incidents.
type desk struct {
	t   *testing.T
	s   *sqlstore.Incidents
	now *clock.Fake
	seq int64

	seen int // observations so far
}

func (d *desk) observe(all ...incident.Observation) {
	d.t.Helper()
	d.seq++
	d.seen += len(all)
	d.now.Advance(time.Second)
	observe(d.t, d.s, d.seq, all...)
}

func (d *desk) act(id string, verb incident.Verb, more incident.Act) incident.Incident {
	d.t.Helper()
	d.now.Advance(time.Second)
	more.Verb, more.By = verb, "ada"
	i, err := d.s.ActOnIncident(storetest.Context(d.t), id, more, actedBy("ada", "incident."+string(verb)), "n")
	must(d.t, err)
	return i
}

// maybe does what may be refused, as what cannot be done to an incident as it is.
func (d *desk) maybe(id string, verb incident.Verb) {
	d.t.Helper()
	d.now.Advance(time.Second)
	a := incident.Act{Verb: verb, By: "ada", Reason: "because", Until: d.now.Now().Add(time.Hour)}
	var refused *incident.ActError
	if _, err := d.s.ActOnIncident(storetest.Context(d.t), id, a, actedBy("ada", "incident."+string(verb)), "n"); err != nil && !errors.As(err, &refused) {
		d.t.Fatal(err)
	}
}

func (d *desk) merge(part, into string) {
	d.t.Helper()
	d.act(part, incident.MergeInto, incident.Act{Into: into})
}

func (d *desk) split(part string) { d.t.Helper(); d.act(part, incident.SplitOff, incident.Act{}) }

// opened opens incidents of secrets and returns their ids.
func (d *desk) opened(severities ...event.Severity) (ids []string) {
	d.t.Helper()
	for k, s := range severities {
		o := observation(fmt.Sprint("v1:k:", k), incident.Leak)
		o.Severity, o.SecretType = s, fmt.Sprint("TYPE_", k)
		d.observe(o)
		newest, err := d.s.ListIncidents(storetest.Context(d.t), incident.Filter{Order: incident.Newest}, "", 1)
		must(d.t, err)
		ids = append(ids, newest[0].ID)
	}
	return ids
}

// stands is all that people see of incidents, but when and how often they changed.
func (d *desk) stands(ids ...string) (all []string) {
	d.t.Helper()
	for _, id := range ids {
		i, err := d.s.Incident(storetest.Context(d.t), id)
		must(d.t, err)
		closed, until := "", ""
		if i.ClosedAt != nil {
			closed = i.ClosedAt.String()
		}
		if i.SnoozedUntil != nil {
			until = i.SnoozedUntil.String()
		}
		i.ClosedAt, i.SnoozedUntil, i.UpdatedAt, i.Version = nil, nil, time.Time{}, 0
		all = append(all, fmt.Sprintf("%+v closed %s snoozed %s", i, closed, until))
	}
	return all
}

func splitsGiveBack(t *testing.T, db *store.Store, now *clock.Fake) {
	until := incident.Act{Until: noon.Add(48 * time.Hour)}
	steps := map[string]func(d *desk, id string){
		"as it was opened": func(*desk, string) {},
		"taken on":         func(d *desk, id string) { d.act(id, incident.Acknowledge, incident.Act{}) },
		"given":            func(d *desk, id string) { d.act(id, incident.Assign, incident.Act{Assignee: "bob"}) },
		"put aside":        func(d *desk, id string) { d.act(id, incident.Snooze, until) },
		"resolved":         func(d *desk, id string) { d.act(id, incident.Resolve, incident.Act{Reason: "revoked"}) },
		"ignored":          func(d *desk, id string) { d.act(id, incident.Ignore, incident.Act{Reason: "a test"}) },
	}
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	ids := d.opened(slices.Repeat([]event.Severity{event.Medium, event.Critical}, len(steps)*len(steps))...)
	at := 0
	for whole, prepareWhole := range steps {
		for part, preparePart := range steps {
			both := ids[at : at+2]
			at += 2
			prepareWhole(d, both[0])
			preparePart(d, both[1])
			before := d.stands(both...)
			d.merge(both[1], both[0])
			d.split(both[1])
			same(t, "whole "+whole+", part "+part, before, d.stands(both...))
		}
	}
}

func splitsKeepNews(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	ids := d.opened(event.High, event.Medium, event.Medium, event.Medium)
	whole, resolved, snoozed, reviewed := ids[0], ids[1], ids[2], ids[3]
	d.act(resolved, incident.Resolve, incident.Act{Reason: "revoked"})
	d.act(snoozed, incident.Snooze, incident.Act{Until: now.Now().Add(48 * time.Hour)})
	for _, part := range ids[1:] {
		d.merge(part, whole)
	}
	again, graver, none := observation("v1:k:1", incident.Leak), observation("v1:k:2", incident.Leak), observation("v1:k:3", incident.Leak)
	graver.Severity, none.Dismissed, none.Reason = event.Critical, "bob", "an example"
	d.observe(again, graver, none)
	d.act(whole, incident.Acknowledge, incident.Act{})
	for _, part := range ids[1:] {
		d.split(part)
	}
	got := map[string]incident.Incident{}
	for _, i := range incidentsOf(t, d.s) {
		got[i.ID] = i
	}
	if i := got[whole]; i.State != incident.Acknowledged || i.Severity != event.High || i.Assignee != "ada" || i.Observations != 1 {
		t.Errorf("the whole keeps what was done to it, and is as grave as what is its own: %+v", i)
	}
	if i := got[resolved]; i.State != incident.Triggered || !i.Regressed || i.ClosedAt != nil || i.Observations != 2 {
		t.Errorf("a resolved part was seen again: %+v", i)
	}
	if i := got[snoozed]; i.SnoozedUntil != nil || i.Severity != event.Critical {
		t.Errorf("a snoozed part got graver: %+v", i)
	}
	if i := got[reviewed]; i.State != incident.Ignored || i.Reason != "false positive: an example" {
		t.Errorf("a part was reviewed as none: %+v", i)
	}
}

func splitsBranches(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	ids := d.opened(event.Low, event.Medium, event.High, event.Critical)
	a, b, c := ids[0], ids[1], ids[2]
	d.merge(c, b)
	before := d.stands(ids...)
	d.merge(b, a)
	d.split(b)
	same(t, "split again", before, d.stands(ids...))
	d.merge(b, a)
	d.split(c)
	got := incidentsOf(t, d.s)
	if !slices.Equal(got[0].Merged, []string{b}) || got[0].Severity != event.Medium || got[2].MergedInto != "" {
		t.Errorf("one of the branch split off: %+v", got)
	}
	d.split(b)
	if got := incidentsOf(t, d.s); got[0].Severity != event.Low || got[1].Severity != event.Medium || len(got[1].Merged) != 0 {
		t.Errorf("then the branch: %+v", got)
	}
}

func staysApart(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	d.observe(observation("v1:k:a", incident.Leak))
	d.observe(half(attackers, incident.Deception, now.Now()), half(attackers, incident.Anomaly, now.Now()))
	d.observe(tried("v1:k:a"))
	all := incidentsOf(t, d.s)
	if len(all) != 2 || all[1].MergedInto != all[0].ID {
		t.Fatalf("%+v", all)
	}
	d.split(all[1].ID)
	d.observe(tried("v1:k:a"), half(attackers, incident.Anomaly, now.Now()))
	if all := incidentsOf(t, d.s); all[1].MergedInto != "" || !all[1].State.Open() {
		t.Errorf("it was merged again: %+v", all[1])
	}
	d.merge(all[1].ID, all[0].ID)
	d.split(all[1].ID)
	d.merge(all[1].ID, all[0].ID)
	if all := incidentsOf(t, d.s); all[1].MergedInto != all[0].ID {
		t.Errorf("people may merge it: %+v", all[1])
	}
}

func mergesAtRandom(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	ids := d.opened(event.Low, event.High, event.Medium, event.Critical, event.High, event.Low)
	r, notes := rand.New(rand.NewPCG(1, 2)), 0
	for step := range 200 {
		k, other := r.IntN(len(ids)), ids[r.IntN(len(ids))]
		i, err := d.s.Incident(storetest.Context(t), ids[k])
		must(t, err)
		whole, err := d.s.Incident(storetest.Context(t), other)
		must(t, err)
		switch r.IntN(6) {
		case 0, 1:
			if i.ID == other || i.MergedInto != "" || whole.MergedInto != "" {
				continue
			}
			before := d.stands(ids...)
			d.merge(i.ID, other)
			if r.IntN(2) == 0 {
				d.split(i.ID)
				same(t, fmt.Sprint("step ", step, " undone"), before, d.stands(ids...))
			}
		case 2:
			if i.MergedInto != "" {
				d.split(i.ID)
			}
		case 3:
			notes++
			d.act(i.ID, incident.Note, incident.Act{Reason: fmt.Sprintf("note %d;", notes)})
		case 4:
			d.maybe(i.ID, []incident.Verb{incident.Acknowledge, incident.Resolve, incident.Ignore, incident.Reopen, incident.Snooze, incident.Wake}[r.IntN(6)])
		case 5:
			d.observe(observation(fmt.Sprint("v1:k:", k), incident.Leak))
		}
		d.nothingIsLost(ids, notes)
	}
}

// nothingIsLost holds the incidents to what is true whatever was done: each stands for
// itself or is a part of one that does, each observation counts once, and each note is in
// one timeline.
func (d *desk) nothingIsLost(ids []string, notes int) {
	d.t.Helper()
	var members []string
	written, seen := "", 0
	for _, i := range incidentsOf(d.t, d.s) {
		if i.MergedInto != "" {
			continue
		}
		members = append(append(members, i.ID), i.Merged...)
		seen += i.Observations
		lines, err := d.s.Timeline(storetest.Context(d.t), i.ID, "", 1_000)
		must(d.t, err)
		for _, l := range lines {
			if strings.HasPrefix(l.Words, "note ") {
				written += l.Words
			}
		}
	}
	slices.Sort(members)
	same(d.t, "members", ids, members)
	same(d.t, "observations", d.seen, seen)
	for n := range notes {
		if words := fmt.Sprintf("note %d;", n+1); strings.Count(written, words) != 1 {
			d.t.Fatalf("%q is written %d times", words, strings.Count(written, words))
		}
	}
}
