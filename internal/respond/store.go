package respond

import (
	"context"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/follow"
)

// BlockStore keeps the block list.
type BlockStore interface {
	// BlocksAt returns the entries in force at a time, at most MaxBlocks.
	BlocksAt(ctx context.Context, at time.Time) ([]Block, error)
	// ListBlocks returns at most limit, newest first, those before the id before;
	// those that are over, too, unless activeAt is a time.
	ListBlocks(ctx context.Context, activeAt *time.Time, before string, limit int) ([]Block, error)
	// LastBlock returns the newest entry that a playbook made for a network; ok is false
	// when there is none.
	LastBlock(ctx context.Context, playbook string, network netip.Prefix) (b Block, ok bool, err error)
	// AddBlock stores an entry with its event and the audit entry, in one
	// transaction. ErrTooMany; ErrDone when its playbook has blocked that network for
	// that event.
	AddBlock(ctx context.Context, b Block, by audit.Entry, e event.Event) error
	// EndBlock ends one that is in force at a time, likewise; tell makes the event of
	// what it is now. ErrNotFound, ErrEnded.
	EndBlock(ctx context.Context, id, who string, at time.Time, by audit.Entry, tell func(Block) (event.Event, error)) (Block, error)
}

// Operators knows where the people who run Cordon come from.
type Operators interface {
	// OperatorAddresses returns the addresses with a session that is open at a time,
	// and those from which an API key that is in force was used since another.
	OperatorAddresses(ctx context.Context, at, since time.Time) ([]netip.Addr, error)
}

// ActionLog is what a Reactor reads, and where it puts what is to be done.
type ActionLog interface {
	follow.Log
	// Propose stores what is new of some actions, each with its event, and moves the
	// consumer, in one transaction. follow.ErrMoved.
	Propose(ctx context.Context, p Proposal) error
}

// Proposal is what a batch of the event log leads to.
type Proposal struct {
	follow.Span
	Since   time.Time // the hour that PerHour is about begins here
	Actions []Proposed
}

// Proposed is an action, the event that tells of it, and how many its playbook may
// have since Proposal.Since. One more is not stored but counted.
type Proposed struct {
	Action  Action
	Event   event.Event
	PerHour int
	UpTo    time.Duration // of a block: how long it may last for whoever comes back; 0: no longer than ever
}

// ActionStore keeps actions.
type ActionStore interface {
	// ListActions returns at most limit, newest first, those before the id before.
	ListActions(ctx context.Context, f ActionFilter, before string, limit int) ([]Action, error)
	// Action returns one. ErrNoAction.
	Action(ctx context.Context, id string) (Action, error)
	// ChangeAction changes one, with the event that change returns and the audit
	// entry, in one transaction. ErrNoAction, and the errors of change.
	ChangeAction(ctx context.Context, id string, by audit.Entry, change func(*Action) (event.Event, error)) (Action, error)
	// Dropped counts, by playbook, the actions that were too many within an hour.
	Dropped(ctx context.Context) (map[string]int64, error)
}
