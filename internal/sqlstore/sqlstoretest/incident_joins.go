package sqlstoretest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/auth"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

func joinScenarios() []scenario {
	return []scenario{
		{"half of an incident waits for the other, which may come first", waitsForHalves},
		{"what waits too long makes no incident, and goes", forgetsHalves},
		{"what comes late counts by when it was, in whatever order", comesLate},
		{"half of a resolved incident does not open it again", wantsBothAgain},
		{"a planted secret is known, whoever shows it", knowsPlanted},
		{"a secret that was seen before it was known to be a decky's is as grave as one seen after", plantsLate},
		{"the incidents of an address and of a secret that it tried become one", mergesByAddress},
		{"an incident of an address that tried a leaked secret begins as part of that secret's", beginsAsPart},
		{"what is read together is joined as what is read one by one", joinsInOneBatch},
		{"people merge and split", mergesAndSplits},
		{"a part stays as long as its whole", keepsParts},
		{"from where a key is used is said once a day", notesKeyUses},
	}
}

var attackers = incident.Key{Kind: incident.Address, Value: "203.0.113.9"}

func half(k incident.Key, sensor incident.Sensor, at time.Time) incident.Observation {
	return incident.Observation{
		EventID: "01936d2c-5f8e-7abc-9def-0123456789ac", Topic: "t", At: at, Key: k, Sensor: sensor, Severity: event.Low, SourceIP: "203.0.113.9", Place: "somewhere",
		Summary: "seen by " + string(sensor),
	}
}

func tried(fingerprint string) incident.Observation {
	o := observation(fingerprint, incident.Deception)
	o.SourceIP, o.Place = "203.0.113.9", "decky web-1 (ssh)"
	return o
}

func incidentsOf(t *testing.T, s *sqlstore.Incidents) []incident.Incident {
	t.Helper()
	all, err := s.ListIncidents(storetest.Context(t), incident.Filter{}, "", 50)
	must(t, err)
	slices.Reverse(all)
	return all
}

func waitsForHalves(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	host := incident.Key{Kind: incident.Host, Value: "evil.example"}
	observe(t, s, 1, half(attackers, incident.Deception, now.Now()), half(attackers, incident.Deception, now.Now()), half(host, incident.Egress, now.Now()))
	if all := incidentsOf(t, s); len(all) != 0 {
		t.Fatalf("halves alone make %+v", all)
	}
	now.Advance(time.Second)
	observe(t, s, 2, half(attackers, incident.Access, now.Now()), half(host, incident.Deception, now.Now()), half(attackers, incident.Deception, now.Now()))
	all := incidentsOf(t, s)
	if len(all) != 2 || all[0].Join != incident.AttackerUsedKey || all[1].Join != incident.AttackersHostWanted || all[0].Observations != 3 || all[1].Observations != 2 {
		t.Fatalf("%+v", all)
	}
	lines, err := s.Timeline(storetest.Context(t), all[0].ID, "", 9)
	if err != nil || len(lines) != 3 || lines[2].Sensor != incident.Deception || lines[1].Sensor != incident.Access {
		t.Errorf("timeline %+v, %v", lines, err)
	}
	same(t, "events", []string{"opened critical", "opened high"}, incidentTopics(t, db))
	// Both halves in one batch, and in the other order.
	other := incident.Key{Kind: incident.Address, Value: "2001:db8::/64"}
	observe(t, s, 3, half(other, incident.Anomaly, now.Now()), half(other, incident.Deception, now.Now()))
	if all := incidentsOf(t, s); len(all) != 3 || all[2].Join != incident.AnomalousAttacker || all[2].Severity != event.High {
		t.Errorf("%+v", all)
	}
}

func forgetsHalves(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, half(attackers, incident.Deception, now.Now()))
	now.Advance(incident.Within + time.Minute)
	observe(t, s, 2, half(attackers, incident.Anomaly, now.Now()))
	if all := incidentsOf(t, s); len(all) != 0 {
		t.Errorf("made of what was long ago: %+v", all)
	}
	if n := drop(t, db, sqlstore.KeptWaiting, now.Now().Add(-incident.Within)); n != 1 {
		t.Errorf("%d dropped", n)
	}
	if n := drop(t, db, sqlstore.KeptWaiting, now.Now().Add(-incident.Within)); n != 0 {
		t.Errorf("%d more dropped", n)
	}
}

