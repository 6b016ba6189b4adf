package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/store"
)

// Escalations keeps the timers of incidents that nobody has acknowledged. It is the one
// place where webhooks and incidents meet: a step is told only of what the incident is
// in the same transaction.
type Escalations struct {
	store     *store.Store
	incidents *Incidents
}

var _ notify.Escalations = (*Escalations)(nil)

// NewEscalations returns the timers in s.
func NewEscalations(s *store.Store) *Escalations { return &Escalations{s, NewIncidents(s)} }

// escalationRow is a timer.
type escalationRow struct {
	bun.BaseModel `bun:"table:escalations"`

	ID         string     `bun:"id,pk"`
	IncidentID string     `bun:"incident_id"`
	Webhook    string     `bun:"webhook"`
	Since      time.Time  `bun:"since"`
	Step       int64      `bun:"step"`
	DueAt      *time.Time `bun:"due_at"` // nil: its last step was told
}

func timerID(t notify.Timer) string { return identity(t.IncidentID, t.Webhook) }

func (r escalationRow) value() notify.Timer {
	t := notify.Timer{IncidentID: r.IncidentID, Webhook: r.Webhook, Since: r.Since.UTC(), Step: int(r.Step)}
	if r.DueAt != nil {
		t.Due = r.DueAt.UTC()
	}
	return t
}

// Mark implements notify.Escalations.
func (s *Escalations) Mark(ctx context.Context, signs []notify.Sign) error {
	if len(signs) == 0 {
		return nil
	}
	return s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return markAll(ctx, tx, signs) })
}

func markAll(ctx context.Context, tx *store.Tx, signs []notify.Sign) error {
	for _, sign := range signs {
		if err := markOne(ctx, tx, sign); err != nil {
			return fmt.Errorf("timers of incident %s: %w", sign.IncidentID, err)
		}
	}
	return nil
}

func markOne(ctx context.Context, tx *store.Tx, sign notify.Sign) error {
	if len(sign.Begin) == 0 {
		_, err := tx.NewDelete().Model((*escalationRow)(nil)).Where("incident_id = ?", keyText(sign.IncidentID)).Exec(ctx)
		return err
	}
	for _, t := range sign.Begin {
		due := stamp(t.Due)
		row := escalationRow{
			ID: timerID(t), IncidentID: keyText(t.IncidentID), Webhook: keyText(t.Webhook), Since: stamp(t.Since), Step: int64(t.Step), DueAt: &due,
		}
		if _, err := store.Insert(ctx, tx, &row); err != nil { // one that is there stays
			return err
		}
	}
	return nil
}

// DueTimers implements notify.Escalations.
func (s *Escalations) DueTimers(ctx context.Context, now time.Time, limit int) ([]notify.Timer, error) {
	var rows []escalationRow
	err := s.store.Reader().NewSelect().Model(&rows).Where("due_at <= ?", stamp(now)).Order("due_at", "id").Limit(int64(max(limit, 1))).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading due timers: %w", err)
	}
	out := make([]notify.Timer, len(rows))
	for k, r := range rows {
		out[k] = r.value()
	}
	return out, nil
}

func endTimer(ctx context.Context, tx *store.Tx, t notify.Timer) error {
	_, err := tx.NewDelete().Model((*escalationRow)(nil)).Where("id = ?", timerID(t)).Exec(ctx)
	return err
}

// Fire implements notify.Escalations.
func (s *Escalations) Fire(ctx context.Context, f notify.Firing) (told bool, err error) {
	err = s.store.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		told, err = s.fire(ctx, tx, f)
		return err
	})
	return told, err
}

func (s *Escalations) fire(ctx context.Context, tx *store.Tx, f notify.Firing) (told bool, err error) {
	if f.Step == (notify.Step{}) {
		return false, endTimer(ctx, tx, f.Timer)
	}
	i, err := readIncident(ctx, tx, "id = ?", keyText(f.Timer.IncidentID))
	if errors.Is(err, incident.ErrNotFound) || err == nil && (i.value.State != incident.Triggered || i.value.MergedInto != "") {
		return false, endTimer(ctx, tx, f.Timer)
	}
	if err != nil {
		return false, err
	}
	now := s.store.Now()
	if i.value.SnoozedAt(now) { // it was put aside, and not for ever
		_, err := moveTimer(ctx, tx, f.Timer, f.Timer.Step, i.value.SnoozedUntil)
		return false, err
	}
	if told, err = moveTimer(ctx, tx, f.Timer, f.Timer.Step+1, f.Next); err != nil || !told {
		return false, err
	}
	return true, s.tellStep(ctx, tx, i, f, now)
}

// moveTimer makes a timer that is still where it was one of another step and time.
func moveTimer(ctx context.Context, tx *store.Tx, t notify.Timer, step int, due *time.Time) (bool, error) {
	return store.Touched(tx.NewUpdate().Model((*escalationRow)(nil)).Set("step = ?", step).Set("due_at = ?", stampOrNil(due)).
		Where("id = ?", timerID(t)).Where("step = ?", t.Step).Where("since = ?", stamp(t.Since)).Exec(ctx))
}

// tellStep stores the event and the timeline's line. The incident itself is as it was.
func (s *Escalations) tellStep(ctx context.Context, tx *store.Tx, i storedIncident, f notify.Firing, now time.Time) error {
	words := fmt.Sprintf("nobody acknowledged it within %s: %s is told", f.Step.After, f.Step.To)
	c := incident.Change{Words: words}
	if err := s.incidents.keep(ctx, tx, i.row, i.value, c, f.Source, c.Line(id.New(), now)); err != nil {
		return err
	}
	whole := []incident.Incident{i.value}
	if err := withParts(ctx, tx, whole); err != nil {
		return err
	}
	e, err := event.New(event.Header{Time: now, Source: f.Source, Severity: i.value.Severity, Subject: i.value.Title, CorrelationID: i.value.ID},
		event.IncidentEscalated{
			Incident: whole[0].Told(c), Webhook: f.Timer.Webhook, To: f.Step.To, Step: f.Timer.Step + 1, AfterSeconds: f.Step.After.Seconds(),
		})
	if err != nil {
		return err
	}
	return tx.Emit(e)
}
