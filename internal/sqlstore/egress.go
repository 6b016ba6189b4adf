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

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/egress/archive"
	"go.cordon.dev/cordon/internal/egress/killswitch"
	"go.cordon.dev/cordon/internal/egress/ledger"
	"go.cordon.dev/cordon/internal/egress/policies"
	"go.cordon.dev/cordon/internal/store"
)

// Egress keeps what the egress sensor decided and its policies.
type Egress struct{ store *store.Store }

var (
	_ archive.Store  = (*Egress)(nil)
	_ policies.Store = (*Egress)(nil)
)

// NewEgress returns the egress sensor's memory in s.
func NewEgress(s *store.Store) *Egress { return &Egress{s} }

func logID(l archive.Log) string { return identity(l.Node, l.Dir) }

// Archived implements archive.Store.
func (e *Egress) Archived(ctx context.Context, log archive.Log) (ledger.Head, error) {
	row := logRow{ID: logID(log)}
	err := e.store.Reader().NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Head{}, nil
	}
	if err != nil {
		return ledger.Head{}, fmt.Errorf("reading how far the egress log was stored: %w", err)
	}
	return ledger.Head{Seq: uint64(row.Seq), Hash: row.Hash}, nil
}

// Archive implements archive.Store.
func (e *Egress) Archive(ctx context.Context, b archive.Batch) error {
	err := e.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		t := tally{tx: tx, hosts: map[string]*destinationRow{}, days: map[egressDayRow]int{}, endpoints: endpoints{}}
		for i, d := range b.Decisions {
			if err := t.decision(ctx, d); err != nil {
				return err
			}
			if err := tx.Emit(b.Events[i]); err != nil {
				return err
			}
		}
		for _, end := range b.Ends {
			if err := t.end(ctx, b.Node, end); err != nil {
				return err
			}
		}
		if err := t.save(ctx); err != nil {
			return err
		}
		if err := t.endpoints.save(ctx, tx, b.Node, e.store.Now()); err != nil {
			return err
		}
		if err := saveNews(ctx, tx, b.Node, b.News, e.store.Now()); err != nil {
			return err
		}
		row := logRow{ID: logID(b.Log), Node: keyText(b.Node), Dir: text(b.Dir), Seq: int64(b.Head.Seq), Hash: text(b.Head.Hash), UpdatedAt: e.store.Now()}
		return store.Put(ctx, tx, &row)
	})
	if err != nil {
		return fmt.Errorf("storing egress decisions: %w", err)
	}
	return nil
}

// tally is one Archive being stored.
type tally struct {
	tx    *store.Tx
	hosts map[string]*destinationRow
	days  map[egressDayRow]int

	endpoints endpoints
}

func (t *tally) host(name string, at time.Time) *destinationRow {
	key := keyText(name)
	row := t.hosts[key]
	if row == nil {
		row = &destinationRow{Host: key, FirstSeen: stamp(at)}
		t.hosts[key] = row
	}
	return row
}

func (t *tally) decision(ctx context.Context, d archive.Decision) error {
	row, err := newDecisionRow(d)
	if err != nil {
		return err
	}
	added, err := store.Insert(ctx, t.tx, &row)
	if err != nil || !added {
		return err
	}
	t.endpoints.decided(d)
	h := t.host(d.Host, d.Time)
	if d.Decision == "allow" {
		h.Allowed++
	} else {
		h.Denied++
	}
	h.LastSeen, h.LastDecision, h.LastReason = row.DecidedAt, row.Decision, row.Reason
	t.days[egressDayRow{Day: row.DecidedAt.Format(time.DateOnly), Decision: row.Decision, Reason: row.Reason}]++
	return nil
}

// end adds a flow's bytes to the decision that let it out. One that is told
// twice changes nothing.
func (t *tally) end(ctx context.Context, node string, e ledger.Entry) error {
	at := stamp(e.Time)
	done, err := store.Touched(t.tx.NewUpdate().Model((*decisionRow)(nil)).
		Set("bytes_out = ?", e.BytesOut).Set("bytes_in = ?", e.BytesIn).Set("ended_at = ?", at).Set("cut = ?", text(e.Cut)).
		Where("flow = ?", flowKey(e.Flow)).Where("decision = ?", "allow").Where("ended_at IS NULL").Exec(ctx))
	if err != nil || !done {
		return err
	}
	t.endpoints.ended(node, e)
	h := t.host(e.Host, e.Time)
	h.BytesOut += e.BytesOut
	h.BytesIn += e.BytesIn
	return nil
}

// save adds the counters up, each once; in one order, so that two nodes never
// wait for each other.
func (t *tally) save(ctx context.Context) error {
	for _, key := range slices.Sorted(maps.Keys(t.hosts)) {
		if err := t.saveHost(ctx, t.hosts[key]); err != nil {
			return fmt.Errorf("destination: %w", err)
		}
	}
	for _, day := range slices.SortedFunc(maps.Keys(t.days), compareDays) {
		if err := addTo(ctx, t.tx, &day, t.days[day]); err != nil {
			return err
		}
	}
	return nil
}

