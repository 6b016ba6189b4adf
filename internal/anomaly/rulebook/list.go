package rulebook

import (
	"context"
	"fmt"
	"slices"
)

// maxHistory is how much of a rule's history is shown.
const maxHistory = 100

// Listed is a rule and what it came to.
type Listed struct {
	Entry
	Hits Hits // of the anomalies that are stored
}

// List returns all rules: those of files in their order, then operators' own by id.
func (m *Manager) List(ctx context.Context) ([]Listed, error) {
	b, err := m.current(ctx)
	if err != nil {
		return nil, err
	}
	return m.counted(ctx, b.all)
}

func (m *Manager) counted(ctx context.Context, entries []Entry) ([]Listed, error) {
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	hits, err := m.deps.Store.AnomaliesOf(ctx, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("counting anomalies of rules: %w", err)
	}
	out := make([]Listed, len(entries))
	for i, e := range entries {
		out[i] = Listed{e, hits[e.ID]}
	}
	return out, nil
}

// Detail is a rule and all that is known of it.
type Detail struct {
	Listed
	History []Step // newest first
}

// Get returns a rule with the history of its id. A file and an operator may each have one
// of an id: origin says whose is meant; empty: the operator's, and without one the file's.
func (m *Manager) Get(ctx context.Context, ruleID string, origin Origin) (Detail, error) {
	b, err := m.current(ctx)
	if err != nil {
		return Detail{}, err
	}
	e, err := b.findOf(ruleID, origin)
	if err != nil {
		return Detail{}, err
	}
	listed, err := m.counted(ctx, []Entry{e})
	if err != nil {
		return Detail{}, err
	}
	past, err := m.deps.Store.AnomalyRuleHistory(ctx, ruleID, maxHistory)
	if err != nil {
		return Detail{}, fmt.Errorf("reading the history of anomaly rule %q: %w", ruleID, err)
	}
	return Detail{listed[0], past}, nil
}
