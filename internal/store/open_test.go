package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// create makes a database that holds one event and returns its path.
func create(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cordon.db")
	s, err := store.Open(storetest.Context(t), store.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(storetest.Emit(storetest.Context(t), s, storetest.Event(t, "a")), s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// What cannot be opened says what it is and what to do.
func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		url  func(t *testing.T) string
		want []string
	}{
		{"no scheme", func(*testing.T) string { return "cordon.db" }, []string{"cordon.db", "sqlite:PATH"}},
		{"no path", func(*testing.T) string { return "sqlite:" }, []string{"names no file"}},
		{"memory", func(*testing.T) string { return "sqlite::memory:" }, []string{"names no file"}},
		{"another database", func(*testing.T) string { return "oracle://u:hunter2@db/x" }, []string{`"oracle:"`, "sqlite:PATH", "postgres://"}},
		{"no database of a PostgreSQL server", func(*testing.T) string { return "postgres://u:hunter2@db" }, []string{"PostgreSQL", "HOST:PORT/DATABASE"}},
		{"a password with a percent sign", func(*testing.T) string { return "postgres://u:%hunter2@db/x" }, []string{"PostgreSQL", "%XX"}},
		{"an option that is none", func(*testing.T) string { return "postgres://u:hunter2@db/x?sslmode=often" }, []string{"server db", "sslmode"}},
		{"no database of a MariaDB server", func(*testing.T) string { return "mysql://u:hunter2@db/" }, []string{"MariaDB", "HOST:PORT/DATABASE"}},
		{"a form of other programs", func(*testing.T) string { return "mysql:u:hunter2@tcp(db)/x" }, []string{"MariaDB", "HOST:PORT/DATABASE"}},
		{"an option of other programs", func(*testing.T) string { return "mysql://u:hunter2@db/x?allowAllFiles=true" }, []string{`"allowAllFiles"`, "tls="}},
		{"a directory", func(t *testing.T) string { return "sqlite:" + t.TempDir() }, []string{"check that it is a file"}},
		{"below a file", func(t *testing.T) string { return "sqlite:" + create(t) + "/x.db" }, []string{"making the data directory"}},
		{"not a database", garbage("hello, this is a text file of some length"), []string{"not a SQLite database", "move the file away"}},
		{"a few bytes", garbage("hi"), []string{"not a SQLite database"}},
		{"a damaged database", damaged, []string{"damaged", "restore a backup"}},
		{"a database cut short", cutShort, []string{"damaged", "restore a backup"}},
		{"a log without its database", orphanLog, []string{"missing", "-wal", "restore a backup"}},
		{"a newer schema", newerSchema, []string{"version 99", "run a newer Cordon"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := store.Open(storetest.Context(t), store.Options{URL: c.url(t)})
			if err == nil {
				_ = s.Close()
				t.Fatal("Open succeeded")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not say %q:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error shows the password: %v", err)
			}
		})
	}
}

func garbage(content string) func(t *testing.T) string {
	return func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "cordon.db")
		write(t, path, []byte(content))
		return "sqlite:" + path
	}
}

func damaged(t *testing.T) string {
	path := create(t)
	content := read(t, path)
	for i := 100; i < 4096; i++ { // the schema, behind the file header
		content[i] = 0xa5
	}
	write(t, path, content)
	return "sqlite:" + path
}

func cutShort(t *testing.T) string {
	path := create(t)
	write(t, path, read(t, path)[:4096])
	return "sqlite:" + path
}

func orphanLog(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "cordon.db")
	write(t, path+"-wal", []byte("frames"))
	return "sqlite:" + path
}

func newerSchema(t *testing.T) string {
	path := create(t)
	s := storetest.Open(t, store.Options{URL: "sqlite:" + path})
	exec(t, s, "INSERT INTO schema_versions (version_id, is_applied) VALUES (99, 1)")
	return "sqlite:" + path
}

func exec(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	err := s.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestOpenAcceptsOddPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "50%25.db", "what?.db", "#1.db", "q=1&mode=memory.db", "ключ.db"} {
		path := filepath.Join(t.TempDir(), "new", name)
		storetest.Open(t, store.Options{URL: "sqlite:" + path})
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the database is not where it was asked for: %v", err)
		}
	}
}

// Only the owner may read the database, its log and its directory, even if the
// file was there with other rights.
func TestFilesAreTheOwners(t *testing.T) {
	path := create(t)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "data", "cordon.db")
	for _, p := range []string{path, fresh} {
		s := storetest.Open(t, store.Options{URL: "sqlite:" + p})
		if err := storetest.Emit(storetest.Context(t), s, storetest.Event(t, "b")); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			wantMode(t, p+suffix, 0o600)
		}
	}
	wantMode(t, filepath.Dir(fresh), 0o700)
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %o, want %o", filepath.Base(path), got, want)
	}
}

// A commit is durable over a power cut only in WAL mode with synchronous FULL
// (https://www.sqlite.org/pragma.html#pragma_synchronous).
func TestConnectionSettings(t *testing.T) {
	s := storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
	err := s.Write(storetest.Context(t), func(ctx context.Context, tx *store.Tx) error {
		for pragma, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "busy_timeout": "5000",
		} {
			var got string
			if err := tx.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("writer: %s = %s, %v, want %s", pragma, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := s.Reader().ExecContext(storetest.Context(t), "DELETE FROM meta"); err == nil {
		t.Error("a reader could write")
	}
}

// What was deleted is in no file any more.
func TestDeletedIsGone(t *testing.T) {
	path := create(t)
	marker := "marker-of-the-deleted-row"
	s := storetest.Open(t, store.Options{URL: "sqlite:" + path})
	exec(t, s, "INSERT INTO meta (name, value) VALUES ('x', '"+marker+"')")
	exec(t, s, "DELETE FROM meta WHERE name = 'x'")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(marker)) {
			t.Errorf("the deleted row is still in cordon.db%s", suffix)
		}
	}
}

// A file that is taken away under a running server is noticed.
func TestHealthNoticesLostFile(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"deleted": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		path := create(t)
		s := storetest.Open(t, store.Options{URL: "sqlite:" + path})
		if err := s.Health(storetest.Context(t)); err != nil {
			t.Errorf("healthy: %v", err)
		}
		if err := lose(path); err != nil {
			t.Fatal(err)
		}
		if err := s.Health(storetest.Context(t)); err == nil || !strings.Contains(err.Error(), "cordon.db") {
			t.Errorf("%s: Health = %v", name, err)
		}
	}
}

// A step of a migration that was interrupted runs again.
func TestMigrationsRunAgain(t *testing.T) {
	path := create(t)
	s := storetest.Open(t, store.Options{URL: "sqlite:" + path})
	exec(t, s, "DELETE FROM schema_versions WHERE version_id > 0")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := storetest.Open(t, store.Options{URL: "sqlite:" + path})
	if rs, err := again.Events(storetest.Context(t), event.Cursor{}, 10); err != nil || len(rs) != 1 {
		t.Errorf("%d events, %v, want the one that was there", len(rs), err)
	}
}
