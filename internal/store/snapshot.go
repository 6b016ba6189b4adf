package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/uptrace/bun"
)

// snapshotPage is how many rows are read at a time: a statement then ends soon,
// however slow whoever takes the rows is.
const snapshotPage = 200

// Snapshot is the database as it was at one moment.
type Snapshot struct{ tx bun.IDB }

// Snapshot runs fn with a view of the database in which nothing changes while
// fn runs. Others go on writing.
func (s *Store) Snapshot(ctx context.Context, fn func(ctx context.Context, snap *Snapshot) error) error {
	var o *sql.TxOptions
	if s.dialect.goose != goose.DialectSQLite3 { // whose read transactions are such a view
		o = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	tx, err := s.read.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("beginning to read: %w", explain(err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(ctx, &Snapshot{tx})
}

// Reader reads what the view shows. It is not for use after fn of Snapshot.
func (s *Snapshot) Reader() bun.IDB { return s.tx }

// Each hands on the rows of a table in the order of its key. The values are, by
// the column's kind, string, []byte, int64, float64, bool, time.Time (UTC), or
// nil.
func (s *Snapshot) Each(ctx context.Context, t Table, fn func(row []any) error) error {
	var after []any
	for {
		page, err := s.page(ctx, t, after)
		if err != nil {
			return fmt.Errorf("reading table %s: %w", t.Name, explain(err))
		}
		for _, row := range page {
			if err := fn(row); err != nil {
				return err
			}
		}
		if len(page) < snapshotPage {
			return nil
		}
		after = t.keyOf(page[len(page)-1])
	}
}

func (t Table) keyOf(row []any) (key []any) {
	for _, k := range t.Key {
		for i, c := range t.Columns {
			if c.Name == k {
				key = append(key, row[i])
			}
		}
	}
	return key
}

func (s *Snapshot) page(ctx context.Context, t Table, after []any) ([][]any, error) {
	q := s.tx.NewSelect().TableExpr("?", bun.Ident(t.Name)).Limit(snapshotPage)
	for _, c := range t.Columns {
		q = q.ColumnExpr("?", bun.Ident(c.Name))
	}
	keys := make([]any, len(t.Key))
	for i, k := range t.Key {
		keys[i] = bun.Ident(k)
		q = q.OrderExpr("?", bun.Ident(k))
	}
	if after != nil {
		marks := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(keys)), ", ") + ")"
		q = q.Where(marks+" > "+marks, append(keys, after...)...)
	}
	rows, err := q.Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var page [][]any
	for rows.Next() {
		row, err := scanRow(rows, t.Columns)
		if err != nil {
			return nil, err
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

func scanRow(rows *sql.Rows, columns []Column) ([]any, error) {
	into := make([]any, len(columns))
	for i, c := range columns {
		into[i] = scanner(c.Kind)
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	out := make([]any, len(columns))
	for i, v := range into {
		out[i] = scanned(v)
	}
	return out, nil
}

// scanner is what a column of a kind is read into.
func scanner(kind string) any {
	switch kind {
	case "bytes":
		return new([]byte)
	case "int", "rank":
		return new(sql.NullInt64)
	case "real":
		return new(sql.NullFloat64)
	case "bool":
		return new(sql.NullBool)
	case "time":
		return new(sql.NullTime)
	}
	return new(sql.NullString)
}

func scanned(v any) any {
	switch v := v.(type) {
	case *[]byte:
		if *v == nil {
			return nil
		}
		return *v
	case *sql.NullInt64:
		return orNil(v.Int64, v.Valid)
	case *sql.NullFloat64:
		return orNil(v.Float64, v.Valid)
	case *sql.NullBool:
		return orNil(v.Bool, v.Valid)
	case *sql.NullTime:
		return orNil(v.Time.UTC().Truncate(time.Microsecond), v.Valid)
	case *sql.NullString:
		return orNil(v.String, v.Valid)
	}
	return nil
}

func orNil(v any, valid bool) any {
	if !valid {
		return nil
	}
	return v
}
