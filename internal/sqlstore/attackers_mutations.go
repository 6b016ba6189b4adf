package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/attacker"
)

// mutationsOn are those of the deckies of a way, from its first hop until it was left;
// the oldest limit.
func mutationsOn(ctx context.Context, db bun.IDB, hops []attacker.Hop, limit int) ([]attacker.Mutation, error) {
	if len(hops) == 0 {
		return nil, nil
	}
	var names []string
	for _, h := range hops {
		if !slices.Contains(names, h.Decky) {
			names = append(names, h.Decky)
		}
	}
	var rows []mutationRow
	q := db.NewSelect().Model(&rows).Where("decky IN (?)", bun.In(names)).Where("at >= ?", stamp(hops[0].EnteredAt))
	if left := hops[len(hops)-1].LeftAt; left != nil {
		q = q.Where("at <= ?", stamp(*left))
	}
	if err := q.Order("at", "id").Limit(int64(max(limit, 1))).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]attacker.Mutation, len(rows))
	for i, r := range rows {
		out[i] = attacker.Mutation{Decky: r.Decky, At: r.At.UTC(), Trigger: r.Cause}
		if err := errors.Join(json.Unmarshal([]byte(r.OldServices), &out[i].OldServices), json.Unmarshal([]byte(r.NewServices), &out[i].NewServices)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
