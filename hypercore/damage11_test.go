package hypercore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/hypercore"
)

// rocks is a copy of a store of hypercore 11 in which bytes are changed, given what they
// stand in: a file and some bytes of it.
func rocks(t *testing.T, pattern string, near []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("store11/testdata/db")); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v, %v", paths, err)
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, near)
	if at < 0 {
		t.Fatalf("%s has no %q", pattern, near)
	}
	b[at] ^= 1
	if err := os.WriteFile(paths[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A block of which the disk has lost a bit is told as damaged, with what to do; the blocks
// around it are read.
func TestADamagedBlockOfHypercore11(t *testing.T) {
	whole := open(t, "store11/testdata/db", hypercore.Options{})
	core := open(t, rocks(t, "*.blob", []byte("65:xxxx")), hypercore.Options{})
	var damaged []hypercore.Event
	for _, from := range []uint64{0, 65} { // together with others, and first
		read := 0
		err := core.Scan(t.Context(), from, func(e hypercore.Event) error {
			if read++; e.Kind == hypercore.Corrupt {
				damaged = append(damaged, e)
			}
			return nil
		})
		if want := len(scanLines(t, whole, from)); err != nil || read != want {
			t.Errorf("from block %d: %d of %d events, %v", from, read, want, err)
		}
	}
	if len(damaged) != 2 {
		t.Fatalf("%v", damaged)
	}
	for _, e := range damaged {
		if e.Index != 65 || e.To != 66 || !strings.Contains(e.Err.Error(), "checksum") || !strings.Contains(e.Err.Error(), "hypercore-peer") {
			t.Errorf("%+v", e)
		}
	}
}

// Where the tree is damaged that leads to what was signed, the core is not read at all.
func TestDamagedTablesOfHypercore11(t *testing.T) {
	_, err := hypercore.Open(rocks(t, "*.sst", []byte("rocksdb.properties")), hypercore.Options{})
	if err == nil || !strings.Contains(err.Error(), "hypercore-peer") || errors.Is(err, hypercore.ErrNotStored) {
		t.Errorf("%v", err)
	}
}
