package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t testing.TB) *store.Store {
	return storetest.Open(t, store.Options{URL: storetest.SQLiteURL(t)})
}

// filled is a store with events, some of them large.
// filled has long and short events; what they say cannot be packed to less than two
// members of a backup.
func filled(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	noise := rand.NewChaCha8([32]byte{})
	for i := range 30 {
		text := make([]byte, i*2_200)
		_, _ = noise.Read(text) // never fails
		e := storetest.Event(t, fmt.Sprint("subject ", i))
		e.Data = json.RawMessage(fmt.Sprintf(`{"text":%q}`, base64.StdEncoding.EncodeToString(text)))
		if err := storetest.Emit(storetest.Context(t), s, e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AcquireLease(storetest.Context(t), "singleton", "node-1", time.Hour); err != nil {
		t.Fatal(err)
	}
	return s
}

func create(t testing.TB, s *store.Store, o CreateOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	o.Version, o.Now = "test", noon
	if _, err := Create(storetest.Context(t), s, &b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dump is every row of the tables that a backup keeps.
func dump(t testing.TB, s *store.Store) map[string][][]any {
	t.Helper()
	out := map[string][][]any{}
	err := s.Snapshot(storetest.Context(t), func(ctx context.Context, snap *store.Snapshot) error {
		for _, table := range kept() {
			if err := snap.Each(ctx, table, func(row []any) error { out[table.Name] = append(out[table.Name], row); return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABackupIsRestored(t *testing.T) {
	from, to := filled(t, open(t)), open(t)
	file := create(t, from, CreateOptions{})
	sum, err := Verify(bytes.NewReader(file))
	if err != nil || sum.Rows["event_log"] != 30 || sum.Total() < 31 || sum.Cordon != "test" || !sum.CreatedAt.Equal(noon) {
		t.Fatalf("got %+v, %v", sum, err)
	}
	restored, err := Restore(storetest.Context(t), to, bytes.NewReader(file), RestoreOptions{KeyDir: t.TempDir()})
	if err != nil || restored.Total() != sum.Total() {
		t.Fatalf("got %+v, %v", restored, err)
	}
	if diff := cmp.Diff(dump(t, from), dump(t, to)); diff != "" {
		t.Errorf("rows differ:\n%.2000s", diff)
	}
	// The log goes on where it ended.
	if err := storetest.Emit(storetest.Context(t), to, storetest.Event(t, "after")); err != nil {
		t.Fatal(err)
	}
	if head, err := to.Head(storetest.Context(t)); err != nil || head.Seq != 31 {
		t.Errorf("head %+v, %v", head, err)
	}
	if held, err := to.AcquireLease(storetest.Context(t), "singleton", "node-2", time.Hour); err != nil || !held {
		t.Errorf("a lease of the old nodes is in force: %v, %v", held, err)
	}
}

// Each table of the schema is in a backup, or is named with the reason why not.
func TestNoTableIsForgotten(t *testing.T) {
	all := map[string]bool{}
	for _, table := range store.Tables() {
		all[table.Name] = true
	}
	for name, why := range passing() {
		if !all[name] || why == "" {
			t.Errorf("%s is not a table, or has no reason", name)
		}
		delete(all, name)
	}
	for _, table := range kept() {
		delete(all, table.Name)
	}
	if len(all) > 0 {
		t.Errorf("neither kept nor passing: %v", all)
	}
}

func TestABackupGoesIntoAnEmptyDatabaseOnly(t *testing.T) {
	s := filled(t, open(t))
	file, before := create(t, s, CreateOptions{}), dump(t, s)
	if _, err := Restore(storetest.Context(t), s, bytes.NewReader(file), RestoreOptions{KeyDir: t.TempDir()}); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, dump(t, s)); diff != "" {
		t.Errorf("the rows that were there changed:\n%s", diff)
	}
}

// members unpacks a backup; pack puts one together.
func members(t testing.TB, file []byte) (out []packed) {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, packed{h.Name, b})
	}
}

type packed struct {
	name string
	body []byte
}

func pack(t testing.TB, all []packed) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, m := range all {
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.body)), Mode: 0o600}), second(w.Write(m.body))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func second(_ int, err error) error { return err }

func TestADamagedBackupIsRefusedAndLeavesNothing(t *testing.T) {
	file := create(t, filled(t, open(t)), CreateOptions{})
	all := members(t, file)
	change := func(name, from, to string) []packed {
		out := slices.Clone(all)
		for i, m := range out {
			if strings.HasPrefix(m.name, name) {
				out[i].body = bytes.Replace(m.body, []byte(from), []byte(to), 1)
			}
		}
		return out
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)/2] ^= 1
	last := len(all) - 1
	for name, bad := range map[string][]byte{
		"empty":                 {},
		"no archive":            []byte("cordon"),
		"cut off":               file[:len(file)-200],
		"a byte is another":     flipped,
		"without its manifest":  pack(t, all[:last]),
		"with a row changed":    pack(t, change("tables/event_log/000001", "subject 0", "subject X")),
		"with a row removed":    pack(t, change("tables/event_head", string(all[slices.IndexFunc(all, func(m packed) bool { return strings.HasPrefix(m.name, "tables/event_head") })].body), "")),
		"with another count":    pack(t, change(manifestName, `"event_log": 30`, `"event_log": 31`)),
		"without a member":      pack(t, slices.Delete(slices.Clone(all), 1, 2)),
		"with a member more":    pack(t, append(slices.Clone(all), packed{"tables/event_log/9.jsonl", []byte("[]\n")})),
		"with another table":    pack(t, append([]packed{all[0], {"tables/other/1.jsonl", nil}}, all[1:]...)),
		"with a foreign member": pack(t, append([]packed{all[0], {"../../etc/passwd", []byte("x")}}, all[1:]...)),
		"of another header":     pack(t, change(headerName, `"event_log"`, `"event_lag"`)),
		"not beginning with it": pack(t, all[1:]),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Verify(bytes.NewReader(bad)); !errors.Is(err, ErrDamaged) {
				t.Errorf("Verify: %v", err)
			}
			to := open(t)
			if _, err := Restore(storetest.Context(t), to, bytes.NewReader(bad), RestoreOptions{KeyDir: t.TempDir()}); !errors.Is(err, ErrDamaged) {
				t.Errorf("Restore: %v", err)
			}
			if _, err := Restore(storetest.Context(t), to, bytes.NewReader(file), RestoreOptions{KeyDir: t.TempDir()}); err != nil {
				t.Errorf("the good one after the bad one: %v", err)
			}
		})
	}
}

func TestABackupOfAnotherVersionIsNamed(t *testing.T) {
	all := members(t, create(t, open(t), CreateOptions{}))
	for from, want := range map[string]string{
		fmt.Sprintf(`"schema": %d`, store.SchemaVersion()): "restore it with Cordon test, then upgrade",
		`"format": 1`: "use Cordon test or newer",
	} {
		other := slices.Clone(all)
		name, _, _ := strings.Cut(from, ":")
		other[0].body = bytes.Replace(other[0].body, []byte(from), []byte(name+": 99"), 1)
		if _, err := Verify(bytes.NewReader(pack(t, other))); err == nil || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", from, err, want)
		}
	}
}

