package deception

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
)

// Deps are what a Fleet needs.
type Deps struct {
	Kinds  []service.Kind         // Mandatory. The protocols that deckies can speak.
	Sink   service.Sink           // Mandatory. Takes what clients do.
	Told   func(Status)           // Called when a decky's state changed, in order. If nil, nobody is told.
	Seed   [persona.SeedSize]byte // Of the installation: what is invented follows from it.
	Limits Limits                 // Zero fields are defaults.
	Clock  clock.Clock            // If nil, the machine's.
	Log    *slog.Logger           // Mandatory.
}

// Fleet is the deckies of one node.
type Fleet struct {
	deps  Deps
	crowd *crowd
	ports *crowd                 // that are open for single clients
	made  atomic.Pointer[[]Spec] // of the last Set

	mu      sync.Mutex // serialises Set; guards what follows
	deckies []*decky   // in the order of their specs
	ended   bool
	leaving leavers
}

// New returns a fleet without deckies.
func New(d Deps) (*Fleet, error) {
	if d.Sink == nil || d.Log == nil || len(d.Kinds) == 0 {
		return nil, errors.New("deception: a fleet needs Kinds, Sink and Log")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Told == nil {
		d.Told = func(Status) {}
	}
	d.Limits = d.Limits.filled()
	return &Fleet{deps: d, crowd: newCrowd(d.Limits), ports: newCrowd(portLimits())}, nil
}

// Check says what is wrong with a list of specs, without touching the fleet:
// every error names the decky.
func (f *Fleet) Check(specs []Spec) error {
	var errs []error
	if len(specs) > MaxDeckies {
		errs = append(errs, fmt.Errorf("%d deckies are more than %d", len(specs), MaxDeckies))
	}
	seen := map[string]bool{}
	for _, s := range specs {
		err := f.try(s)
		if seen[s.Name] {
			err = errors.Join(err, errors.New("its name is taken by an earlier decky"))
		}
		seen[s.Name] = true
		if err != nil {
			errs = append(errs, fmt.Errorf("decky %q: %s", s.Name, oneLine(err)))
		}
	}
	return errors.Join(errs...)
}

// try says what is wrong with a spec: nothing with one that was made before, else
// what making it says. Nobody makes host keys every few seconds for a fleet that
// stays as it is.
func (f *Fleet) try(s Spec) error {
	if err := s.check(f.deps.Kinds); err != nil || f.wasMade(s) {
		return err
	}
	d, err := f.make(s.whole())
	if err == nil {
		d.cancel()
	}
	return err
}

// wasMade reports whether the fleet was set to a list with this spec last. It does
// not wait for deckies that end.
func (f *Fleet) wasMade(s Spec) bool {
	made := f.made.Load()
	return made != nil && slices.ContainsFunc(*made, func(m Spec) bool { return sameHost(m, s) })
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// Set makes the fleet be these deckies: it ends those that are gone or
// changed, with their clients, and starts the others. Of one that is another
// generation of itself the ports stay open, and its clients have a while to go. A decky whose ports
// cannot be opened is there all the same, says why, and is tried again. On an
// error nothing has changed.
func (f *Fleet) Set(specs []Spec) error {
	if err := f.Check(specs); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.same(specs) {
		return nil
	}
	made := slices.Clone(specs)
	f.made.Store(&made)
	if f.ended { // the next Run opens them
		return f.replace(specs)
	}
	return f.change(specs)
}

// change makes a running fleet be these deckies. The caller holds mu.
func (f *Fleet) change(specs []Spec) error {
	before := f.deckies
	f.deckies = nil
	var fresh []*decky
	mutations := map[*decky]*decky{} // the new generation by the old one
	for _, s := range specs {
		if i := slices.IndexFunc(before, func(d *decky) bool { return sameHost(d.spec, s) }); i >= 0 {
			f.deckies, before = append(f.deckies, before[i]), slices.Delete(before, i, i+1)
			continue
		}
		d, err := f.make(s)
		if err != nil {
			return fmt.Errorf("decky %q: %w", s.Name, err) // Check has made it a moment ago
		}
		f.deckies = append(f.deckies, d)
		if i := slices.IndexFunc(before, func(d *decky) bool { return mutated(d.spec, s) }); i >= 0 {
			mutations[before[i]] = d
			before = slices.Delete(before, i, i+1)
			continue
		}
		fresh = append(fresh, d)
	}
	for _, d := range before {
		f.leaving.hurry(d.spec.Name)
	}
	stopAll(before)
	for old, now := range mutations {
		f.mutate(old, now)
	}
	for _, d := range fresh {
		d.open()
	}
	return nil
}

// same reports whether the fleet is these deckies already. The caller holds mu.
func (f *Fleet) same(specs []Spec) bool {
	return slices.EqualFunc(f.deckies, specs, func(d *decky, s Spec) bool { return sameHost(d.spec, s) })
}

// replace sets the deckies of a fleet that does not run.
func (f *Fleet) replace(specs []Spec) error {
	var fresh []*decky
	for _, s := range specs {
		d, err := f.make(s)
		if err != nil {
			return fmt.Errorf("decky %q: %w", s.Name, err)
		}
		fresh = append(fresh, d)
	}
	f.deckies = fresh
	return nil
}

// stopAll ends deckies, all at once: each may have clients to part with.
func stopAll(all []*decky) {
	var wait sync.WaitGroup
	for _, d := range all {
		wait.Go(d.stop)
	}
	wait.Wait()
}

// retryEvery is how long a port that could not be opened rests.
const retryEvery = 10 * time.Second

// Run keeps the deckies open until ctx ends, and ends them. Called again it
// opens them anew.
func (f *Fleet) Run(ctx context.Context) error {
	if err := f.begin(); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			f.end()
			return nil
		case <-f.deps.Clock.After(retryEvery):
			f.retry()
		}
	}
}

