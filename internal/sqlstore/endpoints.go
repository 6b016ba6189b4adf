package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/watch"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// The standings of endpoints. Those that were never let out are the first to
// make way.
const (
	standsDenied   = "denied"
	standsAllowed  = "allowed"
	standsReviewed = "reviewed"
)

func unreviewed() []string { return []string{standsAllowed, standsDenied} }

// endpoints is what the lines of a batch say of endpoints, by identity.
type endpoints map[string]*endpointRow

func endpointID(node string, e ledger.Entry) string {
	return identity(node, e.Exe, e.Host, strconv.Itoa(int(e.Port)))
}

// isEndpoint reports whether there is something to review. Of a host whose name held a
// secret no name is recorded.
func isEndpoint(e ledger.Entry) bool { return e.Host != "" && archive.Outbound(e) }

func (all endpoints) decided(d archive.Decision) {
	if !isEndpoint(d.Entry) {
		return
	}
	key := endpointID(d.Node, d.Entry)
	row := all[key]
	if row == nil {
		row = newEndpointRow(key, d)
		all[key] = row
	}
	if row.ID == "" { // an end came first
		seen := newEndpointRow(key, d)
		seen.BytesOut, seen.BytesIn = row.BytesOut, row.BytesIn
		*row = *seen
	}
	if d.Line.Decision == "allow" {
		row.Allowed++
		row.Standing = standsAllowed
	} else {
		row.Denied++
	}
	row.LastSeen, row.LastDecision, row.LastReason, row.LastRule = stamp(d.Time), keyText(d.Line.Decision), keyText(d.Reason), keyText(d.Rule)
}

func (all endpoints) ended(node string, e ledger.Entry) {
	if !isEndpoint(e) {
		return
	}
	key := endpointID(node, e)
	if all[key] == nil {
		all[key] = &endpointRow{Identity: key}
	}
	all[key].BytesOut += e.BytesOut
	all[key].BytesIn += e.BytesIn
}

// save adds what was counted to the endpoints that are known, and stores the
// others with their events.
func (all endpoints) save(ctx context.Context, tx *store.Tx, node string, now time.Time) error {
	if len(all) == 0 {
		return nil
	}
	keys := slices.Sorted(maps.Keys(all))
	var known []string
	if err := tx.NewSelect().Model((*endpointRow)(nil)).Column("identity").Where("identity IN (?)", bun.In(keys)).Scan(ctx, &known); err != nil {
		return fmt.Errorf("endpoints: %w", err)
	}
	var fresh []*endpointRow
	for _, key := range keys {
		row := all[key]
		switch {
		case slices.Contains(known, key):
			if err := row.add(ctx, tx); err != nil {
				return fmt.Errorf("endpoint: %w", err)
			}
		case row.ID != "": // the ends of one that made way say nothing new
			fresh = append(fresh, row)
		}
	}
	slices.SortFunc(fresh, func(a, b *endpointRow) int { return int(a.seq) - int(b.seq) })
	return firstSeen(ctx, tx, node, fresh, now)
}

// add adds the counts of a batch.
func (r *endpointRow) add(ctx context.Context, tx *store.Tx) error {
	q := tx.NewUpdate().Model((*endpointRow)(nil)).Where("identity = ?", r.Identity).
		Set("allowed = allowed + ?", r.Allowed).Set("denied = denied + ?", r.Denied).
		Set("bytes_out = bytes_out + ?", r.BytesOut).Set("bytes_in = bytes_in + ?", r.BytesIn)
	if r.Allowed > 0 {
		q = q.Set("standing = CASE WHEN standing = ? THEN ? ELSE standing END", standsDenied, standsAllowed)
	}
	if !r.LastSeen.IsZero() {
		q = q.Set("last_seen = ?", r.LastSeen).Set("last_decision = ?", r.LastDecision).Set("last_reason = ?", r.LastReason).Set("last_rule = ?", r.LastRule)
	}
	_, err := q.Exec(ctx)
	return err
}

// firstSeen stores new endpoints. While the queue is full they are stored in
// the place of others, and not told of one by one: too many denials are.
func firstSeen(ctx context.Context, tx *store.Tx, node string, fresh []*endpointRow, now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	have, err := tx.NewSelect().Model((*endpointRow)(nil)).Where("node = ?", keyText(node)).Where("standing IN (?)", bun.In(unreviewed())).Count(ctx)
	if err != nil {
		return fmt.Errorf("counting endpoints: %w", err)
	}
	for i, row := range fresh {
		if _, err := store.Insert(ctx, tx, row); err != nil {
			return fmt.Errorf("endpoint: %w", err)
		}
		if have+int64(i) < watch.MaxWaiting {
			if err := row.tell(tx); err != nil {
				return err
			}
		}
	}
	folded, err := foldEndpoints(ctx, tx, node, int(have)+len(fresh)-watch.MaxWaiting)
	if err != nil || folded == 0 {
		return err
	}
	return countFolded(ctx, tx, foldRow{Node: keyText(node), UpdatedAt: stamp(now)}, folded)
}

// tell emits the event of a new endpoint.
func (r *endpointRow) tell(tx *store.Tx) error {
	severity := event.Low
	if r.first.Rule != "" && r.first.Decision == "allow" {
		severity = event.Info
	}
	f := r.first
	e, err := event.New(event.Header{
		Time: f.OccurredAt, Source: r.Node + "/egress", Severity: severity, CorrelationID: f.Flow, Subject: watch.Target(f.Host, f.Port),
	}, f)
	if err != nil {
		return fmt.Errorf("telling of an endpoint: %w", err)
	}
	return tx.Emit(e)
}

// foldEndpoints deletes the n oldest endpoints that wait, those that were never
// let out first, and returns how many there were.
func foldEndpoints(ctx context.Context, tx *store.Tx, node string, n int) (folded int, err error) {
	for _, standing := range []string{standsDenied, standsAllowed} {
		if n-folded <= 0 {
			break
		}
		var ids []string
		err := tx.NewSelect().Model((*endpointRow)(nil)).Column("id").Where("node = ?", keyText(node)).Where("standing = ?", standing).
			Order("id").Limit(int64(n-folded)).Scan(ctx, &ids)
		if err != nil {
			return 0, fmt.Errorf("folding endpoints: %w", err)
		}
		if len(ids) == 0 {
			continue
		}
		if _, err := tx.NewDelete().Model((*endpointRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
			return 0, fmt.Errorf("folding endpoints: %w", err)
		}
		folded += len(ids)
	}
	return folded, nil
}

func countFolded(ctx context.Context, tx *store.Tx, row foldRow, n int) error {
	if _, err := store.Insert(ctx, tx, &row); err != nil {
		return fmt.Errorf("counting folded endpoints: %w", err)
	}
	_, err := tx.NewUpdate().Model(&row).WherePK().Set("endpoints = endpoints + ?", n).Set("updated_at = ?", row.UpdatedAt).Exec(ctx)
	return err
}
