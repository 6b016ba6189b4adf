package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"go.cordon.dev/cordon/internal/leak"
)

// insertSize is how many keys one statement holds: a server takes none of any
// length.
const insertSize = 500

// pick returns the rows with one of the keys in a column.
func pick[R any](ctx context.Context, db bun.IDB, column string, keys []string, without ...string) ([]R, error) {
	var rows []R
	for some := range slices.Chunk(keys, insertSize) {
		var found []R
		q := db.NewSelect().Model(&found).Where("? IN (?)", bun.Ident(column), bun.In(some))
		if len(without) > 0 {
			q = q.ExcludeColumn(without...)
		}
		if err := q.Scan(ctx); err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// filter is an equality of a list; empty narrows nothing.
type filter struct{ column, value string }

// pageByID lists rows newest first, those before an id; without names columns that
// are not read.
func pageByID[R any](ctx context.Context, db bun.IDB, filters []filter, before string, limit int, without ...string) ([]R, error) {
	return pageInLanes[R](ctx, db, lanesOf(filters), before, limit, without...)
}

// lanesOf is the one lane of equalities.
func lanesOf(filters []filter) []lane {
	lanes := []lane{nil}
	for _, f := range filters {
		lanes = withText(lanes, f.column, keyText(f.value))
	}
	return lanes
}

// pageInLanes is pageByID for the rows in some lanes; in none there is no row.
func pageInLanes[R any](ctx context.Context, db bun.IDB, lanes []lane, before string, limit int, without ...string) ([]R, error) {
	if len(lanes) == 0 {
		return nil, nil
	}
	var ids []string
	if err := idsIn(db, (*R)(nil), lanes, leak.Page{Limit: limit, After: before}).Scan(ctx, &ids); err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []R
	q := db.NewSelect().Model(&rows).Where("id IN (?)", bun.In(ids)).OrderExpr("id DESC")
	if len(without) > 0 {
		q = q.ExcludeColumn(without...)
	}
	return rows, q.Scan(ctx)
}

// dropByID deletes at most dropSize of the oldest rows, by the time in their ids.
func dropByID[R any](ctx context.Context, db bun.IDB, before time.Time) (int, error) {
	return dropWhere[R](ctx, db, "id < ?", firstID(before))
}

// dropWhere deletes at most dropSize rows.
func dropWhere[R any](ctx context.Context, db bun.IDB, where string, args ...any) (int, error) {
	var ids []string
	q := db.NewSelect().Model((*R)(nil)).Column("id").Where(where, args...).Limit(dropSize)
	if err := q.Scan(ctx, &ids); err != nil || len(ids) == 0 {
		return 0, err
	}
	_, err := db.NewDelete().Model((*R)(nil)).Where("id IN (?)", bun.In(ids)).Exec(ctx)
	return len(ids), err
}

// dropEach runs steps until they have deleted dropSize rows, and returns how many
// there were.
func dropEach(steps ...func() (int, error)) (total int, err error) {
	for _, step := range steps {
		n, err := step()
		if err != nil {
			return 0, fmt.Errorf("after %d rows: %w", total, err)
		}
		if total += n; total >= dropSize {
			return total, nil
		}
	}
	return total, nil
}
