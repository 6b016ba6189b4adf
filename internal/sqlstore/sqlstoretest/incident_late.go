package sqlstoretest

import (
	"fmt"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

// comesLate has observations come that were spooled, or are of nodes whose clocks are
// wrong.
func comesLate(t *testing.T, db *store.Store, now *clock.Fake) {
	s, seq := sqlstore.NewIncidents(db), int64(0)
	day := func(n int) time.Time { return now.Now().AddDate(0, 0, n) }
	for name, c := range map[string]struct {
		visits  []time.Time // of a decky, as they come
		tripped time.Time
		want    int
	}{
		"a visit of long ago comes after one of today":        {[]time.Time{day(0), day(-8)}, day(0), 1},
		"an anomaly of long ago comes after a visit of today": {[]time.Time{day(0)}, day(-30), 0},
		"an anomaly of yesterday does":                        {[]time.Time{day(0)}, day(-1), 1},
		"both are of long ago":                                {[]time.Time{day(-30)}, day(-31), 1},
		"a visit comes by a clock that is 30 years ahead":     {[]time.Time{day(10_957), day(0)}, day(0), 1},
		"so does an anomaly":                                  {[]time.Time{day(0)}, day(10_957), 1},
	} {
		key := incident.Key{Kind: incident.Address, Value: fmt.Sprint("203.0.113.", seq)}
		for _, at := range c.visits {
			seq++
			observe(t, s, seq, half(key, incident.Deception, at))
		}
		seq++
		observe(t, s, seq, half(key, incident.Anomaly, c.tripped))
		found, err := s.ListIncidents(t.Context(), incident.Filter{Address: key.Value}, "", 9)
		must(t, err)
		same(t, name, c.want, len(found))
		for _, i := range found {
			if i.SeenAt.After(now.Now()) {
				t.Errorf("%s: seen at %v", name, i.SeenAt)
			}
		}
	}
	// What is ahead is not kept longer for it.
	now.Advance(incident.Within + time.Minute)
	drop(t, db, sqlstore.KeptWaiting, now.Now().Add(-incident.Within))
	same(t, "left", 0, drop(t, db, sqlstore.KeptWaiting, now.Now().AddDate(40, 0, 0)))
}

// plantsLate has a decky's secrets be known after they were seen: as one of several
// incidents, as part of another, in one that is resolved, and again after a restart.
func plantsLate(t *testing.T, db *store.Store, now *clock.Fake) {
	d := &desk{t: t, s: sqlstore.NewIncidents(db), now: now}
	ids := d.opened(event.High, event.High, event.Medium, event.High) // v1:k:0 to v1:k:3
	d.merge(ids[2], ids[1])
	d.act(ids[3], incident.Resolve, incident.Act{Reason: "revoked"})
	var all []planted.Secret
	for k := range 5 { // of the last nobody has heard
		all = append(all, planted.Secret{Fingerprint: fmt.Sprint("v1:k:", k), Decky: "web-1", Place: fmt.Sprintf("/etc/%d of decky web-1", k)})
	}
	before := len(incidentTopics(t, db))
	for range 2 {
		must(t, sqlstore.NewPlanted(db).Plant(t.Context(), "n1", []planted.Secret{all[0], all[2], all[3], all[4]}))
	}
	same(t, "events", []string{"updated critical", "updated critical"}, incidentTopics(t, db)[before:])
	got := incidentsOf(t, d.s)
	for k, want := range []string{"Planted secret seen: /etc/0 of decky web-1 critical triggered", "Planted secret seen: /etc/2 of decky web-1 critical triggered",
		"Planted secret seen: /etc/2 of decky web-1 critical resolved", "TYPE_3 in chat #1 high resolved"} {
		same(t, ids[k], want, fmt.Sprint(got[k].Title, " ", got[k].Severity, " ", got[k].State))
	}
	d.split(ids[2])
	if got := incidentsOf(t, d.s); got[1].Severity != event.High || got[2].Join != incident.PlantedSecretSeen || got[2].State != incident.Triggered {
		t.Errorf("split: %+v", got[1:3])
	}
	d.observe(observation("v1:k:3", incident.Egress))
	if i := incidentsOf(t, d.s)[3]; i.Join != incident.PlantedSecretSeen || i.State != incident.Triggered || !i.Regressed {
		t.Errorf("seen again: %+v", i)
	}
}
