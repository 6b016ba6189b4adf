package sqlstore

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/store"
)

// tries are what a batch tells of one secret.
type tries struct {
	last   attacker.Observation
	leaked bool
	fresh  []secretPlaceRow // places where it was not tried before
}

// reuses stores where secrets were tried, and what is a reuse or has grown.
func (g *gathering) reuses(ctx context.Context, all []attacker.Observation) error {
	secrets, err := g.tries(ctx, all)
	if err != nil || len(secrets) == 0 {
		return err
	}
	prints := slices.Sorted(maps.Keys(secrets))
	var fresh []secretPlaceRow
	for _, p := range prints {
		fresh = append(fresh, secrets[p].fresh...)
	}
	if err := store.InsertAll(ctx, g.tx, fresh); err != nil {
		return err
	}
	rows, err := pick[reuseRow](ctx, g.tx, "fingerprint", prints)
	if err != nil {
		return err
	}
	before := map[string]reuseRow{}
	for _, r := range rows {
		before[r.Fingerprint] = r
	}
	for _, p := range prints {
		if err := g.reuse(ctx, before[p], *secrets[p]); err != nil {
			return err
		}
	}
	return nil
}

// tries gathers what can be compared, with the places that are new.
func (g *gathering) tries(ctx context.Context, all []attacker.Observation) (map[string]*tries, error) {
	secrets, wanted := map[string]*tries{}, map[string]secretPlaceRow{}
	var order []string
	for _, o := range all {
		if !o.Joins() {
			continue
		}
		t := secrets[keyText(o.Secret.Fingerprint)]
		if t == nil {
			t = &tries{}
			secrets[keyText(o.Secret.Fingerprint)] = t
		}
		t.last, t.leaked = o, t.leaked || o.Secret.Leaked
		for _, r := range secretPlaces(o) {
			if _, met := wanted[r.Key]; !met {
				wanted[r.Key] = r
				order = append(order, r.Key)
			}
		}
	}
	found, err := pick[secretPlaceRow](ctx, g.tx, "place_key", order)
	for _, r := range found {
		delete(wanted, r.Key)
	}
	for _, key := range order {
		if r, fresh := wanted[key]; fresh {
			secrets[r.Fingerprint].fresh = append(secrets[r.Fingerprint].fresh, r)
		}
	}
	return secrets, err
}

// secretPlaces are the target and the address of an attempt.
func secretPlaces(o attacker.Observation) [2]secretPlaceRow {
	p, address := keyText(o.Secret.Fingerprint), o.Address.String()
	return [2]secretPlaceRow{
		{Key: identity(p, "target", o.Decky, o.Service), Fingerprint: p, Decky: keyText(o.Decky), Service: keyText(o.Service), FirstSeen: stamp(o.At)},
		{Key: identity(p, "address", address), Fingerprint: p, AttackerIP: keyText(address), FirstSeen: stamp(o.At)},
	}
}

// reuse brings one secret's row up to date, or makes it once there are two places
// of a kind. Whoever listens hears of each growth once.
func (g *gathering) reuse(ctx context.Context, r reuseRow, t tries) error {
	known := r.ID != ""
	if err := g.countPlaces(ctx, &r, t); err != nil || !known && !attacker.Reused(r.Targets, r.Addresses) {
		return err
	}
	r.Leaked = r.Leaked || t.leaked
	if at := stamp(t.last.At); at.After(r.LastSeen) {
		r.LastSeen = at
	}
	if !known {
		r.ID, r.Fingerprint, r.Kind = id.New(), keyText(t.last.Secret.Fingerprint), keyText(t.last.Secret.Kind)
	}
	if err := store.Put(ctx, g.tx, &r); err != nil || len(t.fresh) == 0 {
		return err
	}
	places, err := placesOf(ctx, g.tx, r.Fingerprint, reuseSample)
	if err != nil {
		return err
	}
	e, err := r.value().Event(places, t.last, known, g.source, g.now)
	if err != nil {
		return err
	}
	return g.tx.Emit(e)
}

// countPlaces adds what is new. Of a secret that is no reuse yet there are few
// places: they are counted.
func (g *gathering) countPlaces(ctx context.Context, r *reuseRow, t tries) error {
	rows := t.fresh
	if r.ID == "" {
		rows = nil
		err := g.tx.NewSelect().Model(&rows).Where("fingerprint = ?", keyText(t.last.Secret.Fingerprint)).OrderExpr("first_seen").Scan(ctx)
		if err != nil {
			return err
		}
	}
	for _, p := range rows {
		if p.Decky == "" {
			r.Addresses++
		} else {
			r.Targets++
		}
		if r.FirstSeen.IsZero() || p.FirstSeen.Before(r.FirstSeen) {
			r.FirstSeen = p.FirstSeen
		}
	}
	return nil
}

// reuseSample is how many places of each kind an event of a reuse is made from.
const reuseSample = 10

// placesOf returns at most limit places of each kind, oldest first.
func placesOf(ctx context.Context, db bun.IDB, fingerprint string, limit int) (p attacker.ReusePlaces, err error) {
	var targets, addresses []secretPlaceRow
	some := func(into *[]secretPlaceRow, where string) error {
		return db.NewSelect().Model(into).Where("fingerprint = ?", fingerprint).Where(where).OrderExpr("first_seen, place_key").Limit(int64(max(limit, 1))).Scan(ctx)
	}
	if err := some(&targets, "decky <> ''"); err != nil {
		return p, err
	}
	if err := some(&addresses, "decky = ''"); err != nil {
		return p, err
	}
	for _, r := range targets {
		p.Targets = append(p.Targets, attacker.Target{Decky: r.Decky, Service: r.Service})
	}
	for _, r := range addresses {
		p.Addresses = append(p.Addresses, r.AttackerIP)
	}
	return p, nil
}
