package deception

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
)

// memory is a Store in memory.
type memory struct {
	mu      sync.Mutex
	wanted  []Spec
	reports [][]Status
	own     []string
	fails   error
	gens    map[string]Generation
	due     []string // deckies that were to mutate by schedule
}

func (m *memory) Generations(context.Context, string) (map[string]Generation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.gens), m.fails
}

func (m *memory) MutateScheduled(_ context.Context, _, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.due = append(m.due, name)
	g := m.gens[name]
	g.Wanted++
	m.gens[name] = g
	return m.fails
}

func (m *memory) WantedDeckies(context.Context, string) ([]Spec, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.wanted), m.fails
}

func (m *memory) ReportDeckies(_ context.Context, _ string, all []Status, configured func(string) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reports = append(m.reports, all)
	m.own = nil
	for _, s := range all {
		if configured(s.Name) {
			m.own = append(m.own, s.Name)
		}
	}
	return m.fails
}

func keeper(t *testing.T, r *rig, m *memory, specs ...Spec) *Keeper {
	t.Helper()
	k, err := NewKeeper(KeeperDeps{Fleet: r.Fleet, Store: m, Node: "n1", Configured: specs, Clock: r.clock, Log: r.deps.Log})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (r *rig) names() (out []string) {
	for _, s := range r.Deckies() {
		out = append(out, s.Name+" "+string(s.State))
	}
	return out
}

func TestTheConfigurationAndTheStoreMakeTheFleet(t *testing.T) {
	r, m := newRig(t, Limits{}), &memory{}
	k := keeper(t, r, m, spec("a", 0))
	if got := r.names(); !slices.Equal(got, []string{"a running"}) {
		t.Fatalf("at the start: %v", got)
	}
	other := spec("a", 0)
	other.Hostname = "not-this-one"
	m.wanted = []Spec{other, spec("b", 0), {Name: "odd", Archetype: "toaster"}}
	if err := k.turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.names(); !slices.Equal(got, []string{"a running", "b running"}) || r.Deckies()[0].Hostname == "not-this-one" {
		t.Errorf("fleet %v", got)
	}
	last := m.reports[len(m.reports)-1]
	if len(last) != 3 || last[2].Name != "odd" || last[2].State != Failed || !strings.Contains(last[2].Detail, "toaster") {
		t.Errorf("reported %+v", last)
	}
	if !slices.Equal(m.own, []string{"a"}) {
		t.Errorf("of the configuration: %v", m.own)
	}
	m.wanted = nil
	if err := errors.Join(k.Configure([]Spec{spec("c", 0)}, 0), k.turn(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := r.names(); !slices.Equal(got, []string{"c running"}) {
		t.Errorf("after a new configuration: %v", got)
	}
}

func TestAFaultyConfigurationChangesNothing(t *testing.T) {
	r, m := newRig(t, Limits{}), &memory{}
	k := keeper(t, r, m, spec("a", 0))
	bad := spec("b", 0)
	bad.Services[0].Config = service.Config{"no_such": 1}
	if err := k.Configure([]Spec{bad}, 0); err == nil {
		t.Error("it was taken")
	}
	if err := k.turn(t.Context()); err != nil || !slices.Equal(r.names(), []string{"a running"}) {
		t.Errorf("fleet %v, error %v", r.names(), err)
	}
}

func TestOnlyNewsIsReportedAndAReminderEachMinute(t *testing.T) {
	r, m := newRig(t, Limits{}), &memory{}
	k := keeper(t, r, m, spec("a", 0))
	for range 3 {
		if err := k.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.reports) != 1 {
		t.Errorf("%d reports of the same", len(m.reports))
	}
	r.clock.Advance(remindEvery)
	if err := k.turn(t.Context()); err != nil || len(m.reports) != 2 {
		t.Errorf("%d reports after a minute, error %v", len(m.reports), err)
	}
	r.client(0)
	if err := k.turn(t.Context()); err != nil || len(m.reports) != 3 {
		t.Errorf("%d reports after a client came, error %v", len(m.reports), err)
	}
}

// While the store is away the deckies stay, and what was not reported is later.
func TestAStoreThatIsAwayHarmsNoDecky(t *testing.T) {
	r, m := newRig(t, Limits{}), &memory{}
	k := keeper(t, r, m, spec("a", 0))
	m.fails = errors.New("away")
	if err := k.turn(t.Context()); err == nil {
		t.Error("no error")
	}
	r.client(0)
	m.fails = nil
	if err := k.turn(t.Context()); err != nil || len(m.reports) != 1 {
		t.Errorf("%d reports, error %v", len(m.reports), err)
	}
}
