package sqlstoretest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

func incidentScenarios() []scenario {
	return []scenario{
		{"one secret is one incident, and its events are in the log", joinsObservations},
		{"lists are filtered and paged", listsIncidents},
		{"the gravest come first, over pages, with every filter", ranksIncidents},
		{"an act is stored with its event and its audit entry", storesActs},
		{"a refused act stores nothing", refusesActs},
		{"what is snoozed is listed apart, until its time", snoozesIncidents},
		{"a timeline is bounded: noise of one sensor hides nothing of another, nor what people did", boundsTimelines},
		{"what a timeline left out is counted, also of parts, and goes with it", countsOmitted},
		{"a digest of more lines than are looked at counts them all", digestsMany},
		{"closed incidents go by age, with their timelines; open ones stay", dropsIncidents},
		{"a false positive without an incident opens none", ignoresOldReviews},
		{"what was done about an incident is on its timeline, and changes nothing else", keepsRemarks},
	}
}

func observation(fingerprint string, sensor incident.Sensor) incident.Observation {
	return incident.Observation{
		EventID: "01936d2c-5f8e-7abc-9def-0123456789ab", Topic: event.TopicMessageQuarantined, At: noon, Key: incident.Key{Kind: incident.Secret, Value: fingerprint},
		Sensor: sensor, Severity: event.High, Rule: "github-pat", SecretType: "GITHUB_TOKEN", Redacted: "ghp_****", Place: "chat #1", Summary: "seen\x00 by " + string(sensor),
	}
}

func observe(t *testing.T, s *sqlstore.Incidents, seq int64, all ...incident.Observation) {
	t.Helper()
	from, err := s.Cursor(t.Context(), "incident")
	must(t, err)
	read := follow.Span{Consumer: "incident", From: from, Next: event.Cursor{Day: "2026-11-21", Seq: seq}}
	if err := s.Observe(t.Context(), read, all, "node/incident"); err != nil {
		t.Fatal(err)
	}
}

func incidentTopics(t *testing.T, db *store.Store) (out []string) {
	t.Helper()
	records, err := db.Events(t.Context(), event.Cursor{}, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		out = append(out, r.Event.Topic[strings.LastIndexByte(r.Event.Topic, '.')+1:]+" "+r.Event.Severity.String())
	}
	return out
}

func joinsObservations(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak), observation("v1:k:b", incident.Leak))
	now.Advance(time.Second)
	observe(t, s, 2, observation("v1:k:a", incident.Egress))
	all, err := s.ListIncidents(t.Context(), incident.Filter{Fingerprint: "v1:k:a"}, "", 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d incidents, %v", len(all), err)
	}
	i := all[0]
	if i.Join != incident.LeakedSecretInUse || i.Severity != event.Critical || i.Observations != 2 || len(i.Sensors) != 2 || !i.OpenedAt.Equal(noon) || !i.UpdatedAt.Equal(noon.Add(time.Second)) {
		t.Errorf("%+v", i)
	}
	same, err := s.Incident(t.Context(), i.ID)
	if err != nil || fmt.Sprint(same) != fmt.Sprint(i) {
		t.Errorf("%+v, %v", same, err)
	}
	lines, err := s.Timeline(t.Context(), i.ID, "", 10)
	if err != nil || len(lines) != 2 || lines[0].Sensor != incident.Egress || lines[1].Words != "seen\uFFFD by leak" {
		t.Errorf("timeline: %+v, %v", lines, err)
	}
	if got := strings.Join(incidentTopics(t, db), ", "); got != "opened high, opened high, updated critical" {
		t.Errorf("events: %s", got)
	}
	if at, err := s.Cursor(t.Context(), "incident"); err != nil || at.Seq != 2 {
		t.Errorf("cursor %+v, %v", at, err)
	}
	if _, err := s.Incident(t.Context(), "nobody"); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
}

