package respond

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
)

// storeTimeout bounds each use of the store.
const storeTimeout = 10 * time.Second

// ListDeps are the parts of a List.
type ListDeps struct {
	Store     BlockStore     // Mandatory.
	Operators Operators      // Mandatory.
	Node      string         // Mandatory: node/respond, who says the events
	Own       []netip.Prefix // Addresses of this machine, which are never blocked.
	Never     []netip.Prefix // What is never blocked, besides.
	Private   bool           // Private networks may be blocked.
	Clock     clock.Clock    // If nil, the machine's.
	Log       *slog.Logger   // If nil, discards.
}

// List is the block list. It is safe for concurrent use.
type List struct{ d ListDeps }

// NewList makes a List. The error says what is missing.
func NewList(d ListDeps) (*List, error) {
	if d.Store == nil || d.Operators == nil || d.Node == "" {
		return nil, errors.New("making the block list: Store, Operators and Node must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	return &List{d}, nil
}

// Add puts an entry on the list for a while; its id and beginning are set here. A bad
// field, and a network that must not be blocked, is an InputError; besides those,
// ErrTooMany and ErrDone.
func (l *List) Add(ctx context.Context, b Block, lasts time.Duration, by audit.Entry) (Block, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := l.d.Clock.Now().UTC()
	b.ID, b.CreatedAt, b.Until, b.EndedAt, b.EndedBy = id.New(), now, now.Add(lasts), nil, ""
	if err := l.check(ctx, b); err != nil {
		return b, err
	}
	e, err := b.Event(l.d.Node, b.By, b.Reason, now)
	if err != nil {
		return b, err
	}
	by.Target = b.ID
	if err := l.d.Store.AddBlock(ctx, b, by, e); err != nil {
		return b, fmt.Errorf("adding to the block list: %w", err)
	}
	l.d.Log.Warn("blocked", "network", Name(b.Network), "until", b.Until, "origin", b.Origin, "by", b.By)
	return b, nil
}

func (l *List) check(ctx context.Context, b Block) error {
	if err := b.check(); err != nil {
		return err
	}
	s, err := l.shield(ctx)
	if err != nil {
		return err
	}
	if why := s.why(b.Network); why != "" {
		return &InputError{"network", Name(b.Network) + " is never blocked: " + why}
	}
	return nil
}

func (l *List) shield(ctx context.Context) (shield, error) {
	now := l.d.Clock.Now()
	operators, err := l.d.Operators.OperatorAddresses(ctx, now, now.Add(-operatorsFor))
	if err != nil {
		return shield{}, fmt.Errorf("asking where operators come from: %w", err)
	}
	return newShield(l.d, operators), nil
}

// End ends an entry early. ErrNotFound, ErrEnded.
func (l *List) End(ctx context.Context, id, who string, by audit.Entry) (Block, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	now := l.d.Clock.Now().UTC()
	b, err := l.d.Store.EndBlock(ctx, id, who, now, by, func(b Block) (event.Event, error) {
		return b.Event(l.d.Node, who, by.Reason, now)
	})
	if err != nil {
		return b, fmt.Errorf("ending entry %q of the block list: %w", id, err)
	}
	return b, nil
}

// Entry is an entry of the block list and why it is not given out at the moment;
// empty: it is.
type Entry struct {
	Block
	Spared string
}

// Entries returns a page of the list, newest first: of what is in force, or of all.
func (l *List) Entries(ctx context.Context, all bool, before string, limit int) ([]Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	var at *time.Time
	if !all {
		at = new(l.d.Clock.Now())
	}
	blocks, err := l.d.Store.ListBlocks(ctx, at, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing the block list: %w", err)
	}
	s, err := l.shield(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(blocks))
	for k, b := range blocks {
		out[k] = Entry{b, s.why(b.Network)}
	}
	return out, nil
}

// Networks is what is to be turned away now, for firewalls: in order, and none within
// another.
func (l *List) Networks(ctx context.Context) ([]netip.Prefix, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	blocks, err := l.d.Store.BlocksAt(ctx, l.d.Clock.Now())
	if err != nil {
		return nil, fmt.Errorf("reading the block list: %w", err)
	}
	s, err := l.shield(ctx)
	if err != nil {
		return nil, err
	}
	var out []netip.Prefix
	for _, b := range blocks {
		if s.why(b.Network) == "" {
			out = append(out, b.Network)
		}
	}
	return outermost(out), nil
}
