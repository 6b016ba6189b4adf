package sqlstoretest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception"
	"go.cordon.dev/cordon/internal/deception/service"
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
	same(t, "events", []string{"state medium", "state info", "state info"}, incidentTopics(t, db))
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
