package rules

import (
	"context"
	"fmt"
	"time"
)

// hitDays is over how many days hits are counted, today included.
const hitDays = 7

// maxHistory is how much of a rule's history is shown.
const maxHistory = 100

// List returns all rules, and the findings of each in the last seven days.
func (m *Manager) List(ctx context.Context) ([]Rule, map[string]int64, error) {
	c, err := m.current(ctx)
	if err != nil {
		return nil, nil, err
	}
	hits, err := m.hits(ctx)
	return append([]Rule(nil), c.rules...), hits, err
}

func (m *Manager) hits(ctx context.Context) (map[string]int64, error) {
	from := m.deps.Clock.Now().UTC().AddDate(0, 0, 1-hitDays).Format(time.DateOnly)
	hits, err := m.deps.Store.RuleHits(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("counting findings of rules: %w", err)
	}
	return hits, nil
}

// Detail is a rule and what is known of it.
type Detail struct {
	Rule
	Hits    int64     // findings in the last seven days
	History []History // newest first
}

// Get returns a rule with its history.
func (m *Manager) Get(ctx context.Context, ruleID string) (Detail, error) {
	c, err := m.current(ctx)
	if err != nil {
		return Detail{}, err
	}
	r, err := c.find(ruleID)
	if err != nil {
		return Detail{}, err
	}
	hits, err := m.hits(ctx)
	if err != nil {
		return Detail{}, err
	}
	past, err := m.deps.Store.RuleHistory(ctx, ruleID, maxHistory)
	if err != nil {
		return Detail{}, fmt.Errorf("reading the history of rule %q: %w", ruleID, err)
	}
	return Detail{Rule: r, Hits: hits[ruleID], History: past}, nil
}

// Recommendation says what the owner of a secret that a rule found should do;
// empty when nobody knows.
func (m *Manager) Recommendation(ruleID string) string {
	ctx, cancel := context.WithTimeout(context.Background(), lookFor)
	defer cancel()
	c, err := m.current(ctx)
	if err != nil {
		return ""
	}
	if r := c.byID[ruleID]; r != nil {
		return r.Recommendation
	}
	return ""
}
