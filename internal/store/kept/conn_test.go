package kept_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"modernc.org/sqlite"

	"go.cordon.dev/cordon/internal/store/kept"
)

const schema = `CREATE TABLE t (a TEXT, n INTEGER, f REAL, b BLOB, at DATETIME, UNIQUE (a));
	INSERT INTO t VALUES ('x', 1, 0.5, x'00', '2026-03-14 10:00:00+00:00'), ('y', 2, 1e10, NULL, NULL), ('', NULL, -1, '', ''), ('5', 5, 5, 5, '5')`

// open returns one connection to a small database, which keeps statements or does not.
func open(t testing.TB, wrap func(driver.Connector) driver.Connector) *sql.DB {
	t.Helper()
	c, err := sqlite.NewConnector("file::memory:?_dqs=0")
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(wrap(c))
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Exec(schema); err != nil {
		t.Fatal(err)
	}
	return db
}

func plain(c driver.Connector) driver.Connector { return c }

// all is what a statement answers: the names of columns and the rows.
func all(db interface {
	Query(text string, args ...any) (*sql.Rows, error)
}, text string,
) (out [][]any, err error) {
	rows, err := db.Query(text)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	names := make([]any, len(columns))
	for i, c := range columns {
		names[i] = c
	}
	for out = append(out, names); rows.Next(); {
		row, at := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// same fails unless both databases answer a statement alike and hold the same after it.
func same(t *testing.T, want, got *sql.DB, text string) {
	t.Helper()
	for _, ask := range []string{text, "SELECT * FROM t ORDER BY rowid"} {
		a, errA := all(want, ask)
		b, errB := all(got, ask)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%q: got error %v, want %v", ask, errB, errA)
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%q: got %v, want %v", ask, b, a)
		}
	}
}

// statements are of all forms that the store's writer uses, and of some which it must
// not take apart.
var statements = []string{
	`SELECT "a", n FROM "t" WHERE a = 'x' OR n >= 2 ORDER BY n DESC, 1 LIMIT 2`,
	`SELECT 5, 'x' FROM t WHERE f = 0.5`,
	`SELECT count(*) FROM t WHERE n IN (1, 2, 5) AND a <> ''`,
	`SELECT * FROM (SELECT a, 5 FROM t WHERE n = 1) AS s WHERE s.a = 'x'`,
	`SELECT n, count(*) FROM t WHERE n > 0 GROUP BY 1 ORDER BY 2, 1`,
	`SELECT a FROM t WHERE a = 5`,
	`SELECT a FROM t WHERE a = '5' AND b = 5`,
	`SELECT a FROM t WHERE n BETWEEN 1 AND 2 AND 1 = 1`,
	`SELECT a FROM t WHERE a LIKE 'X%' ORDER BY 1`,
	`SELECT CAST(n AS VARCHAR(10)) FROM t WHERE n = 1`,
	`SELECT a FROM t WHERE a IN (SELECT a FROM t WHERE n = 2 LIMIT 1)`,
	`SELECT at FROM t WHERE at >= '2026-01-01 00:00:00+00:00'`,
	`SELECT a FROM t WHERE n = 1 UNION ALL SELECT 'q' FROM t WHERE n = 2`,
	`INSERT INTO t (a, n, f, b) VALUES ('it''s', -7, 1e-05, X'ff00'), ('new', 9223372036854775807, 3, NULL)`,
	`INSERT INTO t (a, n) VALUES ('x', 3) ON CONFLICT (a) DO UPDATE SET n = excluded.n + 10`,
	`INSERT INTO t (a, n) VALUES ('x', 3)`,
	`INSERT OR IGNORE INTO t (a, n) VALUES ('y', 3) RETURNING a, 7`,
	`INSERT INTO t (a, n) SELECT 'z', 1 FROM t LIMIT 1`,
	`UPDATE "t" AS "r" SET "n" = n + 1, a = a || '!' WHERE "r"."n" = 2`,
	`UPDATE t SET n = 99999999999999999999 WHERE n = 1`,
	`UPDATE t SET a = (SELECT a FROM t WHERE n = 5) || '-' WHERE n = 1`,
	`DELETE FROM t WHERE a = '' AND n IS NULL`,
	`DELETE FROM t WHERE nothing = 5`,
	`DELETE FROM t WHERE a = 'x' -- AND 1 = 2`,
	`SELECT 'x`,
	`SELECT 0 FROM t 'q' WHERE q.n = 1`,
	`SELECT EXISTS (SELECT 1 FROM t WHERE a = 'x')`,
	`SELECT a, (SELECT n FROM t WHERE n = 2) FROM t WHERE n = 1`,
}

func TestAKeptStatementAnswersAsThePlainOne(t *testing.T) {
	for _, text := range statements {
		t.Run(text, func(t *testing.T) {
			want, got := open(t, plain), open(t, kept.Connector)
			for range 3 { // compiled, then kept
				same(t, want, got, text)
			}
		})
	}
}

func FuzzAKeptStatementAnswersAsThePlainOne(f *testing.F) {
	for _, text := range statements {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first := strings.ToUpper(strings.TrimSpace(text))
		if i := strings.IndexByte(first, ' '); len(text) > 400 || i < 0 || !strings.Contains("SELECT INSERT UPDATE DELETE", first[:i]) || strings.Contains(strings.ToLower(text), "random") {
			return // others are left alone, and chance answers twice
		}
		want, got := open(t, plain), open(t, kept.Connector)
		for range 2 {
			same(t, want, got, text)
		}
	})
}

