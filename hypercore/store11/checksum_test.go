package store11

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// readChecked reads every block and tree node of a store: how many, and the first error. Nothing
// that is read differs from what npm wrote.
func readChecked(t *testing.T, dir string, want fact) (read int, failed error) {
	t.Helper()
	c, err := OpenCore(dir, merkle.Hash{})
	if err != nil {
		return 0, err
	}
	defer c.Close()
	for i, block := range want.Blocks {
		got, ok, err := c.Block(uint64(i))
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if ok != (block != nil) || !bytes.Equal(got, block) {
			t.Errorf("block %d is %.40q, %v", i, got, ok)
		}
		if _, err := c.Node(2 * uint64(i)); err != nil && !errors.Is(err, merkle.ErrMissing) {
			failed = errors.Join(failed, err)
			continue
		}
		read++
	}
	return read, failed
}

// Whatever bit of a table or a blob file is lost: what is read is what was written, and
// what can't be read says why and what to do.
func TestEveryLostBitIsNoticed(t *testing.T) {
	want := facts(t)
	for pattern, least := range map[string]int{"*.sst": 100, "*.blob": 100} {
		t.Run(pattern, func(t *testing.T) {
			dir := copied(t)
			path := only(t, dir, pattern)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			noticed := 0
			for at := 0; at < len(good); at += 1 + len(good)/250 {
				bad := bytes.Clone(good)
				bad[at] ^= 1 << (at % 8)
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				_, err := readChecked(t, dir, want)
				if errors.Is(err, ErrChecksum) && errors.Is(err, ErrDamaged) && strings.Contains(err.Error(), "hypercore-peer") {
					noticed++
				} else if err != nil && at < len(good)-footerSize {
					t.Errorf("byte %d: %v", at, err)
				}
			}
			if noticed < least {
				t.Errorf("%d lost bits were noticed", noticed)
			}
		})
	}
}

// A block that is whole and belongs elsewhere in the table, or in another one, is damage.
func TestABlockInAnotherPlace(t *testing.T) {
	b, err := os.ReadFile(only(t, "testdata/db", "*.sst"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open("testdata/db", func([]byte) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table := db.tables[0]
	h := table.blocks[0]
	block := b[h.off : h.off+h.size+blockTrailer]
	for name, tt := range map[string]struct {
		base uint32
		off  uint64
		want error
	}{
		"its own place": {table.base, h.off, nil},
		"another place": {table.base, h.off + 4096, ErrChecksum},
		"another table": {table.base + 1, h.off, ErrChecksum},
	} {
		if err := checkBlock(block, tt.base, tt.off); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A blob of another key is not taken for this one's, though its checksums are right.
func TestABlobOfAnotherKey(t *testing.T) {
	b, err := os.ReadFile(only(t, "testdata/db", "*.blob"))
	if err != nil {
		t.Fatal(err)
	}
	const header = 30 // of the file
	keySize, size := int(b[header]), 5000
	record := b[header : header+blobHeader+keySize+size]
	key := bytes.Clone(record[blobHeader : blobHeader+keySize])
	if err := checkBlob(record, key, 0); err != nil {
		t.Error(err)
	}
	key[0]++
	if err := checkBlob(record, key, 0); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

func FuzzChecksums(f *testing.F) {
	f.Add(seed(f, "*.sst")[:500], []byte("key"))
	f.Add(seed(f, "*.blob")[30:600], []byte{3, 'A', '6'})
	f.Fuzz(func(t *testing.T, b, key []byte) {
		if len(b) >= footerSize {
			_, _ = checkFooter([footerSize]byte(b), 0)
		}
		if len(b) >= blockTrailer {
			_ = checkBlock(b, 1, 2)
		}
		if len(b) >= blobHeader+len(key) && checkBlob(b, key, 0) == nil && !bytes.Contains(b, key) {
			t.Errorf("%x is a blob of %x", b, key)
		}
	})
}
