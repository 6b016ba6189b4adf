package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/rules"
	"go.cordon.dev/cordon/internal/store"
)

// Rules keeps what operators did to detection rules.
type Rules struct{ store *store.Store }

var _ rules.Store = (*Rules)(nil)

// NewRules returns the stored rules in s.
func NewRules(s *store.Store) *Rules { return &Rules{s} }

type ruleRow struct {
	bun.BaseModel `bun:"table:detection_rules"`

	Rule       string    `bun:"rule,pk"`
	Origin     string    `bun:"origin"`
	Definition string    `bun:"definition"`
	Version    int64     `bun:"version"`
	UpdatedAt  time.Time `bun:"updated_at"`
	UpdatedBy  string    `bun:"updated_by"`
}

// historyRow is a row of patterns_history, with the plan's column names.
type historyRow struct {
	bun.BaseModel `bun:"table:patterns_history"`

	ID             string    `bun:"id,pk"`
	PatternName    string    `bun:"pattern_name"`
	OldRegex       *string   `bun:"old_regex"`
	NewRegex       *string   `bun:"new_regex"`
	Action         string    `bun:"action"`
	Confidence     float64   `bun:"confidence"`
	Status         string    `bun:"status"`
	SubmittedBy    string    `bun:"submitted_by"`
	ApprovedBy     *string   `bun:"approved_by"`
	DecisionReason string    `bun:"decision_reason"`
	Timestamp      time.Time `bun:"timestamp"`
}

// hitRow is how many findings of a rule were stored on a day.
type hitRow struct {
	bun.BaseModel `bun:"table:rule_hits"`

	Day   string `bun:"day,pk"`
	Rule  string `bun:"rule,pk"`
	Total int64  `bun:"total"`
}

// Rules implements rules.Store.
func (r *Rules) Rules(ctx context.Context) ([]rules.Row, error) {
	var rows []ruleRow
	if err := r.store.Reader().NewSelect().Model(&rows).Order("rule").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading rules: %w", err)
	}
	out := make([]rules.Row, len(rows))
	for i, row := range rows {
		out[i] = rules.Row{
			RuleID: row.Rule, Origin: rules.Origin(row.Origin), Definition: json.RawMessage(row.Definition),
			Version: row.Version, UpdatedAt: row.UpdatedAt.UTC(), UpdatedBy: row.UpdatedBy,
		}
	}
	return out, nil
}

// RuleHistory implements rules.Store.
func (r *Rules) RuleHistory(ctx context.Context, ruleID string, limit int) ([]rules.History, error) {
	var rows []historyRow
	err := r.store.Reader().NewSelect().Model(&rows).Where("pattern_name = ?", text(ruleID)).
		OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading history of rule %q: %w", ruleID, err)
	}
	out := make([]rules.History, len(rows))
	for i, h := range rows {
		out[i] = rules.History{
			ID: h.ID, PatternName: h.PatternName, OldRegex: h.OldRegex, NewRegex: h.NewRegex, Action: h.Action, Confidence: h.Confidence,
			Status: h.Status, SubmittedBy: h.SubmittedBy, ApprovedBy: valueOr(h.ApprovedBy, ""), DecisionReason: h.DecisionReason,
			Timestamp: h.Timestamp.UTC(),
		}
	}
	return out, nil
}

// RuleHits implements rules.Store.
func (r *Rules) RuleHits(ctx context.Context, fromDay string) (map[string]int64, error) {
	var rows []hitRow
	err := r.store.Reader().NewSelect().Model((*hitRow)(nil)).ColumnExpr("rule, SUM(total) AS total").
		Where("day >= ?", text(fromDay)).Group("rule").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting findings by rule: %w", err)
	}
	out := make(map[string]int64, len(rows))
	for _, h := range rows {
		out[h.Rule] = h.Total
	}
	return out, nil
}

// ChangeRules implements rules.Store.
func (r *Rules) ChangeRules(ctx context.Context, changes []rules.Change) error {
	err := r.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, c := range changes {
			if err := changeRule(ctx, tx, c); err != nil {
				return fmt.Errorf("rule %q: %w", c.Row.RuleID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("changing rules: %w", err)
	}
	return nil
}

func changeRule(ctx context.Context, tx *store.Tx, c rules.Change) error {
	row := &ruleRow{
		Rule: text(c.Row.RuleID), Origin: string(c.Row.Origin), Definition: text(string(c.Row.Definition)),
		Version: c.Row.Version, UpdatedAt: stamp(c.Row.UpdatedAt), UpdatedBy: text(c.Row.UpdatedBy),
	}
	if err := replace(ctx, tx, row, c.Was, c.Remove, rules.ErrConflict); err != nil {
		return err
	}
	if err := countRuleUpdate(ctx, tx, c.History.Timestamp); err != nil {
		return err
	}
	return tellStep(ctx, tx, newHistoryRow(c.History), c.Audit, c.Event)
}

func newHistoryRow(h rules.History) *historyRow {
	return &historyRow{
		ID: text(h.ID), PatternName: text(h.PatternName), OldRegex: textOrNil(h.OldRegex), NewRegex: textOrNil(h.NewRegex),
		Action: h.Action, Confidence: h.Confidence, Status: h.Status, SubmittedBy: text(h.SubmittedBy),
		ApprovedBy: optional(h.ApprovedBy), DecisionReason: text(h.DecisionReason), Timestamp: stamp(h.Timestamp),
	}
}

func textOrNil(s *string) *string {
	if s == nil {
		return nil
	}
	t := text(*s)
	return &t
}

// countRuleUpdate adds to the day on which the rule was changed.
func countRuleUpdate(ctx context.Context, tx *store.Tx, at time.Time) error {
	day := at.UTC().Format(time.DateOnly)
	if err := ensureDay(ctx, tx, day); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*metricsRow)(nil)).
		Set("patterns_updated = patterns_updated + 1").Where("date = ?", day).Exec(ctx)
	return err
}

// countHits counts new findings by rule, each counter once for all of them.
func countHits(ctx context.Context, tx *store.Tx, day string, found map[string]int) error {
	for _, rule := range slices.Sorted(maps.Keys(found)) {
		if err := addTo(ctx, tx, &hitRow{Day: day, Rule: text(rule)}, found[rule]); err != nil {
			return err
		}
	}
	return nil
}