// begin makes the deckies of an earlier run anew.
func (f *Fleet) begin() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ended {
		return nil
	}
	for i, old := range f.deckies {
		d, err := f.make(old.spec)
		if err != nil {
			return fmt.Errorf("decky %q: %w", old.spec.Name, err)
		}
		f.deckies[i] = d
		d.open()
	}
	f.ended = false
	return nil
}

func (f *Fleet) retry() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.deckies {
		if d.status().State != Running {
			d.open()
		}
	}
}

func (f *Fleet) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	f.leaving.end()
	stopAll(f.deckies)
}

// Deckies lists the fleet in the order of its specs.
func (f *Fleet) Deckies() []Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Status, len(f.deckies))
	for i, d := range f.deckies {
		out[i] = d.status()
	}
	return out
}

// Each calls visit for every decky as it is now, in the order of their specs.
func (f *Fleet) Each(visit func(Spec, *persona.Persona)) {
	f.mu.Lock()
	all := slices.Clone(f.deckies)
	f.mu.Unlock()
	for _, d := range all {
		visit(d.now, d.persona)
	}
}

// make makes a decky and its services, and opens nothing.
func (f *Fleet) make(s Spec) (*decky, error) {
	now := s.shown(f.deps.Seed)
	given := persona.Given{Hostname: s.Hostname, Domain: s.Domain, Services: now.served(), Generation: s.Generation}
	p, err := persona.New(s.Name, s.Archetype, f.deps.Seed, f.deps.Clock.Now(), given)
	if err != nil {
		return nil, err
	}
	d := &decky{spec: s, now: now, persona: p, fleet: f, since: f.deps.Clock.Now(), state: Stopped}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	for i, v := range now.Services {
		k, _ := kindOf(f.deps.Kinds, v.Kind)
		log := f.deps.Log.With("decky", s.Name, "service", v.Kind)
		made, err := k.New(service.Setup{Persona: p, Config: v.Config, Clock: f.deps.Clock, Log: log, Listen: f.listen})
		if err != nil {
			d.cancel()
			return nil, fmt.Errorf("services[%d] (%s): %w", i, v.Kind, err)
		}
		d.doors = append(d.doors, &door{decky: d, kind: k.Name, port: v.port(k), service: made, log: log})
	}
	return d, nil
}
