package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/incident"
	"go.cordon.dev/cordon/internal/store"
)

// joining is observations being stored.
type joining struct {
	incidents *Incidents
	tx        *store.Tx
	source    string
	now       time.Time

	planted map[string]string                // places of secrets, by fingerprint
	known   map[string]bool                  // join keys of addresses and hosts that have an incident
	waiting map[string]map[string]waitingRow // by join key and half
	changed map[string]waitingRow            // by id
	links   map[string]linked                // of incidents that were read
}

// read reads an incident as it is to be changed.
func (g *joining) read(ctx context.Context, where string, arg any) (storedIncident, error) {
	return readLinked(ctx, g.tx, g.links, where, arg)
}

// observe applies observations in their order.
func (g *joining) observe(ctx context.Context, all []incident.Observation) error {
	if len(all) == 0 {
		return nil
	}
	if err := g.load(ctx, all); err != nil {
		return err
	}
	for _, o := range all {
		if o.At.After(g.now) { // by the clock of a node that is ahead: it must not be the newest for ever
			o.At = g.now
		}
		if err := g.take(ctx, o); err != nil {
			return fmt.Errorf("event %s: %w", o.EventID, err)
		}
	}
	var rows []waitingRow
	for _, key := range slices.Sorted(maps.Keys(g.changed)) {
		rows = append(rows, g.changed[key])
	}
	return store.PutAll(ctx, g.tx, rows)
}

// load reads what decides which observations matter: of most nothing is kept but that
// they wait.
func (g *joining) load(ctx context.Context, all []incident.Observation) error {
	keys, prints := map[string]bool{}, map[string]bool{}
	for _, o := range all {
		if o.Remark {
			continue
		}
		if o.Key.Kind == incident.Secret {
			prints[keyText(o.Key.Value)] = true
			if from, ok := triedFrom(o); ok {
				keys[joinKey(from)] = true
			}
			continue
		}
		keys[joinKey(o.Key)] = true
	}
	g.planted, g.known, g.waiting, g.changed = map[string]string{}, map[string]bool{}, map[string]map[string]waitingRow{}, map[string]waitingRow{}
	planted, err := pick[plantedRow](ctx, g.tx, "id", slices.Sorted(maps.Keys(prints)))
	for _, r := range planted {
		g.planted[r.ID] = r.Place
	}
	if err != nil {
		return err
	}
	rows, err := pick[incidentRow](ctx, g.tx, "join_key", slices.Sorted(maps.Keys(keys)))
	for _, r := range rows {
		g.known[r.JoinKey] = true
	}
	if err != nil {
		return err
	}
	waiting, err := pick[waitingRow](ctx, g.tx, "join_key", slices.Sorted(maps.Keys(keys)))
	for _, r := range waiting {
		g.note(r)
	}
	return err
}

func (g *joining) note(r waitingRow) {
	if g.waiting[r.JoinKey] == nil {
		g.waiting[r.JoinKey] = map[string]waitingRow{}
	}
	g.waiting[r.JoinKey][r.Half] = r
}

// triedFrom is the address that tried a secret on a decky.
func triedFrom(o incident.Observation) (incident.Key, bool) {
	if o.Key.Kind != incident.Secret || o.Sensor != incident.Deception {
		return incident.Key{}, false
	}
	return incident.AddressKey(o.SourceIP)
}

// take applies one observation: to the incident of its key, or it opens one, or it
// waits.
func (g *joining) take(ctx context.Context, o incident.Observation) error {
	if o.Remark {
		return g.remark(ctx, o)
	}
	if o.Key.Kind == incident.Secret {
		o.Planted = g.planted[keyText(o.Key.Value)]
		if o.Waits && o.Planted == "" {
			return nil
		}
	} else if !g.known[joinKey(o.Key)] {
		return g.begin(ctx, o)
	}
	i, err := g.read(ctx, "join_key = ?", joinKey(o.Key))
	switch {
	case errors.Is(err, incident.ErrNotFound) && o.Dismissed != "":
		return nil // an entry from before there were incidents
	case errors.Is(err, incident.ErrNotFound):
		return g.begin(ctx, o)
	case err != nil:
		return err
	}
	whole, err := wholeOf(ctx, g.tx, g.links, i)
	if err != nil {
		return err
	}
	if closed := whole.value.ClosedAt; whole.value.State == incident.Resolved && !o.Key.Alone() {
		return g.again(ctx, o, *closed, whole, i)
	}
	return g.add(ctx, o, whole, i)
}

