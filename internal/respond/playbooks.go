package respond

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond/playbook"
)

// PlaybooksDeps are the parts of Playbooks.
type PlaybooksDeps struct {
	Store   ActionStore          // Mandatory.
	Blocks  *List                // Mandatory.
	Switch  Switch               // Mandatory.
	Secrets Quarantine           // Mandatory.
	Node    string               // Mandatory: node/respond, who says the events
	All     []*playbook.Playbook // If none, nothing is answered. SetPlaybooks changes them.
	Clock   clock.Clock          // If nil, the machine's.
}

// Playbooks are the playbooks in force and what they wanted done. It is safe for
// concurrent use.
type Playbooks struct {
	d PlaybooksDeps
	inForce
}

// inForce are playbooks that may be others from one moment to the next.
type inForce struct {
	all atomic.Pointer[[]*playbook.Playbook]
}

// SetPlaybooks puts others in force.
func (f *inForce) SetPlaybooks(all []*playbook.Playbook) { f.all.Store(new(slices.Clone(all))) }

func (f *inForce) now() []*playbook.Playbook { return *f.all.Load() }

// NewPlaybooks makes Playbooks. The error says what is missing.
func NewPlaybooks(d PlaybooksDeps) (*Playbooks, error) {
	if d.Store == nil || d.Blocks == nil || d.Switch == nil || d.Secrets == nil || d.Node == "" {
		return nil, errors.New("making the playbooks: Store, Blocks, Switch, Secrets and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	p := &Playbooks{d: d}
	p.SetPlaybooks(d.All)
	return p, nil
}

// Listed is a playbook and how many of its actions were too many within an hour.
type Listed struct {
	*playbook.Playbook
	Dropped int64
}

// All returns the playbooks, in the order of their files.
func (p *Playbooks) All(ctx context.Context) ([]Listed, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	dropped, err := p.d.Store.Dropped(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting dropped actions: %w", err)
	}
	all := p.now()
	out := make([]Listed, len(all))
	for k, b := range all {
		out[k] = Listed{b, dropped[b.ID]}
	}
	return out, nil
}

// Actions returns a page of what playbooks wanted done, newest first.
func (p *Playbooks) Actions(ctx context.Context, f ActionFilter, before string, limit int) ([]Action, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	all, err := p.d.Store.ListActions(ctx, f, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing actions: %w", err)
	}
	return all, nil
}

// Decide approves or rejects an action that waits for it. ErrNoAction, ErrNotPending.
func (p *Playbooks) Decide(ctx context.Context, id string, approve bool, who string, by audit.Entry) (Action, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := p.d.Clock.Now().UTC()
	a, err := p.d.Store.ChangeAction(ctx, id, by, func(a *Action) (event.Event, error) {
		if err := a.decide(approve, who, by.Reason, now); err != nil {
			return event.Event{}, err
		}
		return a.Event(p.d.Node, now)
	})
	if err != nil {
		return a, fmt.Errorf("deciding about action %q: %w", id, err)
	}
	return a, nil
}
