package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// Leak is the leak sensor's memory.
type Leak struct {
	store *store.Store
	owner string // of the leases of the sources that commit; empty: not asked for
}

// ErrNotHolder is the error of a commit by a node that does not hold the lease
// of the source: another has taken over, and this one must stop.
var ErrNotHolder = errors.New("another node has taken the source over")

// SourceLease names the lease of a source.
func SourceLease(sourceID string) string { return "source/" + sourceID }

var _ leak.Ledger = (*Leak)(nil)

// NewLeak returns the leak sensor's memory in s.
func NewLeak(s *store.Store) *Leak { return &Leak{store: s} }

// Under returns the same memory, in which only commits of sources whose lease
// is the owner's are stored.
func (l *Leak) Under(owner string) *Leak { return &Leak{store: l.store, owner: owner} }

// fence refuses the commit of a node that has lost the source.
func (l *Leak) fence(ctx context.Context, tx *store.Tx, sourceID string) error {
	if l.owner == "" {
		return nil
	}
	holder, err := tx.LeaseHolder(ctx, SourceLease(sourceID))
	if err == nil && holder != l.owner {
		err = ErrNotHolder
	}
	return err
}

type positionRow struct {
	bun.BaseModel `bun:"table:source_positions"`

	SourceID  string    `bun:"source_id,pk"`
	Position  string    `bun:"position"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// Position implements leak.Ledger.
func (l *Leak) Position(ctx context.Context, sourceID string) (json.RawMessage, error) {
	row := positionRow{SourceID: text(sourceID)}
	err := l.store.Reader().NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading position of source %s: %w", sourceID, err)
	}
	return json.RawMessage(row.Position), nil
}

// Commit implements leak.Ledger.
func (l *Leak) Commit(ctx context.Context, c leak.Commit) (added int, err error) {
	err = l.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := l.fence(ctx, tx, c.SourceID); err != nil {
			return err
		}
		w := batch{tx: tx, now: l.store.Now(), known: map[string]string{}, hits: map[string]int{}}
		if err := w.store(ctx, c); err != nil {
			return err
		}
		added = len(w.fresh)
		return savePosition(ctx, tx, l.store.Now(), c)
	})
	if err != nil {
		return 0, fmt.Errorf("committing batch of source %s: %w", c.SourceID, err)
	}
	return added, nil
}

// savePosition moves the source on. A batch without a position leaves it.
func savePosition(ctx context.Context, tx *store.Tx, now time.Time, c leak.Commit) error {
	if c.Position == nil {
		return nil
	}
	row := positionRow{SourceID: text(c.SourceID), Position: text(string(c.Position)), UpdatedAt: now}
	return store.Put(ctx, tx, &row)
}

// batch is one Commit being stored.
type batch struct {
	tx    *store.Tx
	now   time.Time
	known map[string]string // id of a repeated quarantine row -> id under which it is stored
	fresh []quarantineRow   // new rows
	found int               // new findings
	hits  map[string]int    // of them by rule
}

func (b *batch) store(ctx context.Context, c leak.Commit) error {
	for _, q := range c.Quarantine {
		if err := b.quarantine(ctx, q); err != nil {
			return err
		}
	}
	for _, f := range c.Findings {
		if err := b.finding(ctx, f); err != nil {
			return err
		}
	}
	if err := countQuarantine(ctx, b.tx, b.fresh); err != nil {
		return err
	}
	if err := withhold(ctx, b.tx, b.now, b.fresh); err != nil {
		return err
	}
	if err := countHits(ctx, b.tx, c.Metrics.Day, b.hits); err != nil {
		return err
	}
	return b.tally(ctx, c.Metrics)
}

// quarantine stores a row and its event, or learns under which id it is known.
func (b *batch) quarantine(ctx context.Context, q leak.Row[leak.Quarantine]) error {
	row := newQuarantineRow(q.Value)
	added, err := store.Insert(ctx, b.tx, &row)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	if !added {
		return b.recall(ctx, row)
	}
	b.fresh = append(b.fresh, row)
	return b.tx.Emit(q.Event)
}

func (b *batch) recall(ctx context.Context, row quarantineRow) error {
	var id string
	err := b.tx.NewSelect().Model((*quarantineRow)(nil)).Column("id").Where("dedup_key = ?", row.DedupKey).Scan(ctx, &id)
	if err != nil {
		return fmt.Errorf("quarantine entry %s is neither new nor known: %w", row.ID, err)
	}
	b.known[row.ID] = id
	return nil
}

func (b *batch) finding(ctx context.Context, f leak.Row[leak.Finding]) error {
	if id, repeated := b.known[f.Value.QuarantineID]; repeated {
		f.Value.QuarantineID = id
	}
	row, err := newFindingRow(f.Value)
	if err != nil {
		return err
	}
	added, err := store.Insert(ctx, b.tx, &row)
	if err != nil {
		return fmt.Errorf("finding: %w", err)
	}
	if !added {
		return nil
	}
	b.found++
	b.hits[f.Value.Rule]++
	return b.tx.Emit(f.Event)
}
