package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// Incidents keeps incidents and their timelines.
type Incidents struct{ store *store.Store }

var _ incident.Store = (*Incidents)(nil)

// NewIncidents returns the incidents in s.
func NewIncidents(s *store.Store) *Incidents { return &Incidents{s} }

// Cursor implements incident.Store.
func (s *Incidents) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return s.store.Cursor(ctx, consumer)
}

// Events implements incident.Store.
func (s *Incidents) Events(ctx context.Context, after event.Cursor, limit int) ([]event.Record, error) {
	return s.store.Events(ctx, after, limit)
}

// Observe implements incident.Store.
func (s *Incidents) Observe(ctx context.Context, consumer string, next event.Cursor, all []incident.Observation, source string) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, o := range all {
			if err := s.observe(ctx, tx, o, source); err != nil {
				return fmt.Errorf("event %s: %w", o.EventID, err)
			}
		}
		return tx.SaveCursor(ctx, text(consumer), next)
	})
	if err != nil {
		return fmt.Errorf("storing observations: %w", err)
	}
	return nil
}

// observe applies one observation: to the incident of its key, or it opens one.
func (s *Incidents) observe(ctx context.Context, tx *store.Tx, o incident.Observation, source string) error {
	row, err := incidentBy(ctx, tx, "join_key = ?", joinKey(o.Key))
	now := s.store.Now()
	switch {
	case errors.Is(err, incident.ErrNotFound) && o.Dismissed != "":
		return nil // an entry from before there were incidents
	case errors.Is(err, incident.ErrNotFound):
		i, change := incident.Open(id.New(), o, now)
		if err := s.keep(ctx, tx, incidentRow{}, i, change, o.Line(id.New()), source); err != nil || o.Sensor != incident.Leak {
			return err
		}
		return s.joinTried(ctx, tx, o.Key.Value, source)
	case err != nil:
		return err
	}
	i := row.value()
	change := i.Observe(o, now)
	return s.keep(ctx, tx, row, i, change, o.Line(id.New()), source)
}

// keep stores an incident as it is now, a line of its timeline unless that is full of
// observations, and its event. before is its row so far; the zero row for a new one.
func (s *Incidents) keep(ctx context.Context, tx *store.Tx, before incidentRow, i incident.Incident, c incident.Change, line incident.Entry, source string) error {
	row := newIncidentRow(i)
	row.Entries = before.Entries
	if line.Kind == incident.Human || before.Entries < incident.MaxEntries {
		row.Entries++
		entry := newEntryRow(i.ID, line)
		if _, err := store.Insert(ctx, tx, &entry); err != nil {
			return err
		}
	}
	if err := saveIncident(ctx, tx, before.ID == "", row); err != nil {
		return err
	}
	e, told, err := i.Event(c, source, s.store.Now())
	if err != nil || !told {
		return err
	}
	return tx.Emit(e)
}

func saveIncident(ctx context.Context, tx *store.Tx, fresh bool, row incidentRow) error {
	if fresh {
		_, err := store.Insert(ctx, tx, &row)
		return err
	}
	_, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
	return err
}

func incidentBy(ctx context.Context, db bun.IDB, where string, value any) (row incidentRow, err error) {
	err = db.NewSelect().Model(&row).Where(where, value).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, incident.ErrNotFound
	}
	return row, err
}

// Incident returns one. The error is incident.ErrNotFound when there is none.
func (s *Incidents) Incident(ctx context.Context, incidentID string) (incident.Incident, error) {
	row, err := incidentBy(ctx, s.store.Reader(), "id = ?", text(incidentID))
	if err != nil && !errors.Is(err, incident.ErrNotFound) {
		err = fmt.Errorf("reading incident: %w", err)
	}
	return row.value(), err
}

// ListIncidents returns at most limit incidents that pass the filter, newest first,
// those before the id before; empty begins with the newest.
func (s *Incidents) ListIncidents(ctx context.Context, f incident.Filter, before string, limit int) ([]incident.Incident, error) {
	var rows []incidentRow
	q := filterIncidents(s.store.Reader().NewSelect().Model(&rows), f)
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing incidents: %w", err)
	}
	out := make([]incident.Incident, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out, nil
}

