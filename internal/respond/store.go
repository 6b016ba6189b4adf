package respond

import (
	"context"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
)

// BlockStore keeps the block list.
type BlockStore interface {
	// BlocksAt returns the entries in force at a time, at most MaxBlocks.
	BlocksAt(ctx context.Context, at time.Time) ([]Block, error)
	// ListBlocks returns at most limit, newest first, those before the id before;
	// those that are over, too, unless activeAt is a time.
	ListBlocks(ctx context.Context, activeAt *time.Time, before string, limit int) ([]Block, error)
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
