package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// Rulebook keeps what operators did to anomaly rules.
type Rulebook struct{ store *store.Store }

var (
	_ rulebook.Store = (*Rulebook)(nil)
	_ rulebook.Past  = (*Rulebook)(nil)
)

// NewRulebook returns the anomaly rules in s.
func NewRulebook(s *store.Store) *Rulebook { return &Rulebook{s} }

type anomalyRuleRow struct {
	bun.BaseModel `bun:"table:anomaly_rules"`

	Rule       string    `bun:"rule,pk"`
	Origin     string    `bun:"origin"`
	Definition string    `bun:"definition"`
	Enabled    bool      `bun:"enabled"`
	Version    int64     `bun:"version"`
	UpdatedAt  time.Time `bun:"updated_at"`
	UpdatedBy  string    `bun:"updated_by"`
}

type anomalyStepRow struct {
	bun.BaseModel `bun:"table:anomaly_rule_history"`

	ID      string    `bun:"id,pk"`
	Rule    string    `bun:"rule"`
	Action  string    `bun:"action"`
	What    string    `bun:"what"`
	OldText *string   `bun:"old_text"`
	NewText *string   `bun:"new_text"`
	Who     string    `bun:"who"`
	Reason  string    `bun:"reason"`
	Time    time.Time `bun:"time"`
}

// AnomalyRules implements rulebook.Store.
func (r *Rulebook) AnomalyRules(ctx context.Context) ([]rulebook.Row, error) {
	var rows []anomalyRuleRow
	if err := r.store.Reader().NewSelect().Model(&rows).Order("rule").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading anomaly rules: %w", err)
	}
	out := make([]rulebook.Row, len(rows))
	for i, row := range rows {
		out[i] = rulebook.Row{
			RuleID: row.Rule, Origin: rulebook.Origin(row.Origin), Text: row.Definition, Enabled: row.Enabled,
			Version: row.Version, UpdatedAt: row.UpdatedAt.UTC(), UpdatedBy: row.UpdatedBy,
		}
	}
	return out, nil
}

// AnomalyRuleHistory implements rulebook.Store.
func (r *Rulebook) AnomalyRuleHistory(ctx context.Context, ruleID string, limit int) ([]rulebook.Step, error) {
	var rows []anomalyStepRow
	err := r.store.Reader().NewSelect().Model(&rows).Where("rule = ?", text(ruleID)).OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading history of anomaly rule %q: %w", ruleID, err)
	}
	out := make([]rulebook.Step, len(rows))
	for i, s := range rows {
		out[i] = rulebook.Step{
			ID: s.ID, RuleID: s.Rule, Action: s.Action, What: s.What, OldText: s.OldText, NewText: s.NewText, Who: s.Who, Reason: s.Reason, At: s.Time.UTC(),
		}
	}
	return out, nil
}

// AnomaliesOf implements rulebook.Store.
func (r *Rulebook) AnomaliesOf(ctx context.Context, kinds []string) (map[string]rulebook.Hits, error) {
	out := map[string]rulebook.Hits{}
	if len(kinds) == 0 {
		return out, nil
	}
	plain := make([]string, len(kinds))
	for i, k := range kinds {
		plain[i] = keyText(k)
	}
	var rows []struct {
		Kind  string
		Total int64
		Last  string
	}
	err := r.store.Reader().NewSelect().Model((*anomalyRow)(nil)).ColumnExpr("kind, COUNT(*) AS total, MAX(id) AS last").
		Where("kind IN (?)", bun.In(plain)).Group("kind").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting anomalies by kind: %w", err)
	}
	newest := make([]string, len(rows))
	for i, row := range rows {
		newest[i] = row.Last
	}
	opened, err := r.opened(ctx, newest)
	for _, row := range rows {
		out[row.Kind] = rulebook.Hits{Opened: row.Total, Last: opened[row.Last]}
	}
	return out, err
}

// opened is when some anomalies opened, by id.
func (r *Rulebook) opened(ctx context.Context, ids []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []anomalyRow
	if err := r.store.Reader().NewSelect().Model(&rows).Column("id", "opened_at").Where("id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading when anomalies opened: %w", err)
	}
	for _, row := range rows {
		out[row.ID] = row.OpenedAt.UTC()
	}
	return out, nil
}

// EachEvent implements rulebook.Past.
func (r *Rulebook) EachEvent(ctx context.Context, topic string, from, to time.Time, each func(event.Event, int) bool) error {
	return r.store.EachEvent(ctx, topic, from, to, each)
}

// ChangeAnomalyRule implements rulebook.Store.
func (r *Rulebook) ChangeAnomalyRule(ctx context.Context, c rulebook.Change) error {
	err := r.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := replace(ctx, tx, newAnomalyRuleRow(c.Row), c.Was, c.Remove, rulebook.ErrConflict); err != nil {
			return err
		}
		return tellStep(ctx, tx, newAnomalyStepRow(c.Step), c.Audit, c.Event)
	})
	if err != nil {
		return fmt.Errorf("changing anomaly rule %q: %w", c.Row.RuleID, err)
	}
	return nil
}

func newAnomalyRuleRow(r rulebook.Row) *anomalyRuleRow {
	return &anomalyRuleRow{
		Rule: text(r.RuleID), Origin: string(r.Origin), Definition: text(r.Text), Enabled: r.Enabled,
		Version: r.Version, UpdatedAt: stamp(r.UpdatedAt), UpdatedBy: keyText(r.UpdatedBy),
	}
}

func newAnomalyStepRow(s rulebook.Step) *anomalyStepRow {
	return &anomalyStepRow{
		ID: text(s.ID), Rule: text(s.RuleID), Action: s.Action, What: text(s.What), OldText: textOrNil(s.OldText), NewText: textOrNil(s.NewText),
		Who: keyText(s.Who), Reason: text(s.Reason), Time: stamp(s.At),
	}
}
