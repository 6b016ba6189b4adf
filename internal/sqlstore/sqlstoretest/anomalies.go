package sqlstoretest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

func anomalyScenarios() []scenario {
	return []scenario{
		{"an episode is kept as it is, with its event and the places in the log", keepsEpisodes},
		{"one cause is opened once, and again when it was over", opensOnce},
		{"who has fallen behind stores nothing", fences},
		{"an episode is closed once, by whoever finds it quiet first, and stays closed", closesOnce},
		{"what comes again is found in the episode that it made", findsEnded},
		{"episodes are filtered and paged", listsEpisodes},
		{"episodes that are over go by age; open ones stay", dropsEpisodes},
		{"a brute force over a restart, and over a second node, is one episode", oneEpisodeOverRestarts},
	}
}

func episode(id int, key string) anomaly.Episode {
	return anomaly.Episode{
		ID: fmt.Sprintf("01936d2c-5f8e-7abc-9def-%012d", id), Kind: "brute_force", KeyKind: "ip", Key: key, Severity: event.High, SourceIP: key, User: "root",
		Detail: `a\nb`, Count: 12, Told: 10, Threshold: 10, Window: 1500 * time.Millisecond, OpenedAt: noon, SeenAt: noon.Add(time.Second),
	}
}

func over(e anomaly.Episode, at time.Time) anomaly.Episode {
	e.ClosedAt = &at
	return e
}

func cursor(seq int64) event.Cursor {
	if seq == 0 {
		return event.Cursor{}
	}
	return event.Cursor{Day: "2026-11-21", Seq: seq}
}

// commitFrom stores changes; the places in the log grow by one.
func commitFrom(t *testing.T, s *sqlstore.Anomalies, seq int64, changes ...anomaly.Change) error {
	t.Helper()
	c := anomaly.Commit{From: cursor(seq), Next: cursor(seq + 1), Changes: changes}
	for _, change := range changes {
		e, err := change.Episode.Event(event.AnomalyOpened, "n/anomaly", noon)
		must(t, err)
		c.Events = append(c.Events, e)
	}
	return s.Commit(t.Context(), c)
}

func keepsEpisodes(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, e := sqlstore.NewAnomalies(db), episode(1, "203.0.113.9")
	c := anomaly.Commit{Next: cursor(7), Window: cursor(3), Changes: []anomaly.Change{{Episode: e, Fresh: true}}}
	said, err := e.Event(event.AnomalyOpened, "n/anomaly", noon)
	must(t, err)
	c.Events = []event.Event{said}
	must(t, s.Commit(t.Context(), c))
	open, err := s.OpenEpisodes(t.Context())
	must(t, err)
	same(t, "open", fmt.Sprintf("%+v", []anomaly.Episode{e}), fmt.Sprintf("%+v", open))
	for consumer, want := range map[string]int64{anomaly.Consumer: 7, anomaly.WindowConsumer: 3} {
		at, err := s.Cursor(t.Context(), consumer)
		must(t, err)
		same(t, consumer, want, at.Seq)
	}
	records, err := s.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	if len(records) != 1 || records[0].Event.Topic != "anomaly.brute_force.detected" || records[0].Event.Severity != event.High {
		t.Errorf("events: %+v", records)
	}
	closed := over(e, noon.Add(time.Minute))
	must(t, s.Commit(t.Context(), anomaly.Commit{From: cursor(7), Next: cursor(8), Changes: []anomaly.Change{{Episode: closed}}}))
	got, err := s.Anomaly(t.Context(), e.ID)
	must(t, err)
	if got.ClosedAt == nil || !got.ClosedAt.Equal(*closed.ClosedAt) {
		t.Errorf("%+v", got)
	}
	if _, err := s.Anomaly(t.Context(), "nobody"); !errors.Is(err, anomaly.ErrNotFound) {
		t.Errorf("one that there is not: %v", err)
	}
}

func opensOnce(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewAnomalies(db)
	first, second := episode(1, "203.0.113.9"), episode(2, "203.0.113.9")
	must(t, commitFrom(t, s, 0, anomaly.Change{Episode: first, Fresh: true}))
	if err := commitFrom(t, s, 1, anomaly.Change{Episode: second, Fresh: true}); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("opened twice: %v", err)
	}
	records, err := db.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	same(t, "events", 1, len(records))
	must(t, commitFrom(t, s, 1, anomaly.Change{Episode: second, Fresh: true}, anomaly.Change{Episode: over(first, noon.Add(time.Minute))}))
	open, err := s.OpenEpisodes(t.Context())
	must(t, err)
	if len(open) != 1 || open[0].ID != second.ID {
		t.Errorf("open: %+v", open)
	}
}

