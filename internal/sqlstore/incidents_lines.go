package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// mostMarks is how many lines of an incident, and how many of all its parts, are looked
// at for a digest; of older ones only the number is known.
const mostMarks = 5 * incident.MaxEntries

// omittedRow counts the lines of one lane that a timeline left out.
type omittedRow struct {
	bun.BaseModel `bun:"table:incident_omitted"`

	ID         string    `bun:"id,pk"` // the hash of the three below
	IncidentID string    `bun:"incident_id"`
	Sensor     string    `bun:"sensor"`
	Kind       string    `bun:"kind"`
	Severity   int       `bun:"severity"`
	Times      int64     `bun:"times"`
	FirstAt    time.Time `bun:"first_at"`
	LastAt     time.Time `bun:"last_at"`
}

func newOmittedRow(incidentID string, o incident.Omitted) omittedRow {
	return omittedRow{
		ID: identity(incidentID, string(o.Sensor), string(o.Kind)), IncidentID: incidentID, Sensor: string(o.Sensor), Kind: string(o.Kind),
		Severity: int(o.Severity), Times: int64(o.Times), FirstAt: stamp(o.From), LastAt: stamp(o.Until),
	}
}

func (r omittedRow) value() incident.Omitted {
	return incident.Omitted{
		Lane: incident.Lane{Sensor: incident.Sensor(r.Sensor), Kind: incident.EntryKind(r.Kind)}, Severity: event.Severity(r.Severity),
		Times: int(r.Times), From: r.FirstAt.UTC(), Until: r.LastAt.UTC(),
	}
}

// keepLines stores lines of a timeline, and thins it when they are too many. What
// people do stays.
func keepLines(ctx context.Context, tx *store.Tx, row *incidentRow, lines []incident.Entry) error {
	for _, line := range lines {
		if line.Kind != incident.Human {
			row.Entries++
		}
		entry := newEntryRow(row.ID, line)
		if _, err := store.Insert(ctx, tx, &entry); err != nil {
			return err
		}
		if !incident.TooMany(int(row.Entries)) {
			continue
		}
		if err := thinTimeline(ctx, tx, row); err != nil {
			return fmt.Errorf("thinning a timeline: %w", err)
		}
	}
	return nil
}

func thinTimeline(ctx context.Context, tx *store.Tx, row *incidentRow) error {
	q := marksIn(tx, []string{row.ID}).Where("kind <> ?", string(incident.Human))
	marks, err := readMarks(ctx, q, 2*incident.MaxEntries)
	if err != nil {
		return err
	}
	gone := incident.Thin(marks, incident.MaxEntries)
	row.Entries = int64(len(marks) - len(gone))
	for some := range slices.Chunk(gone, insertSize) {
		ids := rowsFor(some, func(m incident.Mark) string { return m.ID })
		if _, err := tx.NewDelete().Model((*entryRow)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx); err != nil {
			return err
		}
	}
	before, err := pick[omittedRow](ctx, tx, "incident_id", []string{row.ID})
	if err != nil {
		return err
	}
	all := incident.Sum(append(rowsFor(before, omittedRow.value), incident.Count(gone, false)...))
	return store.PutAll(ctx, tx, rowsFor(all, func(o incident.Omitted) omittedRow { return newOmittedRow(row.ID, o) }))
}

// marksIn selects what decides which lines stay.
func marksIn(db bun.IDB, incidents []string) *bun.SelectQuery {
	return db.NewSelect().Model((*entryRow)(nil)).Column("id", "at", "kind", "sensor", "severity", "topic", "place", "program").
		Where("incident_id IN (?)", bun.In(incidents))
}

// readMarks reads the newest so many, in the order of their arrival.
func readMarks(ctx context.Context, q *bun.SelectQuery, limit int) ([]incident.Mark, error) {
	var rows []entryRow
	if err := q.OrderExpr("id DESC").Limit(int64(limit)).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	return rowsFor(rows, entryRow.mark), nil
}

func (r entryRow) mark() incident.Mark {
	return incident.Mark{
		ID: r.ID, At: r.At.UTC(), Lane: incident.Lane{Sensor: incident.Sensor(r.Sensor), Kind: incident.EntryKind(r.Kind)},
		Severity: event.Severity(r.Severity), Origin: incident.OriginOf(r.Topic, r.Place, r.Program),
	}
}

// Digest returns at most limit lines of an incident and of what was merged into it, a
// share of each sensor and kind, and counts the others.
func (s *Incidents) Digest(ctx context.Context, incidentID string, limit int) (d incident.Digest, err error) {
	err = s.store.Snapshot(ctx, func(ctx context.Context, snap *store.Snapshot) error {
		d, err = digest(ctx, snap.Reader(), text(incidentID), limit)
		return err
	})
	if err != nil {
		return incident.Digest{}, fmt.Errorf("reading the timeline of an incident: %w", err)
	}
	return d, nil
}

