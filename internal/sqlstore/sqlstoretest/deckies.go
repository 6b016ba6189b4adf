package sqlstoretest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
)

func deckyScenarios() []scenario {
	return []scenario{
		{"FLT-01: a node's deckies are rows that every node can list", reportsDeckies},
		{"a change of state is an event, a repeat is none", tellsOfDeckies},
		{"a decky that somebody added is wanted by its node alone, until it is removed", addsDeckies},
		{"two nodes may have deckies of one name", namesDeckiesByNode},
		{"what the configuration says is not removed by hand", keepsConfiguredDeckies},
		{"a mutation is wanted, then told of by the decky's node, each with an event", mutatesDeckies},
		{"a decky that is to mutate anyhow is not asked twice", mutatesOnce},
		{"a mutation that is wanted while its node reports is not lost", mutatesMeanwhile},
		{"an attacker's way shows which deckies mutated under him", marksMutations},
	}
}

func deckyStatus(name string, state deception.State) deception.Status {
	return deception.Status{
		Name: name, Archetype: "web-server", Hostname: "portal\x0007", Distro: "Debian GNU/Linux 12 (bookworm)", Address: "192.0.2.10", State: state,
		Detail: strings.TrimSuffix("ssh: "+string(state), "ssh: running"), Since: noon, Services: []deception.ServiceStatus{{Kind: "ssh", Port: 22, Listening: state == deception.Running, Sessions: 3}},
	}
}

func configuredDeckies(string) bool { return true }
func addedDeckies(string) bool      { return false }

func deckyNames(t *testing.T, d *sqlstore.Deckies, f deception.Filter) (out []string) {
	t.Helper()
	after := ""
	for {
		rows, err := d.ListDeckies(t.Context(), f, after, 1)
		must(t, err)
		if len(rows) == 0 {
			return out
		}
		out, after = append(out, rows[0].Node+"/"+rows[0].Name+" "+string(rows[0].State)), rows[0].ID
	}
}

func reportsDeckies(t *testing.T, db *store.Store, now *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("a", deception.Running), deckyStatus("b", deception.Failed)}, configuredDeckies))
	now.Advance(time.Minute)
	must(t, d.ReportDeckies(t.Context(), "n2", []deception.Status{deckyStatus("c", deception.Running)}, configuredDeckies))
	same(t, "all", []string{"n1/a running", "n1/b failed", "n2/c running"}, deckyNames(t, d, deception.Filter{}))
	same(t, "of a node", []string{"n2/c running"}, deckyNames(t, d, deception.Filter{Node: "n2"}))
	same(t, "of a state", []string{"n1/b failed"}, deckyNames(t, d, deception.Filter{State: deception.Failed}))
	row, err := d.Decky(t.Context(), "n1", "a")
	must(t, err)
	want := deckyStatus("a", deception.Running)
	want.Hostname = "portal\uFFFD07"
	same(t, "a row", deception.Row{Status: want, ID: row.ID, Node: "n1", Configured: true, HeardAt: noon}, row)
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("b", deception.Running)}, configuredDeckies))
	same(t, "after one is gone", []string{"n1/b running", "n2/c running"}, deckyNames(t, d, deception.Filter{}))
}

func tellsOfDeckies(t *testing.T, db *store.Store, _ *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	for _, state := range []deception.State{deception.Failed, deception.Failed, deception.Running} {
		must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("a", state)}, configuredDeckies))
	}
	must(t, d.ReportDeckies(t.Context(), "n1", nil, configuredDeckies))
	same(t, "events", []string{"mutation info", "state medium", "state info", "state info"}, incidentTopics(t, db))
}

