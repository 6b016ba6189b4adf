package respondtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
	"go.cordon.dev/cordon/internal/respond"
)

// Actions is a respond.ActionLog and respond.ActionStore. Its zero value is empty.
type Actions struct {
	mu      sync.Mutex
	log     []event.Record
	cursor  event.Cursor
	actions []respond.Action // oldest first
	dropped map[string]int64
	events  []event.Event
	audit   []audit.Entry
	err     error
	looks   int
}

// Looks is how often actions were listed.
func (m *Actions) Looks() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.looks
}

// Say puts events into the log.
func (m *Actions) Say(all ...event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range all {
		m.log = append(m.log, event.Record{Cursor: event.Cursor{Day: "2026-03-14", Seq: int64(len(m.log) + 1)}, Event: e})
	}
}

// Put stores an action as it is.
func (m *Actions) Put(a respond.Action) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.actions = append(m.actions, a)
}

// Fail makes every call fail; nil ends that.
func (m *Actions) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// All are the actions, oldest first.
func (m *Actions) All() []respond.Action {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.actions)
}

// Said are the events about actions so far.
func (m *Actions) Said() []event.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events)
}

// Audited are the changes so far.
func (m *Actions) Audited() []audit.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.audit)
}

// Cursor implements respond.ActionLog.
func (m *Actions) Cursor(context.Context, string) (event.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursor, m.err
}

// Events implements respond.ActionLog.
func (m *Actions) Events(_ context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.log[after.Seq:]
	return slices.Clone(rest[:min(limit, len(rest))]), m.err
}

// Propose implements respond.ActionLog.
func (m *Actions) Propose(_ context.Context, p respond.Proposal) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	if m.cursor != p.From {
		return follow.ErrMoved
	}
	for _, a := range p.Actions {
		m.propose(a, p)
	}
	m.cursor = p.Next
	return nil
}

func (m *Actions) propose(a respond.Proposed, p respond.Proposal) {
	had := 0
	for _, o := range m.actions {
		if o.Playbook != a.Action.Playbook {
			continue
		}
		if o.EventID == a.Action.EventID && o.Kind == a.Action.Kind && o.Target == a.Action.Target {
			return
		}
		if o.CreatedAt.After(p.Since) {
			had++
		}
	}
	if had >= a.PerHour {
		if m.dropped == nil {
			m.dropped = map[string]int64{}
		}
		m.dropped[a.Action.Playbook]++
		return
	}
	m.actions, m.events = append(m.actions, a.Action), append(m.events, a.Event)
}

// ListActions implements respond.ActionStore.
func (m *Actions) ListActions(_ context.Context, f respond.ActionFilter, before string, limit int) ([]respond.Action, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looks++
	var out []respond.Action
	for _, a := range slices.Backward(m.actions) {
		if (f.State == "" || f.State == a.State) && (f.Playbook == "" || f.Playbook == a.Playbook) && (before == "" || a.ID < before) && len(out) < limit {
			out = append(out, a)
		}
	}
	return out, m.err
}

// Action implements respond.ActionStore.
func (m *Actions) Action(_ context.Context, id string) (respond.Action, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.actions {
		if a.ID == id {
			return a, m.err
		}
	}
	return respond.Action{}, cmp.Or(m.err, respond.ErrNoAction)
}

// ChangeAction implements respond.ActionStore.
func (m *Actions) ChangeAction(_ context.Context, id string, by audit.Entry, change func(*respond.Action) (event.Event, error)) (respond.Action, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.actions, func(a respond.Action) bool { return a.ID == id })
	switch {
	case m.err != nil:
		return respond.Action{}, m.err
	case i < 0:
		return respond.Action{}, respond.ErrNoAction
	}
	a := m.actions[i]
	e, err := change(&a)
	if err != nil {
		return a, err
	}
	m.actions[i], m.events, m.audit = a, append(m.events, e), append(m.audit, by)
	return a, nil
}

// Dropped implements respond.ActionStore.
func (m *Actions) Dropped(context.Context) (map[string]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.dropped), m.err
}
