package hypercore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
)

// fact is what the npm package said about a fixture when it made it.
type fact struct {
	Key    hypercore.Key `json:"key"`
	Length uint64        `json:"length"`
	Fork   uint64        `json:"fork"`
	Root   hypercore.Key `json:"root"`
	Blocks [][]byte      `json:"blocks"` // nil: not stored
}

func facts(t testing.TB) map[string]fact {
	t.Helper()
	b, err := os.ReadFile("testdata/facts.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]fact
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// fixtureDir is where a fixture lies; named cores of the corestore are found by their key.
func fixtureDir(t testing.TB, name string, f fact) string {
	t.Helper()
	if !strings.HasPrefix(name, "corestore/") {
		return filepath.Join("testdata", name)
	}
	list, err := hypercore.List(context.Background(), "testdata/corestore", hypercore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(l hypercore.Listed) bool { return l.Key == f.Key })
	if i < 0 {
		t.Fatalf("%s is not listed", name)
	}
	return list[i].Path
}

func encryptionKey(name string) *hypercore.Key {
	if !strings.HasPrefix(name, "encrypted") {
		return nil
	}
	return (*hypercore.Key)(bytes.Repeat([]byte{7}, 32))
}

// TestFixtures reads every core that the npm packages wrote and finds what they say is in it.
func TestFixtures(t *testing.T) {
	all := facts(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			f := all[name]
			core, err := hypercore.Open(fixtureDir(t, name, f), hypercore.Options{EncryptionKey: encryptionKey(name)})
			if err != nil {
				t.Fatal(err)
			}
			defer core.Close()
			info := core.Info()
			root, err := core.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := fact{Key: info.Key, Length: info.Length, Fork: info.Fork, Root: root, Blocks: scanBlocks(t, core)}
			if diff := cmp.Diff(f, got); diff != "" {
				t.Errorf("differs from what npm hypercore wrote (-want +got):\n%s", diff)
			}
			for i, want := range f.Blocks {
				checkSingle(t, core, uint64(i), want)
			}
		})
	}
}

func scanBlocks(t *testing.T, core *hypercore.Core) [][]byte {
	t.Helper()
	blocks := [][]byte{}
	err := core.Scan(t.Context(), 0, func(e hypercore.Event) error {
		switch e.Kind {
		case hypercore.Block:
			blocks = append(blocks, e.Data)
		case hypercore.Gap:
			for range e.To - e.Index {
				blocks = append(blocks, nil)
			}
		default:
			t.Errorf("unexpected event %v: %v", e.Kind, e.Err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}

func checkSingle(t *testing.T, core *hypercore.Core, i uint64, want []byte) {
	t.Helper()
	got, err := core.Block(i)
	if want == nil {
		wantErr(t, err, hypercore.ErrNotStored)
		return
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("block %d: %q, %v, want %q", i, got, err, want)
	}
}

// TestAStoreOfHypercore11 reads what npm hypercore 11 left in its RocksDB, by its directory
// and by its key, and proves it.
func TestAStoreOfHypercore11(t *testing.T) {
	var f fact
	b, err := os.ReadFile("store11/testdata/facts.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"store11/testdata", "store11/testdata/db", "store11/testdata/" + f.Key.String()} {
		core, err := hypercore.Open(path, hypercore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer core.Close()
		got := fact{Key: core.Info().Key, Length: core.Info().Length, Fork: core.Info().Fork, Blocks: scanBlocks(t, core)}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("%s (-npm +ours):\n%s", path, diff)
		}
	}
	list, err := hypercore.List(t.Context(), "store11/testdata", hypercore.Options{})
	if err != nil || len(list) != 1 || !list[0].Verified || list[0].Key != f.Key {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := hypercore.Open("store11/testdata/"+strings.Repeat("01", 32), hypercore.Options{}); !errors.Is(err, hypercore.ErrEmpty) {
		t.Errorf("a core that is not there: %v", err)
	}
}