func wantsBothAgain(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, half(attackers, incident.Deception, now.Now()), half(attackers, incident.Anomaly, now.Now()))
	i := incidentsOf(t, s)[0]
	now.Advance(time.Minute)
	_, err := s.ActOnIncident(t.Context(), i.ID, incident.Act{Verb: incident.Resolve, By: "ada", Reason: "blocked"}, actedBy("ada", "incident.resolve"), "n")
	must(t, err)
	now.Advance(time.Minute)
	observe(t, s, 2, half(attackers, incident.Deception, now.Now()), half(attackers, incident.Deception, now.Now()))
	if i := incidentsOf(t, s)[0]; i.State != incident.Resolved {
		t.Errorf("half of it opens it: %+v", i)
	}
	observe(t, s, 3, half(attackers, incident.Anomaly, now.Now()))
	all := incidentsOf(t, s)
	if len(all) != 1 || all[0].State != incident.Triggered || !all[0].Regressed || all[0].Observations != 4 {
		t.Errorf("%+v", all)
	}
	if lines, err := s.Timeline(t.Context(), i.ID, "", 9); err != nil || len(lines) != 5 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func knowsPlanted(t *testing.T, db *store.Store, _ *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	p := sqlstore.NewPlanted(db)
	for range 2 { // a restart plants the same once more
		must(t, p.Plant(t.Context(), "n1", []planted.Secret{{Fingerprint: "v1:k:bait", Decky: "web-1", Place: "/etc/key of decky web-1"}, {Fingerprint: "v1:k:other", Decky: "web-1", Place: "x"}}))
	}
	guess, bait := tried("v1:k:guess"), tried("v1:k:bait")
	guess.Waits, bait.Waits = true, true
	observe(t, s, 1, guess, observation("v1:k:other", incident.Leak), observation("v1:k:c", incident.Leak), bait)
	all := incidentsOf(t, s)
	if len(all) != 3 || all[0].Join != incident.PlantedSecretSeen || all[0].Severity != event.Critical || all[1].Join != "" || all[2].Join != incident.PlantedSecretSeen ||
		all[2].Title != "Planted secret seen: /etc/key of decky web-1" {
		t.Errorf("%+v", all)
	}
}

func mergesByAddress(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak))
	now.Advance(time.Second)
	observe(t, s, 2, half(attackers, incident.Deception, now.Now()), half(attackers, incident.Anomaly, now.Now()))
	now.Advance(time.Second)
	observe(t, s, 3, tried("v1:k:a"))
	all := incidentsOf(t, s)
	if len(all) != 2 || all[1].MergedInto != all[0].ID || all[1].State != incident.Resolved || !slices.Equal(all[0].Merged, []string{all[1].ID}) || all[0].Join != incident.LeakedSecretInUse ||
		all[0].Observations != 4 || !slices.Equal(all[0].Sensors, []incident.Sensor{incident.Anomaly, incident.Deception, incident.Leak}) {
		t.Fatalf("%+v", all)
	}
	same(t, "events", []string{"opened high", "opened high", "updated critical", "closed high", "updated critical"}, incidentTopics(t, db))
	now.Advance(time.Second)
	observe(t, s, 4, half(attackers, incident.Access, now.Now()))
	lines, err := s.Timeline(t.Context(), all[0].ID, "", 20)
	if err != nil || len(lines) != 7 || lines[0].Sensor != incident.Access {
		t.Errorf("%d lines, %+v, %v", len(lines), lines, err)
	}
	if now := incidentsOf(t, s); now[0].State != incident.Triggered || now[1].State != incident.Resolved || now[0].Observations != 5 {
		t.Errorf("%+v", now)
	}
	for _, i := range all {
		if i.Key.Kind != incident.Secret {
			continue
		}
		if found, err := s.ListIncidents(t.Context(), incident.Filter{Fingerprint: "v1:k:a"}, "", 9); err != nil || len(found) != 1 || found[0].ID != i.ID {
			t.Errorf("by its secret: %+v, %v", found, err)
		}
	}
	// A second secret of the same address stays apart: it is revoked by itself.
	observe(t, s, 5, observation("v1:k:b", incident.Leak), tried("v1:k:b"))
	if all := incidentsOf(t, s); len(all) != 3 || all[2].MergedInto != "" {
		t.Errorf("%+v", all)
	}
}

