package deception

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// learn reads which generation deckies are and are to be.
func (k *Keeper) learn(ctx context.Context) error {
	gens, err := k.deps.Store.Generations(ctx, k.deps.Node)
	if err != nil {
		return fmt.Errorf("reading the generations of deckies: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gens = gens
	return nil
}

// rhythm is how often each decky mutates by itself.
func rhythm(all []Spec, otherwise time.Duration) map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, s := range all {
		if s.MutateEvery > 0 {
			out[s.Name] = s.MutateEvery
		} else if otherwise > 0 {
			out[s.Name] = otherwise
		}
	}
	return out
}

// jitter is by how much a mutation comes earlier or later than asked for, at most: who
// watches several deckies shall not see a clock tick.
const jitter = 0.2

// due is when a decky mutates by itself, behind a time: deckies that slept through theirs
// do not mutate all at once when they wake, but each when it is its turn again. A restart
// comes to the same time, and nobody without the installation's key does.
func (f *Fleet) due(name string, g Generation, every time.Duration, behind time.Time) time.Time {
	luck := persona.Draw(name, g.Is, f.deps.Seed, "time of mutation").Float64()
	period := time.Duration(float64(every) * (1 - jitter + 2*jitter*luck))
	at := g.Since.Add(period)
	if at.Before(behind) {
		at = at.Add((behind.Sub(at)/period + 1) * period)
	}
	return at.Truncate(time.Second)
}

// plan says in a status when the decky mutates next. The caller holds mu.
func (k *Keeper) plan(s *Status) {
	every, ok := k.every[s.Name]
	g, known := k.gens[s.Name]
	if s.MutateEvery = every; ok && known {
		s.NextMutation = k.deps.Fleet.due(s.Name, g, every, k.began)
	}
}

// schedule has those deckies mutate whose time has come.
func (k *Keeper) schedule(ctx context.Context) error {
	k.mu.Lock()
	every, gens, began := maps.Clone(k.every), k.gens, k.began
	k.mu.Unlock()
	var errs []error
	for name, e := range every {
		g, known := gens[name]
		if !known || g.Is != g.Wanted || k.deps.Clock.Now().Before(k.deps.Fleet.due(name, g, e, began)) {
			continue
		}
		if err := k.deps.Store.MutateScheduled(ctx, k.deps.Node, name); err != nil {
			errs = append(errs, fmt.Errorf("having decky %q mutate: %w", name, err))
			continue
		}
		k.again()
	}
	return errors.Join(errs...)
}