func fences(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewAnomalies(db)
	must(t, commitFrom(t, s, 0))
	if err := commitFrom(t, s, 0, anomaly.Change{Episode: episode(1, "203.0.113.9"), Fresh: true}); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("%v", err)
	}
	open, err := s.OpenEpisodes(t.Context())
	must(t, err)
	same(t, "open", 0, len(open))
}

// closesOnce has two nodes find an episode quiet: the log has nothing new, so that its
// cursor says nothing of who was first. A third heard more of it before.
func closesOnce(t *testing.T, db *store.Store, _ *clock.Fake) {
	s, e := sqlstore.NewAnomalies(db), episode(1, "203.0.113.9")
	must(t, commitFrom(t, s, 0, anomaly.Change{Episode: e, Fresh: true}))
	quiet := func(next int64, e anomaly.Episode, state string) error {
		said, err := e.Event(state, "n/anomaly", noon)
		must(t, err)
		return s.Commit(t.Context(), anomaly.Commit{From: cursor(1), Next: cursor(next), Changes: []anomaly.Change{{Episode: e}}, Events: []event.Event{said}})
	}
	must(t, quiet(1, over(e, noon.Add(time.Minute)), event.AnomalyClosed))
	if err := quiet(1, over(e, noon.Add(2*time.Minute)), event.AnomalyClosed); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("closed twice: %v", err)
	}
	e.Count = 40
	if err := quiet(2, e, event.AnomalyGrowing); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("it goes on after it was closed: %v", err)
	}
	got, err := s.Anomaly(t.Context(), e.ID)
	must(t, err)
	if got.ClosedAt == nil || !got.ClosedAt.Equal(noon.Add(time.Minute)) || got.Count != 12 {
		t.Errorf("%+v", got)
	}
	records, err := db.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	same(t, "events", 2, len(records))
}

func findsEnded(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewAnomalies(db)
	must(t, commitFrom(t, s, 0,
		anomaly.Change{Episode: over(episode(1, "203.0.113.9"), noon.Add(time.Minute)), Fresh: true},
		anomaly.Change{Episode: over(episode(2, "203.0.113.9"), noon.Add(2*time.Minute)), Fresh: true},
		anomaly.Change{Episode: episode(3, "203.0.113.9"), Fresh: true}))
	of := anomaly.Past{Kind: "brute_force", KeyKind: "ip", Key: "203.0.113.9", At: noon, Window: time.Minute}
	with := func(change func(p *anomaly.Past)) anomaly.Past {
		p := of
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		of   anomaly.Past
		want time.Time
	}{
		"the one that ended last":       {of, noon.Add(2 * time.Minute)},
		"at its end":                    {with(func(p *anomaly.Past) { p.At = noon.Add(2 * time.Minute) }), noon.Add(2 * time.Minute)},
		"behind it":                     {with(func(p *anomaly.Past) { p.At = noon.Add(2*time.Minute + time.Second) }), time.Time{}},
		"a window before it":            {with(func(p *anomaly.Past) { p.At = noon.Add(-time.Minute) }), noon.Add(2 * time.Minute)},
		"before that":                   {with(func(p *anomaly.Past) { p.At = noon.Add(-61 * time.Second) }), time.Time{}},
		"of another kind":               {with(func(p *anomaly.Past) { p.Kind = "path_traversal" }), time.Time{}},
		"of a user of that name":        {with(func(p *anomaly.Past) { p.KeyKind = "user" }), time.Time{}},
		"of another address":            {with(func(p *anomaly.Past) { p.Key = "203.0.113.8" }), time.Time{}},
		"of what no database can store": {with(func(p *anomaly.Past) { p.Key = "\x00" }), time.Time{}},
	} {
		until, err := s.EndedEpisode(t.Context(), c.of)
		if err != nil || !until.Equal(c.want) {
			t.Errorf("%s: %v, %v, want %v", name, until, err, c.want)
		}
	}
}

