package sqlstore_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// What a quarantine entry held is in none of the database's files any more once
// the entry has expired, while the store stays open.
func TestExpiredEntriesAreInNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.db")
	s, ctx := storetest.Open(t, store.Options{URL: "sqlite:" + path}), storetest.Context(t)
	const marker = "marker-of-the-expired-entry"
	for i := range uint64(40) {
		c, err := crashBatch("log", i)
		if err != nil {
			t.Fatal(err)
		}
		c.Quarantine[0].Value.RedactedContent = marker + string(bytes.Repeat([]byte("x"), int(i)*400))
		if _, err := sqlstore.NewLeak(s).Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	if !inFiles(t, path, marker) {
		t.Fatal("the marker is in no file to begin with: the search proves nothing")
	}
	r := sqlstore.NewRetention(s)
	if n, _, err := r.Drop(ctx, sqlstore.KeptQuarantine, time.Now().Add(time.Second), nil); err != nil || n != 40 {
		t.Fatalf("Drop = %d, %v", n, err)
	}
	if err := r.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if inFiles(t, path, marker) {
		t.Error("what an expired entry held is still in a file")
	}
}

func inFiles(t *testing.T, path, marker string) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(marker)) {
			return true
		}
	}
	return false
}
