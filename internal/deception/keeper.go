package deception

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// KeeperDeps are what a Keeper needs.
type KeeperDeps struct {
	Fleet      *Fleet          // Mandatory.
	Store      Store           // Mandatory.
	Node       string          // Mandatory. Name of this node.
	Configured []Spec          // Of the configuration; they stand before what people add.
	Wake       <-chan struct{} // Says that the store may have news. If nil, it is asked every 10 seconds only.
	Mutate     time.Duration   // How often deckies mutate that say nothing about it. If 0, when somebody says so only.
	Clock      clock.Clock     // If nil, the machine's.
	Log        *slog.Logger    // Mandatory.
}

// Keeper makes a node's fleet what the configuration and the store want, and
// keeps rows of it, so that every node can list the deckies of all.
type Keeper struct {
	deps KeeperDeps
	kick chan struct{} // there is a new configuration

	mu         sync.Mutex
	configured []Spec
	mutate     time.Duration
	began      time.Time // since when the rhythm holds
	gens       map[string]Generation
	every      map[string]time.Duration // how often deckies mutate; those that do not by themselves are absent
	refused    []Status                 // deckies of the store that cannot be made
	told       []Status                 // what the store was told last
	toldAt     time.Time
}

// lookEvery is how often the store is asked at least; remindEvery how often the
// rows are written although nothing changed, so that a node that died shows.
const (
	lookEvery   = 10 * time.Second
	remindEvery = time.Minute
)

// startIn is how long the store may take at the start to say which generation deckies
// are: opened as another one, they would contradict themselves.
const startIn = 30 * time.Second

// NewKeeper sets the fleet to what the configuration wants. The error says what
// is wrong with it, or why the store does not say which generation its deckies are.
func NewKeeper(d KeeperDeps) (*Keeper, error) {
	if d.Fleet == nil || d.Store == nil || d.Node == "" || d.Log == nil {
		return nil, errors.New("deception: a keeper needs Fleet, Store, Node and Log")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if err := d.Fleet.Check(d.Configured); err != nil {
		return nil, err
	}
	k := &Keeper{deps: d, kick: make(chan struct{}, 1), configured: slices.Clone(d.Configured), mutate: d.Mutate, began: d.Clock.Now()}
	ctx, cancel := context.WithTimeout(context.Background(), startIn)
	defer cancel()
	if err := k.learn(ctx); err != nil {
		return nil, err
	}
	return k, k.set(nil)
}

// Configure replaces the deckies of the configuration, and how often deckies mutate
// that say nothing about it. On an error the old ones stay.
func (k *Keeper) Configure(specs []Spec, mutate time.Duration) error {
	if err := k.deps.Fleet.Check(specs); err != nil {
		return err
	}
	k.mu.Lock()
	if k.mutate != mutate {
		k.began = k.deps.Clock.Now()
	}
	k.configured, k.mutate = slices.Clone(specs), mutate
	k.mu.Unlock()
	k.again()
	return nil
}

// again has Run take another turn at once.
func (k *Keeper) again() {
	select {
	case k.kick <- struct{}{}:
	default:
	}
}

// Run keeps the fleet and its rows until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	for {
		if err := k.turn(ctx); err != nil && ctx.Err() == nil {
			k.deps.Log.Warn("keeping the rows of deckies", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-k.kick:
		case <-k.deps.Wake:
		case <-k.deps.Clock.After(lookEvery):
		}
	}
}

// turn brings fleet and rows up to date once.
func (k *Keeper) turn(ctx context.Context) error {
	added, err := k.deps.Store.WantedDeckies(ctx, k.deps.Node)
	if err != nil {
		return fmt.Errorf("reading deckies: %w", err)
	}
	if err := k.learn(ctx); err != nil {
		return err
	}
	if err := k.set(added); err != nil {
		return err
	}
	return errors.Join(k.report(ctx), k.schedule(ctx))
}

// set gives the fleet the configured deckies and those of the store that can be
// made; the others are reported as failed. The lock is not held while deckies end:
// their clients may take long to part with.
func (k *Keeper) set(added []Spec) error {
	return k.deps.Fleet.Set(k.wanted(added))
}

func (k *Keeper) wanted(added []Spec) []Spec {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := slices.Clone(k.configured)
	for i := range all {
		all[i].Generation = k.gens[all[i].Name].Wanted
	}
	k.refused = nil
	for _, s := range added {
		if slices.ContainsFunc(k.configured, func(c Spec) bool { return c.Name == s.Name }) {
			continue // the configuration stands first
		}
		s.Generation = k.gens[s.Name].Wanted
		if err := k.deps.Fleet.Check([]Spec{s}); err != nil {
			k.refused = append(k.refused, Status{Generation: s.Generation, Name: s.Name, Archetype: s.Archetype, Hostname: s.Hostname, Address: s.Address, State: Failed, Detail: oneLine(err)})
			continue
		}
		all = append(all, s)
	}
	k.every = rhythm(all, k.mutate)
	return all
}

// report tells the store how the deckies fare, when that is news or a minute old.
func (k *Keeper) report(ctx context.Context) error {
	now := k.deps.Fleet.Deckies()
	k.mu.Lock()
	for i := range now {
		k.plan(&now[i])
	}
	now = append(now, k.refused...)
	news := !slices.EqualFunc(now, k.told, sameState) || k.deps.Clock.Now().Sub(k.toldAt) >= remindEvery
	configured := k.configured
	k.mu.Unlock()
	if !news {
		return nil
	}
	own := func(name string) bool {
		return slices.ContainsFunc(configured, func(s Spec) bool { return s.Name == name })
	}
	if err := k.deps.Store.ReportDeckies(ctx, k.deps.Node, now, own); err != nil {
		return fmt.Errorf("storing how deckies fare: %w", err)
	}
	k.mu.Lock()
	k.told, k.toldAt = now, k.deps.Clock.Now()
	k.mu.Unlock()
	return nil
}

func sameState(a, b Status) bool {
	return a.Name == b.Name && a.Generation == b.Generation && a.MutateEvery == b.MutateEvery && a.NextMutation.Equal(b.NextMutation) && a.State == b.State && a.Detail == b.Detail && a.Since.Equal(b.Since) && slices.EqualFunc(a.Services, b.Services, sameDoor)
}

func sameDoor(a, b ServiceStatus) bool {
	return a.Kind == b.Kind && a.Port == b.Port && a.Listening == b.Listening && a.Sessions == b.Sessions
}
