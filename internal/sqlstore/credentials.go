package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// tryCredentials stores attempts, one for each identity: a credential that was
// tried before is counted, another is a new row. Of a secret that the leak sensor
// knows, only the fingerprint is kept, the one by which it is known.
func tryCredentials(ctx context.Context, tx *store.Tx, attempts []capture.Attempt) error {
	if len(attempts) == 0 {
		return nil
	}
	rows, err := triedBefore(ctx, tx, attempts)
	if err != nil {
		return err
	}
	leaked, err := knownLeaks(ctx, tx, attempts)
	if err != nil {
		return err
	}
	var fresh []credentialRow
	for _, a := range attempts {
		row, known := rows[a.Identity]
		row = tryOnce(row, known, a, leaked)
		if known {
			err = updateCredential(ctx, tx, row)
		} else {
			fresh = append(fresh, row)
		}
		if err != nil {
			return err
		}
		e, err := a.Event(row.value(), !known)
		if err != nil {
			return err
		}
		tx.EmitFresh(e)
	}
	return store.InsertAll(ctx, tx, fresh)
}

func triedBefore(ctx context.Context, tx *store.Tx, attempts []capture.Attempt) (map[string]credentialRow, error) {
	keys := make([]string, len(attempts))
	for i, a := range attempts {
		keys[i] = text(a.Identity)
	}
	rows, err := pick[credentialRow](ctx, tx, "identity", keys, "sealed")
	out := make(map[string]credentialRow, len(rows))
	for _, r := range rows {
		out[r.Identity] = r
	}
	return out, err
}

// knownLeaks are the fingerprints of attempts that the leak sensor knows.
func knownLeaks(ctx context.Context, tx *store.Tx, attempts []capture.Attempt) (map[string]bool, error) {
	var prints []string
	for _, a := range attempts {
		if a.Kind == service.Plaintext {
			prints = append(prints, a.Prints...)
		}
	}
	known := map[string]bool{}
	if len(prints) == 0 {
		return known, nil
	}
	var found []string
	err := tx.NewSelect().Model((*findingRow)(nil)).Distinct().Column("fingerprint").Where("fingerprint IN (?)", bun.In(prints)).Scan(ctx, &found)
	for _, p := range found {
		known[p] = true
	}
	return known, err
}

// tryOnce is a credential's row after an attempt.
func tryOnce(row credentialRow, known bool, a capture.Attempt, leaked map[string]bool) credentialRow {
	if !known {
		row = credentialRow{
			ID: text(a.ID), Identity: text(a.Identity), Kind: keyText(a.Kind), Principal: text(a.Principal), Fingerprint: keyText(a.Fingerprint),
			Decky: keyText(a.Decky), Service: keyText(a.Service), AttackerIP: keyText(a.AttackerIP), SessionID: text(a.Session),
			FirstSeen: stamp(a.FirstSeen), Sealed: a.Sealed,
		}
	}
	row.Attempts += a.Attempts
	row.Accepted = row.Accepted || a.Accepted
	row.LastSeen = stamp(a.LastSeen)
	for _, p := range a.Prints {
		if leaked[p] && a.Kind == service.Plaintext {
			row.Leaked, row.Fingerprint, row.Sealed = true, keyText(p), nil
			break
		}
	}
	return row
}

// updateCredential leaves what is sealed as it is, unless the secret has become
// known.
func updateCredential(ctx context.Context, tx *store.Tx, row credentialRow) error {
	q := tx.NewUpdate().Model(&row).WherePK().Column("attempts", "accepted", "leaked", "fingerprint", "last_seen")
	if row.Leaked {
		q = q.Column("sealed")
	}
	_, err := q.Exec(ctx)
	return err
}

// maxTried is how many attempts with one secret go into an incident when that is
// opened; more say nothing new.
const maxTried = 50

// triedBefore is what was tried on deckies before the leak sensor found the secret; what
// was tried after it said so itself, as an event. From now on only its fingerprint is kept there, too.
func (s *Incidents) triedBefore(ctx context.Context, tx *store.Tx, fingerprint string) (all []incident.Observation, err error) {
	var rows []credentialRow
	err = tx.NewSelect().Model(&rows).Where("fingerprint = ?", keyText(fingerprint)).Where("kind = ?", service.Plaintext).Where("leaked = ?", false).OrderExpr("id").Limit(maxTried).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	_, err = tx.NewUpdate().Model((*credentialRow)(nil)).Set("leaked = ?", true).Set("sealed = NULL").
		Where("fingerprint = ?", keyText(fingerprint)).Where("kind = ?", service.Plaintext).Exec(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c := r.value()
		c.Leaked = true
		e, err := capture.Attempt{Credential: c, EventID: id.New()}.Event(c, false)
		if err != nil {
			return nil, err
		}
		some, err := incident.Observations(e.Event())
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
