package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// ListEndpoints implements api.EndpointStore.
func (e *Egress) ListEndpoints(ctx context.Context, f watch.Filter, p archive.Page) ([]watch.Endpoint, error) {
	lanes := withText(withText([]lane{nil}, "host_key", keyText(f.Host)), "exe_key", keyText(f.Program))
	switch f.State {
	case watch.StateNew:
		lanes = with(lanes, "standing", unreviewed()...)
	case watch.StateReviewed:
		lanes = with(lanes, "standing", standsReviewed)
	}
	db := e.store.Reader()
	var ids []string
	if err := idsIn(db, (*endpointRow)(nil), lanes, leak.Page{Limit: p.Limit, After: p.After}).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("listing egress endpoints: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []endpointRow
	if err := db.NewSelect().Model(&rows).Where("id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing egress endpoints: %w", err)
	}
	slices.SortFunc(rows, func(x, y endpointRow) int { return strings.Compare(y.ID, x.ID) })
	out := make([]watch.Endpoint, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

// Endpoint implements api.EndpointStore.
func (e *Egress) Endpoint(ctx context.Context, id string) (watch.Endpoint, error) {
	row, err := endpointByID(ctx, e.store.Reader(), id)
	return row.value(), err
}

func endpointByID(ctx context.Context, db bun.IDB, id string) (endpointRow, error) {
	row := endpointRow{ID: text(id)}
	if err := only(ctx, db.NewSelect().Model(&row).WherePK(), watch.ErrNoEndpoint, "an egress endpoint"); err != nil {
		return row, err
	}
	return row, nil
}

// EndpointQueue implements api.EndpointStore.
func (e *Egress) EndpointQueue(ctx context.Context) (waits, folded int64, err error) {
	n, err := e.store.Reader().NewSelect().Model((*endpointRow)(nil)).Where("standing IN (?)", bun.In(unreviewed())).Count(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("counting egress endpoints: %w", err)
	}
	err = e.store.Reader().NewSelect().Model((*foldRow)(nil)).ColumnExpr("COALESCE(SUM(endpoints), 0)").Scan(ctx, &folded)
	if err != nil {
		return 0, 0, fmt.Errorf("counting folded egress endpoints: %w", err)
	}
	return n, folded, nil
}

// ReviewEndpoint implements api.EndpointStore.
func (e *Egress) ReviewEndpoint(ctx context.Context, id string, r watch.Review, by audit.Entry) (watch.Endpoint, error) {
	var now endpointRow
	err := e.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, err := endpointByID(ctx, tx, id)
		if err != nil {
			return err
		}
		now = before
		at := stamp(r.At)
		now.Standing, now.Verdict, now.Note, now.ReviewedBy, now.ReviewedAt = standsReviewed, keyText(string(r.Verdict)), text(r.Note), keyText(r.By), &at
		if _, err := tx.NewUpdate().Model(&now).WherePK().Column("standing", "verdict", "note", "reviewed_by", "reviewed_at").Exec(ctx); err != nil {
			return err
		}
		if by.Before, by.After, err = endpointStory(before, now); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
	if errors.Is(err, watch.ErrNoEndpoint) {
		return watch.Endpoint{}, watch.ErrNoEndpoint
	}
	if err != nil {
		return watch.Endpoint{}, fmt.Errorf("reviewing an egress endpoint: %w", err)
	}
	return now.value(), nil
}

// endpointStory is what the audit log says of a review.
func endpointStory(before, now endpointRow) (was, is json.RawMessage, err error) {
	brief := func(r endpointRow) (json.RawMessage, error) {
		return json.Marshal(map[string]any{"program": r.Program, "host": r.Host, "port": r.Port, "state": r.Standing, "verdict": r.Verdict, "note": r.Note})
	}
	if was, err = brief(before); err != nil {
		return nil, nil, err
	}
	is, err = brief(now)
	return was, is, err
}

// Programs implements api.EndpointStore.
func (e *Egress) Programs(ctx context.Context, limit int) ([]watch.Program, error) {
	var rows []programRow
	err := e.store.Reader().NewSelect().Model((*endpointRow)(nil)).
		ColumnExpr("exe_key AS program, COUNT(*) AS destinations").
		ColumnExpr("SUM(CASE WHEN standing = ? THEN 0 ELSE 1 END) AS waiting", standsReviewed).
		ColumnExpr("SUM(allowed) AS allowed, SUM(denied) AS denied, SUM(bytes_out) AS bytes_out, SUM(bytes_in) AS bytes_in").
		ColumnExpr("MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen").
		GroupExpr("exe_key").OrderExpr("MAX(last_seen) DESC, exe_key").Limit(int64(max(limit, 1))).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("listing egress programs: %w", err)
	}
	out := make([]watch.Program, len(rows))
	for i, r := range rows {
		out[i] = watch.Program{
			Program: r.Program, Destinations: r.Destinations, Waiting: r.Waiting, Allowed: r.Allowed, Denied: r.Denied,
			BytesOut: r.BytesOut, BytesIn: r.BytesIn, FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(),
		}
	}
	return out, nil
}

// programRow sums endpoints up by program.
type programRow struct {
	Program      string    `bun:"program"`
	Destinations int64     `bun:"destinations"`
	Waiting      int64     `bun:"waiting"`
	Allowed      int64     `bun:"allowed"`
	Denied       int64     `bun:"denied"`
	BytesOut     int64     `bun:"bytes_out"`
	BytesIn      int64     `bun:"bytes_in"`
	FirstSeen    time.Time `bun:"first_seen"`
	LastSeen     time.Time `bun:"last_seen"`
}
