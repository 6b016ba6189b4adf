package store

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	dialects "github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/schema"
)

// How many rows go into one statement. SQLite reads a statement's text once for
// all of a batch, so it need not be long; a server is asked as seldom as possible,
// but takes no statement of any length.
const (
	fileRows   = 32
	serverRows = 1_000
	textRows   = 500
)

// InsertAll stores rows of which none is there. R is the struct of a table's row;
// its fields are texts, numbers, truths, times, bytes, and pointers to them. After an
// error some rows may be there: the job must fail, which takes them away.
func InsertAll[R any](ctx context.Context, tx *Tx, rows []R) error {
	return insertRows(ctx, tx.store, tx.tx, rows, refuse)
}

// PutAll is InsertAll for rows that may be there: those with the same primary key,
// which must be the table's only unique one, are updated.
func PutAll[R any](ctx context.Context, tx *Tx, rows []R) error {
	return insertRows(ctx, tx.store, tx.tx, rows, update)
}

// AddAll is InsertAll for rows that may be there: those that are stay as they are.
func AddAll[R any](ctx context.Context, tx *Tx, rows []R) error {
	return insertRows(ctx, tx.store, tx.tx, rows, keep)
}

// presence says what becomes of a row that is there.
type presence int

const (
	refuse presence = iota // all fail
	update                 // it becomes the new one
	keep                   // it stays as it is
)

// insertRows gives values to the database apart from the statement where it can:
// that spares us writing them down as text, and the database reading them.
func insertRows[R any](ctx context.Context, s *Store, tx bun.Tx, rows []R, there presence) error {
	if len(rows) == 0 {
		return nil
	}
	b := bulk{tx: tx.Tx, table: tx.Dialect().Tables().Get(reflect.TypeFor[R]()), rows: reflect.ValueOf(rows), there: there, tell: s.opts.Query}
	switch tx.Dialect().Name() {
	case dialects.SQLite:
		return b.intoFile(ctx)
	case dialects.PG:
		return b.intoPostgres(ctx)
	}
	return insertText(ctx, tx, rows, there)
}

