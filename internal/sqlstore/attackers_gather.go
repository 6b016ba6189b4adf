package sqlstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/store"
)

// gathering is one Observe being stored: the rows that it changes.
type gathering struct {
	tx     *store.Tx
	source string
	now    time.Time

	attackers map[string]*known
	places    map[string]*attackerPlaceRow
	leaks     map[string]*attackerLeakRow
}

// known is an attacker with the score that he had before.
type known struct {
	attacker.Attacker
	before int
}

// take applies one observation.
func (g *gathering) take(o attacker.Observation) error {
	who := g.attackers[attackerKey(o)]
	if who == nil {
		who = &known{Attacker: attacker.Begin(o)}
		g.attackers[who.ID] = who
		e, err := attacker.Seen(o, g.source, g.now)
		if err != nil {
			return err
		}
		if err := g.tx.Emit(e); err != nil {
			return err
		}
	}
	keys := placeKeys(o)
	g.place(keys[0], who.ID, o.Decky, o.Service, o)
	decky, _ := g.place(keys[1], who.ID, o.Decky, "", o)
	service, interaction := g.place(keys[2], who.ID, "", o.Service, o)
	who.Take(o, attacker.News{Decky: decky, Service: service, Interaction: interaction, Claim: g.claim(who.ID, o)})
	return nil
}

// place counts an observation in a place's row, and says whether that is new, and
// whether this is the first interaction there.
func (g *gathering) place(key, who, decky, kind string, o attacker.Observation) (fresh, interaction bool) {
	r := g.places[key]
	if fresh = r == nil; fresh {
		r = &attackerPlaceRow{ID: key, AttackerID: who, Decky: keyText(decky), Service: keyText(kind), FirstSeen: stamp(o.At), LastSeen: stamp(o.At)}
		g.places[key] = r
	}
	r.Events += int64(o.Times)
	if at := stamp(o.At); at.After(r.LastSeen) {
		r.LastSeen = at
	}
	if o.Interaction {
		r.Interactions++
	}
	return fresh, o.Interaction && r.Interactions == 1
}

// claim counts an address that was named, and says whether it is new.
func (g *gathering) claim(who string, o attacker.Observation) bool {
	if o.Claimed == "" {
		return false
	}
	key := leakKey(o)
	r, known := g.leaks[key]
	if !known {
		r = &attackerLeakRow{
			ID: key, AttackerID: who, ClaimedIP: keyText(o.Claimed), Header: keyText(o.ClaimedBy), Decky: keyText(o.Decky), SessionID: text(o.Session),
			LogID: text(o.EventID), FirstSeen: stamp(o.At),
		}
		g.leaks[key] = r
	}
	r.LastSeen = stamp(o.At)
	r.Times++
	return !known
}

// save stores the rows, in one order so that two nodes never wait for each other,
// and says who has reached a threshold.
func (g *gathering) save(ctx context.Context) error {
	var rows []attackerRow
	for _, id := range slices.Sorted(maps.Keys(g.attackers)) {
		who := g.attackers[id]
		row, err := newAttackerRow(who.Attacker)
		if err != nil {
			return err
		}
		rows = append(rows, row)
		events, err := who.Crossed(who.before, g.source, g.now)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := g.tx.Emit(e); err != nil {
				return err
			}
		}
	}
	if err := store.PutAll(ctx, g.tx, rows); err != nil {
		return err
	}
	if err := store.PutAll(ctx, g.tx, sorted(g.places)); err != nil {
		return err
	}
	return store.PutAll(ctx, g.tx, sorted(g.leaks))
}

func sorted[R any](rows map[string]*R) []R {
	out := make([]R, 0, len(rows))
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		out = append(out, *rows[key])
	}
	return out
}
