package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/store"
)

// Baselines implements archive.Store.
func (e *Egress) Baselines(ctx context.Context, node string) ([]watch.Saved, error) {
	var rows []baselineRow
	if err := e.store.Reader().NewSelect().Model(&rows).Where("node = ?", keyText(node)).Order("updated_at", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading egress baselines: %w", err)
	}
	out := make([]watch.Saved, len(rows))
	for i, r := range rows {
		out[i] = watch.Saved{Pair: watch.Pair{Program: r.Program, Host: r.Host}, State: r.State}
	}
	return out, nil
}

// ListBaselines implements api.BaselineReader.
func (e *Egress) ListBaselines(ctx context.Context, w watch.Which, limit int) ([]watch.Stored, error) {
	var rows []baselineRow
	q := e.store.Reader().NewSelect().Model(&rows).OrderExpr("updated_at DESC, id DESC").Limit(int64(max(limit, 1)))
	if w.Node != "" {
		q = q.Where("node = ?", keyText(w.Node))
	}
	if w.Program != "" {
		q = q.Where("program = ?", text(w.Program))
	}
	if w.Host != "" {
		q = q.Where("host = ?", text(w.Host))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing egress baselines: %w", err)
	}
	out := make([]watch.Stored, len(rows))
	for i, r := range rows {
		out[i] = watch.Stored{Saved: watch.Saved{Pair: watch.Pair{Program: r.Program, Host: r.Host}, State: r.State}, Node: r.Node, UpdatedAt: r.UpdatedAt.UTC()}
	}
	return out, nil
}

// saveNews stores what a watcher made of a batch.
func saveNews(ctx context.Context, tx *store.Tx, node string, n watch.News, now time.Time) error {
	for _, e := range n.Alerts {
		if err := tx.Emit(e); err != nil {
			return err
		}
	}
	for _, s := range n.Saved {
		row := baselineRow{ID: pairID(node, s.Pair), Node: keyText(node), Program: text(s.Program), Host: text(s.Host), State: s.State, UpdatedAt: stamp(now)}
		if err := store.Put(ctx, tx, &row); err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
	}
	if len(n.Gone) == 0 {
		return nil
	}
	ids := make([]string, len(n.Gone))
	for i, p := range n.Gone {
		ids[i] = pairID(node, p)
	}
	if _, err := tx.NewDelete().Model((*baselineRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	return nil
}

func pairID(node string, p watch.Pair) string { return identity(node, p.Program, p.Host) }