// insertText writes values into the statement.
func insertText[R any](ctx context.Context, tx bun.Tx, rows []R, there presence) error {
	for some := range slices.Chunk(rows, textRows) {
		q := tx.NewInsert().Model(&some).Returning("NULL") // NULL: bun would ask null columns back
		switch there {
		case update:
			q = q.On("DUPLICATE KEY UPDATE")
		case keep: // INSERT IGNORE would also ignore what does not fit
			q = q.On("DUPLICATE KEY UPDATE ?0 = ?0", bun.Ident(q.DB().Table(reflect.TypeFor[R]()).PKs[0].Name))
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// bulk is rows on their way into a table.
type bulk struct {
	tx    *sql.Tx
	table *schema.Table
	rows  reflect.Value // a slice of structs
	there presence
	tell  func(time.Duration) // how long a statement took; may be nil
}

// intoFile prepares one statement for all whole chunks, and another for the rest.
func (b bulk) intoFile(ctx context.Context) error {
	whole := b.rows.Len() / fileRows * fileRows
	if whole > fileRows {
		stmt, err := b.tx.PrepareContext(ctx, b.valuesStatement(fileRows))
		if err != nil {
			return err
		}
		defer func() { _ = stmt.Close() }()
		for from := 0; from < whole; from += fileRows {
			if err := b.timed(func() error { return exec(stmt.ExecContext(ctx, b.values(from, from+fileRows)...)) }); err != nil {
				return err
			}
		}
	} else {
		whole = 0
	}
	if n := b.rows.Len() - whole; n > 0 {
		return b.timed(func() error {
			return exec(b.tx.ExecContext(ctx, b.valuesStatement(n), b.values(whole, b.rows.Len())...))
		})
	}
	return nil
}

func exec(_ sql.Result, err error) error { return err }

func (b bulk) timed(do func() error) error {
	began := time.Now()
	err := do()
	if b.tell != nil {
		b.tell(time.Since(began))
	}
	return err
}

// valuesStatement has a mark for each value of n rows. OR FAIL: a row that fails
// leaves those before it, so that SQLite need not be able to undo the statement, for
// which it would copy each page that it changes (https://sqlite.org/lang_conflict.html).
func (b bulk) valuesStatement(n int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(b.table.Fields)), ", ") + ")"
	return b.into("INSERT OR FAIL") + " VALUES " + strings.TrimSuffix(strings.Repeat(row+", ", n), ", ") + b.conflict()
}

func (b bulk) into(insert string) string {
	return insert + " INTO " + string(b.table.SQLName) + " (" + b.names(func(f *schema.Field) string { return string(f.SQLName) }) + ")"
}

func (b bulk) names(of func(*schema.Field) string) string {
	var all []string
	for _, f := range b.table.Fields {
		all = append(all, of(f))
	}
	return strings.Join(all, ", ")
}

// conflict says what becomes of rows which are there.
func (b bulk) conflict() string {
	switch b.there {
	case refuse:
		return ""
	case keep:
		return " ON CONFLICT DO NOTHING"
	}
	var keys, sets []string
	for _, f := range b.table.Fields {
		name := string(f.SQLName)
		if f.IsPK {
			keys = append(keys, name)
		} else {
			sets = append(sets, name+" = excluded."+name)
		}
	}
	return " ON CONFLICT (" + strings.Join(keys, ", ") + ") DO UPDATE SET " + strings.Join(sets, ", ")
}

// values are those of the rows from, from+1, ... to-1.
func (b bulk) values(from, to int) []any {
	out := make([]any, 0, (to-from)*len(b.table.Fields))
	for i := from; i < to; i++ {
		row := b.rows.Index(i)
		for _, f := range b.table.Fields {
			out = append(out, fileValue(f.Value(row)))
		}
	}
	return out
}

// fileTime is how bun writes a time into a statement for SQLite, which compares
// times as texts.
const fileTime = "2006-01-02 15:04:05.999999-07:00"

// fileValue is a field's value as SQLite's driver takes it.
func fileValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return fileValue(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		return v.Bytes()
	case reflect.Struct:
		return v.Interface().(time.Time).UTC().Format(fileTime)
	case reflect.Bool:
		return v.Bool()
	case reflect.Float64:
		return v.Float()
	}
	return v.Int()
}

// intoPostgres gives each column as one array
// (https://www.postgresql.org/docs/15/functions-array.html, unnest).
func (b bulk) intoPostgres(ctx context.Context) error {
	statement := b.arraysStatement()
	for from := 0; from < b.rows.Len(); from += serverRows {
		// Arrays in binary: the server is asked once for the statement's types.
		args := append([]any{pgx.QueryExecModeCacheDescribe}, b.arrays(from, min(from+serverRows, b.rows.Len()))...)
		if err := b.timed(func() error { return exec(b.tx.ExecContext(ctx, statement, args...)) }); err != nil {
			return err
		}
	}
	return nil
}

func (b bulk) arraysStatement() string {
	n := 0
	marks := b.names(func(f *schema.Field) string {
		n++
		return "$" + strconv.Itoa(n) + "::" + arrayOf(f.IndirectType) + "[]"
	})
	return b.into("INSERT") + " SELECT * FROM unnest(" + marks + ")" + b.conflict()
}

// arrayOf is what PostgreSQL calls the values of a field.
func arrayOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "bytea"
	case reflect.Struct:
		return "timestamptz"
	case reflect.Bool:
		return "boolean"
	case reflect.Float64:
		return "double precision"
	}
	return "bigint"
}

// arrays are the columns of the rows from, from+1, ... to-1.
func (b bulk) arrays(from, to int) []any {
	out := make([]any, len(b.table.Fields))
	for k, f := range b.table.Fields {
		column := reflect.MakeSlice(reflect.SliceOf(f.StructField.Type), to-from, to-from)
		for i := range to - from {
			column.Index(i).Set(f.Value(b.rows.Index(from + i)))
		}
		out[k] = column.Interface()
	}
	return out
}