func addsDeckies(t *testing.T, db *store.Store, _ *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	spec := deception.Spec{Name: "a", Archetype: "web-server", Address: "127.0.0.1", Services: []deception.ServiceSpec{{Kind: "postgres", Port: 5432, Config: service.Config{"auth": "md5"}}}}
	must(t, d.AddDecky(t.Context(), "n1", spec, entry("decky.add")))
	if err := d.AddDecky(t.Context(), "n1", spec, entry("decky.add")); !errors.Is(err, deception.ErrExists) {
		t.Errorf("error %v, want ErrExists", err)
	}
	for node, want := range map[string][]deception.Spec{"n1": {spec}, "n2": {}} {
		got, err := d.WantedDeckies(t.Context(), node)
		must(t, err)
		same(t, "wanted by "+node, want, got)
	}
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("a", deception.Running)}, addedDeckies))
	must(t, d.RemoveDecky(t.Context(), "n1", "a", entry("decky.remove")))
	if err := d.RemoveDecky(t.Context(), "n1", "a", entry("decky.remove")); !errors.Is(err, deception.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("a", deception.Running)}, addedDeckies))
	same(t, "after a report of one that was removed meanwhile", []string(nil), deckyNames(t, d, deception.Filter{}))
	same(t, "actions", []string{"decky.add", "decky.remove"}, actions(t, db))
}

func namesDeckiesByNode(t *testing.T, db *store.Store, _ *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	for _, node := range []string{"n1", "n2"} {
		must(t, d.AddDecky(t.Context(), node, deception.Spec{Name: "a", Archetype: "web-server", Address: "127.0.0.1"}, entry("decky.add")))
	}
	must(t, d.RemoveDecky(t.Context(), "n1", "a", entry("decky.remove")))
	same(t, "left", []string{"n2/a stopped"}, deckyNames(t, d, deception.Filter{}))
}

func keepsConfiguredDeckies(t *testing.T, db *store.Store, _ *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	must(t, d.AddDecky(t.Context(), "n1", deception.Spec{Name: "a", Archetype: "web-server", Address: "127.0.0.1"}, entry("decky.add")))
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("a", deception.Running)}, configuredDeckies))
	if err := d.RemoveDecky(t.Context(), "n1", "a", entry("decky.remove")); !errors.Is(err, deception.ErrConfigured) {
		t.Errorf("error %v, want ErrConfigured", err)
	}
	same(t, "still there", []string{"n1/a running"}, deckyNames(t, d, deception.Filter{}))
}

func mutatesDeckies(t *testing.T, db *store.Store, now *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	first := deckyStatus("a", deception.Running)
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{first}, configuredDeckies))
	now.Advance(time.Minute)
	must(t, d.MutateDecky(t.Context(), "n1", "a", entry("decky.mutate")))
	gens, err := d.Generations(t.Context(), "n1")
	must(t, err)
	same(t, "generations", map[string]deception.Generation{"a": {Wanted: 1, Since: noon}}, gens)
	row, err := d.Decky(t.Context(), "n1", "a")
	must(t, err)
	same(t, "it is to mutate", []any{true, 0, time.Time{}}, []any{row.Mutating, row.Generation, row.MutatedAt})

	now.Advance(time.Minute)
	next := first
	next.Generation, next.Hostname, next.MutateEvery, next.NextMutation = 1, "www-2", time.Hour, noon.Add(time.Hour)
	next.Services = append(next.Services, deception.ServiceStatus{Kind: "ftp", Port: 21, Listening: true})
	for range 2 {
		must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{next}, configuredDeckies))
	}
	rows, err := d.ListDeckies(t.Context(), deception.Filter{}, "", 10)
	must(t, err)
	got := rows[0]
	same(t, "it has mutated", []any{false, 1, noon.Add(2 * time.Minute), time.Hour, noon.Add(time.Hour)}, []any{got.Mutating, got.Generation, got.MutatedAt, got.MutateEvery, got.NextMutation})
	same(t, "actions", []string{"decky.mutate"}, actions(t, db))

	var told []event.DeckyMutated
	records, err := db.Events(t.Context(), event.Cursor{}, 100)
	must(t, err)
	for _, r := range records {
		if r.Event.Topic == "decky.a.mutation" {
			var p event.DeckyMutated
			must(t, json.Unmarshal(r.Event.Data, &p))
			told = append(told, p)
		}
	}
	same(t, "mutations", []event.DeckyMutated{
		{DeckyID: "a", Node: "n1", Trigger: "creation", Hostname: "portal\uFFFD07", OldServices: []string{}, NewServices: []string{"ssh:22"}, RequestedAt: noon, OccurredAt: noon},
		{DeckyID: "a", Node: "n1", Trigger: "operator", Generation: 1, OldHostname: "portal\uFFFD07", Hostname: "www-2", OldServices: []string{"ssh:22"}, NewServices: []string{"ssh:22", "ftp:21"}, RequestedAt: noon.Add(time.Minute), OccurredAt: noon.Add(2 * time.Minute)},
	}, told)
	same(t, "events", []string{"mutation info", "state info", "mutate_request info", "mutation info"}, incidentTopics(t, db))

	must(t, d.ReportDeckies(t.Context(), "n1", nil, configuredDeckies))
	gens, err = d.Generations(t.Context(), "n1")
	must(t, err)
	same(t, "generations of one that is gone", 0, len(gens))
}

