package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/planted"
	"go.cordon.dev/cordon/internal/store"
)

// Planted keeps which secrets deckies hold, by their fingerprints.
type Planted struct{ store *store.Store }

var _ planted.Store = (*Planted)(nil)

// NewPlanted returns those in s.
func NewPlanted(s *store.Store) *Planted { return &Planted{s} }

// Plant implements planted.Store.
func (p *Planted) Plant(ctx context.Context, node string, all []planted.Secret) error {
	rows := make([]plantedRow, len(all))
	for k, s := range all {
		rows[k] = plantedRow{ID: keyText(s.Fingerprint), Node: keyText(node), Decky: keyText(s.Decky), Place: text(s.Place), PlantedAt: p.store.Now()}
	}
	slices.SortFunc(rows, func(a, b plantedRow) int { return strings.Compare(a.ID, b.ID) })
	err := p.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return store.PutAll(ctx, tx, rows) })
	if err != nil {
		return fmt.Errorf("storing which secrets deckies hold: %w", err)
	}
	return nil
}
