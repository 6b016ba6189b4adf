// Package rulebooktest holds a store of anomaly rules in memory, for the tests of whoever
// works with them.
//
// Level 2, as package rulebook.
package rulebooktest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/anomaly/rulebook"
	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
)

// Memory implements rulebook.Store and rulebook.Past. Several managers may share one, as
// nodes share a database.
type Memory struct {
	Hits map[string]rulebook.Hits // what AnomaliesOf answers

	mu      sync.Mutex
	rows    map[string]rulebook.Row
	history []rulebook.Step
	audit   []audit.Entry
	events  []event.Event
	past    []event.Event
	err     error
}

var (
	_ rulebook.Store = (*Memory)(nil)
	_ rulebook.Past  = (*Memory)(nil)
)

// AnomalyRules implements rulebook.Store.
func (m *Memory) AnomalyRules(context.Context) ([]rulebook.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := slices.Collect(maps.Values(m.rows))
	slices.SortFunc(rows, func(a, b rulebook.Row) int { return strings.Compare(a.RuleID, b.RuleID) })
	return rows, m.err
}

// AnomalyRuleHistory implements rulebook.Store.
func (m *Memory) AnomalyRuleHistory(_ context.Context, ruleID string, limit int) (out []rulebook.Step, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range slices.Backward(m.history) {
		if s.RuleID == ruleID && len(out) < limit {
			out = append(out, s)
		}
	}
	return out, m.err
}

// AnomaliesOf implements rulebook.Store.
func (m *Memory) AnomaliesOf(context.Context, []string) (map[string]rulebook.Hits, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.Hits), m.err
}

// ChangeAnomalyRule implements rulebook.Store.
func (m *Memory) ChangeAnomalyRule(_ context.Context, c rulebook.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	if m.rows[c.Row.RuleID].Version != c.Was {
		return rulebook.ErrConflict
	}
	if m.rows == nil {
		m.rows = map[string]rulebook.Row{}
	}
	m.rows[c.Row.RuleID] = c.Row
	if c.Remove {
		delete(m.rows, c.Row.RuleID)
	}
	m.history, m.audit, m.events = append(m.history, c.Step), append(m.audit, c.Audit), append(m.events, c.Event)
	return nil
}

// EachEvent implements rulebook.Past.
func (m *Memory) EachEvent(ctx context.Context, topic string, from, to time.Time, each func(event.Event, int) bool) error {
	m.mu.Lock()
	past, err := slices.Clone(m.past), m.err
	m.mu.Unlock()
	for _, e := range past {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.Topic == topic && !e.Time.Before(from) && e.Time.Before(to) && !each(e, len(e.Data)) {
			break
		}
	}
	return err
}

// Record has records received at a time.
func (m *Memory) Record(at time.Time, records ...event.SecurityRecord) error {
	e, err := event.New(event.Header{Time: at, Source: "node/ingest", Subject: "records"}, event.RecordsReceived{Records: records})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.past = append(m.past, e)
	return err
}

// Put stores a row as another node, or another version of the program, may have left it.
func (m *Memory) Put(r rulebook.Row) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[string]rulebook.Row{}
	}
	m.rows[r.RuleID] = r
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
