// Package respondtest helps to test what uses package respond: stores in memory.
//
// It may import what respond may.
package respondtest

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond"
)

// Memory is a respond.BlockStore and respond.Operators. Its zero value is empty.
type Memory struct {
	mu        sync.Mutex
	blocks    []respond.Block // oldest first
	audit     []audit.Entry
	events    []event.Event
	operators []netip.Addr
	err       error
}

// BlocksAt implements respond.BlockStore.
func (m *Memory) BlocksAt(_ context.Context, at time.Time) ([]respond.Block, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inForce(at), m.err
}

// count is how many are in force, without copying them.
func (m *Memory) count(at time.Time) (n int) {
	for i := range m.blocks {
		if m.blocks[i].ActiveAt(at) {
			n++
		}
	}
	return n
}

func (m *Memory) inForce(at time.Time) []respond.Block {
	return slices.DeleteFunc(slices.Clone(m.blocks), func(b respond.Block) bool { return !b.ActiveAt(at) })
}

// ListBlocks implements respond.BlockStore.
func (m *Memory) ListBlocks(_ context.Context, activeAt *time.Time, before string, limit int) ([]respond.Block, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := slices.Clone(m.blocks)
	if activeAt != nil {
		all = m.inForce(*activeAt)
	}
	all = slices.DeleteFunc(all, func(b respond.Block) bool { return before != "" && b.ID >= before })
	slices.Reverse(all)
	return all[:min(limit, len(all))], m.err
}

// LastBlock implements respond.BlockStore.
func (m *Memory) LastBlock(_ context.Context, playbook string, network netip.Prefix) (b respond.Block, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, old := range m.blocks {
		if old.By == playbook && old.Origin == respond.ByPlaybook && old.Network == network && old.ID > b.ID {
			b, ok = old, true
		}
	}
	return b, ok, m.err
}

// AddBlock implements respond.BlockStore.
func (m *Memory) AddBlock(_ context.Context, b respond.Block, by audit.Entry, e event.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	same := func(o respond.Block) bool {
		return b.EventID != "" && o.EventID == b.EventID && o.By == b.By && o.Network == b.Network
	}
	switch {
	case m.err != nil:
		return m.err
	case m.count(b.CreatedAt) >= respond.MaxBlocks:
		return respond.ErrTooMany
	case slices.ContainsFunc(m.blocks, same):
		return respond.ErrDone
	}
	m.blocks, m.audit, m.events = append(m.blocks, b), append(m.audit, by), append(m.events, e)
	return nil
}

// EndBlock implements respond.BlockStore.
func (m *Memory) EndBlock(_ context.Context, id, who string, at time.Time, by audit.Entry, tell func(respond.Block) (event.Event, error)) (respond.Block, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.blocks, func(b respond.Block) bool { return b.ID == id })
	switch {
	case m.err != nil:
		return respond.Block{}, m.err
	case i < 0:
		return respond.Block{}, respond.ErrNotFound
	case !m.blocks[i].ActiveAt(at):
		return respond.Block{}, respond.ErrEnded
	}
	b := m.blocks[i]
	b.EndedAt, b.EndedBy = &at, who
	e, err := tell(b)
	if err != nil {
		return b, err
	}
	m.blocks[i], m.audit, m.events = b, append(m.audit, by), append(m.events, e)
	return b, nil
}

// OperatorAddresses implements respond.Operators.
func (m *Memory) OperatorAddresses(context.Context, time.Time, time.Time) ([]netip.Addr, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.operators), m.err
}

// From says from where operators come.
func (m *Memory) From(all ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.operators = nil
	for _, a := range all {
		m.operators = append(m.operators, netip.MustParseAddr(a))
	}
}

// Fail makes every call fail; nil ends that.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

// Said are the events so far.
func (m *Memory) Said() []event.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events)
}

// Audited are the actions so far.
func (m *Memory) Audited() []audit.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.audit)
}
