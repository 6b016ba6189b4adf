package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
	dialects "github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/dialect/feature"

	"go.cordon.dev/cordon/internal/event"
)

// Tx is a transaction of the writer. It is valid until the function that was
// given it returns.
type Tx struct {
	bun.IDB
	tx      bun.Tx
	store   *Store
	emitted []emission
}

// emission is an event on its way into the log.
type emission struct {
	Packed
	fresh bool // it cannot be there
}

// Emit adds an event to the log, in this transaction. An event whose id is in
// the log already is ignored.
func (t *Tx) Emit(e event.Event) error {
	encoded, err := event.Encode(e)
	if err != nil {
		return fmt.Errorf("emitting: %w", err)
	}
	t.EmitEncoded(encoded)
	return nil
}

// EmitEncoded is Emit for an event that was encoded before the transaction began, so
// that those who wait for the writer do not wait for that.
func (t *Tx) EmitEncoded(e event.Encoded) { t.EmitPacked(t.store.Pack(e)) }

// EmitPacked is EmitEncoded for an event that was packed before, too.
func (t *Tx) EmitPacked(e Packed) { t.emitted = append(t.emitted, emission{Packed: e}) }

// EmitFresh is Emit for an event that cannot be in the log, because what is stored
// with it is stored once: the log is not searched for it. If it is there all the
// same, all of the transaction fails.
func (t *Tx) EmitFresh(e event.Encoded) {
	t.emitted = append(t.emitted, emission{Packed: t.store.Pack(e), fresh: true})
}

// Cursor is how far a consumer has read, as this transaction sees it; the zero Cursor
// for a new one. Transactions take turns, so it stays so until the commit.
func (t *Tx) Cursor(ctx context.Context, consumer string) (event.Cursor, error) {
	return readCursor(ctx, t, consumer)
}

// SaveCursor remembers, in this transaction, how far a consumer has read.
func (t *Tx) SaveCursor(ctx context.Context, consumer string, c event.Cursor) error {
	row := cursorRow{Consumer: consumer, Day: c.Day, Seq: c.Seq, UpdatedAt: t.store.Now()}
	if err := Put(ctx, t, &row); err != nil {
		return fmt.Errorf("saving cursor of %s: %w", consumer, err)
	}
	return nil
}

// Put stores a model under its primary key, which must be its only unique one:
// it updates the row that is there or inserts one.
func Put(ctx context.Context, db bun.IDB, model any) error {
	q := db.NewInsert().Model(model).Returning("NULL") // NULL: bun would ask null columns back
	if db.Dialect().Features().Has(feature.InsertOnDuplicateKey) {
		q = q.On("DUPLICATE KEY UPDATE")
	} else {
		q = q.On("CONFLICT (?) DO UPDATE", bun.Safe(primaryKey(db, model)))
	}
	_, err := q.Exec(ctx)
	return err
}

// primaryKey lists the quoted columns of a model's primary key.
func primaryKey(db bun.IDB, model any) string {
	var columns []string
	for _, f := range db.Dialect().Tables().Get(reflect.TypeOf(model)).PKs {
		columns = append(columns, string(f.SQLName))
	}
	return strings.Join(columns, ", ")
}

// Insert stores a model unless a row with one of its unique keys is there, and
// reports whether it was new.
func Insert(ctx context.Context, db bun.IDB, model any) (added bool, err error) {
	q := db.NewInsert().Model(model).Returning("NULL")
	if !db.Dialect().Features().Has(feature.InsertOnDuplicateKey) {
		return Touched(q.Ignore().Exec(ctx))
	}
	// MariaDB's INSERT IGNORE would also ignore what does not fit.
	added, err = Touched(q.Exec(ctx))
	if isDuplicate(err) {
		return false, nil
	}
	return added, err
}

// Touched reports whether a statement touched a row.
func Touched(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// MergesLanes reports whether the database reads a UNION ALL of ordered parts
// no further than the LIMIT of the whole. SQLite does, and knows no LIMIT of a
// part.
func MergesLanes(db bun.IDB) bool { return db.Dialect().Name() == dialects.SQLite }