// remark writes a line into the timeline of an incident, if there is one.
func (g *joining) remark(ctx context.Context, o incident.Observation) error {
	where, value := "join_key = ?", joinKey(o.Key)
	if o.Incident != "" {
		where, value = "id = ?", text(o.Incident)
	}
	i, err := g.read(ctx, where, value)
	if errors.Is(err, incident.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return g.keep(ctx, i, incident.Change{}, o)
}

// add takes an observation into an incident, or into the part of whole that has its
// key.
func (g *joining) add(ctx context.Context, o incident.Observation, whole, part storedIncident) error {
	leaked := slices.Contains(part.value.Sensors, incident.Leak)
	if whole.value.ID == part.value.ID {
		change := whole.value.Observe(o, g.now)
		if err := g.keep(ctx, whole, change, o); err != nil {
			return err
		}
		if err := g.meet(ctx, o); err != nil {
			return err
		}
		return g.joinTried(ctx, o, leaked)
	}
	change := whole.value.Through(&part.value, o, g.now)
	if err := g.keep(ctx, part, incident.Change{}, o); err != nil {
		return err
	}
	if err := g.keep(ctx, whole, change); err != nil {
		return err
	}
	return g.joinTried(ctx, o, leaked)
}

func (g *joining) keep(ctx context.Context, i storedIncident, c incident.Change, seen ...incident.Observation) error {
	lines := make([]incident.Entry, len(seen))
	for k, o := range seen {
		lines[k] = o.Line(id.New())
	}
	return g.incidents.keep(ctx, g.tx, i.row, i.value, c, g.source, lines...)
}

// again opens a resolved incident when all that makes one was seen again; half of it is
// seen every day.
func (g *joining) again(ctx context.Context, o incident.Observation, closed time.Time, whole, part storedIncident) error {
	earlier, complete, err := g.halves(o, closed)
	if err != nil {
		return err
	}
	if !complete {
		return g.wait(o.Key, string(o.Sensor), o)
	}
	for _, e := range append(earlier, o) {
		if err := g.add(ctx, e, whole, part); err != nil {
			return err
		}
		if part, err = g.read(ctx, "join_key = ?", joinKey(o.Key)); err != nil {
			return err
		}
		if whole, err = wholeOf(ctx, g.tx, g.links, part); err != nil {
			return err
		}
	}
	return nil
}

// halves are observations of the same key by other sensors, since a time and not too
// long ago; complete says that they and o make an incident.
func (g *joining) halves(o incident.Observation, since time.Time) (earlier []incident.Observation, complete bool, err error) {
	if o.Key.Alone() {
		return nil, true, nil
	}
	if far := o.At.Add(-incident.Within); far.After(since) {
		since = far
	}
	until := o.At.Add(incident.Within) // o may come late
	sensors := []incident.Sensor{o.Sensor}
	for _, r := range g.waiting[joinKey(o.Key)] {
		if r.Half == halfTried || r.Half == string(o.Sensor) || !r.SeenAt.After(since) || !r.SeenAt.Before(until) {
			continue
		}
		other, err := r.value()
		if err != nil {
			return nil, false, fmt.Errorf("reading what waits: %w", err)
		}
		earlier, sensors = append(earlier, other), append(sensors, other.Sensor)
	}
	slices.SortFunc(earlier, func(a, b incident.Observation) int { return a.At.Compare(b.At) })
	return earlier, incident.Complete(o.Key, sensors), nil
}

// wait keeps an observation for when another sensor tells of the same key. One that
// comes late does not take the place of a newer one.
func (g *joining) wait(k incident.Key, half string, o incident.Observation) error {
	r, err := newWaitingRow(k, half, o)
	if err != nil {
		return err
	}
	if kept, ok := g.waiting[r.JoinKey][half]; ok && kept.SeenAt.After(r.SeenAt) {
		return nil
	}
	g.note(r)
	g.changed[r.ID] = r
	return nil
}

// begin opens the incident of a key that has none, if there is enough for one.
func (g *joining) begin(ctx context.Context, o incident.Observation) error {
	earlier, complete, err := g.halves(o, time.Time{})
	if err != nil {
		return err
	}
	if !complete {
		return g.wait(o.Key, string(o.Sensor), o)
	}
	i, change := incident.Open(id.New(), o, g.now, earlier...)
	g.known[joinKey(o.Key)] = true
	joined, err := g.beginPart(ctx, i, append(earlier, o))
	if err != nil {
		return err
	}
	if joined {
		return g.joinTried(ctx, o, false)
	}
	if err := g.keep(ctx, storedIncident{value: i}, change, append(earlier, o)...); err != nil {
		return err
	}
	if err := g.meet(ctx, o); err != nil {
		return err
	}
	return g.joinTried(ctx, o, false)
}
