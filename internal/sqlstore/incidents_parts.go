package sqlstore

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// storedIncident is an incident with the row that it comes from.
type storedIncident struct {
	row   incidentRow
	value incident.Incident // with its links, without what its parts saw
}

// readIncident reads one as it is to be changed.
func readIncident(ctx context.Context, tx *store.Tx, where string, arg any) (storedIncident, error) {
	row, err := incidentBy(ctx, tx, where, arg)
	if err != nil {
		return storedIncident{}, err
	}
	one := []incident.Incident{row.value()}
	if err := withLinks(ctx, tx, one); err != nil {
		return storedIncident{}, err
	}
	if len(one[0].Merged) > 0 || one[0].MergedInto != "" {
		if err := withMergers(ctx, tx, one); err != nil {
			return storedIncident{}, err
		}
	}
	row.Snoozed, row.Merger = one[0].SnoozedUntil != nil, one[0].Merger
	if own := one[0].Own; own != nil {
		row.Own = new(*own)
	}
	return storedIncident{row, one[0]}, nil
}

// wholeOf is the incident that one is a part of; it itself when it is none, or when the
// other has been deleted.
func wholeOf(ctx context.Context, tx *store.Tx, i storedIncident) (storedIncident, error) {
	if i.value.MergedInto == "" {
		return i, nil
	}
	whole, err := readIncident(ctx, tx, "id = ?", i.value.MergedInto)
	if errors.Is(err, incident.ErrNotFound) {
		i.value.MergedInto = ""
		return i, nil
	}
	return whole, err
}

// partsOf are the links to incidents, in the order in which their parts were opened.
func partsOf(ctx context.Context, db bun.IDB, ids []string) (links []linkRow, err error) {
	err = db.NewSelect().Model(&links).Where("into_id IN (?)", bun.In(ids)).OrderExpr("id").Scan(ctx)
	return links, err
}

// withLinks says of incidents what they are part of, what is part of them, and until
// when they are put aside.
func withLinks(ctx context.Context, db bun.IDB, all []incident.Incident) error {
	if len(all) == 0 {
		return nil
	}
	at, ids := make(map[string]*incident.Incident, len(all)), make([]string, len(all))
	for k := range all {
		at[all[k].ID], ids[k] = &all[k], all[k].ID
	}
	var links []linkRow
	err := db.NewSelect().Model(&links).Where("id IN (?) OR into_id IN (?)", bun.In(ids), bun.In(ids)).OrderExpr("id").Scan(ctx)
	for _, l := range links {
		if part := at[l.ID]; part != nil {
			part.MergedInto = l.IntoID
		}
		if whole := at[l.IntoID]; whole != nil {
			whole.Merged = append(whole.Merged, l.ID)
		}
	}
	if err != nil {
		return err
	}
	snoozes, err := pick[snoozeRow](ctx, db, "id", ids)
	for _, s := range snoozes {
		at[s.ID].SnoozedUntil = new(s.Until.UTC())
	}
	return err
}

// keepSnooze stores until when an incident is put aside; was: it has a row already.
func keepSnooze(ctx context.Context, tx *store.Tx, was bool, i incident.Incident) error {
	if i.SnoozedUntil != nil {
		return store.Put(ctx, tx, &snoozeRow{ID: i.ID, Until: stamp(*i.SnoozedUntil)})
	}
	if !was {
		return nil
	}
	_, err := tx.NewDelete().Model((*snoozeRow)(nil)).Where("id = ?", i.ID).Exec(ctx)
	return err
}

// withParts adds to incidents what their parts saw.
func withParts(ctx context.Context, db bun.IDB, all []incident.Incident) error {
	var ids []string
	for _, i := range all {
		ids = append(ids, i.Merged...)
	}
	rows, err := pick[incidentRow](ctx, db, "id", ids)
	if err != nil {
		return err
	}
	parts := make(map[string]incident.Incident, len(rows))
	for _, r := range rows {
		parts[r.ID] = r.value()
	}
	for k, i := range all {
		var own []incident.Incident
		for _, id := range i.Merged {
			if p, ok := parts[id]; ok {
				own = append(own, p)
			}
		}
		all[k] = i.Whole(own)
	}
	return nil
}
