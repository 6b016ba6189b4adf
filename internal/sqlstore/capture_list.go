package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/deception/capture"
)

// Logs returns at most limit logs that pass the filter, newest first, those before
// the id before; empty begins with the newest.
func (c *Capture) Logs(ctx context.Context, f capture.LogFilter, before string, limit int) ([]capture.Log, error) {
	lanes, err := logLanes(ctx, c.store.Reader(), f)
	if err != nil {
		return nil, fmt.Errorf("listing what attackers did: %w", err)
	}
	rows, err := pageInLanes[deckyLogRow](ctx, c.store.Reader(), lanes, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing what attackers did: %w", err)
	}
	return rowsFor(rows, deckyLogRow.value), nil
}

// logLanes are the lanes of a list of logs. By service alone or by type alone they
// are those of the index by both: one for each value of the other that there is.
func logLanes(ctx context.Context, db bun.IDB, f capture.LogFilter) ([]lane, error) {
	lanes := lanesOf([]filter{
		{"session_id", f.Session}, {"attacker_ip", f.AttackerIP}, {"decky", f.Decky}, {"service", f.Service}, {"event_type", f.EventType},
	})
	if f.Session+f.AttackerIP+f.Decky != "" || (f.Service == "") == (f.EventType == "") {
		return lanes, nil
	}
	services, err := someOrAll(ctx, db, "service", f.Service)
	if err != nil {
		return nil, err
	}
	var all []lane
	for _, kind := range services {
		types, err := someOrAll(ctx, db, "event_type", f.EventType, filter{"service", kind})
		if err != nil {
			return nil, err
		}
		all = append(all, with(with([]lane{nil}, "service", kind), "event_type", types...)...)
	}
	return all, nil
}

// someOrAll is a value, or when that is empty all that a column of the logs with
// some equalities has. There are a dozen; the index leads from one to the next.
func someOrAll(ctx context.Context, db bun.IDB, column, value string, filters ...filter) ([]string, error) {
	if value != "" {
		return []string{keyText(value)}, nil
	}
	var all []string
	for last := ""; ; last = all[len(all)-1] {
		q := db.NewSelect().Model((*deckyLogRow)(nil)).ColumnExpr("MIN(?)", bun.Ident(column)).Where("? > ?", bun.Ident(column), last)
		for _, f := range filters {
			q = q.Where("? = ?", bun.Ident(f.column), f.value)
		}
		var next sql.NullString
		if err := q.Scan(ctx, &next); err != nil {
			return nil, fmt.Errorf("looking for values of %s: %w", column, err)
		}
		if !next.Valid {
			return all, nil
		}
		all = append(all, next.String)
	}
}

// Sessions returns at most limit sessions that pass the filter, newest first, those
// before the id before.
func (c *Capture) Sessions(ctx context.Context, f capture.SessionFilter, before string, limit int) ([]capture.Session, error) {
	rows, err := pageByID[deckySessionRow](ctx, c.store.Reader(), []filter{
		{"attacker_ip", f.AttackerIP}, {"decky", f.Decky}, {"recording", recording(f.Recorded)}, {"service", f.Service},
	}, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return rowsFor(rows, deckySessionRow.value), nil
}

// Session returns one. The error is capture.ErrNotFound when there is none.
func (c *Capture) Session(ctx context.Context, sessionID string) (capture.Session, error) {
	row, err := oneByID[deckySessionRow](ctx, c, sessionID)
	return row.value(), err
}

// Artifacts returns at most limit artifacts that pass the filter, newest first,
// those before the id before.
func (c *Capture) Artifacts(ctx context.Context, f capture.ArtifactFilter, before string, limit int) ([]capture.Artifact, error) {
	rows, err := pageByID[deckyArtifactRow](ctx, c.store.Reader(), []filter{
		{"session_id", f.Session}, {"sha256", f.SHA256}, {"attacker_ip", f.AttackerIP}, {"decky", f.Decky}, {"service", f.Service},
	}, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing artifacts: %w", err)
	}
	return rowsFor(rows, deckyArtifactRow.value), nil
}

// FindArtifact returns the newest artifact of a decky's service that is stored
// under a name (capture.Artifact.StoredAs). The error is capture.ErrNotFound when
// there is none.
func (c *Capture) FindArtifact(ctx context.Context, decky, kind, storedAs string) (capture.Artifact, error) {
	day, hash, _ := cutName(storedAs)
	var rows []deckyArtifactRow
	err := c.store.Reader().NewSelect().Model(&rows).Where("sha256 = ?", keyText(hash)).Where("day = ?", text(day)).
		Where("decky = ?", keyText(decky)).Where("service = ?", keyText(kind)).OrderExpr("id DESC").Limit(1).Scan(ctx)
	switch {
	case err != nil:
		return capture.Artifact{}, fmt.Errorf("looking for an artifact: %w", err)
	case len(rows) == 0:
		return capture.Artifact{}, capture.ErrNotFound
	}
	return rows[0].value(), nil
}

// Credentials returns at most limit credentials that pass the filter, the one that
// was first tried last first, those before the id before.
func (c *Capture) Credentials(ctx context.Context, f capture.CredentialFilter, before string, limit int) ([]capture.Credential, error) {
	rows, err := pageByID[credentialRow](ctx, c.store.Reader(), []filter{
		{"fingerprint", f.Fingerprint}, {"attacker_ip", f.AttackerIP}, {"decky", f.Decky}, {"service", f.Service}, {"kind", f.Kind},
	}, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing credentials: %w", err)
	}
	return rowsFor(rows, credentialRow.value), nil
}

// Credential returns one. The error is capture.ErrNotFound when there is none.
func (c *Capture) Credential(ctx context.Context, credentialID string) (capture.Credential, error) {
	row, err := oneByID[credentialRow](ctx, c, credentialID)
	return row.value(), err
}

// oneByID reads a row by its id.
func oneByID[R any](ctx context.Context, c *Capture, rowID string) (row R, err error) {
	if err := only(ctx, c.store.Reader().NewSelect().Model(&row).Where("id = ?", text(rowID)), capture.ErrNotFound, "what was captured"); err != nil {
		return row, err
	}
	return row, nil
}
