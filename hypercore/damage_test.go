package hypercore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// flushed is a core of n one-letter blocks whose oplog is empty.
func flushed(t testing.TB, n int) *hypercoretest.Writer {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(n)...)
	w.Flush()
	return w
}

func open(t testing.TB, dir string, opts hypercore.Options) *hypercore.Core {
	t.Helper()
	core, err := hypercore.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { core.Close() })
	return core
}

// scanLines are the events of a scan, as lines.
func scanLines(t testing.TB, core *hypercore.Core, from uint64) []string {
	t.Helper()
	var out []string
	if err := core.Scan(t.Context(), from, func(e hypercore.Event) error {
		out = append(out, line(e))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEveryFlippedBitIsNoticed flips each bit of a core's files in turn. Nothing that is
// read may then differ from what was written, unless it is reported or the bit means nothing.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	w := flushed(t, 5)
	want := scanLines(t, open(t, w.Dir(), hypercore.Options{}), 0)
	for name, silent := range map[string]bool{"data": false, "tree": true, "oplog": true} {
		whole, err := os.ReadFile(filepath.Join(w.Dir(), name))
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(whole) {
			if name == "oplog" && bit > 8*600 && bit%997 != 0 { // the slots are mostly padding
				continue
			}
			flipped := bytes.Clone(whole)
			flipped[bit/8] ^= 1 << (bit % 8)
			if err := os.WriteFile(filepath.Join(w.Dir(), name), flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := outcome(t, w.Dir()); !silent && len(got) == len(want) && cmp.Equal(got, want) {
				t.Errorf("%s, bit %d: not noticed", name, bit)
			} else if extra := made(want, got); extra != "" {
				t.Errorf("%s, bit %d: made up %s", name, bit, extra)
			}
		}
		if err := os.WriteFile(filepath.Join(w.Dir(), name), whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// outcome is what reading a damaged core gives: events, or one line with the error.
func outcome(t *testing.T, dir string) []string {
	core, err := hypercore.Open(dir, hypercore.Options{})
	if err != nil {
		return []string{err.Error()}
	}
	defer core.Close()
	var out []string
	if err := core.Scan(t.Context(), 0, func(e hypercore.Event) error {
		out = append(out, line(e))
		return nil
	}); err != nil {
		out = append(out, err.Error())
	}
	return out
}

// made returns a block that was never written.
func made(want, got []string) string {
	for _, l := range got {
		if strings.HasPrefix(l, "block") && !strings.Contains(strings.Join(want, "\n"), l) {
			return l
		}
	}
	return ""
}

func TestDamageIsNarrowedDown(t *testing.T) {
	tests := []struct {
		name string
		file string
		at   int64
		from int      // first block that is not read
		want []string // instead of blocks from to 45; nil: as if nothing had happened
	}{
		{"data", "data", 45, 45, []string{"corrupt 45-46 hypercore: block differs from its signed hash"}},
		{"hash of a leaf", "tree", 2*45*40 + 20, 0, nil},
		{"size of a leaf", "tree", 2 * 45 * 40, 44, []string{"corrupt 44-46 hypercore: blocks do not lead to the signed root"}}, // 44 is proven with 45's leaf
		{"hash of a parent", "tree", 91*40 + 20, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := flushed(t, 100)
			want := scanLines(t, open(t, w.Dir(), hypercore.Options{}), 0)
			if tt.want != nil {
				want = append(append(append([]string(nil), want[:tt.from]...), tt.want...), want[46:]...)
			}
			flip(t, w.Dir(), tt.file, tt.at)
			if diff := cmp.Diff(want, scanLines(t, open(t, w.Dir(), hypercore.Options{}), 0)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRootOrSignatureDamageFailsVerify(t *testing.T) {
	t.Run("root", func(t *testing.T) {
		w := flushed(t, 8)
		flip(t, w.Dir(), "tree", 7*40+20)
		_, err := open(t, w.Dir(), hypercore.Options{}).Verify(t.Context())
		wantErr(t, err, hypercore.ErrSignature)
	})
	t.Run("signature", func(t *testing.T) {
		w := hypercoretest.NewWriter(t, t.TempDir(), 1)
		w.BadSignature()
		w.AppendStrings("a")
		core := open(t, w.Dir(), hypercore.Options{})
		_, err := core.Verify(t.Context())
		wantErr(t, err, hypercore.ErrSignature)
		_, err = core.Block(0)
		wantErr(t, err, hypercore.ErrSignature)
	})
}

func TestVerifyBlocks(t *testing.T) {
	w := flushed(t, 50)
	w.Clear(10, 20)
	w.Flush()
	flip(t, w.Dir(), "data", 30)
	flip(t, w.Dir(), "data", 31)
	report, err := open(t, w.Dir(), hypercore.Options{}).VerifyBlocks(t.Context(), nil)
	wantErr(t, err, hypercore.ErrCorrupt)
	report.Root = hypercore.Key{}
	want := hypercore.Report{Length: 50, Blocks: 38, Bytes: 38, Absent: 10, Corrupt: []hypercore.Range{{From: 30, To: 32}}}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBlockErrors(t *testing.T) {
	w := flushed(t, 5)
	w.Clear(1, 2)
	flip(t, w.Dir(), "data", 3)
	core := open(t, w.Dir(), hypercore.Options{MaxBlock: 1})
	for i, want := range map[uint64]error{1: hypercore.ErrNotStored, 5: hypercore.ErrRange, 1 << 63: hypercore.ErrRange} {
		_, err := core.Block(i)
		wantErr(t, err, want)
	}
	if _, err := core.Block(3); err == nil {
		t.Error("damaged block was read")
	}
}

func TestScanFromTheMiddle(t *testing.T) {
	w := flushed(t, 30)
	core := open(t, w.Dir(), hypercore.Options{})
	all := scanLines(t, core, 0)
	for from := range all {
		if diff := cmp.Diff(all[from:], scanLines(t, core, uint64(from))); diff != "" {
			t.Errorf("from %d (-want +got):\n%s", from, diff)
		}
	}
}

func TestEncryptionKeys(t *testing.T) {
	right, wrong := hypercore.Key(bytes.Repeat([]byte{7}, 32)), hypercore.Key{1}
	t.Run("right", func(t *testing.T) {
		got := scanLines(t, open(t, "testdata/encrypted", hypercore.Options{EncryptionKey: &right}), 0)
		if got[5] != "block 0/5 block 5" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("wrong", func(t *testing.T) {
		core := open(t, "testdata/encrypted", hypercore.Options{EncryptionKey: &wrong})
		want := []string{"corrupt 0-6 " + hypercore.ErrWrongKey.Error()}
		if diff := cmp.Diff(want, scanLines(t, core, 0)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, err := core.Block(2)
		wantErr(t, err, hypercore.ErrWrongKey)
	})
	t.Run("none", func(t *testing.T) {
		data, err := open(t, "testdata/encrypted", hypercore.Options{}).Block(2)
		if err != nil || len(data) != 8+len("block 2") || bytes.Contains(data, []byte("block")) {
			t.Errorf("got %q, %v", data, err)
		}
	})
}

func TestLargeBlock(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // 16 MiB
	w.Append([]byte("a"), big, []byte("c"))
	core := open(t, w.Dir(), hypercore.Options{})
	data, err := core.Block(1)
	if err != nil || !bytes.Equal(data, big) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if got := len(scanLines(t, core, 0)); got != 3 {
		t.Errorf("%d events", got)
	}
}

// TestHugeSizes puts sizes into tree and oplog that no memory could hold.
func TestHugeSizes(t *testing.T) {
	t.Run("leaf", func(t *testing.T) {
		w := flushed(t, 3)
		writeAt(t, w.Dir(), "tree", bytes.Repeat([]byte{0xff}, 7), 0)
		got := scanLines(t, open(t, w.Dir(), hypercore.Options{}), 0)
		if len(got) != 2 || !strings.HasPrefix(got[0], "corrupt 0-2") {
			t.Errorf("got %q", got)
		}
	})
	for name, payload := range map[string][]byte{
		"length":    enc.AppendUint(enc.AppendUint(enc.AppendUint([]byte{4}, 0), 0), 1<<60),
		"nodes":     enc.AppendUint([]byte{2}, 1<<60),
		"user data": enc.AppendUint([]byte{1}, 1<<60),
		"bitfield":  enc.AppendUint([]byte{8, 0, 0}, 1<<60),
	} {
		t.Run("entry/"+name, func(t *testing.T) {
			w := flushed(t, 3)
			w.WriteTail(hypercoretest.Frame(payload, w.Bit(), false))
			if _, err := hypercore.Open(w.Dir(), hypercore.Options{}); err == nil {
				t.Error("opened")
			}
		})
	}
	t.Run("oplog", func(t *testing.T) {
		w := flushed(t, 3)
		if err := os.Truncate(filepath.Join(w.Dir(), "oplog"), 1<<40); err != nil { // sparse
			t.Fatal(err)
		}
		_, err := hypercore.Open(w.Dir(), hypercore.Options{})
		wantErr(t, err, hypercore.ErrTooLarge)
	})
}

func writeAt(t *testing.T, dir, name string, b []byte, at int64) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
