// Package rulestest holds a store of rules in memory, for the tests of whoever
// works with rules.
package rulestest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/rules"
)

// Memory implements rules.Store. Several managers may share one, as nodes share
// a database.
type Memory struct {
	Hits map[string]int64 // what RuleHits answers

	mu      sync.Mutex
	rows    map[string]rules.Row
	history []rules.History
	audit   []audit.Entry
	events  []event.Event
	err     error
}

var _ rules.Store = (*Memory)(nil)

// Rules implements rules.Store.
func (m *Memory) Rules(context.Context) ([]rules.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := slices.Collect(maps.Values(m.rows))
	slices.SortFunc(rows, func(a, b rules.Row) int { return strings.Compare(a.RuleID, b.RuleID) })
	return rows, m.err
}

// RuleHistory implements rules.Store.
func (m *Memory) RuleHistory(_ context.Context, ruleID string, limit int) ([]rules.History, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []rules.History
	for _, h := range slices.Backward(m.history) {
		if h.PatternName == ruleID && len(out) < limit {
			out = append(out, h)
		}
	}
	return out, m.err
}

// RuleHits implements rules.Store.
func (m *Memory) RuleHits(context.Context, string) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.Hits), m.err
}

// ChangeRules implements rules.Store.
func (m *Memory) ChangeRules(_ context.Context, changes []rules.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	for _, c := range changes {
		if m.rows[c.Row.RuleID].Version != c.Was {
			return fmt.Errorf("rule %q: %w", c.Row.RuleID, rules.ErrConflict)
		}
	}
	if m.rows == nil {
		m.rows = map[string]rules.Row{}
	}
	for _, c := range changes {
		m.rows[c.Row.RuleID] = c.Row
		if c.Remove {
			delete(m.rows, c.Row.RuleID)
		}
		m.history, m.audit, m.events = append(m.history, c.History), append(m.audit, c.Audit), append(m.events, c.Event)
	}
	return nil
}

// Fail makes every later call fail with err; nil mends it.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// Told returns the audit records and events so far.
func (m *Memory) Told() ([]audit.Entry, []event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.audit), slices.Clone(m.events)
}

// Put stores a row as another version of the program may have left it.
func (m *Memory) Put(r rules.Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[string]rules.Row{}
	}
	m.rows[r.RuleID] = r
}

// Builtin is a small pack: acme-token (ACME- and 20 letters or digits) and the
// inactive acme-id. A whole pack would slow every test down.
func Builtin() ([]detect.Rule, error) {
	return []detect.Rule{{
		ID: "acme-token", Description: "Acme token", Family: "acme", Provider: "Acme", Regex: `ACME-[A-Za-z0-9]{20}`,
		Severity: detect.SeverityHigh, Confidence: 0.9, Active: true, SecretType: "ACME_TOKEN", Tags: []string{"test"},
		Positives: []string{"ACME-{{alnum:20}}"}, Negatives: []string{"ACME-no"}, Recommendation: "Revoke it at Acme.",
	}, {
		ID: "acme-id", Description: "Acme id", Family: "acme", Provider: "Acme", Regex: `ACMEID[0-9]{8}`, Keywords: []string{"acmeid"},
		Severity: detect.SeverityLow, Confidence: 0.5, SecretType: "ACME_ID",
		Positives: []string{"ACMEID{{digit:8}}"}, Negatives: []string{"ACMEID1"},
	}}, nil
}