func beginsAsPart(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak), half(attackers, incident.Deception, now.Now()), tried("v1:k:a"))
	now.Advance(time.Second)
	observe(t, s, 2, half(attackers, incident.Access, now.Now()))
	all := incidentsOf(t, s)
	if len(all) != 2 || all[1].MergedInto != all[0].ID || all[0].Observations != 4 {
		t.Fatalf("%+v", all)
	}
	same(t, "events", []string{"opened high", "updated critical", "updated critical"}, incidentTopics(t, db))
	// The other way round: the secret's begins as part of the address's.
	other := incident.Key{Kind: incident.Address, Value: "198.51.100.4"}
	observe(t, s, 3, half(other, incident.Deception, now.Now()), half(other, incident.Anomaly, now.Now()))
	now.Advance(time.Second)
	o := tried("v1:k:b")
	o.SourceIP = "198.51.100.4"
	observe(t, s, 4, o)
	all = incidentsOf(t, s)
	if len(all) != 4 || all[3].MergedInto != all[2].ID || all[2].Join != incident.LeakedSecretInUse || all[2].Severity != event.Critical {
		t.Errorf("%+v", all)
	}
	found, err := s.ListIncidents(t.Context(), incident.Filter{Fingerprint: "v1:k:b"}, "", 9)
	if err != nil || len(found) != 2 || found[1].ID != all[2].ID {
		t.Errorf("by its secret: %+v, %v", found, err)
	}
	for address, want := range map[string]int{"198.51.100.4": 1, "::ffff:198.51.100.4": 1, "198.51.100.5": 0, "127.0.0.1": 0, "no address": 0} {
		found, err := s.ListIncidents(t.Context(), incident.Filter{Address: address}, "", 9)
		if err != nil || len(found) != want || want == 1 && found[0].ID != all[2].ID {
			t.Errorf("of %s: %+v, %v", address, found, err)
		}
	}
}

// joinsInOneBatch has two incidents open, become one and be seen again, in one
// transaction and in one for each.
func joinsInOneBatch(t *testing.T, db *store.Store, now *clock.Fake) {
	s, seq := sqlstore.NewIncidents(db), int64(0)
	for n, size := range []int{1, 2, 3, 9} {
		print, address := fmt.Sprint("v1:k:", n), fmt.Sprint("203.0.113.", n)
		key := incident.Key{Kind: incident.Address, Value: address}
		o := tried(print)
		o.SourceIP = address
		all := []incident.Observation{
			observation(print, incident.Leak), half(key, incident.Deception, now.Now()), half(key, incident.Anomaly, now.Now()), o, half(key, incident.Access, now.Now()),
			o, observation(print, incident.Egress), half(key, incident.Access, now.Now()), o,
		}
		for some := range slices.Chunk(all, size) {
			seq++
			now.Advance(time.Second)
			observe(t, s, seq, some...)
		}
		found, err := s.ListIncidents(t.Context(), incident.Filter{Fingerprint: print}, "", 9)
		if err != nil || len(found) != 1 || len(found[0].Merged) != 1 || found[0].Observations != len(all) || found[0].Join != incident.LeakedSecretInUse || found[0].State != incident.Triggered {
			t.Errorf("%d at a time: %+v, %v", size, found, err)
		}
	}
}

