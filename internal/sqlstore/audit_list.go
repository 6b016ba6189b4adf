package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/store"
)

var _ audit.Log = (*Audit)(nil)

type checkpointRow struct {
	bun.BaseModel `bun:"table:audit_checkpoints"`

	Seq       int64     `bun:"seq,pk"`
	Hash      string    `bun:"hash"`
	Time      time.Time `bun:"time"`
	KeyID     string    `bun:"key_id"`
	PublicKey string    `bun:"public_key"`
	Signature string    `bun:"signature"`
}

func (r checkpointRow) value() audit.Checkpoint {
	return audit.Checkpoint{Seq: r.Seq, Hash: r.Hash, Time: r.Time.UTC(), KeyID: r.KeyID, PublicKey: r.PublicKey, Signature: r.Signature}
}

// RecordAudit stores a record of something that changed no row.
func (a *Audit) RecordAudit(ctx context.Context, by audit.Entry) error {
	return a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return appendAudit(ctx, tx, by) })
}

// RecordIn stores a record in a transaction of somebody else's.
func RecordIn(ctx context.Context, tx *store.Tx, by audit.Entry) error {
	return appendAudit(ctx, tx, by)
}

// ListAudit returns at most limit records that pass the filter, newest first,
// those before the number before; 0 begins with the newest.
func (a *Audit) ListAudit(ctx context.Context, f audit.Filter, before int64, limit int) ([]audit.Record, error) {
	var rows []auditRow
	q := filterAudit(a.store.Reader().NewSelect().Model(&rows), f)
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	if err := q.Order("seq DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing audit log: %w", err)
	}
	out := make([]audit.Record, len(rows))
	for i, r := range rows {
		out[i] = r.record()
	}
	return out, nil
}

func filterAudit(q *bun.SelectQuery, f audit.Filter) *bun.SelectQuery {
	if f.Actor != "" {
		q = q.Where("actor_name = ?", text(f.Actor))
	}
	if object, all := strings.CutSuffix(f.Action, ".*"); all {
		q = q.Where("action >= ? AND action < ?", text(object)+".", text(object)+"/") // the slash follows the dot
	} else if f.Action != "" {
		q = q.Where("action = ?", text(f.Action))
	}
	if f.Target != "" {
		q = q.Where("target = ?", text(f.Target))
	}
	if !f.From.IsZero() {
		q = q.Where("time >= ?", stamp(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("time < ?", stamp(f.To))
	}
	return q
}

// Checkpoints implements audit.Log.
func (a *Audit) Checkpoints(ctx context.Context, after int64, limit int) ([]audit.Checkpoint, error) {
	var rows []checkpointRow
	err := a.store.Reader().NewSelect().Model(&rows).Where("seq > ?", after).Order("seq").Limit(int64(max(limit, 1))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading audit checkpoints: %w", err)
	}
	out := make([]audit.Checkpoint, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

// LastCheckpoint implements audit.Log.
func (a *Audit) LastCheckpoint(ctx context.Context) (audit.Checkpoint, error) {
	var row checkpointRow
	if err := only(ctx, a.store.Reader().NewSelect().Model(&row).Order("seq DESC").Limit(1), audit.ErrNoCheckpoint, "audit checkpoints"); err != nil {
		return audit.Checkpoint{}, err
	}
	return row.value(), nil
}

// SaveCheckpoint implements audit.Log.
func (a *Audit) SaveCheckpoint(ctx context.Context, c audit.Checkpoint) error {
	row := &checkpointRow{Seq: c.Seq, Hash: text(c.Hash), Time: stamp(c.Time), KeyID: text(c.KeyID), PublicKey: text(c.PublicKey), Signature: text(c.Signature)}
	err := a.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := store.Insert(ctx, tx, row)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing audit checkpoint: %w", err)
	}
	return nil
}
