package capture_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/deception/capture"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/redact"
	"go.cordon.dev/cordon/internal/sqlstore"
	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ring(t testing.TB, keys ...byte) *redact.Keyring {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, redact.KeySize))
	}
	r, err := redact.NewKeyring(all[0], all[1:]...)
	must(t, err)
	return r
}

// room is a recorder on a real store, in a folder of its own.
type room struct {
	dir   string
	ring  *redact.Keyring
	store *store.Store
	blobs *capture.Blobs
	*sqlstore.Capture
	*capture.Recorder
	log *buffer
}

// buffer is a log that a test looks into.
type buffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// newRoom opens a room; change may set other parts than the usual ones.
func newRoom(t testing.TB, change func(*capture.Deps)) *room {
	t.Helper()
	dir := t.TempDir()
	return openRoom(t, dir, storetest.Open(t, store.Options{URL: "sqlite:" + filepath.Join(dir, "cordon.db")}), change)
}

func openRoom(t testing.TB, dir string, s *store.Store, change func(*capture.Deps)) *room {
	t.Helper()
	r := &room{dir: dir, ring: ring(t, 1), log: &buffer{}, store: s}
	sealer, err := capture.NewSealer(r.ring)
	must(t, err)
	r.blobs, err = capture.OpenBlobs(filepath.Join(dir, "evidence"), sealer)
	must(t, err)
	r.Capture = sqlstore.NewCapture(r.store, sealer, r.blobs)
	d := capture.Deps{
		Store: r.Capture, Ring: r.ring, Sealer: sealer, Blobs: r.blobs, Redact: func(s string) string { return s }, Node: "n1", Log: slog.New(slog.NewTextHandler(r.log, nil)),
	}
	if change != nil {
		change(&d)
	}
	r.Recorder, err = capture.New(d)
	must(t, err)
	return r
}

// done stores all that was taken.
func (r *room) done(t testing.TB) {
	t.Helper()
	must(t, r.Recorder.Close(storetest.Context(t)))
}

// run runs the recorder until the test, or what it returns, ends it.
func (r *room) run(t testing.TB) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Recorder.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (r *room) events(t testing.TB) (out []event.Event) {
	t.Helper()
	for after := (event.Cursor{}); ; {
		records, err := r.store.Events(storetest.Context(t), after, 1_000)
		must(t, err)
		if len(records) == 0 {
			return out
		}
		for _, rec := range records {
			out, after = append(out, rec.Event), rec.Cursor
		}
	}
}

func client(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(n >> 8), byte(n)}), 40022)
}

func local() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.7:22") }

func ada() audit.Entry {
	return audit.Entry{Time: noon, Actor: audit.Actor{Kind: "user", Name: "ada"}, Action: "credential.reveal", Reason: "to warn the owner"}
}

func field(name, value string) service.Field { return service.Field{Name: name, Value: value} }

func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
