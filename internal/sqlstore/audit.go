package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/store"
)

// Audit reads the operators' audit log. It is written by the methods that
// change something, in their transactions.
type Audit struct{ store *store.Store }

// NewAudit returns the audit log in s.
func NewAudit(s *store.Store) *Audit { return &Audit{s} }

type auditRow struct {
	bun.BaseModel `bun:"table:audit_log"`

	Seq       int64     `bun:"seq,pk"`
	ID        string    `bun:"id"`
	Time      time.Time `bun:"time"`
	ActorKind string    `bun:"actor_kind"`
	ActorName string    `bun:"actor_name"`
	ActorRole string    `bun:"actor_role"`
	ActorAddr string    `bun:"actor_addr"`
	Action    string    `bun:"action"`
	Target    string    `bun:"target"`
	Reason    string    `bun:"reason"`
	OldValue  *string   `bun:"old_value"`
	NewValue  *string   `bun:"new_value"`
	PrevHash  string    `bun:"prev_hash"`
	Hash      string    `bun:"hash"`
}

// auditHead is the chain's last link; who appends holds it until the commit.
type auditHead struct {
	bun.BaseModel `bun:"table:audit_head"`

	ID   int    `bun:"id,pk"`
	Seq  int64  `bun:"seq"`
	Hash string `bun:"hash"`
}

// AuditRecords returns at most limit records behind the number after, in
// order. Checking them with audit.Record.Check proves the chain.
func (a *Audit) AuditRecords(ctx context.Context, after int64, limit int) ([]audit.Record, error) {
	var rows []auditRow
	err := a.store.Reader().NewSelect().Model(&rows).Where("seq > ?", after).
		Order("seq").Limit(int64(max(limit, 1))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading audit log: %w", err)
	}
	out := make([]audit.Record, len(rows))
	for i, r := range rows {
		out[i] = r.record()
	}
	return out, nil
}

// AuditHead returns the number and hash of the last record; (0, Genesis) when
// there is none. A chain whose last records were cut off checks out, but does
// not end here.
func (a *Audit) AuditHead(ctx context.Context) (seq int64, hash string, err error) {
	head, err := readAuditHead(ctx, a.store.Reader())
	if err != nil {
		return 0, "", fmt.Errorf("reading audit log: %w", err)
	}
	return head.Seq, head.Hash, nil
}

// appendAudit puts an entry behind the chain's head, in the transaction of
// what it tells of.
func appendAudit(ctx context.Context, tx *store.Tx, e audit.Entry) error {
	if _, err := store.Insert(ctx, tx, &auditHead{ID: 1, Hash: audit.Genesis}); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE audit_head SET seq = seq WHERE id = 1"); err != nil { // locks the row
		return fmt.Errorf("audit log: %w", err)
	}
	head, err := readAuditHead(ctx, tx)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	r := audit.Chain(head.Seq, head.Hash, fit(e))
	if _, err := tx.NewInsert().Model(newAuditRow(r)).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return store.Put(ctx, tx, &auditHead{ID: 1, Seq: r.Seq, Hash: r.Hash})
}

func readAuditHead(ctx context.Context, db bun.IDB) (auditHead, error) {
	var heads []auditHead
	if err := db.NewSelect().Model(&heads).Where("id = 1").Scan(ctx); err != nil {
		return auditHead{}, err
	}
	if len(heads) == 0 {
		return auditHead{ID: 1, Hash: audit.Genesis}, nil
	}
	return heads[0], nil
}

// fit makes an entry what the row will say, before it is hashed.
func fit(e audit.Entry) audit.Entry {
	e.ID, e.Time = cmp.Or(text(e.ID), id.New()), stamp(e.Time)
	e.Actor = audit.Actor{Kind: text(e.Actor.Kind), Name: text(e.Actor.Name), Role: text(e.Actor.Role), Addr: text(e.Actor.Addr)}
	e.Action, e.Target, e.Reason = text(e.Action), text(e.Target), text(e.Reason)
	e.Before, e.After = raw(rawOrNil(e.Before)), raw(rawOrNil(e.After))
	return e
}

func newAuditRow(r audit.Record) *auditRow {
	return &auditRow{
		Seq: r.Seq, ID: r.ID, Time: r.Time, ActorKind: r.Actor.Kind, ActorName: r.Actor.Name, ActorRole: r.Actor.Role,
		ActorAddr: r.Actor.Addr, Action: r.Action, Target: r.Target, Reason: r.Reason,
		OldValue: rawOrNil(r.Before), NewValue: rawOrNil(r.After), PrevHash: r.Prev, Hash: r.Hash,
	}
}

func (r auditRow) record() audit.Record {
	return audit.Record{Seq: r.Seq, Prev: r.PrevHash, Hash: r.Hash, Entry: audit.Entry{
		ID: r.ID, Time: r.Time.UTC(), Actor: audit.Actor{Kind: r.ActorKind, Name: r.ActorName, Role: r.ActorRole, Addr: r.ActorAddr},
		Action: r.Action, Target: r.Target, Reason: r.Reason, Before: raw(r.OldValue), After: raw(r.NewValue),
	}}
}

func raw(s *string) json.RawMessage {
	if s == nil {
		return nil
	}
	return json.RawMessage(*s)
}
