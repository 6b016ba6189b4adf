package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/attacker"
	"go.cordon.dev/cordon/internal/store"
)

// Attackers returns at most limit attackers that pass the filter, in its order,
// those behind before; empty begins with the first. next is where the following
// page begins, empty when this is the last.
func (s *Attackers) Attackers(ctx context.Context, f attacker.Filter, before string, limit int) (page []attacker.Attacker, next string, err error) {
	column := "last_seen"
	if f.Order == attacker.ByScore {
		column = "score"
	}
	rows, err := pageBy[attackerRow](ctx, s.store.Reader(), column, before, max(limit, 1), func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.MinScore > 0 {
			q = q.Where("score >= ?", f.MinScore)
		}
		return q
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing attackers: %w", err)
	}
	for _, r := range rows {
		a, err := r.value()
		if err != nil {
			return nil, "", err
		}
		page = append(page, a)
	}
	if n := len(rows); n == max(limit, 1) {
		last := rows[n-1]
		next = timePlace(last.LastSeen, last.ID)
		if column == "score" {
			next = strconv.Itoa(last.Score) + "_" + last.ID
		}
	}
	return page, next, nil
}

func timePlace(at time.Time, rowID string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "_" + rowID
}

// pageBy lists rows by a column and then by id, greatest first, behind a place such
// as timePlace makes. What has the same value as the place's row is asked for by
// itself, so that every database finds its page in the index.
func pageBy[R any](ctx context.Context, db bun.IDB, column, before string, limit int, narrow func(*bun.SelectQuery) *bun.SelectQuery) (rows []R, err error) {
	list := func(where string, args ...any) error {
		var some []R
		q := narrow(db.NewSelect().Model(&some))
		if where != "" {
			q = q.Where(where, args...)
		}
		err := q.OrderExpr("? DESC, id DESC", bun.Ident(column)).Limit(int64(limit - len(rows))).Scan(ctx)
		rows = append(rows, some...)
		return err
	}
	if before == "" {
		return rows, list("")
	}
	value, rowID, err := placeIn(column, before)
	if err != nil {
		return nil, err
	}
	if err := list("? = ? AND id < ?", bun.Ident(column), value, rowID); err != nil || len(rows) == limit {
		return rows, err
	}
	return rows, list("? < ?", bun.Ident(column), value)
}

// placeIn reads what Attackers and Reuse return as next.
func placeIn(column, before string) (value any, rowID string, err error) {
	number, rowID, ok := strings.Cut(before, "_")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return nil, "", fmt.Errorf("%q is not where a page ends", text(before))
	}
	if column == "score" {
		return n, text(rowID), nil
	}
	return stamp(time.UnixMicro(n)), text(rowID), nil
}

// Attacker returns one. The error is attacker.ErrNotFound when there is none.
func (s *Attackers) Attacker(ctx context.Context, attackerID string) (attacker.Attacker, error) {
	var row attackerRow
	if err := only(ctx, s.store.Reader().NewSelect().Model(&row).Where("id = ?", text(attackerID)), attacker.ErrNotFound, "an attacker"); err != nil {
		return attacker.Attacker{}, err
	}
	return row.value()
}

// maxPlaces is how many services an attacker's page names.
const maxPlaces = 100

// Services returns the kinds of services that an attacker touched, those that he
// used first. One without interactions was only scanned.
func (s *Attackers) Services(ctx context.Context, attackerID string) ([]attacker.Place, error) {
	var rows []attackerPlaceRow
	err := s.store.Reader().NewSelect().Model(&rows).Where("attacker_id = ?", text(attackerID)).Where("decky = ''").
		OrderExpr("interactions DESC, service").Limit(maxPlaces).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what an attacker touched: %w", err)
	}
	return rowsFor(rows, attackerPlaceRow.value), nil
}

// Traversal returns the way of an attacker through the deckies, as far as his
// newest limit sessions tell.
func (s *Attackers) Traversal(ctx context.Context, attackerID string, limit int) (way attacker.Way, err error) {
	a, err := s.Attacker(ctx, attackerID)
	if err != nil {
		return way, err
	}
	rows, err := pageByID[deckySessionRow](ctx, s.store.Reader(), []filter{{"attacker_ip", a.Address.String()}}, "", limit)
	if err != nil {
		return way, fmt.Errorf("reading the way of an attacker: %w", err)
	}
	visits := make([]attacker.Visit, len(rows))
	for i, r := range rows {
		visits[i] = attacker.Visit{Session: r.ID, Decky: r.Decky, Service: r.Service, StartedAt: r.StartedAt.UTC(), EndedAt: utc(r.EndedAt)}
	}
	if way.Mutations, err = mutationsOn(ctx, s.store.Reader(), attacker.Traverse(visits, nil), limit); err != nil {
		return way, fmt.Errorf("reading how deckies changed on the way of an attacker: %w", err)
	}
	way.Hops = attacker.Traverse(visits, way.Mutations)
	return way, nil
}