func mutatesOnce(t *testing.T, db *store.Store, _ *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	if err := d.MutateDecky(t.Context(), "n1", "a", entry("decky.mutate")); !errors.Is(err, deception.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{deckyStatus("a", deception.Running)}, configuredDeckies))
	must(t, d.MutateScheduled(t.Context(), "n1", "a"))
	must(t, d.MutateScheduled(t.Context(), "n1", "a"))
	if err := d.MutateDecky(t.Context(), "n1", "a", entry("decky.mutate")); !errors.Is(err, deception.ErrMutating) {
		t.Errorf("error %v, want ErrMutating", err)
	}
	same(t, "events", []string{"mutation info", "state info", "mutate_request info"}, incidentTopics(t, db))
	same(t, "actions", []string(nil), actions(t, db))
}

func mutatesMeanwhile(t *testing.T, db *store.Store, _ *clock.Fake) {
	d := sqlstore.NewDeckies(db)
	s := deckyStatus("a", deception.Running)
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{s}, configuredDeckies))
	must(t, d.MutateDecky(t.Context(), "n1", "a", entry("decky.mutate")))
	s.MutateEvery = time.Hour // the node has not heard of it
	must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{s}, configuredDeckies))
	gens, err := d.Generations(t.Context(), "n1")
	must(t, err)
	same(t, "generation", deception.Generation{Wanted: 1, Since: noon}, gens["a"])
}

// The attacker is on web-1 at noon, on db-1 two hours later; web-1 mutates in between, and
// once more when he has left for good.
func marksMutations(t *testing.T, db *store.Store, now *clock.Fake) {
	d, c := sqlstore.NewDeckies(db), newTape(t, db)
	var visits []capture.Session
	for n, decky := range []string{"web-1", "db-1"} {
		v := newVisit(id.New(), decky)
		v.StartedAt = noon.Add(time.Duration(n) * 2 * time.Hour)
		v.EndedAt = ptr(v.StartedAt.Add(time.Minute))
		visits = append(visits, v)
	}
	c.keep(t, capture.Batch{Sessions: visits})
	beheld(t, db, act("203.0.113.9", "web-1", "ssh", "connected"))
	for n := range 4 {
		web, other := deckyStatus("web-1", deception.Running), deckyStatus("elsewhere", deception.Running)
		web.Generation, other.Generation = []int{0, 1, 1, 2}[n], n
		must(t, d.ReportDeckies(t.Context(), "n1", []deception.Status{web, other}, configuredDeckies))
		now.Advance(time.Hour)
	}
	way, err := sqlstore.NewAttackers(db).Traversal(t.Context(), whoIs(t, db, "203.0.113.9").ID, 100)
	must(t, err)
	same(t, "hops", 2, len(way.Hops))
	same(t, "mutations", []attacker.Mutation{{Decky: "web-1", At: noon.Add(time.Hour), Trigger: "creation", OldServices: []string{"ssh:22"}, NewServices: []string{"ssh:22"}}}, way.Mutations)
	drop(t, db, sqlstore.KeptAttackers, noon.Add(1000*time.Hour))
	if drop(t, db, sqlstore.KeptAttackers, noon.Add(1000*time.Hour)) != 0 {
		t.Error("mutations are kept for ever")
	}
}
