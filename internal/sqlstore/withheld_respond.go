package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/gossip"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/store"
)

var _ respond.Quarantine = (*Responses)(nil)

// Withhold implements respond.Quarantine. Done again after a crash it changes
// nothing, and finds the entry that it made.
func (s *Responses) Withhold(ctx context.Context, a respond.Action, by audit.Entry, source string) (entry string, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		w, before, known, err := openTarget(ctx, tx, s, a)
		if err != nil {
			return err
		}
		if known && !before.Blocked && before.Origin != string(gossip.ByPlaybook) {
			return judged(a)
		}
		raised := false
		if a.Kind == playbook.Quarantine {
			entry, raised, err = raiseEntry(ctx, tx, s, a.Target, source)
		}
		if err != nil {
			return err
		}
		if known && before.Blocked && !raised {
			return nil
		}
		if !known || !before.Blocked {
			w.set(gossip.Withheld{Kind: withheldKind(a), Value: a.Target, Blocked: true, Origin: gossip.ByPlaybook, Reason: by.Reason, ChangedBy: by.Actor.Name})
		}
		return w.audited(ctx, before, known, a, by)
	})
	if err != nil {
		return "", fmt.Errorf("withholding what an action names: %w", err)
	}
	return entry, nil
}

// Release implements respond.Quarantine.
func (s *Responses) Release(ctx context.Context, a respond.Action, by audit.Entry) (still string, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		w, before, known, err := openTarget(ctx, tx, s, a)
		if err != nil || !known || !before.Blocked {
			return err
		}
		if before.Origin != string(gossip.ByPlaybook) {
			still = holder(before)
			return nil
		}
		another, err := tx.NewSelect().Model((*actionRow)(nil)).Where("kind = ?", string(a.Kind)).Where("target = ?", keyText(a.Target)).
			Where("state = ?", string(respond.ActionDone)).Where("id <> ?", a.ID).Exists(ctx)
		if err != nil || another {
			still = "another action wants it, too; undo that as well"
			return err
		}
		w.set(gossip.Withheld{Kind: withheldKind(a), Value: a.Target, Origin: gossip.ByPlaybook, Reason: by.Reason, ChangedBy: by.Actor.Name})
		return w.audited(ctx, before, known, a, by)
	})
	if err != nil {
		return "", fmt.Errorf("releasing what an action names: %w", err)
	}
	return still, nil
}

// withheldKind is what an action's target is.
func withheldKind(a respond.Action) gossip.Kind {
	if a.Kind == playbook.QuarantineMessage {
		return gossip.MessageID
	}
	return gossip.Fingerprint
}

// judged is why a playbook does not overrule who let it pass.
func judged(a respond.Action) error {
	if a.Kind == playbook.QuarantineMessage {
		return respond.ErrMayPass
	}
	return respond.ErrJudged
}

// holder says what else withholds a value.
func holder(r withheldRow) string {
	if r.Origin == string(gossip.ByPerson) {
		return "a person blocks it; unblock it on the page Gateway"
	}
	return "a quarantine entry holds it; review that as false positive"
}

func openTarget(ctx context.Context, tx *store.Tx, s *Responses, a respond.Action) (w *withholding, before withheldRow, known bool, err error) {
	w, err = openWithholding(ctx, tx, s.store.Now(), []string{withheldID(withheldKind(a), text(a.Target))})
	if err != nil {
		return nil, before, false, err
	}
	before, known = w.row(withheldKind(a), a.Target)
	return w, before, known, nil
}

// audited stores the change of what an action is about with its audit entry.
func (w *withholding) audited(ctx context.Context, before withheldRow, known bool, a respond.Action, by audit.Entry) (err error) {
	if err := w.store(ctx); err != nil {
		return err
	}
	if known {
		if by.Before, err = before.value().Story(); err != nil {
			return err
		}
	}
	now, _ := w.row(withheldKind(a), a.Target)
	if by.After, err = now.value().Story(); err != nil {
		return err
	}
	return appendAudit(ctx, w.tx, by)
}

