package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/store"
)

// dropSize is how many rows are deleted in one transaction: few enough that
// nobody who writes meanwhile waits for long.
const dropSize = 500

// Retention deletes what has been kept long enough.
type Retention struct{ store *store.Store }

// NewRetention returns the retention of what is in s.
func NewRetention(s *store.Store) *Retention { return &Retention{s} }

// Kept names what is dropped by age.
type Kept string

// What is dropped: events of whole days; findings, quarantine entries, egress
// decisions and what attackers did by when that was; incidents and anomalies by when
// they were closed; attackers, observations that wait and uses of API keys by when they
// were seen last; what gateways withhold when its quarantine entries are gone.
const (
	KeptEvents     Kept = "events"
	KeptFindings   Kept = "findings"
	KeptQuarantine Kept = "quarantine"
	KeptDecisions  Kept = "egress decisions"
	KeptIncidents  Kept = "closed incidents"
	KeptAnomalies  Kept = "anomalies that are over"
	KeptCaptured   Kept = "what attackers did"
	KeptAttackers  Kept = "attackers"
	KeptWaiting    Kept = "what waits to be joined"
	KeptKeyUses    Kept = "uses of API keys"
	KeptBlocks     Kept = "entries of the block list that are over"
	KeptActions    Kept = "actions of playbooks"
	KeptWithheld   Kept = "what gateways withhold"
)

// Drop deletes some of the oldest rows from before the given time; more says
// that there may be others. The audit entry is written with them when anything
// was deleted.
func (r *Retention) Drop(ctx context.Context, what Kept, before time.Time, by *audit.Entry) (dropped int, more bool, err error) {
	err = r.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if dropped, err = dropSome(ctx, tx, what, before); err != nil || dropped == 0 || by == nil {
			return err
		}
		e := *by
		if e.After, err = json.Marshal(map[string]string{"kept_since": stamp(before).Format(time.RFC3339)}); err != nil {
			return err
		}
		return appendAudit(ctx, tx, e)
	})
	if err != nil {
		return 0, false, fmt.Errorf("dropping old %s: %w", what, err)
	}
	return dropped, dropped >= dropSize, nil
}

// Scrub makes sure that what was dropped is in no file of the database.
func (r *Retention) Scrub(ctx context.Context) error { return r.store.Scrub(ctx) }

func dropSome(ctx context.Context, tx *store.Tx, what Kept, before time.Time) (int, error) {
	switch what {
	case KeptEvents:
		return tx.DropEvents(ctx, before, dropSize)
	case KeptFindings:
		return dropFindings(ctx, tx, before)
	case KeptQuarantine:
		return dropQuarantine(ctx, tx, before)
	case KeptDecisions:
		var ids []string
		if err := oldest(tx, (*decisionRow)(nil), before).Column("id").Scan(ctx, &ids); err != nil {
			return 0, err
		}
		return len(ids), dropDecisions(ctx, tx, ids, before)
	case KeptIncidents:
		return dropIncidents(ctx, tx, before)
	case KeptAnomalies:
		return dropAnomalies(ctx, tx, before)
	case KeptCaptured:
		return dropCaptured(ctx, tx, before)
	case KeptAttackers:
		return dropAttackers(ctx, tx, before)
	case KeptWaiting:
		return dropWaiting(ctx, tx, before)
	case KeptBlocks:
		return dropBlocks(ctx, tx, before)
	case KeptActions:
		return dropActions(ctx, tx, before)
	case KeptWithheld:
		return dropWithheld(ctx, tx, before)
	case KeptKeyUses:
		return dropWhere[keyUseRow](ctx, tx, "last_used < ?", stamp(before))
	}
	return 0, fmt.Errorf("%q is not dropped by age", what)
}

func dropFindings(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	var ids []string
	err := oldest(tx, (*findingRow)(nil), before).Column("id").Scan(ctx, &ids)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	_, err = tx.NewDelete().Model((*findingRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx)
	return len(ids), err
}

// dropQuarantine keeps the count of entries right. What was counted by minute
// and day is history, and stays.
func dropQuarantine(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	var rows []quarantineRow
	err := oldest(tx, (*quarantineRow)(nil), before).Column("id", "severity", "reviewed").Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	ids, kinds := make([]string, len(rows)), map[countRow]int{}
	for i, r := range rows {
		ids[i] = r.ID
		kinds[countRow{Severity: r.Severity, Reviewed: r.Reviewed}]++
	}
	if _, err := tx.NewDelete().Model((*quarantineRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
		return 0, err
	}
	for k, n := range kinds {
		if err := addCount(ctx, tx, k.Severity, k.Reviewed, -n); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// oldest selects the oldest rows by the time in their ids, which are the
// table's order.
func oldest(tx *store.Tx, model any, before time.Time) *bun.SelectQuery {
	return tx.NewSelect().Model(model).Where("id < ?", firstID(before)).Order("id").Limit(dropSize)
}

// firstID is what the first UUIDv7 of a time begins with (RFC 9562, 5.7).
func firstID(at time.Time) string {
	ms := at.UnixMilli()
	return fmt.Sprintf("%08x-%04x", ms>>16, ms&0xffff)
}
