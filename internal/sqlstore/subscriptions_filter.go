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

// mannerRow is how and when a webhook is told; most have none.
type mannerRow struct {
	bun.BaseModel `bun:"table:subscription_manners"`

	ID     string `bun:"subscription_id,pk"`
	Manner string `bun:"manner"` // a manner
}

type manner struct {
	notify.Manner
	Template string        `json:"template,omitempty"`
	Escalate []notify.Step `json:"escalate,omitempty"`
}

func newMannerRow(s notify.Subscription) (mannerRow, error) {
	if s.Manner.IsZero() && s.Template == "" && len(s.Escalate) == 0 {
		return mannerRow{}, nil
	}
	doc, err := json.Marshal(manner{s.Manner, s.Template, s.Escalate})
	return mannerRow{ID: text(s.ID), Manner: text(string(doc))}, err
}

// extras is what most webhooks have none of.
type extras struct {
	filter filterRow
	manner mannerRow
}

func newExtras(s notify.Subscription) (x extras, err error) {
	if x.filter, err = newFilterRow(s); err != nil {
		return x, err
	}
	x.manner, err = newMannerRow(s)
	return x, err
}

func (x extras) same(o extras) bool {
	return x.filter.same(o.filter) && x.manner.ID == o.manner.ID && x.manner.Manner == o.manner.Manner
}

func (x extras) into(s *notify.Subscription) error {
	if err := x.filter.into(s); err != nil || x.manner.ID == "" {
		return err
	}
	var m manner
	err := json.Unmarshal([]byte(x.manner.Manner), &m)
	s.Manner, s.Template, s.Escalate = m.Manner, m.Template, m.Escalate
	return err
}

// readExtras returns them by webhook.
func readExtras(ctx context.Context, db bun.IDB) (map[string]extras, error) {
	var filters []filterRow
	if err := db.NewSelect().Model(&filters).Scan(ctx); err != nil {
		return nil, err
	}
	var manners []mannerRow
	if err := db.NewSelect().Model(&manners).Scan(ctx); err != nil {
		return nil, err
	}
	out := map[string]extras{}
	for _, f := range filters {
		out[f.ID] = extras{filter: f}
	}
	for _, m := range manners {
		out[m.ID] = extras{out[m.ID].filter, m}
	}
	return out, nil
}

// put stores a webhook with its extras, or without.
func (n *Notify) put(ctx context.Context, tx *store.Tx, row subscriptionRow, x extras) error {
	if err := store.Put(ctx, tx, &row); err != nil {
		return err
	}
	if err := dropExtras(ctx, tx, row.ID); err != nil {
		return err
	}
	if x.filter.ID != "" {
		if err := store.Put(ctx, tx, &x.filter); err != nil {
			return err
		}
	}
	if x.manner.ID == "" {
		return nil
	}
	return store.Put(ctx, tx, &x.manner)
}

func dropExtras(ctx context.Context, tx *store.Tx, id string) error {
	if _, err := tx.NewDelete().Model(&filterRow{ID: id}).WherePK().Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewDelete().Model(&mannerRow{ID: id}).WherePK().Exec(ctx)
	return err
}