func digest(ctx context.Context, db bun.IDB, incidentID string, limit int) (d incident.Digest, err error) {
	parts, err := partIDs(ctx, db, incidentID)
	if err != nil {
		return d, err
	}
	lost, err := pick[omittedRow](ctx, db, "incident_id", append(slices.Clone(parts), incidentID))
	if err != nil {
		return d, err
	}
	omitted := rowsFor(lost, omittedRow.value)
	var marks []incident.Mark
	for _, of := range [][]string{{incidentID}, parts} {
		if len(of) == 0 {
			continue
		}
		some, older, err := marksOf(ctx, db, of)
		if err != nil {
			return d, err
		}
		marks, omitted = append(marks, some...), append(omitted, older...)
	}
	slices.SortFunc(marks, func(a, b incident.Mark) int { return cmp.Compare(a.ID, b.ID) })
	gone := incident.Thin(marks, limit)
	d.Omitted = incident.Sum(append(omitted, incident.Count(gone, true)...))
	d.Lines, err = linesOf(ctx, db, marks, gone)
	return d, err
}

// linesOf reads the lines that stay, newest first.
func linesOf(ctx context.Context, db bun.IDB, marks, gone []incident.Mark) ([]incident.Entry, error) {
	out := make(map[string]bool, len(gone))
	for _, m := range gone {
		out[m.ID] = true
	}
	var ids []string
	for _, m := range marks {
		if !out[m.ID] {
			ids = append(ids, m.ID)
		}
	}
	rows, err := pick[entryRow](ctx, db, "id", ids)
	slices.SortFunc(rows, func(a, b entryRow) int { return cmp.Compare(b.ID, a.ID) })
	return rowsFor(rows, entryRow.value), err
}

// marksOf are the newest lines of incidents, and a count of the older ones if there are
// more than are looked at.
func marksOf(ctx context.Context, db bun.IDB, incidents []string) (marks []incident.Mark, older []incident.Omitted, err error) {
	marks, err = readMarks(ctx, marksIn(db, incidents), mostMarks)
	if err != nil || len(marks) < mostMarks {
		return marks, nil, err
	}
	older, err = olderThan(ctx, db, incidents, marks[0].ID)
	return marks, older, err
}

// olderRow counts lines of a lane.
type olderRow struct {
	Sensor   string `bun:"sensor"`
	Kind     string `bun:"kind"`
	Severity int    `bun:"severity"`
	Times    int64  `bun:"times"`
	First    string `bun:"first_id"`
	Last     string `bun:"last_id"`
}

func olderThan(ctx context.Context, db bun.IDB, incidents []string, id string) (all []incident.Omitted, err error) {
	var rows []olderRow
	err = db.NewSelect().Model((*entryRow)(nil)).
		ColumnExpr("sensor, kind, MAX(severity) AS severity, COUNT(*) AS times, MIN(id) AS first_id, MAX(id) AS last_id").
		Where("incident_id IN (?)", bun.In(incidents)).Where("id < ?", id).GroupExpr("sensor, kind").Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		ends, err := pick[entryRow](ctx, db, "id", []string{r.First, r.Last})
		if err != nil {
			return nil, err
		}
		all = append(all, r.between(ends)...)
	}
	return all, nil
}

// between counts lines of which the ends are known: two, or one when there is one line,
// or none when they went meanwhile, and the others with them.
func (r olderRow) between(ends []entryRow) []incident.Omitted {
	var all []incident.Omitted
	for _, e := range ends {
		at := e.At.UTC()
		all = append(all, incident.Omitted{Lane: e.mark().Lane, Severity: event.Severity(r.Severity), From: at, Until: at})
	}
	all = incident.Sum(all)
	for k := range all {
		all[k].Times, all[k].Kept = int(r.Times), int(r.Times)
	}
	return all
}

// partIDs are the ids of what was merged into an incident.
func partIDs(ctx context.Context, db bun.IDB, incidentID string) (ids []string, err error) {
	links, err := partsOf(ctx, db, []string{text(incidentID)})
	return rowsFor(links, func(l linkRow) string { return l.ID }), err
}

// Timeline returns at most limit lines of an incident and of what was merged into it,
// newest first, those before the id before.
func (s *Incidents) Timeline(ctx context.Context, incidentID, before string, limit int) ([]incident.Entry, error) {
	var rows []entryRow
	parts, err := partIDs(ctx, s.store.Reader(), incidentID)
	if err != nil {
		return nil, fmt.Errorf("reading the timeline of an incident: %w", err)
	}
	q := s.store.Reader().NewSelect().Model(&rows).Where("incident_id IN (?)", bun.In(append(parts, text(incidentID))))
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the timeline of an incident: %w", err)
	}
	return rowsFor(rows, entryRow.value), nil
}
