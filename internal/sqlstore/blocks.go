package sqlstore

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/store"
)

// Responses keeps the block list.
type Responses struct{ store *store.Store }

var (
	_ respond.BlockStore = (*Responses)(nil)
	_ respond.Operators  = (*Responses)(nil)
)

// NewResponses returns what is kept of responses in s.
func NewResponses(s *store.Store) *Responses { return &Responses{s} }

type blockRow struct {
	bun.BaseModel `bun:"table:blocks"`

	ID        string     `bun:"id,pk"`
	Cause     string     `bun:"cause"`
	Network   string     `bun:"network"`
	Origin    string     `bun:"origin"`
	MadeBy    string     `bun:"made_by"`
	EventID   string     `bun:"event_id"`
	Reason    string     `bun:"reason"`
	CreatedAt time.Time  `bun:"created_at"`
	UntilAt   time.Time  `bun:"until_at"`
	EndedAt   *time.Time `bun:"ended_at"`
	EndedBy   string     `bun:"ended_by"`
}

func newBlockRow(b respond.Block) blockRow {
	r := blockRow{
		ID: b.ID, Cause: b.ID, Network: b.Network.String(), Origin: string(b.Origin), MadeBy: keyText(b.By), EventID: text(b.EventID), Reason: text(b.Reason),
		CreatedAt: stamp(b.CreatedAt), UntilAt: stamp(b.Until), EndedAt: stampOrNil(b.EndedAt), EndedBy: keyText(b.EndedBy),
	}
	if b.EventID != "" {
		r.Cause = identity(b.By, b.EventID, r.Network)
	}
	return r
}

func (r blockRow) value() (respond.Block, error) {
	network, err := netip.ParsePrefix(r.Network)
	if err != nil {
		return respond.Block{}, fmt.Errorf("decoding entry %s of the block list: %w", r.ID, err)
	}
	return respond.Block{
		ID: r.ID, Network: network, Origin: respond.Origin(r.Origin), By: r.MadeBy, EventID: r.EventID, Reason: r.Reason,
		CreatedAt: r.CreatedAt.UTC(), Until: r.UntilAt.UTC(), EndedAt: utc(r.EndedAt), EndedBy: r.EndedBy,
	}, nil
}

func blockValues(rows []blockRow) ([]respond.Block, error) {
	out := make([]respond.Block, len(rows))
	for k, r := range rows {
		var err error
		if out[k], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// BlocksAt implements respond.BlockStore.
func (s *Responses) BlocksAt(ctx context.Context, at time.Time) ([]respond.Block, error) {
	var rows []blockRow
	if err := inForce(s.store.Reader().NewSelect().Model(&rows), at).Order("id").Limit(respond.MaxBlocks).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the block list: %w", err)
	}
	return blockValues(rows)
}

// ListBlocks implements respond.BlockStore.
func (s *Responses) ListBlocks(ctx context.Context, activeAt *time.Time, before string, limit int) ([]respond.Block, error) {
	var rows []blockRow
	q := s.store.Reader().NewSelect().Model(&rows)
	if activeAt != nil {
		q = inForce(q, *activeAt)
	}
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.Order("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing the block list: %w", err)
	}
	return blockValues(rows)
}

// LastBlock implements respond.BlockStore.
func (s *Responses) LastBlock(ctx context.Context, playbook string, network netip.Prefix) (b respond.Block, ok bool, err error) {
	var rows []blockRow
	err = s.store.Reader().NewSelect().Model(&rows).Where("network = ?", network.String()).Where("made_by = ?", keyText(playbook)).
		Where("origin = ?", string(respond.ByPlaybook)).Order("id DESC").Limit(1).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return b, false, err
	}
	b, err = rows[0].value()
	return b, err == nil, err
}

// AddBlock implements respond.BlockStore.
func (s *Responses) AddBlock(ctx context.Context, b respond.Block, by audit.Entry, e event.Event) error {
	return s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		row := newBlockRow(b)
		now, err := inForce(tx.NewSelect().Model((*blockRow)(nil)), b.CreatedAt).Count(ctx)
		if err != nil {
			return fmt.Errorf("counting the block list: %w", err)
		}
		if now >= respond.MaxBlocks {
			return respond.ErrTooMany
		}
		added, err := store.Insert(ctx, tx, &row)
		if err != nil {
			return fmt.Errorf("storing entry %s of the block list: %w", b.ID, err)
		}
		if !added {
			return respond.ErrDone
		}
		return tellChange(ctx, tx, nil, b, by, e)
	})
}

// EndBlock implements respond.BlockStore.
func (s *Responses) EndBlock(ctx context.Context, id, who string, at time.Time, by audit.Entry, tell func(respond.Block) (event.Event, error)) (b respond.Block, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := blockByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if !was.ActiveAt(at) {
			return respond.ErrEnded
		}
		b = was
		b.EndedAt, b.EndedBy = new(stamp(at)), who
		row := newBlockRow(b)
		if _, err := tx.NewUpdate().Model(&row).Column("ended_at", "ended_by").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("storing entry %s of the block list: %w", id, err)
		}
		e, err := tell(b)
		if err != nil {
			return err
		}
		return tellChange(ctx, tx, was, b, by, e)
	})
	return b, err
}

func blockByID(ctx context.Context, db bun.IDB, id string) (respond.Block, error) {
	var row blockRow
	if err := only(ctx, db.NewSelect().Model(&row).Where("id = ?", text(id)), respond.ErrNotFound, fmt.Sprintf("entry %q of the block list", id)); err != nil {
		return respond.Block{}, err
	}
	return row.value()
}

// maxOperators bounds how many addresses of operators are looked at, of each kind.
const maxOperators = 10_000

// OperatorAddresses implements respond.Operators.
func (s *Responses) OperatorAddresses(ctx context.Context, at, since time.Time) ([]netip.Addr, error) {
	var sessions, uses []string
	db := s.store.Reader()
	err := db.NewSelect().Model((*sessionRow)(nil)).Distinct().Column("addr").Where("expires_at > ?", stamp(at)).Limit(maxOperators).Scan(ctx, &sessions)
	if err != nil {
		return nil, fmt.Errorf("reading the addresses of sessions: %w", err)
	}
	inForce := db.NewSelect().Model((*keyRow)(nil)).Column("id").Where("revoked_at IS NULL").
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("expires_at IS NULL").WhereOr("expires_at > ?", stamp(at))
		})
	err = db.NewSelect().Model((*keyUseRow)(nil)).Distinct().Column("address").Where("last_used > ?", stamp(since)).
		Where("key_id IN (?)", inForce).Limit(maxOperators).Scan(ctx, &uses)
	if err != nil {
		return nil, fmt.Errorf("reading the addresses of API keys: %w", err)
	}
	if len(sessions) == maxOperators || len(uses) == maxOperators {
		return nil, fmt.Errorf("reading where operators come from: there are more than %d addresses", maxOperators)
	}
	var out []netip.Addr
	for _, a := range append(sessions, uses...) {
		if addr, err := netip.ParseAddr(a); err == nil { // the control socket has none
			out = append(out, addr)
		}
	}
	return out, nil
}

// dropBlocks deletes entries that ran out before a time.
func dropBlocks(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	return dropWhere[blockRow](ctx, tx, "until_at < ?", stamp(before))
}
