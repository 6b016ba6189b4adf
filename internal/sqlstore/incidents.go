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
	"go.cordon.dev/cordon/internal/follow"
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
func (s *Incidents) Observe(ctx context.Context, read follow.Span, all []incident.Observation, source string) error {
	err := s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		g := &joining{incidents: s, tx: tx, source: source, now: s.store.Now(), links: map[string]linked{}}
		if err := g.observe(ctx, all); err != nil {
			return err
		}
		return advance(ctx, tx, read)
	})
	if err != nil {
		return fmt.Errorf("storing observations: %w", err)
	}
	return nil
}

// keep stores an incident as it is now, lines of its timeline, and its event. before is
// its row so far; the zero row for a new one.
func (s *Incidents) keep(ctx context.Context, tx *store.Tx, before incidentRow, i incident.Incident, c incident.Change, source string, lines ...incident.Entry) error {
	row := newIncidentRow(i)
	row.Entries = before.Entries
	if err := keepLines(ctx, tx, &row, lines); err != nil {
		return err
	}
	if err := saveIncident(ctx, tx, before.ID == "", row); err != nil {
		return err
	}
	if err := keepSnooze(ctx, tx, before.Snoozed, i); err != nil {
		return err
	}
	if err := keepMerger(ctx, tx, before, i); err != nil {
		return err
	}
	return s.tell(ctx, tx, i, c, source)
}

// tell says what has changed, of an incident with its parts.
func (s *Incidents) tell(ctx context.Context, tx *store.Tx, i incident.Incident, c incident.Change, source string) error {
	if c.Kind == incident.Counted {
		return nil
	}
	whole := []incident.Incident{i}
	if err := withParts(ctx, tx, whole); err != nil {
		return err
	}
	e, told, err := whole[0].Event(c, source, s.store.Now())
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
	if errors.Is(err, incident.ErrNotFound) {
		return incident.Incident{}, err
	}
	one := []incident.Incident{row.value()}
	if err == nil {
		err = shown(ctx, s.store.Reader(), one)
	}
	if err != nil {
		return incident.Incident{}, fmt.Errorf("reading incident: %w", err)
	}
	return one[0], nil
}

// shown completes incidents that were read.
func shown(ctx context.Context, db bun.IDB, all []incident.Incident) error {
	if err := withLinks(ctx, db, all); err != nil {
		return err
	}
	return withParts(ctx, db, all)
}

// ActOnIncident does what a person wants, with the audit entry, which gets the incident
// before and after. The errors are those of incident.Incident.Do, and ErrNotFound. What
// was merged is returned as the part that it is now.
func (s *Incidents) ActOnIncident(ctx context.Context, incidentID string, a incident.Act, by audit.Entry, source string) (now incident.Incident, err error) {
	var refused error
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, err := readIncident(ctx, tx, "id = ?", text(incidentID))
		if err != nil {
			refused = err
			return err
		}
		act := &acting{s, tx, a, source, s.store.Now()}
		if now, refused, err = act.do(ctx, before); refused != nil || err != nil {
			return errors.Join(refused, err)
		}
		if by.Before, by.After, err = incidentStory(before.value, now); err != nil {
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
		said := map[string]string{"state": string(i.State), "assignee": i.Assignee, "reason": i.Reason, "merged_into": i.MergedInto}
		if i.SnoozedUntil != nil {
			said["snoozed_until"] = i.SnoozedUntil.Format(time.RFC3339)
		}
		return json.Marshal(said)
	}
	if from, err = story(before); err != nil {
		return nil, nil, err
	}
	to, err = story(now)
	return from, to, err
}