func TestAStatementIsAskedWhileItsRowsAreRead(t *testing.T) {
	db := open(t, kept.Connector)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	const text = "SELECT a FROM t WHERE n >= 1"
	outer, err := tx.Query(text)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = outer.Close() }()
	for n := 0; ; n++ {
		if !outer.Next() {
			if n != 3 {
				t.Errorf("the outer one has %d rows, want 3", n)
			}
			break
		}
		if inner, err := all(tx, text); err != nil || len(inner) != 4 {
			t.Fatalf("the inner one answers %v, %v", inner, err)
		}
	}
}

func TestAStatementThatFailedIsCompiledAgain(t *testing.T) {
	db := open(t, kept.Connector)
	const text = "SELECT later FROM t WHERE n = 1"
	if _, err := all(db, text); err == nil {
		t.Fatal("a column that is not there was found")
	}
	if _, err := db.Exec("ALTER TABLE t ADD COLUMN later TEXT DEFAULT 'now'"); err != nil {
		t.Fatal(err)
	}
	if got, err := all(db, text); err != nil || len(got) != 2 || got[1][0] != "now" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTablesChangeUnderKeptStatements(t *testing.T) {
	db := open(t, kept.Connector)
	count := func(want int) {
		t.Helper()
		if got, err := all(db, "SELECT a FROM t WHERE n >= 1"); err != nil || len(got) != want+1 {
			t.Errorf("got %v, %v; want %d rows", got, err, want)
		}
	}
	count(3)
	for _, change := range []string{"CREATE INDEX by_n ON t (n)", "VACUUM", "ALTER TABLE t RENAME TO old", "CREATE TABLE t (n INT, a TEXT)"} {
		if _, err := db.Exec(change); err != nil {
			t.Fatalf("%s: %v", change, err)
		}
	}
	count(0)
}

func TestOnlySomeStatementsAreKept(t *testing.T) {
	inner := &counting{}
	db := open(t, func(c driver.Connector) driver.Connector { inner.Connector = c; return kept.Connector(inner) })
	ask := func(n int) {
		t.Helper()
		if _, err := all(db, fmt.Sprintf("SELECT a AS a%d FROM t WHERE n = 1", n)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 1000 {
		ask(n)
	}
	if inner.open > 256 {
		t.Errorf("%d statements are open, want at most 256", inner.open)
	}
	before := inner.compiled
	ask(999)
	ask(0)
	if got := inner.compiled - before; got != 1 {
		t.Errorf("%d were compiled for one that is kept and one that is not", got)
	}
	if err := db.Close(); err != nil || inner.open != 0 {
		t.Errorf("after the end %d are open (%v)", inner.open, err)
	}
}

// counting counts what is compiled.
type counting struct {
	driver.Connector
	compiled, open int
}

func (c *counting) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return countingConn{inner.(sqliteConn), c}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type countingConn struct {
	sqliteConn
	of *counting
}

func (c countingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	s, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.of.compiled++
	c.of.open++
	return countingStmt{s.(sqliteStmt), c.of}, nil
}

type countingStmt struct {
	sqliteStmt
	of *counting
}

func (s countingStmt) Close() error {
	s.of.open--
	return s.sqliteStmt.Close()
}
