package sqlstore

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// storedIncident is an incident with the row that it comes from.
type storedIncident struct {
	row   incidentRow
	value incident.Incident // with its links, without what its parts saw
}

// linked is what an incident is part of, and what is part of it, oldest first.
type linked struct {
	into  string
	parts []string
}

// readIncident reads one as it is to be changed.
func readIncident(ctx context.Context, tx *store.Tx, where string, arg any) (storedIncident, error) {
	return readLinked(ctx, tx, map[string]linked{}, where, arg)
}

// readLinked is readIncident for many in one transaction. What it learns of their links,
// which may be a thousand, it notes in known, by id: whoever changes a link clears that.
func readLinked(ctx context.Context, tx *store.Tx, known map[string]linked, where string, arg any) (storedIncident, error) {
	row, err := incidentBy(ctx, tx, where, arg)
	if err != nil {
		return storedIncident{}, err
	}
	one := []incident.Incident{row.value()}
	if _, ok := known[row.ID]; !ok {
		links, err := readLinks(ctx, tx, []string{row.ID})
		if err != nil {
			return storedIncident{}, err
		}
		known[row.ID] = links[row.ID]
	}
	one[0].MergedInto, one[0].Merged = known[row.ID].into, slices.Clip(known[row.ID].parts)
	if err := withSnoozes(ctx, tx, one); err != nil {
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
// other has been deleted. known is as in readLinked.
func wholeOf(ctx context.Context, tx *store.Tx, known map[string]linked, i storedIncident) (storedIncident, error) {
	if i.value.MergedInto == "" {
		return i, nil
	}
	whole, err := readLinked(ctx, tx, known, "id = ?", i.value.MergedInto)
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

// readLinks are the links of incidents, by their ids.
func readLinks(ctx context.Context, db bun.IDB, ids []string) (map[string]linked, error) {
	var rows []linkRow
	err := db.NewSelect().Model(&rows).Column("id", "into_id").Where("id IN (?) OR into_id IN (?)", bun.In(ids), bun.In(ids)).OrderExpr("id").Scan(ctx)
	all := make(map[string]linked, len(ids))
	for _, id := range ids {
		all[id] = linked{}
	}
	for _, l := range rows {
		if part, ok := all[l.ID]; ok {
			part.into = l.IntoID
			all[l.ID] = part
		}
		if whole, ok := all[l.IntoID]; ok {
			whole.parts = append(whole.parts, l.ID)
			all[l.IntoID] = whole
		}
	}
	return all, err
}

// withLinks says of incidents what they are part of, what is part of them, and until
// when they are put aside.
func withLinks(ctx context.Context, db bun.IDB, all []incident.Incident) error {
	if len(all) == 0 {
		return nil
	}
	links, err := readLinks(ctx, db, incidentIDs(all))
	if err != nil {
		return err
	}
	for k, i := range all {
		all[k].MergedInto, all[k].Merged = links[i.ID].into, links[i.ID].parts
	}
	return withSnoozes(ctx, db, all)
}

func incidentIDs(all []incident.Incident) []string {
	return rowsFor(all, func(i incident.Incident) string { return i.ID })
}

func withSnoozes(ctx context.Context, db bun.IDB, all []incident.Incident) error {
	snoozes, err := pick[snoozeRow](ctx, db, "id", incidentIDs(all))
	for _, s := range snoozes {
		for k := range all {
			if all[k].ID == s.ID {
				all[k].SnoozedUntil = new(s.Until.UTC())
			}
		}
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
	// Of a thousand parts, what people are shown in the whole is all that is read.
	rows, err := pick[incidentRow](ctx, db, "id", ids, "join_key", "key_kind", "key_value", "title", "severity", "state", "joined_by", "entries",
		"regressed", "assignee", "reason", "opened_at", "closed_at", "updated_at", "version")
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