func TestKeysAreSealed(t *testing.T) {
	secret, pass := strings.Repeat("5e", 32), redact.NewSecret("a long enough passphrase")
	keys := []KeyFile{{"fingerprint.key", redact.NewSecret(secret + "\n")}, {"master.key", redact.NewSecret(strings.Repeat("6f", 32) + "\n")}}
	file := create(t, filled(t, open(t)), CreateOptions{Keys: keys, Passphrase: pass})
	for _, m := range members(t, file) {
		if bytes.Contains(m.body, []byte(secret)) {
			t.Fatalf("%s holds a key in the clear", m.name)
		}
	}
	if sum, err := Verify(bytes.NewReader(file)); err != nil || !slices.Equal(sum.Keys, []string{"fingerprint.key", "master.key"}) {
		t.Errorf("got %+v, %v", sum.Keys, err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "master.key"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		o    RestoreOptions
		want string
	}{
		"no passphrase":     {RestoreOptions{KeyDir: t.TempDir()}, "--passphrase-file"},
		"wrong passphrase":  {RestoreOptions{KeyDir: t.TempDir(), Passphrase: redact.NewSecret("another passphrase")}, "does not open"},
		"another key there": {RestoreOptions{KeyDir: other, Passphrase: pass}, "holds another key"},
	} {
		to := open(t)
		if _, err := Restore(storetest.Context(t), to, bytes.NewReader(file), tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if head, err := to.Head(storetest.Context(t)); err != nil || head.Seq != 0 {
			t.Errorf("%s: rows were restored: %+v, %v", name, head, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := Restore(storetest.Context(t), open(t), bytes.NewReader(file), RestoreOptions{KeyDir: dir, Passphrase: pass}); err != nil {
		t.Fatal(err)
	}
	back, err := ReadKeys(dir)
	if err != nil || len(back) != 2 || !back[0].Content.Equal(keys[0].Content) || !back[1].Content.Equal(keys[1].Content) {
		t.Errorf("got %v, %v", names(back), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "master.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	empty := filepath.Join(t.TempDir(), "keys")
	if _, err := Restore(storetest.Context(t), open(t), bytes.NewReader(file), RestoreOptions{KeyDir: empty, WithoutKeys: true}); err != nil {
		t.Errorf("without keys: %v", err)
	}
	if _, err := os.Stat(empty); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("keys were written: %v", err)
	}
}

func TestAShortPassphraseIsRefused(t *testing.T) {
	_, err := Create(storetest.Context(t), open(t), io.Discard, CreateOptions{Keys: []KeyFile{{"a.key", redact.NewSecret("x")}}, Passphrase: redact.NewSecret("short")})
	if err == nil || !strings.Contains(err.Error(), "shorter than 12") {
		t.Errorf("got %v", err)
	}
}

func TestKeyFilesStayInTheirFolder(t *testing.T) {
	for _, name := range []string{"../evil.key", "/etc/evil.key", "a/b.key", ".key", "authorized_keys"} {
		if err := checkKeys(t.TempDir(), []KeyFile{{name, redact.NewSecret("x")}}); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatFailsToBeWrittenIsNoBackup(t *testing.T) {
	s := filled(t, open(t))
	if _, err := Create(storetest.Context(t), s, full{}, CreateOptions{Version: "test", Now: noon}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Create(ctx, s, io.Discard, CreateOptions{Version: "test", Now: noon}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// A row comes back as it was; what is no row is an error, never a panic.
func FuzzRow(f *testing.F) {
	f.Add([]byte(`["text", "AAE=", 7, 0.5, true, "2026-03-01T12:00:00.000001Z", null]`))
	f.Add([]byte(`[1e400, {}, -1, "x", 0, [], []]`))
	t0 := store.Table{Name: "t", Columns: []store.Column{
		{Name: "a", Kind: "text"}, {Name: "b", Kind: "bytes"}, {Name: "c", Kind: "int"}, {Name: "d", Kind: "real"},
		{Name: "e", Kind: "bool"}, {Name: "f", Kind: "time"}, {Name: "g", Kind: "json", Null: true},
	}}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, err := decodeRow(line, t0)
		if err != nil {
			return
		}
		again, err := encodeRow(row)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeRow(again, t0)
		if err != nil || !cmp.Equal(row, back) {
			t.Errorf("%v became %v, %v", row, back, err)
		}
	})
}

// Whatever is in an archive, reading it ends with a verdict.
func FuzzArchive(f *testing.F) {
	var b bytes.Buffer // without gzip around it, which a fuzzer does not get through
	w := &writer{tar: tar.NewWriter(&b), now: noon, manifest: Manifest{Rows: map[string]int64{}}}
	for _, table := range kept() {
		w.manifest.Rows[table.Name] = 0
	}
	if err := errors.Join(w.json(headerName, newHeader("test", noon, nil)), w.json(manifestName, w.manifest), w.tar.Close()); err != nil {
		f.Fatal(err)
	}
	if _, err := readTar(bytes.NewReader(b.Bytes()), visitor{header: func(Header) error { return nil }}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:1024])
	none := visitor{header: func(Header) error { return nil }, keys: func(b []byte) error { _, err := parseSealed(b); return err }, rows: func(store.Table, [][]any) error { return nil }}
	f.Fuzz(func(t *testing.T, b []byte) {
		if sum, err := readTar(bytes.NewReader(b), none); err == nil && sum.Format != Format {
			t.Errorf("read %+v", sum)
		}
	})
}
