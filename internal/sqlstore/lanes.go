package sqlstore

import (
	"slices"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/leak"
	"go.cordon.dev/cordon/internal/store"
)

// A list is filtered by any combination of columns, some with several values,
// and ordered by id, newest first. No index serves "severity is high or
// critical, ordered by id": the database would sort all matches to give the
// first fifty. A list is therefore asked for in lanes. In each lane every
// column of an index has one value, so its ids lie in the index in order; the
// database merges the lanes and stops after the page.

// lane is the equalities of one lane.
type lane []equal

type equal struct {
	column string
	value  any
}

// with returns lanes in which column has one of the values: each lane once
// for each value.
func with[T any](lanes []lane, column string, values ...T) []lane {
	var out []lane
	for _, l := range lanes {
		for _, v := range values {
			out = append(out, append(slices.Clone(l), equal{column, v}))
		}
	}
	return out
}

// withText narrows the lanes unless value is empty.
func withText(lanes []lane, column, value string) []lane {
	if value == "" {
		return lanes
	}
	return with(lanes, column, text(value))
}

// withSeverities narrows the lanes to the severities, each once; none means
// all of them.
func withSeverities(lanes []lane, severities []event.Severity) []lane {
	if len(severities) == 0 {
		severities = event.Severities()
	}
	ranks := make([]int, len(severities))
	for i, s := range severities {
		ranks[i] = int(s)
	}
	slices.Sort(ranks)
	return with(lanes, "severity", slices.Compact(ranks)...)
}

// idsIn selects the page's ids from the merged lanes, newest first. model
// names the table.
func idsIn(db bun.IDB, model any, lanes []lane, p leak.Page) *bun.SelectQuery {
	q := pageOfLane(db, model, lanes[0], p)
	for _, l := range lanes[1:] {
		q = q.UnionAll(pageOfLane(db, model, l, p))
	}
	return db.NewSelect().ColumnExpr("id").TableExpr("(?) AS lanes", q).OrderExpr("id DESC").Limit(int64(max(p.Limit, 1)))
}

// pageOfLane is a lane, cut to the page where the database would otherwise read
// all of it.
func pageOfLane(db bun.IDB, model any, l lane, p leak.Page) *bun.SelectQuery {
	q := laneQuery(db, model, l, p)
	if store.MergesLanes(db) {
		return q
	}
	return q.OrderExpr("id DESC").Limit(int64(max(p.Limit, 1)))
}

func laneQuery(db bun.IDB, model any, l lane, p leak.Page) *bun.SelectQuery {
	q := db.NewSelect().Model(model).Column("id")
	for _, e := range l {
		q = q.Where("? = ?", bun.Ident(e.column), e.value)
	}
	if p.After != "" {
		q = q.Where("id < ?", text(p.After))
	}
	return q
}