func compareDays(a, b egressDayRow) int {
	return slices.Compare([]string{a.Day, a.Decision, a.Reason}, []string{b.Day, b.Decision, b.Reason})
}

func (t *tally) saveHost(ctx context.Context, h *destinationRow) error {
	fresh := &destinationRow{Host: h.Host, FirstSeen: h.FirstSeen, LastSeen: h.FirstSeen}
	if _, err := store.Insert(ctx, t.tx, fresh); err != nil {
		return err
	}
	q := t.tx.NewUpdate().Model(h).WherePK().
		Set("allowed = allowed + ?", h.Allowed).Set("denied = denied + ?", h.Denied).
		Set("bytes_out = bytes_out + ?", h.BytesOut).Set("bytes_in = bytes_in + ?", h.BytesIn)
	if !h.LastSeen.IsZero() {
		q = q.Set("last_seen = ?", h.LastSeen).Set("last_decision = ?", h.LastDecision).Set("last_reason = ?", h.LastReason)
	}
	_, err := q.Exec(ctx)
	return err
}

// LastPolicy implements policies.Store.
func (e *Egress) LastPolicy(ctx context.Context, node string) (policies.Version, error) {
	return e.policy(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("node = ?", keyText(node)).OrderExpr("version DESC").Limit(1)
	})
}

// Policy implements policies.Store.
func (e *Egress) Policy(ctx context.Context, node string, number int64) (policies.Version, error) {
	return e.policy(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("node = ?", keyText(node)).Where("version = ?", number)
	})
}

func (e *Egress) policy(ctx context.Context, which func(*bun.SelectQuery) *bun.SelectQuery) (policies.Version, error) {
	var row policyRow
	if err := only(ctx, which(e.store.Reader().NewSelect().Model(&row)), policies.ErrNone, "an egress policy"); err != nil {
		return policies.Version{}, err
	}
	return row.value(), nil
}

func (r policyRow) value() policies.Version {
	return policies.Version{
		Number: r.Version, Document: r.Document, Hash: r.Hash, Author: r.Author, Reason: r.Reason, Origin: r.Origin, Time: r.CreatedAt.UTC(),
	}
}

// Policies implements policies.Store.
func (e *Egress) Policies(ctx context.Context, node string, before int64, limit int) ([]policies.Version, error) {
	var rows []policyRow
	q := e.store.Reader().NewSelect().Model(&rows).ExcludeColumn("document").Where("node = ?", keyText(node))
	if before > 0 {
		q = q.Where("version < ?", before)
	}
	if err := q.OrderExpr("version DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing egress policies: %w", err)
	}
	out := make([]policies.Version, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

// SavePolicy implements policies.Store.
func (e *Egress) SavePolicy(ctx context.Context, node string, v policies.Version, by audit.Entry) error {
	err := e.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		row := policyRow{
			Node: keyText(node), Version: v.Number, Document: v.Document, Hash: v.Hash, Author: keyText(v.Author),
			Reason: text(v.Reason), Origin: v.Origin, CreatedAt: stamp(v.Time),
		}
		added, err := store.Insert(ctx, tx, &row)
		if err != nil {
			return err
		}
		if !added {
			return policies.ErrConflict
		}
		old := tx.NewDelete().Model((*policyRow)(nil)).Where("node = ?", keyText(node)).Where("version <= ?", v.Number-policies.KeptVersions)
		if _, err := old.Exec(ctx); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
	if err != nil {
		return fmt.Errorf("saving version %d of the egress policy: %w", v.Number, err)
	}
	return nil
}

// KillSwitch is how an operator last turned a node's kill switch; off when
// nobody ever did.
func (e *Egress) KillSwitch(ctx context.Context, node string) (killswitch.State, error) {
	row := switchRow{Node: keyText(node)}
	err := e.store.Reader().NewSelect().Model(&row).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return killswitch.State{}, nil
	}
	if err != nil {
		return killswitch.State{}, fmt.Errorf("reading the kill switch: %w", err)
	}
	return killswitch.State{On: row.Active, Reason: row.Reason, By: row.ChangedBy, Since: row.Since.UTC()}, nil
}

// TurnKillSwitch stores how an operator turns a node's kill switch, with the
// audit entry.
func (e *Egress) TurnKillSwitch(ctx context.Context, node string, now killswitch.State, by audit.Entry) error {
	err := e.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		row := switchRow{Node: keyText(node), Active: now.On, Reason: text(now.Reason), ChangedBy: keyText(now.By), Since: stamp(now.Since)}
		if err := store.Put(ctx, tx, &row); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
	if err != nil {
		return fmt.Errorf("storing the kill switch: %w", err)
	}
	return nil
}