func filterIncidents(q *bun.SelectQuery, f incident.Filter) *bun.SelectQuery {
	if len(f.States) > 0 {
		q = q.Where("state IN (?)", bun.In(f.States))
	}
	if len(f.Severities) > 0 {
		ranks := make([]int, len(f.Severities))
		for k, s := range f.Severities {
			ranks[k] = int(s)
		}
		q = q.Where("severity IN (?)", bun.In(ranks))
	}
	if f.Assignee != "" {
		q = q.Where("assignee = ?", keyText(f.Assignee))
	}
	if f.Fingerprint != "" {
		q = q.Where("join_key = ?", joinKey(incident.Key{Kind: incident.Secret, Value: f.Fingerprint}))
	}
	return q
}

// Timeline returns at most limit lines, newest first, those before the id before.
func (s *Incidents) Timeline(ctx context.Context, incidentID, before string, limit int) ([]incident.Entry, error) {
	var rows []entryRow
	q := s.store.Reader().NewSelect().Model(&rows).Where("incident_id = ?", text(incidentID))
	if before != "" {
		q = q.Where("id < ?", text(before))
	}
	if err := q.OrderExpr("id DESC").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the timeline of an incident: %w", err)
	}
	out := make([]incident.Entry, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out, nil
}

// ActOnIncident does what a person wants, with the audit entry, which gets the incident
// before and after. The errors are those of incident.Incident.Do, and ErrNotFound.
func (s *Incidents) ActOnIncident(ctx context.Context, incidentID string, a incident.Act, by audit.Entry, source string) (now incident.Incident, err error) {
	var refused error
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := incidentBy(ctx, tx, "id = ?", text(incidentID))
		if err != nil {
			refused = err
			return err
		}
		now = row.value()
		before := now
		var c incident.Change
		if c, refused = now.Do(a, s.store.Now()); refused != nil {
			return refused
		}
		if err := s.keep(ctx, tx, row, now, c, c.Line(id.New(), s.store.Now()), source); err != nil {
			return err
		}
		if by.Before, by.After, err = incidentStory(before, now); err != nil {
			return err
		}
		return appendAudit(ctx, tx, by)
	})
	if refused != nil {
		return incident.Incident{}, refused
	}
	if err != nil {
		return incident.Incident{}, fmt.Errorf("changing incident %q: %w", incidentID, err)
	}
	return now, nil
}

// incidentStory is what the audit log says of an act.
func incidentStory(before, now incident.Incident) (from, to json.RawMessage, err error) {
	story := func(i incident.Incident) (json.RawMessage, error) {
		return json.Marshal(map[string]string{"state": string(i.State), "assignee": i.Assignee, "reason": i.Reason})
	}
	if from, err = story(before); err != nil {
		return nil, nil, err
	}
	to, err = story(now)
	return from, to, err
}

// dropIncidents deletes incidents that were closed before a time: lines of their
// timelines first, the incidents when no line is left. It counts both.
func dropIncidents(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	closed := func() *bun.SelectQuery {
		return tx.NewSelect().Model((*incidentRow)(nil)).Column("id").Where("closed_at < ?", stamp(before)).Order("id").Limit(dropSize)
	}
	var incidents, lines []string
	if err := closed().Scan(ctx, &incidents); err != nil || len(incidents) == 0 {
		return 0, err
	}
	err := tx.NewSelect().Model((*entryRow)(nil)).Column("id").Where("incident_id IN (?)", bun.In(incidents)).Limit(dropSize).Scan(ctx, &lines)
	if err != nil {
		return 0, err
	}
	if len(lines) > 0 {
		if _, err := tx.NewDelete().Model((*entryRow)(nil)).Where("id IN (?)", bun.In(lines)).Exec(ctx); err != nil {
			return 0, err
		}
	}
	if len(lines) == dropSize { // there may be more
		return len(lines), nil
	}
	_, err = tx.NewDelete().Model((*incidentRow)(nil)).Where("id IN (?)", bun.In(incidents)).Exec(ctx)
	return len(lines) + len(incidents), err
}