// Leaks returns the addresses that an attacker's requests named as his.
func (s *Attackers) Leaks(ctx context.Context, attackerID string) (attacker.Leaks, error) {
	a, err := s.Attacker(ctx, attackerID)
	if err != nil {
		return attacker.Leaks{}, err
	}
	var rows []attackerLeakRow
	err = s.store.Reader().NewSelect().Model(&rows).Where("attacker_id = ?", a.ID).OrderExpr("first_seen, id").Limit(attacker.LeakSample).Scan(ctx)
	if err != nil {
		return attacker.Leaks{}, fmt.Errorf("reading what an attacker's requests gave away: %w", err)
	}
	return attacker.Leaks{Sample: rowsFor(rows, attackerLeakRow.value), Total: a.Claims, Rotation: a.Claims >= attacker.Rotation}, nil
}

// Reuse returns at most limit secrets that were tried in several places, the last
// tried first, those behind before; next as Attackers has it.
func (s *Attackers) Reuse(ctx context.Context, f attacker.ReuseFilter, before string, limit int) (page []attacker.Reuse, next string, err error) {
	rows, err := pageBy[reuseRow](ctx, s.store.Reader(), "last_seen", before, max(limit, 1), func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.Fingerprint != "" {
			q = q.Where("fingerprint = ?", keyText(f.Fingerprint))
		}
		if f.MinTargets > 0 {
			q = q.Where("targets >= ?", f.MinTargets)
		}
		return q
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing reused secrets: %w", err)
	}
	if n := len(rows); n == max(limit, 1) {
		next = timePlace(rows[n-1].LastSeen, rows[n-1].ID)
	}
	return rowsFor(rows, reuseRow.value), next, nil
}

// ReusedSecret returns one reuse with at most limit places of each kind. The error is
// attacker.ErrNotFound when there is none.
func (s *Attackers) ReusedSecret(ctx context.Context, reuseID string, limit int) (attacker.Reuse, attacker.ReusePlaces, error) {
	var row reuseRow
	if err := only(ctx, s.store.Reader().NewSelect().Model(&row).Where("id = ?", text(reuseID)), attacker.ErrNotFound, "a reused secret"); err != nil {
		return attacker.Reuse{}, attacker.ReusePlaces{}, err
	}
	places, err := placesOf(ctx, s.store.Reader(), row.Fingerprint, limit)
	if err != nil {
		return attacker.Reuse{}, attacker.ReusePlaces{}, fmt.Errorf("reading where a secret was tried: %w", err)
	}
	return row.value(), places, nil
}

// dropAttackers deletes those who were not seen since a time, with all that is
// known of them, and secrets that nobody tried since.
func dropAttackers(ctx context.Context, tx *store.Tx, before time.Time) (int, error) {
	const gone = "attacker_id IN (SELECT id FROM attackers WHERE last_seen < ?)"
	at := stamp(before)
	return dropEach(
		func() (int, error) { return dropWhere[attackerPlaceRow](ctx, tx, gone, at) },
		func() (int, error) { return dropWhere[attackerLeakRow](ctx, tx, gone, at) },
		func() (int, error) { return dropWhere[attackerRow](ctx, tx, "last_seen < ?", at) },
		func() (int, error) { return dropWhere[reuseRow](ctx, tx, "last_seen < ?", at) },
		func() (int, error) { return dropSecretPlaces(ctx, tx, at) },
		func() (int, error) { return dropWhere[mutationRow](ctx, tx, "at < ?", at) },
	)
}

// dropSecretPlaces leaves those of a reuse: its counts are of them.
func dropSecretPlaces(ctx context.Context, tx *store.Tx, at time.Time) (int, error) {
	var keys []string
	err := tx.NewSelect().Model((*secretPlaceRow)(nil)).Column("place_key").Where("first_seen < ?", at).
		Where("fingerprint NOT IN (SELECT fingerprint FROM credential_reuse)").Limit(dropSize).Scan(ctx, &keys)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	_, err = tx.NewDelete().Model((*secretPlaceRow)(nil)).Where("place_key IN (?)", bun.In(keys)).Exec(ctx)
	return len(keys), err
}
