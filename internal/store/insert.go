package store

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strings"
	"time"

	dialects "github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// insertSize is how many rows one statement holds: a server takes no statement of
// any length.
const insertSize = 500

// InsertAll stores rows of which none is there.
func InsertAll[R any](ctx context.Context, tx *Tx, rows []R) error {
	if here, ok := tx.IDB.(preparer); ok && len(rows) > 0 && tx.Dialect().Name() == dialects.SQLite {
		began := time.Now()
		defer func() { tx.store.timed(time.Since(began)) }()
		return insertEach(ctx, here, tx.Dialect(), rows)
	}
	for some := range slices.Chunk(rows, insertSize) {
		if _, err := tx.NewInsert().Model(&some).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// preparer is what bun's transactions are, beside a bun.IDB.
type preparer interface {
	PrepareContext(ctx context.Context, statement string) (*sql.Stmt, error)
}

// insertEach runs one prepared statement for each row. A server would make the way
// there and back for each; SQLite runs in this process, where reading the text of a
// statement with all values in it takes longer than storing them.
func insertEach[R any](ctx context.Context, db preparer, d schema.Dialect, rows []R) error {
	fields := d.Tables().Get(reflect.TypeFor[R]()).Fields
	statement, err := db.PrepareContext(ctx, insertStatement(fields))
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	unwatched := context.WithoutCancel(ctx) // the driver would have a goroutine watch ctx for each row
	values := make([]any, len(fields))
	for i := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := reflect.ValueOf(&rows[i]).Elem()
		for k, f := range fields {
			values[k] = bound(d, row.FieldByIndex(f.Index))
		}
		if _, err := statement.ExecContext(unwatched, values...); err != nil {
			return err
		}
	}
	return nil
}

func insertStatement(fields []*schema.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f.SQLName)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(fields)), ", ")
	return "INSERT INTO " + string(fields[0].Table.SQLName) + " (" + strings.Join(names, ", ") + ") VALUES (" + marks + ")"
}

// bound is a field as the driver takes it. Times are written by the dialect, so that
// they are the same text whichever way a row was stored.
func bound(d schema.Dialect, v reflect.Value) any {
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice) && v.IsNil() {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if t, ok := v.Interface().(time.Time); ok {
		return strings.Trim(string(d.AppendTime(nil, t)), "'")
	}
	return v.Interface()
}
