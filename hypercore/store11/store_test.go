package store11

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// fact is what npm hypercore 11 said about testdata/db when it wrote it: batches, a block that
// went to a blob file, a truncation and a clearing, all in a table; more of that in the log.
type fact struct {
	Key          merkle.Hash
	Length, Fork uint64
	Blocks       [][]byte // nil: not stored
}

func facts(t testing.TB) (f fact) {
	t.Helper()
	b, err := os.ReadFile("testdata/facts.json")
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWhatNpmWrote(t *testing.T) {
	want := facts(t)
	for name, key := range map[string]merkle.Hash{"the default core": {}, "by its key": want.Key} {
		t.Run(name, func(t *testing.T) {
			c, err := OpenCore("testdata/db", key)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			h, ok, err := c.Head()
			if err != nil || !ok || h.Length != want.Length || h.Fork != want.Fork || c.Identity().Key != want.Key {
				t.Errorf("%+v, %v, %v", h, ok, err)
			}
			for i, block := range want.Blocks {
				got, ok, err := c.Block(uint64(i))
				if err != nil || ok != (block != nil) || !bytes.Equal(got, block) {
					t.Errorf("block %d: %.40q, %v, %v, want %.40q", i, got, ok, err, block)
				}
			}
			if _, ok, err := c.Block(want.Length); ok || err != nil {
				t.Errorf("a block past the end: %v, %v", ok, err)
			}
		})
	}
	if keys, err := Keys("testdata/db"); err != nil || len(keys) != 1 || keys[0] != want.Key {
		t.Errorf("keys %v, %v", keys, err)
	}
	if _, err := OpenCore("testdata/db", merkle.Hash{1}); !errors.Is(err, ErrNoCore) {
		t.Errorf("a core that is not there: %v", err)
	}
}

// The tree leads from the blocks to what the key's owner signed.
func TestTheHeadIsSigned(t *testing.T) {
	c, err := OpenCore("testdata/db", merkle.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	h, _, err := c.Head()
	if err != nil {
		t.Fatal(err)
	}
	peaks, err := merkle.LoadPeaks(h.Length, c.Node)
	if err != nil {
		t.Fatal(err)
	}
	v, err := merkle.NewVerifier(c.Identity().Key, c.Identity().Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(peaks, h.Fork, h.Signature); err != nil {
		t.Error(err)
	}
}

// copied is a copy of the store that a test may change.
func copied(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/db")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func only(t testing.TB, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

// A log is tailed: at whatever byte it ends, what is whole counts, and the rest when it comes.
func TestALogThatGrows(t *testing.T) {
	dir := copied(t)
	path := only(t, dir, "*.log")
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	c, err := OpenCore(dir, merkle.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	seen := map[uint64]bool{}
	for at := 0; at <= len(log); at += 97 {
		if at+97 > len(log) {
			at = len(log)
		}
		if err := os.WriteFile(path, log[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Refresh(); err != nil {
			t.Fatalf("at byte %d: %v", at, err)
		}
		h, _, err := c.Head()
		if err != nil {
			t.Fatalf("at byte %d: %v", at, err)
		}
		seen[h.Length] = true
		if _, ok, err := c.Block(h.Length - 1); !ok || err != nil {
			t.Fatalf("at byte %d: the last of %d blocks: %v, %v", at, h.Length, ok, err)
		}
	}
	if want := facts(t).Length; !seen[want] || len(seen) < 9 {
		t.Errorf("lengths %v", seen)
	}
}

// Bytes that are changed are an error, or change what is read; nothing else happens. Who
// reads proves the blocks.
func TestDamagedFiles(t *testing.T) {
	for _, name := range []string{"CURRENT", "MANIFEST-*", "*.sst", "*.blob", "*.log"} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t)
			path := only(t, dir, name)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < len(good); at += 1 + len(good)/120 {
				bad := bytes.Clone(good)
				bad[at] ^= 0x55
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				readAll(dir)
				if err := os.WriteFile(path, good[:at], 0o600); err != nil {
					t.Fatal(err)
				}
				readAll(dir)
			}
		})
	}
}

// readAll reads what there is to read.
func readAll(dir string) (read int) {
	c, err := OpenCore(dir, merkle.Hash{})
	if err != nil {
		return 0
	}
	defer c.Close()
	h, _, err := c.Head()
	if err != nil {
		return 0
	}
	for i := range min(h.Length, 100) {
		_, _, err := c.Block(i)
		_, nodeErr := c.Node(2 * i)
		if err == nil && nodeErr == nil {
			read++
		}
	}
	return read
}

// A form that is not known is said to be so, with what to do instead.
func TestUnknownForms(t *testing.T) {
	for name, change := range map[string]struct {
		file string
		at   int // from the end
		to   byte
	}{
		"a table of another version": {"*.sst", 12, 7},
		"another magic number":       {"*.sst", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copied(t)
			path := only(t, dir, change.file)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)-change.at] = change.to
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenCore(dir, merkle.Hash{}); !errors.Is(err, ErrVersion) {
				t.Errorf("%v", err)
			}
		})
	}
	for name, edit := range map[string][]byte{
		"a field that must be known": {5, 0},
		"another order of keys":      append([]byte{tagComparator, 3}, "odd"...),
	} {
		m := newManifest(nil)
		m.known = true
		e, err := readEdit(edit)
		if err == nil {
			err = m.apply(e)
		}
		if !errors.Is(err, ErrVersion) {
			t.Errorf("%s: %v", name, err)
		}
	}
	batch := append(make([]byte, 12), 0x9)
	if err := readBatch(batch, func(op) {}); !errors.Is(err, ErrVersion) {
		t.Errorf("a prepared transaction: %v", err)
	}
}

// A table that took over what was in the log, as after a flush, changes nothing.
func TestAStoreThatIsCompacted(t *testing.T) {
	dir := copied(t)
	c, err := OpenCore(dir, merkle.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Stale() {
		t.Error("stale right away")
	}
	if changed, err := c.Refresh(); changed || err != nil {
		t.Errorf("%v, %v", changed, err)
	}
	current := filepath.Join(dir, "CURRENT")
	name := filepath.Base(only(t, dir, "MANIFEST-*"))
	if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "MANIFEST-000099")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(current, []byte("MANIFEST-000099\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !c.Stale() {
		t.Error("another MANIFEST is not noticed")
	}
	if changed, err := c.Refresh(); changed || err != nil {
		t.Errorf("%v, %v", changed, err)
	}
	want := facts(t)
	for i, block := range want.Blocks {
		if got, _, err := c.Block(uint64(i)); err != nil || !bytes.Equal(got, block) {
			t.Errorf("block %d: %.20q, %v", i, got, err)
		}
	}
}
