package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// filterRow narrows a webhook; a webhook that nothing narrows has none.
type filterRow struct {
	bun.BaseModel `bun:"table:subscription_filters"`

	ID            string  `bun:"subscription_id,pk"`
	MinConfidence float64 `bun:"min_confidence"`
	Rules         string  `bun:"rules"`   // a JSON list
	Sources       string  `bun:"sources"` // a JSON list
}

func newFilterRow(s notify.Subscription) (filterRow, error) {
	if s.MinConfidence == 0 && len(s.Rules) == 0 && len(s.Sources) == 0 {
		return filterRow{}, nil
	}
	rules, err := json.Marshal(s.Rules)
	if err != nil {
		return filterRow{}, err
	}
	sources, err := json.Marshal(s.Sources)
	return filterRow{ID: text(s.ID), MinConfidence: s.MinConfidence, Rules: text(string(rules)), Sources: text(string(sources))}, err
}

// same ignores what bun keeps in the base model.
func (f filterRow) same(o filterRow) bool {
	return f.ID == o.ID && f.MinConfidence == o.MinConfidence && f.Rules == o.Rules && f.Sources == o.Sources
}

func (f filterRow) into(s *notify.Subscription) error {
	if f.ID == "" {
		return nil
	}
	s.MinConfidence = f.MinConfidence
	if err := json.Unmarshal([]byte(f.Rules), &s.Rules); err != nil {
		return err
	}
	return json.Unmarshal([]byte(f.Sources), &s.Sources)
}

// readFilters returns the filters by webhook.
func readFilters(ctx context.Context, db bun.IDB) (map[string]filterRow, error) {
	var rows []filterRow
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, err
	}
	out := map[string]filterRow{}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// put stores a webhook with its filter, or without one.
func (n *Notify) put(ctx context.Context, tx *store.Tx, row subscriptionRow, filter filterRow) error {
	if err := store.Put(ctx, tx, &row); err != nil {
		return err
	}
	if filter.ID != "" {
		return store.Put(ctx, tx, &filter)
	}
	_, err := tx.NewDelete().Model(&filterRow{ID: row.ID}).WherePK().Exec(ctx)
	return err
}