func listsIncidents(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	for k := range 5 {
		observe(t, s, int64(k+1), observation(fmt.Sprint("v1:k:", k), incident.Leak))
		now.Advance(time.Second)
	}
	page, err := s.ListIncidents(t.Context(), incident.Filter{States: []incident.State{incident.Triggered}, Severities: []event.Severity{event.High, event.Low}}, "", 3)
	if err != nil || len(page) != 3 || page[0].ID < page[1].ID {
		t.Fatalf("%+v, %v", page, err)
	}
	rest, err := s.ListIncidents(t.Context(), incident.Filter{}, page[2].ID, 3)
	if err != nil || len(rest) != 2 {
		t.Errorf("%+v, %v", rest, err)
	}
	for _, f := range []incident.Filter{{States: []incident.State{incident.Resolved}}, {Severities: []event.Severity{event.Low}}, {Assignee: "ada"}, {Fingerprint: "v1:k:9"}} {
		if none, err := s.ListIncidents(t.Context(), f, "", 3); err != nil || len(none) != 0 {
			t.Errorf("%+v: %+v, %v", f, none, err)
		}
	}
}

func actedBy(name, action string) audit.Entry {
	return audit.Entry{Time: noon, Actor: audit.Actor{Kind: "user", Name: name}, Action: action, Target: "i"}
}

func storesActs(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak))
	all, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	i, err := s.ActOnIncident(t.Context(), all[0].ID, incident.Act{Verb: incident.Resolve, By: "ada", Reason: "revoked", Version: 1}, actedBy("ada", "incident.resolve"), "node/api")
	if err != nil || i.State != incident.Resolved || i.ClosedAt == nil || i.Version != 2 {
		t.Fatalf("%+v, %v", i, err)
	}
	lines, err := s.Timeline(t.Context(), i.ID, "", 10)
	if err != nil || len(lines) != 2 || lines[0].Kind != incident.Human || lines[0].By != "ada" || lines[0].Words != "resolved: revoked" {
		t.Errorf("timeline: %+v, %v", lines, err)
	}
	records, err := sqlstore.NewAudit(db).ListAudit(t.Context(), audit.Filter{}, 0, 10)
	if err != nil || len(records) != 1 || !strings.Contains(string(records[0].Before), "triggered") || !strings.Contains(string(records[0].After), "revoked") {
		t.Errorf("audit: %+v, %v", records, err)
	}
	if got := strings.Join(incidentTopics(t, db), ", "); got != "opened high, closed high" {
		t.Errorf("events: %s", got)
	}
	observe(t, s, 2, observation("v1:k:a", incident.Egress))
	if again, err := s.Incident(t.Context(), i.ID); err != nil || !again.Regressed || again.State != incident.Triggered || again.ClosedAt != nil {
		t.Errorf("seen again: %+v, %v", again, err)
	}
}

func snoozesIncidents(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak), observation("v1:k:b", incident.Leak))
	all, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 9)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	apart := func(want map[bool]int) {
		t.Helper()
		for snoozed, n := range want {
			if some, err := s.ListIncidents(t.Context(), incident.Filter{Snoozed: &snoozed}, "", 9); err != nil || len(some) != n {
				t.Errorf("snoozed %t: %d incidents, want %d: %v", snoozed, len(some), n, err)
			}
		}
	}
	act := func(a incident.Act) incident.Incident {
		t.Helper()
		i, err := s.ActOnIncident(t.Context(), all[0].ID, a, actedBy("ada", "incident."+string(a.Verb)), "n")
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	until := now.Now().Add(time.Hour)
	if i := act(incident.Act{Verb: incident.Snooze, By: "ada", Until: until}); i.SnoozedUntil == nil || !i.SnoozedUntil.Equal(until) {
		t.Errorf("until %v, want %v", i.SnoozedUntil, until)
	}
	apart(map[bool]int{true: 1, false: 1})
	act(incident.Act{Verb: incident.Note, By: "ada", Reason: "still away"})
	apart(map[bool]int{true: 1, false: 1})
	now.Advance(time.Hour)
	apart(map[bool]int{true: 0, false: 2})
	act(incident.Act{Verb: incident.Snooze, By: "ada", Until: until.Add(time.Hour)})
	apart(map[bool]int{true: 1, false: 1})
	if i := act(incident.Act{Verb: incident.Wake, By: "ada"}); i.SnoozedUntil != nil {
		t.Errorf("awake until %v", i.SnoozedUntil)
	}
	apart(map[bool]int{true: 0, false: 2})
	records, err := sqlstore.NewAudit(db).ListAudit(t.Context(), audit.Filter{}, 0, 1)
	if err != nil || len(records) != 1 || !strings.Contains(string(records[0].Before), "snoozed_until") || strings.Contains(string(records[0].After), "snoozed_until") {
		t.Errorf("audit: %+v, %v", records, err)
	}
}

