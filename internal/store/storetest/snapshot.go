package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
)

// runSnapshots checks reading and filling whole databases.
func runSnapshots(t *testing.T, newURL func(testing.TB) string) {
	t.Run("the migrations list the tables that there are", func(t *testing.T) { testTables(t, newURL) })
	t.Run("one database is filled from a snapshot of another", func(t *testing.T) { testSnapshot(t, newURL) })
	t.Run("a snapshot stands still", func(t *testing.T) { testSnapshotStands(t, newURL) })
	t.Run("what cannot be filled stays empty", func(t *testing.T) { testFillFails(t, newURL) })
}

// tables of the database itself, but for the one that counts migrations.
func tables(t testing.TB, s *store.Store) (names []string) {
	t.Helper()
	for _, query := range []string{
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
		"SELECT table_name FROM information_schema.tables WHERE table_schema IN (database())",
		"SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
	} {
		rows, err := s.Reader().QueryContext(Context(t), query)
		if err != nil {
			continue // of another database
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			must(t, rows.Scan(&name))
			if name != "schema_versions" {
				names = append(names, name)
			}
		}
		must(t, rows.Err())
		slices.Sort(names)
		return names
	}
	t.Fatal("no way to list the tables of this database")
	return nil
}

// testTables: what the migrations say is what the database has, so that whoever
// wants all tables gets all.
func testTables(t *testing.T, newURL func(testing.TB) string) {
	s := Open(t, store.Options{URL: newURL(t)})
	var want []string
	for _, table := range store.Tables() {
		want = append(want, table.Name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, tables(t, s)); diff != "" {
		t.Errorf("the migrations say (-), the database has (+):\n%s", diff)
	}
}

// value is what a test puts into a column of a kind.
func value(kind string, n int) any {
	switch kind {
	case "bytes":
		return []byte{0, byte(n), 0xff, '\''}
	case "int":
		return int64(n) - 3
	case "rank":
		return int64(n % 5)
	case "real":
		return float64(n) / 7
	case "bool":
		return n%2 == 0
	case "time":
		return time.Date(2026, 3, 1, 12, 0, n, 123456000, time.UTC)
	case "day":
		return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
	}
	return fmt.Sprintf(`%05d ' "\ %% ? é 🔑 <script>`, n)
}

const filled = 450 // rows of a table: more than are read at a time

// testSnapshot: every table of one database can be filled from another's.
func testSnapshot(t *testing.T, newURL func(testing.TB) string) {
	from, to := Open(t, store.Options{URL: newURL(t)}), Open(t, store.Options{URL: newURL(t)})
	want := map[string][][]any{}
	must(t, from.Fill(Context(t), func(ctx context.Context, f *store.Filler) error {
		for _, table := range store.Tables() {
			for i := range filled {
				want[table.Name] = append(want[table.Name], row(table, i))
			}
			for page := range slices.Chunk(want[table.Name], 100) {
				if err := f.Insert(ctx, table, page); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	must(t, to.Fill(Context(t), func(ctx context.Context, f *store.Filler) error {
		return from.Snapshot(ctx, func(ctx context.Context, snap *store.Snapshot) error {
			for _, table := range store.Tables() {
				if err := snap.Each(ctx, table, func(row []any) error { return f.Insert(ctx, table, [][]any{row}) }); err != nil {
					return err
				}
			}
			return nil
		})
	}))
	for _, table := range store.Tables() {
		got := all(t, to, table)
		if diff := cmp.Diff(want[table.Name], got); diff != "" {
			t.Errorf("table %s (-in, +out):\n%s", table.Name, diff[:min(len(diff), 2000)])
		}
	}
	err := to.Fill(Context(t), func(context.Context, *store.Filler) error { return nil })
	if !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("filling again: %v", err)
	}
}

// row makes a row whose key grows with i. A column that may be null is so in
// every third row.
func row(table store.Table, i int) []any {
	out := make([]any, len(table.Columns))
	for c, column := range table.Columns {
		out[c] = value(column.Kind, i)
		if column.Null && i%3 == 0 {
			out[c] = nil
		}
		if column.Kind == "rank" && slices.Contains(table.Key, column.Name) || column.Kind == "bool" && slices.Contains(table.Key, column.Name) {
			out[c] = unique(column.Kind, table, i)
		}
	}
	return out
}

// unique keeps keys that end in a rank or a flag apart and in order.
func unique(kind string, table store.Table, i int) any {
	if kind == "rank" {
		return int64(i)
	}
	return false
}

func all(t testing.TB, s *store.Store, table store.Table) (rows [][]any) {
	t.Helper()
	must(t, s.Snapshot(Context(t), func(ctx context.Context, snap *store.Snapshot) error {
		return snap.Each(ctx, table, func(row []any) error { rows = append(rows, row); return nil })
	}))
	return rows
}

// testSnapshotStands: what is written while a snapshot is read is not in it.
func testSnapshotStands(t *testing.T, newURL func(testing.TB) string) {
	s := Open(t, store.Options{URL: newURL(t)})
	must(t, Emit(Context(t), s, Event(t, "before")))
	var log, head store.Table
	for _, table := range store.Tables() {
		switch table.Name {
		case "event_log":
			log = table
		case "event_head":
			head = table
		}
	}
	must(t, s.Snapshot(Context(t), func(ctx context.Context, snap *store.Snapshot) error {
		count := func(table store.Table) (n int) {
			must(t, snap.Each(ctx, table, func([]any) error { n++; return nil }))
			return n
		}
		count(head)
		must(t, Emit(Context(t), s, Event(t, "meanwhile")))
		if n := count(log); n != 1 {
			t.Errorf("%d events in the snapshot, want the one from before", n)
		}
		return nil
	}))
}

// testFillFails: what fails leaves the database empty and usable.
func testFillFails(t *testing.T, newURL func(testing.TB) string) {
	s := Open(t, store.Options{URL: newURL(t)})
	broken := errors.New("the file ends here")
	err := s.Fill(Context(t), func(ctx context.Context, f *store.Filler) error {
		table := store.Tables()[0]
		if err := f.Insert(ctx, table, [][]any{row(table, 1)}); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	must(t, Emit(Context(t), s, Event(t, "after")))
	if rs := events(t, s, event.Cursor{}, 10); len(rs) != 1 || rs[0].Cursor.Seq != 1 {
		t.Errorf("got %+v", rs)
	}
}
