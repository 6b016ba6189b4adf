package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// dropIncidents deletes incidents that were closed before a time: lines of their
// timelines first, the incidents when no line is left. It counts both. A part goes
// after the incident that it was merged into: its key leads there.
func dropIncidents(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	closed := func() *bun.SelectQuery {
		return tx.NewSelect().Model((*incidentRow)(nil)).Column("id").Where("closed_at < ?", stamp(before)).
			Where("id NOT IN (SELECT id FROM incident_links)").Order("id").Limit(dropSize)
	}
	var incidents, lines []string
	if err := closed().Scan(ctx, &incidents); err != nil || len(incidents) == 0 {
		return 0, err
	}
	err := tx.NewSelect().Model((*entryRow)(nil)).Column("id").Where("incident_id IN (?)", bun.In(incidents)).Limit(dropSize).Scan(ctx, &lines)
	if err != nil {
		return 0, err
	}
	if len(lines) > 0 {
		if _, err := tx.NewDelete().Model((*entryRow)(nil)).Where("id IN (?)", bun.In(lines)).Exec(ctx); err != nil {
			return 0, err
		}
	}
	if len(lines) == dropSize { // there may be more
		return len(lines), nil
	}
	if err := dropMergers(ctx, tx, incidents); err != nil {
		return 0, err
	}
	if _, err := tx.NewDelete().Model((*escalationRow)(nil)).Where("incident_id IN (?)", bun.In(incidents)).Exec(ctx); err != nil {
		return 0, err
	}
	_, err = tx.NewDelete().Model((*incidentRow)(nil)).Where("id IN (?)", bun.In(incidents)).Exec(ctx)
	return len(lines) + len(incidents), err
}

// dropWaiting deletes observations for which no other came in time, and the oldest of
// more than are kept.
func dropWaiting(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	var last time.Time
	err := tx.NewSelect().Model((*waitingRow)(nil)).Column("seen_at").OrderExpr("seen_at DESC").Offset(incident.MaxWaiting).Limit(1).Scan(ctx, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if err == nil && last.After(before) {
		before = last
	}
	return dropWhere[waitingRow](ctx, tx, "seen_at < ?", stamp(before))
}