func refusesActs(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak))
	all, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	var refused *incident.ActError
	if _, err := s.ActOnIncident(t.Context(), all[0].ID, incident.Act{Verb: incident.Resolve, By: "ada"}, actedBy("ada", "incident.resolve"), "n"); !errors.As(err, &refused) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := s.ActOnIncident(t.Context(), all[0].ID, incident.Act{Verb: incident.Note, Reason: "x", Version: 9}, actedBy("ada", "incident.note"), "n"); !errors.Is(err, incident.ErrVersion) {
		t.Errorf("another version: %v", err)
	}
	if _, err := s.ActOnIncident(t.Context(), "nobody", incident.Act{Verb: incident.Note, Reason: "x"}, actedBy("ada", "incident.note"), "n"); !errors.Is(err, incident.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
	if now, err := s.Incident(t.Context(), all[0].ID); err != nil || fmt.Sprint(now) != fmt.Sprint(all[0]) {
		t.Errorf("it changed: %+v, %v", now, err)
	}
	if records, err := sqlstore.NewAudit(db).ListAudit(t.Context(), audit.Filter{}, 0, 10); err != nil || len(records) != 0 {
		t.Errorf("audit: %+v, %v", records, err)
	}
}

func ignoresOldReviews(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	o := observation("v1:k:a", incident.Leak)
	o.Dismissed = "ada"
	observe(t, s, 1, o)
	if all, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 1); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

func dropsIncidents(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	many := make([]incident.Observation, 700)
	for k := range many {
		many[k] = observation("v1:k:a", incident.Leak)
	}
	observe(t, s, 1, append(many, observation("v1:k:b", incident.Leak))...)
	all, err := s.ListIncidents(t.Context(), incident.Filter{Fingerprint: "v1:k:a"}, "", 1)
	must(t, err)
	_, err = s.ActOnIncident(t.Context(), all[0].ID, incident.Act{Verb: incident.Ignore, By: "ada", Reason: "x"}, actedBy("ada", "incident.ignore"), "n")
	must(t, err)
	if n := drop(t, db, sqlstore.KeptIncidents, now.Now()); n != 0 {
		t.Errorf("%d young rows dropped", n)
	}
	if n := drop(t, db, sqlstore.KeptIncidents, now.Now().Add(time.Hour)); n != 702 {
		t.Errorf("%d old rows dropped, want 701 lines and an incident", n)
	}
	left, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 5)
	if err != nil || len(left) != 1 || left[0].Key.Value != "v1:k:b" {
		t.Errorf("left: %+v, %v", left, err)
	}
	if lines, err := s.Timeline(t.Context(), all[0].ID, "", 5); err != nil || len(lines) != 0 {
		t.Errorf("lines left: %+v, %v", lines, err)
	}
}

func keepsRemarks(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("fp", incident.Leak))
	all, err := s.ListIncidents(t.Context(), incident.Filter{}, "", 9)
	must(t, err)
	before := all[0]
	named := incident.Observation{EventID: id.New(), At: noon, Remark: true, Incident: before.ID, Summary: "playbook p asked in vain"}
	keyed := incident.Observation{EventID: id.New(), At: noon, Remark: true, Key: before.Key, Summary: "undid it", By: "ada"}
	nobody := incident.Observation{EventID: id.New(), At: noon, Remark: true, Key: incident.Key{Kind: incident.Address, Value: "203.0.113.9"}, Summary: "blocked"}
	observe(t, s, 2, named, keyed, nobody)
	all, err = s.ListIncidents(t.Context(), incident.Filter{}, "", 9)
	must(t, err)
	same(t, "incidents", []incident.Incident{before}, all)
	lines, err := s.Timeline(t.Context(), before.ID, "", 9)
	must(t, err)
	same(t, "timeline", 3, len(lines))
	same(t, "by a person", []any{incident.Human, "undid it", "ada"}, []any{lines[0].Kind, lines[0].Words, lines[0].By})
	same(t, "by Cordon", []any{incident.Response, "playbook p asked in vain"}, []any{lines[1].Kind, lines[1].Words})
}
