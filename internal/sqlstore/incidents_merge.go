package sqlstore

import (
	"context"
	"errors"
	"time"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// partner is the incident that the one of a key is to be merged with: of an address
// that of the newest secret which was tried from there, of a secret that of the address.
// ok is false when there is none.
func (g *joining) partner(ctx context.Context, o incident.Observation) (other storedIncident, ok bool, err error) {
	key, ok := triedFrom(o)
	if !ok {
		r, tried := g.waiting[joinKey(o.Key)][halfTried]
		if o.Key.Kind != incident.Address || !tried {
			return other, false, nil
		}
		secret, err := r.value()
		if err != nil {
			return other, false, err
		}
		key = secret.Key
	}
	other, err = g.read(ctx, "join_key = ?", joinKey(key))
	if errors.Is(err, incident.ErrNotFound) {
		return other, false, nil
	}
	return other, err == nil, err
}

// remember notes which secret an address tried, for when the address has an incident
// itself.
func (g *joining) remember(o incident.Observation) error {
	from, ok := triedFrom(o)
	if !ok {
		return nil
	}
	return g.wait(from, halfTried, o)
}

// meet merges the incident of an observation with its partner's, if both stand for
// themselves.
func (g *joining) meet(ctx context.Context, o incident.Observation) error {
	if err := g.remember(o); err != nil {
		return err
	}
	other, ok, err := g.partner(ctx, o)
	if err != nil || !ok {
		return err
	}
	mine, err := g.read(ctx, "join_key = ?", joinKey(o.Key))
	if err != nil {
		return err
	}
	into, _, ok := incident.Elder(mine.value, other.value)
	if !ok {
		return nil
	}
	if apart, err := areApart(ctx, g.tx, mine.value.ID, other.value.ID); err != nil || apart {
		return err
	}
	if into.ID != mine.value.ID {
		mine, other = other, mine
	}
	clear(g.links)
	return mergeIncidents(ctx, g.incidents, g.tx, mine, other, incident.Act{}, g.source, g.now)
}

// beginPart opens an incident as a part of its partner's, when that is where it belongs.
// People are told of that one alone: it is no incident of its own.
func (g *joining) beginPart(ctx context.Context, i incident.Incident, seen []incident.Observation) (done bool, err error) {
	last := seen[len(seen)-1]
	whole, ok, err := g.partner(ctx, last)
	if err != nil || !ok {
		return false, err
	}
	into, _, ok := incident.Elder(whole.value, i)
	if !ok || into.ID != whole.value.ID {
		return false, nil
	}
	change, _ := whole.value.Merge(&i, "", g.now)
	if err := g.remember(last); err != nil {
		return false, err
	}
	if err := g.keep(ctx, storedIncident{value: i}, incident.Change{}, seen...); err != nil {
		return false, err
	}
	clear(g.links)
	if err := link(ctx, g.tx, i.ID, whole.value.ID, g.now); err != nil {
		return false, err
	}
	return true, g.keep(ctx, whole, change)
}

func link(ctx context.Context, tx *store.Tx, part, into string, now time.Time) error {
	return store.Put(ctx, tx, &linkRow{ID: part, IntoID: into, MergedAt: stamp(now)})
}

// mergeIncidents makes part, and what is part of it, a part of into. What people did
// has a line in both timelines; the act says who and why, the zero Act: nobody.
func mergeIncidents(ctx context.Context, s *Incidents, tx *store.Tx, into, part storedIncident, by incident.Act, source string, now time.Time) error {
	moved := part.value.Merged
	ofWhole, ofPart := into.value.Merge(&part.value, by.By, now)
	ofWhole, ofPart = ofWhole.Because(by.Reason), ofPart.Because(by.Reason)
	part.value.Merged, into.value.Merged = nil, append(into.value.Merged, moved...)
	if err := link(ctx, tx, part.value.ID, into.value.ID, now); err != nil {
		return err
	}
	if len(moved) > 0 {
		_, err := tx.NewUpdate().Model((*linkRow)(nil)).Set("into_id = ?", into.value.ID).Where("into_id = ?", part.value.ID).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if err := s.keep(ctx, tx, part.row, part.value, ofPart, source, ofPart.Line(id.New(), now)); err != nil {
		return err
	}
	return s.keep(ctx, tx, into.row, into.value, ofWhole, source, ofWhole.Line(id.New(), now))
}

// acting is what a person does being stored.
type acting struct {
	incidents *Incidents
	tx        *store.Tx
	act       incident.Act
	source    string
	now       time.Time
}

// do applies it; refused is for whoever wants it.
func (a *acting) do(ctx context.Context, i storedIncident) (now incident.Incident, refused, err error) {
	switch a.act.Verb {
	case incident.MergeInto:
		return a.merge(ctx, i)
	case incident.SplitOff:
		return a.split(ctx, i)
	case incident.Undo:
		return a.takeBack(ctx, i)
	}
	before := i.value
	c, refused := i.value.Do(a.act, a.now)
	if refused != nil {
		return i.value, refused, nil
	}
	if err := a.keepDeed(ctx, before, i.value, c); err != nil {
		return i.value, nil, err
	}
	return a.done(ctx, i, c)
}

// done stores an incident with the line of what was done to it, and returns it as
// people are shown it.
func (a *acting) done(ctx context.Context, i storedIncident, c incident.Change) (incident.Incident, error, error) {
	err := a.incidents.keep(ctx, a.tx, i.row, i.value, c, a.source, c.Line(id.New(), a.now))
	if err != nil {
		return i.value, nil, err
	}
	return a.whole(ctx, i.value)
}

func (a *acting) whole(ctx context.Context, i incident.Incident) (incident.Incident, error, error) {
	one := []incident.Incident{i}
	err := withParts(ctx, a.tx, one)
	return one[0], nil, err
}

func (a *acting) merge(ctx context.Context, part storedIncident) (now incident.Incident, refused, err error) {
	if a.act.Into == "" {
		return part.value, &incident.ActError{Problem: "say of which incident it becomes a part (into)"}, nil
	}
	into, err := readIncident(ctx, a.tx, "id = ?", text(a.act.Into))
	if errors.Is(err, incident.ErrNotFound) {
		return part.value, &incident.ActError{Problem: "there is no incident " + a.act.Into + " to merge it into"}, nil
	}
	if err != nil {
		return part.value, nil, err
	}
	if refused := into.value.MayMerge(part.value, a.act); refused != nil {
		return part.value, refused, nil
	}
	if err := mergeIncidents(ctx, a.incidents, a.tx, into, part, a.act, a.source, a.now); err != nil {
		return part.value, nil, err
	}
	if _, err := a.tx.NewDelete().Model((*apartRow)(nil)).Where("id = ?", newApartRow(into.value.ID, part.value.ID).ID).Exec(ctx); err != nil {
		return part.value, nil, err
	}
	part, err = readIncident(ctx, a.tx, "id = ?", part.value.ID)
	return part.value, nil, err
}

// joinTried joins what was tried on deckies before the leak sensor found the secret, when
// o says that it did and the incident did not know.
func (g *joining) joinTried(ctx context.Context, o incident.Observation, known bool) error {
	if known || o.Sensor != incident.Leak || o.Key.Kind != incident.Secret || o.Dismissed != "" {
		return nil
	}
	all, err := g.incidents.triedBefore(ctx, g.tx, o.Key.Value)
	if err != nil {
		return err
	}
	for _, o := range all {
		if from, ok := triedFrom(o); ok && g.waiting[joinKey(from)] == nil {
			if err := g.loadMore(ctx, joinKey(from)); err != nil {
				return err
			}
		}
		if err := g.take(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// loadMore reads what waits of a key that the observations did not name.
func (g *joining) loadMore(ctx context.Context, key string) error {
	rows, err := pick[waitingRow](ctx, g.tx, "join_key", []string{key})
	for _, r := range rows {
		g.note(r)
	}
	return err
}
