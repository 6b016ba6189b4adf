package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/hypercore/disk"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

const entryStart = 8192

func load(t testing.TB, dir string) (*disk.State, error) {
	t.Helper()
	d, err := disk.Open(dir, disk.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, _, err := d.Load()
	return s, err
}

func oplog(t testing.TB, dir string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "oplog"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func setOplog(t testing.TB, dir string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "oplog"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOplogTornAtEveryByte cuts an oplog with five entries at every length. What is read
// is always the state after some whole entry, and the rest is called torn.
func TestOplogTornAtEveryByte(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.FlushEvery = 0
	ends := []int{entryStart}
	for i := range 5 {
		w.AppendStrings(fmt.Sprint("block ", i))
		ends = append(ends, len(oplog(t, w.Dir())))
	}
	whole := oplog(t, w.Dir())
	length := 0
	for cut := entryStart; cut <= len(whole); cut++ {
		if length+1 < len(ends) && cut == ends[length+1] {
			length++
		}
		setOplog(t, w.Dir(), whole[:cut])
		s, err := load(t, w.Dir())
		if err != nil || s.Length != uint64(length) {
			t.Fatalf("cut at %d: length %d, %v, want %d", cut, s.Length, err, length)
		}
		want := disk.Tail{Offset: ends[length], Size: cut - ends[length]}
		if want.Size > 0 {
			want.Kind = disk.TailTorn
		}
		if s.Tail != want && bytes.Trim(whole[ends[length]:cut], "\x00") != nil {
			t.Fatalf("cut at %d: tail %+v, want %+v", cut, s.Tail, want)
		}
	}
}

// TestOplogCutInTheHeader cuts the file inside the slots.
func TestOplogCutInTheHeader(t *testing.T) {
	for _, slot := range []int{0, 1} {
		w := hypercoretest.NewWriter(t, t.TempDir(), 1)
		for range 1 + slot {
			w.Flush()
		}
		whole := oplog(t, w.Dir())
		for cut := 0; cut < entryStart; cut += 7 {
			setOplog(t, w.Dir(), whole[:cut])
			if s, err := load(t, w.Dir()); err == nil && s.Key != w.Key() {
				t.Fatalf("cut at %d: another key", cut)
			} else if err != nil && !errors.Is(err, disk.ErrEmpty) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}
	}
}

// TestOplogTornSlot spoils each slot in turn: the writer was killed while rewriting the
// header that is not current, and the current one with its entries still counts.
func TestOplogTornSlot(t *testing.T) {
	for _, flushes := range []int{1, 2, 3, 4} {
		w := hypercoretest.NewWriter(t, t.TempDir(), 1)
		w.FlushEvery = 0
		for i := range flushes {
			w.AppendStrings(fmt.Sprint("flushed ", i))
			w.Flush()
		}
		w.AppendStrings("pending")
		current := 0
		if w.Bit() {
			current = 1
		}
		whole := oplog(t, w.Dir())
		for slot := range 2 {
			b := bytes.Clone(whole)
			b[slot*4096+100] ^= 1
			setOplog(t, w.Dir(), b)
			s, err := load(t, w.Dir())
			switch {
			case err != nil:
				t.Fatalf("%d flushes, slot %d: %v", flushes, slot, err)
			case slot != current && s.Length != uint64(flushes+1):
				t.Errorf("%d flushes, other slot torn: length %d", flushes, s.Length)
			case slot == current && s.Length >= uint64(flushes+1):
				t.Errorf("%d flushes, current slot %d torn: length %d", flushes, slot, s.Length)
			}
		}
		b := bytes.Clone(whole)
		b[100] ^= 1
		b[4096+100] ^= 1
		setOplog(t, w.Dir(), b)
		if _, err := load(t, w.Dir()); !errors.Is(err, disk.ErrCorrupt) {
			t.Errorf("both torn: %v", err)
		}
	}
}

// TestOplogDamagedInTheMiddle spoils an entry that others follow.
func TestOplogDamagedInTheMiddle(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.FlushEvery = 0
	w.AppendStrings("a")
	end := len(oplog(t, w.Dir()))
	w.AppendStrings("b")
	w.AppendStrings("c")
	b := oplog(t, w.Dir())
	b[end+20] ^= 1
	setOplog(t, w.Dir(), b)
	s, err := load(t, w.Dir())
	want := disk.Tail{Kind: disk.TailDamaged, Offset: end, Size: len(b) - end}
	if err != nil || s.Length != 1 || s.Tail != want {
		t.Errorf("length %d, tail %+v, %v, want %+v", s.Length, s.Tail, err, want)
	}
}

// TestOplogPartialBatch: entries flagged partial count only with the last one.
func TestOplogPartialBatch(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a")
	w.Flush()
	first := hypercoretest.Frame(w.Prepare([]byte("b")), w.Bit(), true)
	second := hypercoretest.Frame(w.Prepare([]byte("c")), w.Bit(), false)
	for _, tt := range []struct {
		name   string
		tail   []byte
		length uint64
		kind   disk.TailKind
	}{
		{"first only", first, 1, disk.TailTorn},
		{"second torn", append(bytes.Clone(first), second[:20]...), 1, disk.TailTorn},
		{"both", append(bytes.Clone(first), second...), 3, disk.TailNone},
	} {
		w.WriteTail(tt.tail)
		s, err := load(t, w.Dir())
		if err != nil || s.Length != tt.length || s.Tail.Kind != tt.kind {
			t.Errorf("%s: length %d, tail %+v, %v", tt.name, s.Length, s.Tail, err)
		}
	}
}

// TestOplogEntriesOfTheOldHeader: the header was rewritten, the entries not cut yet.
func TestOplogEntriesOfTheOldHeader(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.FlushEvery = 0
	w.AppendStrings("a")
	entries := oplog(t, w.Dir())[entryStart:]
	w.Flush()
	setOplog(t, w.Dir(), append(oplog(t, w.Dir()), entries...))
	s, err := load(t, w.Dir())
	if err != nil || s.Length != 1 || s.Entries != 0 || s.Tail.Kind != disk.TailNone {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestLoadNotesChanges(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	d, err := disk.Open(w.Dir(), disk.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for i, want := range []bool{true, false, true, false} {
		if i == 2 {
			w.AppendStrings("a")
			if !d.Changed() {
				t.Error("change not noted")
			}
		}
		if _, changed, err := d.Load(); err != nil || changed != want {
			t.Errorf("load %d: changed %v, %v", i, changed, err)
		}
	}
}

// FuzzOplog builds images from payloads, so that checksums are right and the fuzzer gets
// behind them. Entries are split where a byte says how long the next one is.
func FuzzOplog(f *testing.F) {
	w := hypercoretest.NewWriter(f, f.TempDir(), 1)
	entry := w.Prepare([]byte("a"))
	for _, name := range []string{"first-release", "manifest-multi-patch", "external-header"} {
		slot := disk.ReadSlot(oplog(f, filepath.Join("..", "testdata", name)))
		f.Add(slot, slot, byte(1), append([]byte{byte(len(entry))}, entry...))
	}
	f.Fuzz(func(t *testing.T, slot0, slot1 []byte, flags byte, entries []byte) {
		image := make([]byte, entryStart)
		copy(image, hypercoretest.Frame(slot0, flags&1 != 0, false))
		copy(image[entryStart/2:], hypercoretest.Frame(slot1, flags&2 != 0, false))
		for len(entries) > 0 {
			n := min(int(entries[0]), len(entries)-1)
			image = append(image, hypercoretest.Frame(entries[1:1+n], flags&4 != 0, entries[0]&1 != 0)...)
			entries = entries[1+n:]
		}
		s, err := disk.ParseImage(image)
		if err == nil && (s.Tail.Offset < 0 || s.Tail.Offset > len(image)) {
			t.Errorf("tail %+v of %d bytes", s.Tail, len(image))
		}
	})
}