func listsEpisodes(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewAnomalies(db)
	var all []anomaly.Change
	for k := range 5 {
		all = append(all, anomaly.Change{Episode: episode(k, fmt.Sprint("203.0.113.", k)), Fresh: true})
	}
	all[3].Episode = over(all[3].Episode, noon)
	all[4].Episode.Kind, all[4].Episode.KeyKind, all[4].Episode.Key, all[4].Episode.Severity = "path_traversal", "user", "Anna", event.Low
	must(t, commitFrom(t, s, 0, all...))
	page, err := s.ListAnomalies(t.Context(), anomaly.Filter{}, "", 3)
	must(t, err)
	rest, err := s.ListAnomalies(t.Context(), anomaly.Filter{}, page[2].ID, 3)
	must(t, err)
	var ids []string
	for _, e := range append(page, rest...) {
		ids = append(ids, e.ID[len(e.ID)-1:])
	}
	same(t, "pages", "4 3 2 1 0", strings.Join(ids, " "))
	for want, f := range map[string]anomaly.Filter{
		"3": {Open: new(false)}, "4 2 1 0": {Open: new(true)}, "4": {Kinds: []string{"path_traversal", "weather"}}, "3 2 1 0": {KeyKind: "ip"},
		"1": {Key: "203.0.113.1"}, "4 ": {Severities: []event.Severity{event.Low}}, "": {KeyKind: "subnet"},
	} {
		found, err := s.ListAnomalies(t.Context(), f, "", 10)
		must(t, err)
		var got []string
		for _, e := range found {
			got = append(got, e.ID[len(e.ID)-1:])
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%+v: %v, want %s", f, got, want)
		}
	}
}

func dropsEpisodes(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewAnomalies(db)
	must(t, commitFrom(t, s, 0,
		anomaly.Change{Episode: episode(1, "203.0.113.1"), Fresh: true},
		anomaly.Change{Episode: over(episode(2, "203.0.113.2"), noon), Fresh: true},
		anomaly.Change{Episode: over(episode(3, "203.0.113.3"), noon.Add(time.Hour)), Fresh: true}))
	n, more, err := sqlstore.NewRetention(db).Drop(t.Context(), sqlstore.KeptAnomalies, noon.Add(time.Minute), nil)
	must(t, err)
	same(t, "dropped", 1, n)
	same(t, "more", false, more)
	left, err := s.ListAnomalies(t.Context(), anomaly.Filter{}, "", 10)
	must(t, err)
	same(t, "left", 2, len(left))
}

// oneEpisodeOverRestarts has three runs of the sensor, the second of which is killed,
// so to say: it never hears that it is over.
func oneEpisodeOverRestarts(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewAnomalies(db)
	for range 3 {
		for range 5 { // 15 in all
			e, err := event.New(event.Header{Time: now.Now(), Source: "n/ingest"}, event.RecordsReceived{Records: []event.SecurityRecord{
				{Kind: event.RecordAuthFailed, Time: now.Now(), SourceIP: "203.0.113.9", User: "root"},
				{Kind: event.RecordAuthFailed, Time: now.Now(), SourceIP: "203.0.113.9", User: "anna"},
			}})
			must(t, err)
			must(t, db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error { return tx.Emit(e) }))
			now.Advance(time.Second)
		}
		sense(t, s, now)
	}
	all, err := s.ListAnomalies(t.Context(), anomaly.Filter{}, "", 10)
	must(t, err)
	if len(all) != 1 || all[0].Count != 30 || all[0].ClosedAt != nil || all[0].User != "anna" {
		t.Errorf("%+v", all)
	}
	now.Advance(time.Hour)
	sense(t, s, now)
	records, err := db.Events(t.Context(), event.Cursor{}, 100)
	must(t, err)
	var said []string
	for _, r := range records {
		var p event.AnomalyDetected
		if r.Event.Topic != event.TopicRecordsReceived {
			must(t, r.Event.Decode(&p))
			said = append(said, fmt.Sprint(p.State, " ", p.Count))
		}
	}
	same(t, "said", "opened 10, growing 20, closed 30", strings.Join(said, ", "))
}

// sense has a sensor of its own read the log to its end.
func sense(t *testing.T, s *sqlstore.Anomalies, now *clock.Fake) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	sensor, err := anomaly.New(anomaly.Deps{Log: s, Store: s, Node: "n/anomaly", Detectors: guard.Defaults(), Clock: now})
	must(t, err)
	must(t, sensor.CatchUp(ctx))
}
