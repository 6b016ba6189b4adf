package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// deedRow is an act that can be taken back; its id says in which order they were done.
type deedRow struct {
	bun.BaseModel `bun:"table:incident_deeds"`

	ID         string `bun:"id,pk"`
	IncidentID string `bun:"incident_id"`
	Deed       string `bun:"deed"`
}

// deedsOf are the acts on an incident that can be taken back, the last one first.
func (a *acting) deedsOf(ctx context.Context, incidentID string, limit int) (rows []deedRow, err error) {
	err = a.tx.NewSelect().Model(&rows).Where("incident_id = ?", incidentID).OrderExpr("id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what can be undone: %w", err)
	}
	return rows, nil
}

// keepDeed remembers what an act changed, as the store will have it, and forgets the
// oldest of too many.
func (a *acting) keepDeed(ctx context.Context, before, after incident.Incident, c incident.Change) error {
	until := after.SnoozedUntil
	after = newIncidentRow(after).value()
	after.SnoozedUntil = until
	c.Words = text(c.Words)
	deed, ok := incident.DeedOf(a.act, c, before, after)
	if !ok {
		return nil
	}
	deed.By = keyText(deed.By)
	kept, err := json.Marshal(deed)
	if err != nil {
		return err
	}
	if _, err := store.Insert(ctx, a.tx, &deedRow{ID: id.New(), IncidentID: before.ID, Deed: string(kept)}); err != nil {
		return fmt.Errorf("storing how an incident stood: %w", err)
	}
	all, err := a.deedsOf(ctx, before.ID, incident.MaxDeeds+1)
	if err != nil || len(all) <= incident.MaxDeeds {
		return err
	}
	return a.forget(ctx, all[incident.MaxDeeds])
}

func (a *acting) forget(ctx context.Context, r deedRow) error {
	_, err := a.tx.NewDelete().Model((*deedRow)(nil)).Where("id = ?", r.ID).Exec(ctx)
	return err
}

// takeBack undoes the last act of whoever wants it.
func (a *acting) takeBack(ctx context.Context, i storedIncident) (now incident.Incident, refused, err error) {
	rows, err := a.deedsOf(ctx, i.value.ID, 1)
	if err != nil {
		return i.value, nil, err
	}
	var deed incident.Deed
	for _, r := range rows {
		if err := json.Unmarshal([]byte(r.Deed), &deed); err != nil {
			return i.value, nil, fmt.Errorf("reading how an incident stood: %w", err)
		}
	}
	c, refused := i.value.TakeBack(deed, a.act, a.now)
	if refused != nil {
		return i.value, refused, nil
	}
	if err := a.forget(ctx, rows[0]); err != nil {
		return i.value, nil, err
	}
	return a.done(ctx, i, c)
}
