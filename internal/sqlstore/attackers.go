package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/store"
)

// Attackers keeps who attacks, and the secrets that they share.
type Attackers struct{ store *store.Store }

var _ attacker.Store = (*Attackers)(nil)

// NewAttackers returns the attackers in s.
func NewAttackers(s *store.Store) *Attackers { return &Attackers{s} }

// Cursor implements attacker.Store.
func (s *Attackers) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return s.store.Cursor(ctx, consumer)
}

// Events implements attacker.Store.
func (s *Attackers) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	return s.store.Events(ctx, after, limit)
}

// Observe implements attacker.Store.
func (s *Attackers) Observe(ctx context.Context, read follow.Span, all []attacker.Observation, source string) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.observe(ctx, tx, all, source); err != nil {
			return err
		}
		return advance(ctx, tx, read)
	})
	if err != nil {
		return fmt.Errorf("storing attackers: %w", err)
	}
	return nil
}

func (s *Attackers) observe(ctx context.Context, tx *store.Tx, all []attacker.Observation, source string) error {
	if len(all) == 0 {
		return nil
	}
	g := gathering{tx: tx, source: source, now: s.store.Now()}
	if err := g.load(ctx, all); err != nil {
		return err
	}
	for _, o := range all {
		if err := g.take(o); err != nil {
			return err
		}
	}
	if err := g.save(ctx); err != nil {
		return err
	}
	return g.reuses(ctx, all)
}

func attackerKey(o attacker.Observation) string { return event.AttackerID(o.Address) }

// placeKeys name the rows of the places that an observation is of: the service of
// the decky, the decky, the service.
func placeKeys(o attacker.Observation) [3]string {
	who := attackerKey(o)
	return [3]string{identity(who, o.Decky, o.Service), identity(who, o.Decky, ""), identity(who, "", o.Service)}
}

func leakKey(o attacker.Observation) string { return identity(attackerKey(o), o.Claimed) }

// load reads the rows that the observations may change.
func (g *gathering) load(ctx context.Context, all []attacker.Observation) error {
	who, where, claims := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, o := range all {
		who[attackerKey(o)] = true
		for _, key := range placeKeys(o) {
			where[key] = true
		}
		if o.Claimed != "" {
			claims[leakKey(o)] = true
		}
	}
	rows, err := pick[attackerRow](ctx, g.tx, "id", slices.Sorted(maps.Keys(who)))
	if err != nil {
		return err
	}
	g.attackers, g.places, g.leaks = map[string]*known{}, map[string]*attackerPlaceRow{}, map[string]*attackerLeakRow{}
	for _, r := range rows {
		a, err := r.value()
		if err != nil {
			return err
		}
		g.attackers[a.ID] = &known{Attacker: a, before: a.Score}
	}
	places, err := pick[attackerPlaceRow](ctx, g.tx, "id", slices.Sorted(maps.Keys(where)))
	for i := range places {
		g.places[places[i].ID] = &places[i]
	}
	if err != nil {
		return err
	}
	leaks, err := pick[attackerLeakRow](ctx, g.tx, "id", slices.Sorted(maps.Keys(claims)))
	for i := range leaks {
		g.leaks[leaks[i].ID] = &leaks[i]
	}
	return err
}
