package tail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/ingest/parse"
	"go.cordon.dev/cordon/internal/ingest/parse/sshd"
	"go.cordon.dev/cordon/internal/ingest/tail"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/file"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

// lent is the leak sensor's follower of files, as internal/app lends it.
type lent struct{ source.Source }

func (l lent) Follow(ctx context.Context, from json.RawMessage, deliver func(context.Context, tail.Batch) error) error {
	return l.Run(ctx, from, sink{deliver})
}

type sink struct {
	deliver func(context.Context, tail.Batch) error
}

func (s sink) Deliver(ctx context.Context, b source.Batch) error {
	out := tail.Batch{Position: b.Position}
	for _, e := range b.Entries {
		out.Pieces = append(out.Pieces, tail.Piece{Data: e.Data, Seen: e.Overlap + e.Context})
	}
	for _, l := range b.Losses {
		out.Losses = append(out.Losses, l.Reason)
	}
	return s.deliver(ctx, out)
}

func (sink) Report(source.Status) {}

// book is a Recorder that fails now and then, also after it has kept a batch.
type book struct {
	mu    sync.Mutex
	rand  *rand.Rand
	kept  map[string]string // id -> port
	ports map[string]bool
	twice []string
}

func (b *book) Record(_ context.Context, batch []parse.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	luck := b.rand.IntN(20)
	if luck == 0 {
		return errors.New("the store is away")
	}
	for _, r := range batch {
		port := r.Attributes[parse.Port]
		if b.kept[r.ID] == "" && b.ports[port] {
			b.twice = append(b.twice, port)
		}
		b.kept[r.ID], b.ports[port] = port, true
	}
	if luck == 1 {
		return errors.New("the store's answer was lost")
	}
	return nil
}

func (b *book) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.ports)
}

// Ten thousand lines are written, some in halves, while the log is rotated, the
// reader is stopped and started, and the store comes and goes: each is a record,
// and one that comes twice has the same id.
func TestTenThousandLinesOfAFile(t *testing.T) {
	const many = 10_000
	dir, r := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(dir, "auth.log")
	b := &book{rand: rand.New(rand.NewPCG(3, 4)), kept: map[string]string{}, ports: map[string]bool{}}
	start := func() (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for ctx.Err() == nil {
				follower := lent{file.New(file.Config{Path: path, Marker: sourcetest.Marker{Key: "k"}, Poll: 5 * time.Millisecond, Linger: 5 * time.Millisecond})}
				// It fails with the book, and is run again as its worker would be.
				_ = tail.New(tail.Options{
					Name: "auth", Follower: follower, Positions: tail.Folder(filepath.Join(dir, "positions")),
					Plugins: []parse.Plugin{sshd.Plugin()}, Recorder: b,
				}).Run(ctx)
			}
		})
		return func() { cancel(); wg.Wait() }
	}
	stop := start()
	for n := 0; n < many; {
		text := ""
		for range 1 + r.IntN(300) {
			if n++; n > many {
				break
			}
			text += failure(n) + "\n"
		}
		half := r.IntN(len(text) + 1)
		write(t, path, text[:half])
		time.Sleep(time.Duration(r.IntN(10)) * time.Millisecond)
		write(t, path, text[half:])
		switch r.IntN(6) {
		case 0:
			rotate(t, path)
		case 1:
			stop()
			stop = start()
		}
	}
	for end := time.Now().Add(2 * time.Minute); b.count() < many && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if n := b.count(); n != many {
		t.Errorf("%d of %d lines are records", n, many)
	}
	if len(b.twice) > 0 {
		t.Errorf("%d lines were recorded twice under other ids", len(b.twice))
	}
}

// A line is written without its end, which comes when the line was read already, alone
// or with the next line: it is a record, once.
func TestALineWhoseEndComesLater(t *testing.T) {
	for name, rest := range map[string]string{"the end alone": "\n", "the end and another line": "\n" + failure(2) + "\n"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "auth.log")
			b := &book{rand: rand.New(lucky{}), kept: map[string]string{}, ports: map[string]bool{}}
			delivered := make(chan struct{}, 100)
			follower := told{lent{file.New(file.Config{Path: path, Marker: sourcetest.Marker{Key: "k"}, Poll: time.Millisecond, Linger: time.Millisecond})}, delivered}
			log := tail.New(tail.Options{
				Name: "auth", Follower: follower, Positions: tail.Folder(t.TempDir()), Plugins: []parse.Plugin{sshd.Plugin()}, Recorder: b,
			})
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			wg.Go(func() { _ = log.Run(ctx) })
			defer func() { cancel(); wg.Wait() }()
			write(t, path, failure(1))
			<-delivered
			write(t, path, rest)
			want := strings.Count(rest, "\n")
			for end := time.Now().Add(10 * time.Second); b.count() < want && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			if b.count() != want || len(b.twice) > 0 {
				t.Errorf("%d records, %d of them twice, want %d once", b.count(), len(b.twice), want)
			}
		})
	}
}

func failure(n int) string {
	return fmt.Sprintf("Nov 22 07:50:09 web-1 sshd[%d]: Failed password for root from 198.51.100.7 port %d ssh2", n, n)
}

// lucky is a source of chance with which nothing fails.
type lucky struct{}

func (lucky) Uint64() uint64 { return math.MaxUint64 }

// told tells of each batch that was taken.
type told struct {
	lent
	of chan<- struct{}
}

func (f told) Follow(ctx context.Context, from json.RawMessage, deliver func(context.Context, tail.Batch) error) error {
	return f.lent.Follow(ctx, from, func(ctx context.Context, b tail.Batch) error {
		err := deliver(ctx, b)
		if len(b.Pieces) > 0 {
			f.of <- struct{}{}
		}
		return err
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rotate does what logrotate does: .1 becomes .2, the log .1.
func rotate(t *testing.T, path string) {
	t.Helper()
	for n := 30; n >= 0; n-- {
		from := path
		if n > 0 {
			from = fmt.Sprintf("%s.%d", path, n)
		}
		if err := os.Rename(from, fmt.Sprintf("%s.%d", path, n+1)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}
