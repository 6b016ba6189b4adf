package store

import (
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// Another process is about to make the database: SQLite, asked to switch to its
// write-ahead log, says at once that somebody holds the file, whatever the timeout is.
func TestOpeningWaitsForWhoMakesTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.db")
	v := url.Values{}
	v.Set("_txlock", "immediate")
	other, err := connect(dsn(path, v), 1, plainConnector)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	opened := make(chan error, 1)
	hold(t, other, func() {
		go func() {
			s, err := Open(t.Context(), Options{URL: "sqlite:" + path})
			if err == nil {
				err = s.Close()
			}
			opened <- err
		}()
		select {
		case err := <-opened:
			t.Fatalf("Open returned while another held the file: %v", err)
		case <-time.After(200 * time.Millisecond): // it met the other by then, or it was not tested
		}
	})
	if err := <-opened; err != nil {
		t.Errorf("Open: %v", err)
	}
}

// hold runs do while a transaction of db is about to write.
func hold(t *testing.T, db *bun.DB, do func()) {
	t.Helper()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	do()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}
