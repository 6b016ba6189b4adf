package sqlstore

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/leak"
)

// Sightings implements api.FindingStore.
func (a *API) Sightings(ctx context.Context, fingerprints []string, limit int) (out leak.Sightings, err error) {
	if len(fingerprints) == 0 {
		return out, nil
	}
	db := a.store.Reader()
	if out.Findings, out.FindingIDs, err = withPrints(ctx, db, (*findingRow)(nil), fingerprints, limit); err != nil {
		return leak.Sightings{}, fmt.Errorf("looking up findings: %w", err)
	}
	if out.Quarantine, out.QuarantineIDs, err = withPrints(ctx, db, (*quarantineRow)(nil), fingerprints, limit); err != nil {
		return leak.Sightings{}, fmt.Errorf("looking up quarantine entries: %w", err)
	}
	return out, nil
}

// withPrints counts the rows of a table that have one of the fingerprints, and
// lists the newest.
func withPrints(ctx context.Context, db bun.IDB, model any, prints []string, limit int) (int64, []string, error) {
	texts := make([]string, len(prints))
	for i, p := range prints {
		texts[i] = text(p)
	}
	n, err := db.NewSelect().Model(model).Where("fingerprint IN (?)", bun.In(texts)).Count(ctx)
	if err != nil {
		return 0, nil, err
	}
	var ids []string
	err = db.NewSelect().Model(model).Column("id").Where("fingerprint IN (?)", bun.In(texts)).
		OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx, &ids)
	return int64(n), ids, err
}
