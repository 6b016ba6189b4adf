package sqlstoretest

import (
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

// noise are n tries of one secret on one decky, a second apart.
func noise(fingerprint string, n int, from time.Time) (all []incident.Observation) {
	for k := range n {
		o := tried(fingerprint)
		o.SourceIP, o.Severity, o.At = "", event.Critical, from.Add(time.Duration(k)*time.Second)
		all = append(all, o)
	}
	return all
}

// exfiltration is the one line that matters.
func exfiltration(fingerprint string, at time.Time) incident.Observation {
	o := observation(fingerprint, incident.Egress)
	o.Topic, o.At, o.Place, o.Summary = event.TopicConnectionAllowed, at, "paste.example:80", "curl sent it to paste.example:80"
	return o
}

func hasLine(lines []incident.Entry, words string) bool {
	return slices.ContainsFunc(lines, func(e incident.Entry) bool { return strings.Contains(e.Words, words) })
}

func boundsTimelines(t *testing.T, db *store.Store, now *clock.Fake) {
	s, from := sqlstore.NewIncidents(db), now.Now()
	now.Advance(4 * time.Hour)
	n := incident.MaxEntries + 300
	observe(t, s, 1, noise("v1:k:a", n, from)...)
	i := incidentsOf(t, s)[0]
	_, err := s.ActOnIncident(t.Context(), i.ID, incident.Act{Verb: incident.Note, By: "ada", Reason: "too many"}, actedBy("ada", "incident.note"), "n")
	must(t, err)
	observe(t, s, 2, exfiltration("v1:k:a", from.Add(time.Hour)))
	observe(t, s, 3, noise("v1:k:a", n, from.Add(2*time.Hour))...)
	lines, err := s.Timeline(storetest.Context(t), i.ID, "", 4*incident.MaxEntries)
	must(t, err)
	if len(lines) > incident.MaxEntries+incident.MaxEntries/4+1 || !hasLine(lines, "curl sent it") || !hasLine(lines, "too many") {
		t.Errorf("%d lines, what was sent %t, the note %t", len(lines), hasLine(lines, "curl sent it"), hasLine(lines, "too many"))
	}
	d, err := s.Digest(storetest.Context(t), i.ID, 50)
	must(t, err)
	if len(d.Lines) != 50 || !hasLine(d.Lines, "curl sent it") || !hasLine(d.Lines, "too many") {
		t.Errorf("digest: %d lines, what was sent %t, the note %t", len(d.Lines), hasLine(d.Lines, "curl sent it"), hasLine(d.Lines, "too many"))
	}
	if o := d.Omitted[0]; len(d.Omitted) != 1 || o.Times+len(d.Lines) != 2*n+2 || o.Kept+len(d.Lines) != len(lines) ||
		o.Lane != (incident.Lane{Sensor: incident.Deception, Kind: incident.Detection}) || o.Severity != event.Critical {
		t.Errorf("of %d lines are %d kept and 50 shown, left out %+v", 2*n+2, len(lines), d.Omitted)
	}
}

func countsOmitted(t *testing.T, db *store.Store, now *clock.Fake) {
	s, from := sqlstore.NewIncidents(db), now.Now()
	now.Advance(4 * time.Hour)
	n := incident.MaxEntries + 260
	observe(t, s, 1, noise("v1:k:a", n, from)...)
	observe(t, s, 2, noise("v1:k:b", n, from.Add(time.Hour))...)
	all := incidentsOf(t, s)
	_, err := s.ActOnIncident(t.Context(), all[1].ID, incident.Act{Verb: incident.MergeInto, Into: all[0].ID, By: "ada"}, actedBy("ada", "incident.merge"), "n")
	must(t, err)
	d, err := s.Digest(storetest.Context(t), all[0].ID, 200)
	must(t, err)
	times := len(d.Lines)
	for _, o := range d.Omitted {
		times += o.Times
	}
	same(t, "lines shown and counted, with those of the merge", 2*n+2, times)
	until := from.Add(time.Hour + time.Duration(n)*time.Second)
	if o := d.Omitted[0]; o.From.Before(from) || !o.From.Before(from.Add(time.Hour)) || !o.Until.After(from.Add(time.Hour)) || o.Until.After(until) {
		t.Errorf("between %s and %s", o.From, o.Until)
	}
	_, err = s.ActOnIncident(t.Context(), all[0].ID, incident.Act{Verb: incident.Ignore, By: "ada", Reason: "x"}, actedBy("ada", "incident.ignore"), "n")
	must(t, err)
	for range 12 {
		drop(t, db, sqlstore.KeptIncidents, now.Now().Add(24*time.Hour))
	}
	d, err = s.Digest(storetest.Context(t), all[0].ID, 200)
	if err != nil || len(incidentsOf(t, s)) != 0 || len(d.Lines)+len(d.Omitted) != 0 {
		t.Errorf("left: %+v, %v", d, err)
	}
}

func digestsMany(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	const parts, each = 6, incident.MaxEntries + 100
	observe(t, s, 1, observation("v1:k:whole", incident.Leak))
	for k := range parts {
		observe(t, s, int64(k+2), noise("v1:k:"+string(rune('a'+k)), each, now.Now())...)
	}
	all := incidentsOf(t, s)
	for _, part := range all[1:] {
		_, err := s.ActOnIncident(t.Context(), part.ID, incident.Act{Verb: incident.MergeInto, Into: all[0].ID, By: "ada"}, actedBy("ada", "incident.merge"), "n")
		must(t, err)
	}
	d, err := s.Digest(storetest.Context(t), all[0].ID, 100)
	must(t, err)
	times := len(d.Lines)
	for _, o := range d.Omitted {
		times += o.Times
	}
	if want := 1 + parts*(each+2); times != want || len(d.Lines) != 100 || !hasLine(d.Lines, "seen\uFFFD by leak") {
		t.Errorf("%d lines shown, %d in all, want %d; what was found %t", len(d.Lines), times, want, hasLine(d.Lines, "by leak"))
	}
}