// raiseEntry makes the quarantine entry of the newest finding of a secret that has none,
// with its event. It returns the id of the entry that was made here, now or before:
// that has no hash of its message, which a finding does not keep.
func raiseEntry(ctx context.Context, tx *store.Tx, s *Responses, fingerprint, source string) (entry string, raised bool, err error) {
	var had quarantineRow
	err = tx.NewSelect().Model(&had).Column("id", "full_content_hash").Where("fingerprint = ?", text(fingerprint)).Order("full_content_hash").Limit(1).Scan(ctx)
	if err == nil && had.FullContentHash == "" {
		return had.ID, false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", false, wrapped(err, "looking for quarantine entries of a secret")
	}
	var f findingRow
	err = tx.NewSelect().Model(&f).Where("fingerprint = ?", text(fingerprint)).Order("id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) { // what was sent or tried elsewhere is no message
		return "", false, nil
	}
	if err != nil {
		return "", false, wrapped(err, "looking for findings of a secret")
	}
	row, e, err := entryOfFinding(s, f, source)
	if err != nil {
		return "", false, err
	}
	return row.ID, true, storeRaised(ctx, tx, row, f.ID, e)
}

func wrapped(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// entryOfFinding is the entry of a finding that was below the policy's bar, and its event. Info
// never enters quarantine: it is low there.
func entryOfFinding(s *Responses, f findingRow, source string) (quarantineRow, event.Event, error) {
	row := quarantineRow{
		ID: id.New(), Timestamp: stamp(s.store.Now()), Source: f.Source, HypercorePosition: f.HypercorePosition, CoreKey: f.CoreKey, Fork: f.Fork,
		BzzzMessageID: f.BzzzMessageID, Rule: f.Rule, SecretType: f.SecretType, Severity: max(f.Severity, int(event.Low)), Confidence: f.Confidence,
		RedactedContent: f.Redacted, Fingerprint: f.Fingerprint, Occurrences: 1, Disposition: string(leak.Observed), CorrelationID: f.CorrelationID,
		DedupKey: identity(entryIdentity(f.Source, unsigned(f.HypercorePosition), f.CoreKey, uint64(f.Fork), f.BzzzMessageID), f.Fingerprint),
	}
	h := event.Header{Time: row.Timestamp, Source: source, Severity: event.Severity(row.Severity), Subject: f.Source, CorrelationID: f.CorrelationID}
	e, err := event.New(h, event.MessageQuarantined{
		Finding: event.Finding{
			Fingerprint: f.Fingerprint, Rule: f.Rule, SecretType: f.SecretType, Redacted: f.Redacted, Confidence: f.Confidence, OccurredAt: f.OccurredAt.UTC(),
		},
		Place:        event.Place{SourceID: f.Source, Index: unsigned(f.HypercorePosition), CoreKey: f.CoreKey, Fork: uint64(f.Fork), MessageID: f.BzzzMessageID},
		QuarantineID: row.ID, RedactedContent: row.RedactedContent, Occurrences: 1, Disposition: row.Disposition,
	})
	return row, e, wrapped(err, "telling of a quarantine entry")
}

// storeRaised stores an entry, counts it, and has its finding name it.
func storeRaised(ctx context.Context, tx *store.Tx, row quarantineRow, findingID string, e event.Event) error {
	if _, err := store.Insert(ctx, tx, &row); err != nil {
		return wrapped(err, "storing a quarantine entry")
	}
	if err := countQuarantine(ctx, tx, []quarantineRow{row}); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*findingRow)(nil)).Set("quarantine_id = ?", row.ID).Where("id = ?", findingID).Exec(ctx)
	if err != nil {
		return wrapped(err, "naming the quarantine entry of a finding")
	}
	return tx.Emit(e)
}
