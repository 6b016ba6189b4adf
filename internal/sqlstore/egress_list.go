package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/leak"
)

// ListDecisions implements api.EgressStore.
func (e *Egress) ListDecisions(ctx context.Context, f archive.Filter, p archive.Page) ([]archive.Decision, error) {
	lanes := []lane{nil}
	for _, c := range []struct{ column, value string }{
		{"decision", f.Decision}, {"host_key", keyText(f.Host)}, {"exe_key", keyText(f.Program)}, {"rule", f.Rule}, {"reason", f.Reason}, {"node", f.Node}, {"holds", holds(f.Findings)},
	} {
		lanes = withText(lanes, c.column, c.value)
	}
	db := e.store.Reader()
	var ids []string
	if err := idsIn(db, (*decisionRow)(nil), lanes, leak.Page{Limit: p.Limit, After: p.After}).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("listing egress decisions: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []decisionRow
	if err := db.NewSelect().Model(&rows).Where("id IN (?)", bun.In(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing egress decisions: %w", err)
	}
	slices.SortFunc(rows, func(x, y decisionRow) int { return strings.Compare(y.ID, x.ID) })
	out := make([]archive.Decision, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Destinations implements api.EgressStore.
func (e *Egress) Destinations(ctx context.Context, limit int) ([]archive.Destination, error) {
	var rows []destinationRow
	err := e.store.Reader().NewSelect().Model(&rows).OrderExpr("last_seen DESC, host_key").Limit(int64(max(limit, 1))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing egress destinations: %w", err)
	}
	out := make([]archive.Destination, len(rows))
	for i, r := range rows {
		out[i] = archive.Destination{
			Host: r.Host, Allowed: r.Allowed, Denied: r.Denied, BytesOut: r.BytesOut, BytesIn: r.BytesIn,
			FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), LastDecision: r.LastDecision, LastReason: r.LastReason,
		}
	}
	return out, nil
}

// DayCounts implements api.EgressStore.
func (e *Egress) DayCounts(ctx context.Context, fromDay string) ([]archive.DayCount, error) {
	var rows []egressDayRow
	if err := e.store.Reader().NewSelect().Model(&rows).Where("day >= ?", text(fromDay)).Order("day", "decision", "reason").Scan(ctx); err != nil {
		return nil, fmt.Errorf("counting egress decisions: %w", err)
	}
	out := make([]archive.DayCount, len(rows))
	for i, r := range rows {
		out[i] = archive.DayCount{Day: r.Day, Decision: r.Decision, Reason: r.Reason, Total: r.Total}
	}
	return out, nil
}

// dropDecisions deletes decisions, and destinations and endpoints that nobody
// asked for since; what somebody reviewed stays, and so do counts by day, which
// are history.
func dropDecisions(ctx context.Context, tx bun.IDB, ids []string, before time.Time) error {
	if len(ids) > 0 {
		if _, err := tx.NewDelete().Model((*decisionRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
			return err
		}
	}
	if _, err := tx.NewDelete().Model((*destinationRow)(nil)).Where("last_seen < ?", stamp(before)).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewDelete().Model((*endpointRow)(nil)).Where("last_seen < ?", stamp(before)).Where("standing IN (?)", bun.In(unreviewed())).Exec(ctx)
	return err
}
