package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// mergerRow is how an incident was merged.
type mergerRow struct {
	bun.BaseModel `bun:"table:incident_mergers"`

	ID         string `bun:"id,pk"` // of the part
	ParentID   string `bun:"parent_id"`
	PartStood  string `bun:"part_stood"`
	WholeStood string `bun:"whole_stood"`
	Before     int64  `bun:"version_before"`
	After      int64  `bun:"version_after"`
}

func newMergerRow(part string, m incident.Merger) (mergerRow, error) {
	stood, err := json.Marshal(m.Part)
	if err != nil {
		return mergerRow{}, err
	}
	whole, err := json.Marshal(m.Whole)
	return mergerRow{ID: part, ParentID: m.Parent, PartStood: string(stood), WholeStood: string(whole), Before: m.Before, After: m.After}, err
}

func (r mergerRow) value() (*incident.Merger, error) {
	m := &incident.Merger{Parent: r.ParentID, Before: r.Before, After: r.After}
	if err := json.Unmarshal([]byte(r.PartStood), &m.Part); err != nil {
		return nil, err
	}
	return m, json.Unmarshal([]byte(r.WholeStood), &m.Whole)
}

// lookRow is what an incident with parts looks like without them.
type lookRow struct {
	bun.BaseModel `bun:"table:incident_looks"`

	ID       string `bun:"id,pk"`
	Severity int    `bun:"severity"`
	Join     string `bun:"joined_by"`
	Title    string `bun:"title"`
}

// apartRow says that people split two incidents.
type apartRow struct {
	bun.BaseModel `bun:"table:incident_apart"`

	ID      string `bun:"id,pk"` // the hash of the two below
	Younger string `bun:"younger"`
	Elder   string `bun:"elder"`
}

func newApartRow(a, b string) apartRow {
	elder, younger := min(a, b), max(a, b)
	return apartRow{ID: identity(elder, younger), Younger: younger, Elder: elder}
}

// withMergers says of incidents how they were merged, and what they look like alone.
func withMergers(ctx context.Context, db bun.IDB, all []incident.Incident) error {
	at, parts, wholes := make(map[string]*incident.Incident, len(all)), []string(nil), []string(nil)
	for k, i := range all {
		at[i.ID] = &all[k]
		if wholes = append(wholes, i.ID); i.MergedInto != "" {
			parts = append(parts, i.ID)
		}
	}
	looks, err := pick[lookRow](ctx, db, "id", wholes)
	if err != nil {
		return err
	}
	for _, r := range looks {
		at[r.ID].Own = &incident.Look{Severity: event.Severity(r.Severity), Join: r.Join, Title: r.Title}
	}
	mergers, err := pick[mergerRow](ctx, db, "id", parts)
	if err != nil {
		return err
	}
	for _, r := range mergers {
		if at[r.ID].Merger, err = r.value(); err != nil {
			return err
		}
	}
	return nil
}

// keepMerger stores how an incident was merged and what it looks like alone, if that has
// changed since it was read.
func keepMerger(ctx context.Context, tx *store.Tx, before incidentRow, i incident.Incident) error {
	if !same(before.Own, i.Own) {
		if err := keepLook(ctx, tx, i); err != nil {
			return err
		}
	}
	if before.Merger == i.Merger { // it is never changed in its place
		return nil
	}
	if i.Merger == nil {
		_, err := tx.NewDelete().Model((*mergerRow)(nil)).Where("id = ?", i.ID).Exec(ctx)
		return err
	}
	row, err := newMergerRow(i.ID, *i.Merger)
	if err != nil {
		return err
	}
	return store.Put(ctx, tx, &row)
}

