package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/store"
)

type withheldRow struct {
	bun.BaseModel `bun:"table:withheld"`

	ID        string    `bun:"id,pk"` // see withheldID
	Seq       int64     `bun:"seq"`
	Kind      string    `bun:"kind"`
	Value     string    `bun:"value"`
	Blocked   bool      `bun:"blocked"`
	Origin    string    `bun:"origin"`
	Reason    string    `bun:"reason"`
	ChangedBy string    `bun:"changed_by"`
	ChangedAt time.Time `bun:"changed_at"`
}

// withheldHead is the counter of changes. Transactions take turns, so numbers grow in
// the order of commits; it stays when rows go.
type withheldHead struct {
	bun.BaseModel `bun:"table:withheld_head"`

	ID  int   `bun:"id,pk"`
	Seq int64 `bun:"seq"`
}

func (r withheldRow) value() gossip.Withheld {
	return gossip.Withheld{
		Seq: r.Seq, Kind: gossip.Kind(r.Kind), Value: r.Value, Blocked: r.Blocked, Origin: gossip.Origin(r.Origin), Reason: r.Reason,
		ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt.UTC(),
	}
}

// withheldID names a value in few characters. A message's id is chosen by its sender,
// and may be long.
func withheldID(k gossip.Kind, value string) string {
	if k == gossip.MessageID {
		value = identity(value)
	}
	return keyText(string(k) + ":" + value)
}

// withholding is one change of what is withheld, in a transaction.
type withholding struct {
	tx      *store.Tx
	now     time.Time
	rows    map[string]withheldRow // as they are, by id
	changed map[string]withheldRow
}

// openWithholding reads the rows of these ids.
func openWithholding(ctx context.Context, tx *store.Tx, now time.Time, ids []string) (*withholding, error) {
	w := &withholding{tx: tx, now: now, rows: map[string]withheldRow{}, changed: map[string]withheldRow{}}
	slices.Sort(ids)
	rows, err := pick[withheldRow](ctx, tx, "id", slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("reading what is withheld: %w", err)
	}
	for _, r := range rows {
		w.rows[r.ID] = r
	}
	return w, nil
}

func (w *withholding) row(k gossip.Kind, value string) (withheldRow, bool) {
	r, known := w.rows[withheldID(k, text(value))]
	return r, known
}

// set makes a value withheld or not. What is so already, for the same origin, stays as
// it is.
func (w *withholding) set(v gossip.Withheld) withheldRow {
	v.Value = text(v.Value)
	before, known := w.row(v.Kind, v.Value)
	if known && before.Blocked == v.Blocked && before.Origin == string(v.Origin) {
		return before
	}
	r := withheldRow{
		ID: withheldID(v.Kind, v.Value), Kind: string(v.Kind), Value: v.Value, Blocked: v.Blocked, Origin: string(v.Origin),
		Reason: text(v.Reason), ChangedBy: keyText(v.ChangedBy), ChangedAt: stamp(w.now),
	}
	w.rows[r.ID], w.changed[r.ID] = r, r
	return r
}

// store gives what changed its numbers, and keeps it.
func (w *withholding) store(ctx context.Context) error {
	if len(w.changed) == 0 {
		return nil
	}
	head, err := w.head(ctx)
	if err != nil {
		return err
	}
	var rows []withheldRow
	for _, id := range slices.Sorted(maps.Keys(w.changed)) {
		head.Seq++
		r := w.changed[id]
		r.Seq = head.Seq
		w.rows[id], rows = r, append(rows, r)
	}
	if err := store.PutAll(ctx, w.tx, rows); err != nil {
		return fmt.Errorf("storing what is withheld: %w", err)
	}
	if err := store.Put(ctx, w.tx, &head); err != nil {
		return fmt.Errorf("counting what is withheld: %w", err)
	}
	clear(w.changed)
	return nil
}

// head is the number of the last change. Those that were made of what was in quarantine
// when the table was made are not counted yet.
func (w *withholding) head(ctx context.Context) (withheldHead, error) {
	head := withheldHead{ID: 1}
	err := w.tx.NewSelect().Model(&head).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		err = w.tx.NewSelect().Model((*withheldRow)(nil)).ColumnExpr("COALESCE(MAX(seq), 0)").Scan(ctx, &head.Seq)
	}
	if err != nil {
		return head, fmt.Errorf("counting what is withheld: %w", err)
	}
	return head, nil
}
