package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
	"go.cordon.dev/cordon/internal/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tb is what tests and properties have in common.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func marker(t tb) *redact.Keyring {
	t.Helper()
	ring, err := redact.NewKeyring(bytes.Repeat([]byte{7}, redact.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// series is a log file in a folder of its own, and its follower.
type series struct {
	t    tb
	path string
	cfg  Config
	sink *sourcetest.Sink
	f    *follower
	next int // number of the next message

	removed []*os.File // kept open, so that no inode is used again
}

// newSeries makes one that is looked at by hand: pass is one look. Nothing in
// it depends on time, unless a test sets Linger.
func newSeries(t tb, dir string) *series {
	s := &series{t: t, path: filepath.Join(dir, "app.log"), sink: sourcetest.NewSink()}
	s.cfg = Config{Path: s.path, Marker: marker(t), Poll: time.Hour, Linger: time.Hour}
	s.restart()
	return s
}

// quiet is a waker that wakes nobody.
type quiet struct{}

func (quiet) Watch(...string) {}

func (s *series) restart() {
	s.t.Helper()
	s.stop()
	pos, err := parsePosition(s.sink.Position())
	if err != nil {
		s.t.Fatal(err)
	}
	s.f = newFollower(s.cfg, pos, s.sink)
	s.f.waker = quiet{}
}

func (s *series) stop() {
	if s.f != nil {
		s.f.close()
	}
}

// close ends the test of a series.
func (s *series) close() {
	s.stop()
	for _, f := range s.removed {
		_ = f.Close()
	}
}

func (s *series) pass() {
	s.t.Helper()
	if err := s.f.pass(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// end reads what waits for its end.
func (s *series) end() {
	s.t.Helper()
	s.f.cfg.Linger = time.Nanosecond
	s.pass()
	s.pass()
	s.f.cfg.Linger = s.cfg.Linger
}

// lines makes n messages, every other one JSON.
func (s *series) lines(n int) string {
	var b bytes.Buffer
	for range n {
		if s.next%2 == 0 {
			fmt.Fprintf(&b, "{\"n\":\"%s\"}\n", sourcetest.Token(s.next))
		} else {
			fmt.Fprintf(&b, "line %s of a text\n", sourcetest.Token(s.next))
		}
		s.next++
	}
	return b.String()
}

func (s *series) write(n int) { s.append(s.path, s.lines(n)) }

func (s *series) append(path, text string) {
	s.t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	s.must(err)
}

func (s *series) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *series) name(n int) string { return fmt.Sprintf("%s.%d", s.path, n) }

func (s *series) read(path string) []byte {
	s.t.Helper()
	b, err := os.ReadFile(path)
	s.must(err)
	return b
}

// shift makes room for a new .1, as logrotate does.
func (s *series) shift() {
	s.t.Helper()
	for n := 20; n > 0; n-- {
		for _, ext := range []string{"", ".gz"} {
			if _, err := os.Stat(s.name(n) + ext); err == nil {
				s.must(os.Rename(s.name(n)+ext, s.name(n+1)+ext))
			}
		}
	}
}

func (s *series) rename() {
	s.t.Helper()
	s.shift()
	s.must(os.Rename(s.path, s.name(1)))
}

func (s *series) copy() {
	s.t.Helper()
	s.shift()
	s.must(os.WriteFile(s.name(1), s.read(s.path), 0o600))
}

func (s *series) truncate() { s.t.Helper(); s.must(os.Truncate(s.path, 0)) }

func (s *series) compress(n int) {
	s.t.Helper()
	s.must(os.WriteFile(s.name(n)+".gz", zipped(s.t, s.read(s.name(n))), 0o600))
	s.sameTime(n)
	s.remove(s.name(n))
}

// sameTime gives a compressed file the time of the plain one, as logrotate does.
func (s *series) sameTime(n int) {
	s.t.Helper()
	info, err := os.Stat(s.name(n))
	s.must(err)
	s.must(os.Chtimes(s.name(n)+".gz", time.Time{}, info.ModTime()))
}

// remove removes a file. That an inode is used again is a case of its own.
func (s *series) remove(path string) {
	s.t.Helper()
	f, err := os.Open(path)
	s.must(err)
	s.removed = append(s.removed, f)
	s.must(os.Remove(path))
}

func zipped(t tb, text []byte) []byte {
	t.Helper()
	return zippedBy(t, gzip.NewWriter(nil), text)
}

// zippedBy makes use of a writer again: a new one is large.
func zippedBy(t tb, w *gzip.Writer, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w.Reset(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exactly fails unless every message was delivered once, and nothing lost.
func (s *series) exactly() {
	s.t.Helper()
	got := map[int]int{}
	for _, n := range s.sink.Numbers() {
		got[n]++
	}
	for n := range s.next {
		if got[n] != 1 {
			s.t.Fatalf("message %d was delivered %d times", n, got[n])
		}
	}
	if l := s.sink.Losses(); len(l) > 0 {
		s.t.Errorf("losses %v", l)
	}
}

// follow runs a source in the background until the test ends or stop is called.
func follow(t *testing.T, cfg Config, from json.RawMessage) (sink *sourcetest.Sink, stop func()) {
	t.Helper()
	sink = sourcetest.NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var src source.Source = New(cfg)
	go func() { done <- src.Run(ctx, from, sink) }()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	return sink, stop
}