func same[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

func keepLook(ctx context.Context, tx *store.Tx, i incident.Incident) error {
	if i.Own == nil {
		_, err := tx.NewDelete().Model((*lookRow)(nil)).Where("id = ?", i.ID).Exec(ctx)
		return err
	}
	return store.Put(ctx, tx, &lookRow{ID: i.ID, Severity: int(i.Own.Severity), Join: i.Own.Join, Title: text(i.Own.Title)})
}

// partsOfWhole reads all parts of an incident, in the order in which they were merged.
func partsOfWhole(ctx context.Context, tx *store.Tx, whole string) ([]incident.Incident, error) {
	links, err := partsOf(ctx, tx, []string{whole})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(links, func(a, b linkRow) int { return a.MergedAt.Compare(b.MergedAt) })
	order := map[string]int{}
	for k, l := range links {
		order[l.ID] = k
	}
	rows, err := pick[incidentRow](ctx, tx, "id", rowsFor(links, func(l linkRow) string { return l.ID }))
	if err != nil {
		return nil, err
	}
	parts := rowsFor(rows, incidentRow.value)
	slices.SortFunc(parts, func(a, b incident.Incident) int { return cmp.Compare(order[a.ID], order[b.ID]) })
	for k := range parts {
		parts[k].MergedInto = whole
	}
	return parts, withMergers(ctx, tx, parts)
}

func (a *acting) split(ctx context.Context, part storedIncident) (now incident.Incident, refused, err error) {
	if a.act.Version != 0 && a.act.Version != part.value.Version {
		return part.value, incident.ErrVersion, nil
	}
	whole, err := wholeOf(ctx, a.tx, map[string]linked{}, part)
	if err != nil {
		return part.value, nil, err
	}
	if whole.value.ID == part.value.ID {
		return part.value, &incident.ActError{Problem: "it is no part of another"}, nil
	}
	if err := a.splitLinks(ctx, &whole.value, &part.value); err != nil {
		return part.value, nil, err
	}
	ofWhole, ofPart := whole.value.Split(&part.value, a.act.By, a.now)
	ofWhole, ofPart = ofWhole.Because(a.act.Reason), ofPart.Because(a.act.Reason)
	if err := a.relook(ctx, &whole.value, &part.value); err != nil {
		return part.value, nil, err
	}
	if err := a.incidents.keep(ctx, a.tx, whole.row, whole.value, ofWhole, a.source, ofWhole.Line(id.New(), a.now)); err != nil {
		return part.value, nil, err
	}
	return a.done(ctx, part, ofPart)
}

// splitLinks takes a part, and what was merged into it, out of its whole.
func (a *acting) splitLinks(ctx context.Context, whole, part *incident.Incident) error {
	all, err := partsOfWhole(ctx, a.tx, whole.ID)
	if err != nil {
		return err
	}
	with, rest := incident.Branch(*part, all)
	ids := func(of []incident.Incident) []string {
		return rowsFor(of, func(i incident.Incident) string { return i.ID })
	}
	if _, err := a.tx.NewDelete().Model((*linkRow)(nil)).Where("id = ?", part.ID).Exec(ctx); err != nil {
		return err
	}
	for some := range slices.Chunk(ids(with), insertSize) {
		if _, err := a.tx.NewUpdate().Model((*linkRow)(nil)).Set("into_id = ?", part.ID).Where("id IN (?)", bun.In(some)).Exec(ctx); err != nil {
			return err
		}
	}
	part.Merged, whole.Merged = slices.Sorted(slices.Values(ids(with))), slices.Sorted(slices.Values(append(ids(rest), part.ID)))
	if err := a.apart(ctx, *whole, *part); err != nil || !whole.Undoes(*part) {
		return err
	}
	// What undid the merge before is the last thing that happened again.
	_, err = a.tx.NewUpdate().Model((*mergerRow)(nil)).Set("version_after = ?", whole.Version+1).
		Where("parent_id = ?", whole.ID).Where("version_after = ?", part.Merger.Before).Exec(ctx)
	return err
}

// apart remembers that people split two: no observation merges them again.
func (a *acting) apart(ctx context.Context, whole, part incident.Incident) error {
	rows := []apartRow{newApartRow(whole.ID, part.ID)}
	if part.Merger != nil && part.Merger.Parent != whole.ID {
		rows = append(rows, newApartRow(part.Merger.Parent, part.ID))
	}
	return store.PutAll(ctx, a.tx, rows)
}

// relook makes both as grave as what is theirs.
func (a *acting) relook(ctx context.Context, both ...*incident.Incident) error {
	for _, i := range both {
		parts, err := partsOfWhole(ctx, a.tx, i.ID)
		if err != nil {
			return err
		}
		i.Relook(parts)
	}
	return nil
}

// areApart reports whether people split two incidents.
func areApart(ctx context.Context, tx *store.Tx, a, b string) (bool, error) {
	rows, err := pick[apartRow](ctx, tx, "id", []string{newApartRow(a, b).ID})
	return len(rows) > 0, err
}

// dropMergers deletes what was kept of incidents that go.
func dropMergers(ctx context.Context, tx *store.Tx, incidents []string) error {
	gone := bun.In(incidents)
	for _, q := range []*bun.DeleteQuery{
		tx.NewDelete().Model((*linkRow)(nil)).Where("into_id IN (?)", gone),
		tx.NewDelete().Model((*omittedRow)(nil)).Where("incident_id IN (?)", gone),
		tx.NewDelete().Model((*mergerRow)(nil)).Where("id IN (?) OR parent_id IN (?)", gone, gone),
		tx.NewDelete().Model((*lookRow)(nil)).Where("id IN (?)", gone),
		tx.NewDelete().Model((*apartRow)(nil)).Where("younger IN (?) OR elder IN (?)", gone, gone),
		tx.NewDelete().Model((*deedRow)(nil)).Where("incident_id IN (?)", gone),
	} {
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