func mergesAndSplits(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	for k, print := range []string{"v1:k:a", "v1:k:b", "v1:k:c"} {
		observe(t, s, int64(k+1), observation(print, incident.Leak))
		now.Advance(time.Second)
	}
	all := incidentsOf(t, s)
	a, b, c := all[0].ID, all[1].ID, all[2].ID
	act := func(id string, do incident.Act) (incident.Incident, error) {
		do.By = "ada"
		return s.ActOnIncident(t.Context(), id, do, actedBy("ada", "incident."+string(do.Verb)), "n")
	}
	var refused *incident.ActError
	for name, do := range map[string]incident.Act{
		"into itself": {Verb: incident.MergeInto, Into: c}, "into nothing": {Verb: incident.MergeInto, Into: "nobody"}, "into no text": {Verb: incident.MergeInto, Into: "\x00'"},
		"without saying where": {Verb: incident.MergeInto}, "split what is none": {Verb: incident.SplitOff},
	} {
		if _, err := act(c, do); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if i, err := act(c, incident.Act{Verb: incident.MergeInto, Into: b}); err != nil || i.MergedInto != b || i.State != incident.Resolved {
		t.Fatalf("%+v, %v", i, err)
	}
	for name, do := range map[string]incident.Act{"act on a part": {Verb: incident.Reopen}, "merge a part": {Verb: incident.MergeInto, Into: a}} {
		if _, err := act(c, do); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := act(b, incident.Act{Verb: incident.MergeInto, Into: a})
	must(t, err)
	if all := incidentsOf(t, s); !slices.Equal(all[0].Merged, []string{b, c}) || all[0].Observations != 3 || len(all[1].Merged) != 0 || all[2].MergedInto != a {
		t.Errorf("%+v", all)
	}
	if i, err := act(c, incident.Act{Verb: incident.SplitOff, Reason: "not theirs"}); err != nil || i.State != incident.Triggered || i.MergedInto != "" {
		t.Errorf("%+v, %v", i, err)
	}
	all = incidentsOf(t, s)
	if !slices.Equal(all[0].Merged, []string{b}) || all[0].Observations != 2 || all[2].ClosedAt != nil {
		t.Errorf("%+v", all)
	}
	lines, err := s.Timeline(t.Context(), a, "", 20)
	if err != nil || len(lines) != 6 || lines[0].Kind != incident.Human || !strings.HasPrefix(lines[0].Words, "split off: ") || !strings.HasSuffix(lines[0].Words, " (not theirs)") {
		t.Errorf("%+v, %v", lines, err)
	}
	same(t, "audit log", []string{"incident.merge", "incident.merge", "incident.split"}, actions(t, db))
}

func keepsParts(t *testing.T, db *store.Store, now *clock.Fake) {
	s := sqlstore.NewIncidents(db)
	observe(t, s, 1, observation("v1:k:a", incident.Leak), observation("v1:k:b", incident.Leak))
	all := incidentsOf(t, s)
	_, err := s.ActOnIncident(t.Context(), all[1].ID, incident.Act{Verb: incident.MergeInto, Into: all[0].ID, By: "ada"}, actedBy("ada", "incident.merge"), "n")
	must(t, err)
	later := now.Now().Add(time.Hour)
	if n := drop(t, db, sqlstore.KeptIncidents, later); n != 0 {
		t.Errorf("%d rows of a part dropped before its whole", n)
	}
	observe(t, s, 2, observation("v1:k:b", incident.Leak))
	if all := incidentsOf(t, s); len(all) != 2 || all[0].Observations != 3 {
		t.Errorf("%+v", all)
	}
	_, err = s.ActOnIncident(t.Context(), all[0].ID, incident.Act{Verb: incident.Ignore, By: "ada", Reason: "x"}, actedBy("ada", "incident.ignore"), "n")
	must(t, err)
	for range 2 {
		drop(t, db, sqlstore.KeptIncidents, later)
	}
	if all := incidentsOf(t, s); len(all) != 0 {
		t.Errorf("left: %+v", all)
	}
}

func notesKeyUses(t *testing.T, db *store.Store, now *clock.Fake) {
	a := sqlstore.NewAccess(db)
	key := newKey("ci", "hash-1")
	use := func(address string) {
		t.Helper()
		must(t, a.NoteKeyUse(t.Context(), auth.KeyUse{Key: key, Address: address, At: now.Now()}, "n/api"))
	}
	use("192.0.2.1")
	use("192.0.2.1")
	use("2001:db8::1")
	use("2001:db8::2")
	now.Advance(auth.KeyUseEvery)
	use("192.0.2.1")
	records, err := db.Events(t.Context(), event.Cursor{}, 10)
	must(t, err)
	var said []string
	for _, r := range records {
		var p event.KeyUsed
		must(t, r.Event.Decode(&p))
		said = append(said, fmt.Sprintf("%s %s %t", p.Key, p.SourceIP, p.First))
	}
	same(t, "events", []string{"ci 192.0.2.1 true", "ci 2001:db8::1 true", "ci 192.0.2.1 false"}, said)
	if n := drop(t, db, sqlstore.KeptKeyUses, now.Now()); n != 1 {
		t.Errorf("%d dropped", n)
	}
}
