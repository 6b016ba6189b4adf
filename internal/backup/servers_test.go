//go:build servers

package backup

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
	"go.cordon.dev/cordon/internal/store/storetest/dbserver"
)

// A backup of any kind of database goes into any other: out of SQLite into a
// server, out of that into another database of it, and back into SQLite.
func TestABackupGoesBetweenDatabases(t *testing.T) {
	first := filled(t, open(t))
	want := dump(t, first)
	dbserver.Each(t, func(t *testing.T, s *dbserver.Server) {
		from := first
		for _, url := range []string{s.URL(t), s.URL(t), storetest.SQLiteURL(t)} {
			to := storetest.Open(t, store.Options{URL: url})
			if _, err := Restore(storetest.Context(t), to, bytes.NewReader(create(t, from, CreateOptions{})), RestoreOptions{KeyDir: t.TempDir()}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, dump(t, to)); diff != "" {
				t.Fatalf("rows differ:\n%.2000s", diff)
			}
			from = to
		}
	})
}
