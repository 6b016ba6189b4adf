package storetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/store"
)

// SQLiteURL names a database that does not exist yet, in a directory of the
// test's own. It is where TMPDIR says, which may be in memory; t.TempDir is where Go
// builds.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cordon-db-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the database: %v", err)
		}
	})
	return "sqlite:" + filepath.Join(dir, "cordon.db")
}

// SQLiteCopies returns a function like SQLiteURL whose databases have their tables
// already: they are copies of one that Make has made.
func SQLiteCopies(t testing.TB) func(t testing.TB) string {
	t.Helper()
	file := func(url string) string { return strings.TrimPrefix(url, "sqlite:") }
	from := SQLiteURL(t)
	Make(t, from)
	whole, err := os.ReadFile(file(from))
	must(t, err)
	return func(t testing.TB) string {
		t.Helper()
		url := SQLiteURL(t)
		must(t, os.WriteFile(file(url), whole, 0o600))
		return url
	}
}

// Make opens a database, which makes its tables, and closes it.
func Make(t testing.TB, url string) {
	t.Helper()
	s, err := store.Open(Context(t), store.Options{URL: url})
	must(t, err)
	must(t, s.Close())
}
