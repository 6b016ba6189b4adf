package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// Planted keeps which secrets deckies hold, by their fingerprints.
type Planted struct{ store *store.Store }

var _ planted.Store = (*Planted)(nil)

// NewPlanted returns those in s.
func NewPlanted(s *store.Store) *Planted { return &Planted{s} }

// Plant implements planted.Store. What was seen of a secret before it was known to be a
// decky's is as grave as what is seen of it afterwards.
func (p *Planted) Plant(ctx context.Context, node string, all []planted.Secret) error {
	rows := make([]plantedRow, len(all))
	for k, s := range all {
		rows[k] = plantedRow{ID: keyText(s.Fingerprint), Node: keyText(node), Decky: keyText(s.Decky), Place: text(s.Place), PlantedAt: p.store.Now()}
	}
	slices.SortFunc(rows, func(a, b plantedRow) int { return strings.Compare(a.ID, b.ID) })
	err := p.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, err := pick[plantedRow](ctx, tx, "id", rowsFor(rows, func(r plantedRow) string { return r.ID }))
		if err != nil {
			return err
		}
		if err := store.PutAll(ctx, tx, rows); err != nil {
			return err
		}
		for _, r := range rows {
			if slices.ContainsFunc(known, func(k plantedRow) bool { return k.ID == r.ID }) {
				continue
			}
			if err := p.seen(ctx, tx, r, node+"/incident"); err != nil {
				return fmt.Errorf("the incident of a secret: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing which secrets deckies hold: %w", err)
	}
	return nil
}

// seen tells the incident of a secret, if there is one, that a decky holds it.
func (p *Planted) seen(ctx context.Context, tx *store.Tx, r plantedRow, source string) error {
	part, err := readIncident(ctx, tx, "join_key = ?", joinKey(incident.Key{Kind: incident.Secret, Value: r.ID}))
	if errors.Is(err, incident.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	whole, err := wholeOf(ctx, tx, map[string]linked{}, part)
	if err != nil {
		return err
	}
	incidents, now, own := NewIncidents(p.store), p.store.Now(), &whole.value
	if whole.value.ID != part.value.ID {
		own = &part.value
	}
	c, ok := whole.value.Plant(own, r.Place, now)
	if !ok {
		return nil
	}
	if own != &whole.value {
		if err := incidents.keep(ctx, tx, part.row, part.value, incident.Change{}, source); err != nil {
			return err
		}
	}
	return incidents.keep(ctx, tx, whole.row, whole.value, c, source, c.Line(id.New(), now))
}
