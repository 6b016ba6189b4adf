package dir

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quick(path string) *Source {
	return New(Config{Path: path, Marker: sourcetest.Marker{}, Poll: 20 * time.Millisecond, Settle: 10 * time.Millisecond})
}

func write(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Error(err)
	}
}

// overwrite changes a file in one step: nobody sees it empty in between.
func overwrite(t testing.TB, path string, text []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		root := filepath.Join(t.TempDir(), "drop")
		return sourcetest.Subject{
			Open: func() source.Source { return quick(root) },
			Write: func(numbers ...int) {
				for _, n := range numbers {
					write(t, filepath.Join(root, fmt.Sprint(n%7), fmt.Sprint(n)), []byte(sourcetest.Token(n)))
				}
			},
			Snapshot:  func() string { return snapshot(t, root) },
			Unordered: true,
		}
	})
}

func snapshot(t *testing.T, root string) string {
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// watching runs a source until the test ends or stop is called.
func watching(t *testing.T, root string, from json.RawMessage) (sink *sourcetest.Sink, stop func()) {
	t.Helper()
	sink = sourcetest.NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- quick(root).Run(ctx, from, sink) }()
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

func awaitLabel(t *testing.T, s *sourcetest.Sink, label string) {
	t.Helper()
	s.Await(t, "file "+label, func() bool {
		return slices.ContainsFunc(s.Entries(), func(e source.Entry) bool { return e.Label == label })
	})
}

func TestAnEntrySaysWhichFileItIs(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a", "b.txt"), []byte("hello"))
	sink, _ := watching(t, root, nil)
	awaitLabel(t, sink, "a/b.txt")
	e := sink.Entries()[0]
	if string(e.Data) != "hello" || e.Indexed || !strings.HasPrefix(e.MessageID, "file:") || e.Time.IsZero() {
		t.Errorf("entry %+v", e)
	}
}

func TestAChangedFileIsReadAgain(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "f")
	write(t, path, []byte("one"))
	sink, _ := watching(t, root, nil)
	awaitLabel(t, sink, "f")
	overwrite(t, path, []byte("three"))
	sink.Await(t, "the new content", func() bool { return len(sink.Entries()) == 2 })
	e := sink.Entries()
	if string(e[1].Data) != "three" || e[0].MessageID == e[1].MessageID {
		t.Errorf("entries %+v", e)
	}
}

func TestAFileThatChangesIsNotReadYet(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "f")
	write(t, path, []byte("half"))
	future := time.Now().Add(time.Hour) // never old enough by its own time
	if err := os.Chtimes(path, future, future); err != nil {
		t.Fatal(err)
	}
	w := &watch{cfg: Config{Path: root, Marker: sourcetest.Marker{}, Settle: time.Hour}, done: must(parsePosition(nil)), unread: map[fileID]bool{}}
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 2 {
		l, err := w.look(t.Context(), r)
		if err != nil || len(l.ready) != 0 || l.changing != 1 {
			t.Fatalf("ready %v, changing %d, %v", l.ready, l.changing, err)
		}
		w.seen = l.sights
	}
	w.cfg.Settle = time.Nanosecond
	if l, _ := w.look(t.Context(), r); len(l.ready) != 1 {
		t.Errorf("a file that looks the same as before is not ready")
	}
}

func must(p *position, err error) *position {
	if err != nil {
		panic(err)
	}
	return p
}

func TestLinksPipesAndDevicesAreLeftAlone(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, filepath.Join(outside, "secret"), []byte("secret"))
	root := t.TempDir()
	for name, target := range map[string]string{"file": filepath.Join(outside, "secret"), "folder": outside, "up": "..", "self": "."} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	makePipe(t, filepath.Join(root, "pipe"))
	write(t, filepath.Join(root, "plain"), []byte("plain"))
	sink, _ := watching(t, root, nil)
	awaitLabel(t, sink, "plain")
	sink.Await(t, "the end of the look", func() bool { return sink.Last().State == source.Live })
	if e := sink.Entries(); len(e) != 1 {
		t.Errorf("read %d entries, want the plain file only", len(e))
	}
}

func TestWhatTookAFilesPlaceIsNotOpened(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, outside, []byte("secret"))
	swaps := map[string]func(t *testing.T, path string){
		"a link": func(t *testing.T, path string) {
			if err := os.Symlink(outside, path); err != nil {
				t.Fatal(err)
			}
		},
		"a pipe":       makePipe,
		"another file": func(t *testing.T, path string) { write(t, path, []byte("another")) },
		"nothing":      func(*testing.T, string) {},
	}
	for name, swap := range swaps {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "f")
			write(t, path, []byte("plain"))
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			info, err := root.Lstat("f")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			swap(t, path)
			r := &reading{watch: &watch{cfg: Config{Marker: sourcetest.Marker{}}}, root: root}
			if f, err := r.open(candidate{"f", info, newFileID(sourcetest.Marker{}, "f", info)}); err == nil {
				f.Close()
				t.Errorf("%s was opened in place of the file", name)
			}
		})
	}
}

func TestAnUnreadableFileIsALossOnce(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a"), []byte("a"))
	r := &reading{watch: &watch{unread: map[fileID]bool{}}, list: &listing{}}
	for range 3 {
		denied := &fs.PathError{Op: "open", Path: "a/path", Err: fs.ErrPermission}
		if err := r.lose(candidate{path: "a"}, denied); err != nil {
			t.Fatal(err)
		}
	}
	if want := []source.Loss{{Reason: "file a: permission denied"}}; !slices.Equal(r.batch.Losses, want) {
		t.Errorf("losses %v, want %v", r.batch.Losses, want)
	}
	if want := []string{"a file cannot be read: permission denied"}; !slices.Equal(r.list.problems, want) {
		t.Errorf("problems %v, want %v", r.list.problems, want)
	}
}

// TestALargeFileIsReadInPiecesAcrossRestarts stops after every few pieces:
// together the runs own every byte once.
// A sparse file of a terabyte costs nothing to make, and days to read.
func TestAFileOverTheLimitIsALossAndHoldsNobodyUp(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a"), nil)
	if err := os.Truncate(filepath.Join(root, "a"), 1<<40); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "b"), []byte("behind it"))
	sink, _ := watching(t, root, nil)
	awaitLabel(t, sink, "b")
	if losses := sink.Losses(); len(losses) != 1 || !strings.Contains(losses[0].Reason, "larger than 4294967296 bytes") {
		t.Errorf("losses = %v", losses)
	}
}

func TestALargeFileIsReadInPiecesAcrossRestarts(t *testing.T) {
	root := t.TempDir()
	const mark = "MARK-ACROSS-A-CUT"
	text := bytes.Repeat([]byte("x"), 20<<20+12345)
	for at := source.PieceSize - 8; at < len(text); at += source.PieceSize - source.PieceOverlap {
		copy(text[at:], mark)
	}
	write(t, filepath.Join(root, "big"), text)
	var position json.RawMessage
	owned, runs := 0, 0
	for done := false; !done; runs++ {
		sink, stop := watching(t, root, position)
		ended := func() bool {
			return slices.ContainsFunc(sink.Entries(), func(e source.Entry) bool { return e.Continues == 0 })
		}
		sink.Await(t, "a few pieces", func() bool { return len(sink.Entries()) >= 3 || ended() })
		stop()
		done = ended()
		if p := sink.Position(); p != nil {
			position = p
		}
		for _, e := range sink.Entries() {
			owned += marksOwned(e, mark)
			if len(e.Data) > source.PieceSize {
				t.Fatalf("a piece has %d bytes", len(e.Data))
			}
		}
	}
	if want := bytes.Count(text, []byte(mark)); owned != want {
		t.Errorf("in %d runs %d marks were owned by a piece, want %d", runs, owned, want)
	}
}

// marksOwned counts the marks that begin where the sensor takes a piece's
// findings from.
func marksOwned(e source.Entry, mark string) (n int) {
	for at := 0; ; at += len(mark) {
		i := bytes.Index(e.Data[at:], []byte(mark))
		if i < 0 {
			return n
		}
		at += i
		if at >= e.Overlap/2 && (e.Continues == 0 || at < len(e.Data)-e.Continues/2) {
			n++
		}
	}
}

func TestThePositionIsBounded(t *testing.T) {
	p := must(parsePosition(nil))
	for i := range 3 * maxStored {
		p.finish(fileID{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	raw := p.encode()
	if len(raw) > maxStored*len(fileID{})*4/3+64 {
		t.Errorf("position of %d bytes", len(raw))
	}
	back := must(parsePosition(raw))
	last := fileID{byte((3*maxStored - 1) & 0xff), byte((3*maxStored - 1) >> 8), byte((3*maxStored - 1) >> 16)}
	if len(back.order) != maxStored || !back.done[last] {
		t.Errorf("%d files are remembered, the newest %v", len(back.order), back.done[last])
	}
	back.keep(map[fileID]bool{last: true})
	if len(back.done) != 1 || len(back.order) != 1 {
		t.Errorf("%d files are kept of one that is there", len(back.done))
	}
}

func TestRunRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	write(t, file, []byte("x"))
	if err := quick(file).Run(t.Context(), nil, sourcetest.NewSink()); err == nil {
		t.Error("a file is watched as a folder")
	}
	for _, bad := range []string{`{`, `{"done":"AAAA"}`, `{"current":"AAAA"}`, `{"offset":-1}`} {
		if err := quick(file).Run(t.Context(), json.RawMessage(bad), sourcetest.NewSink()); err == nil || !strings.Contains(err.Error(), "stored position") {
			t.Errorf("position %s: %v", bad, err)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add([]byte(`{"done":"AAAAAAAAAAAAAAAA","current":"AAAAAAAAAAAAAAAA","offset":7}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePosition(raw)
		if err != nil {
			return
		}
		again, err := parsePosition(p.encode())
		if err != nil || len(p.order) <= maxStored && !slices.Equal(again.order, p.order) || again.offset != p.offset {
			t.Fatalf("%s is written as %s: %v", raw, p.encode(), err)
		}
	})
}

// A file that was read before the key was replaced is not read again, nor is
// what was read of one that was begun.
func TestAReplacedKeyReadsNothingAgain(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "small"), []byte("small"))
	write(t, filepath.Join(root, "large"), bytes.Repeat([]byte("x"), 3*source.PieceSize))
	old, now := sourcetest.Marker{Key: "old"}, sourcetest.Marker{Key: "new", Old: []string{"old"}}
	id := func(m source.Marker, name string) fileID {
		info, err := os.Lstat(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return newFileID(m, name, info)
	}
	pos := must(parsePosition(nil))
	pos.finish(id(old, "small"))
	pos.reach(id(old, "large"), source.PieceSize)
	w := &watch{cfg: Config{Path: root, Marker: now}, done: must(parsePosition(pos.encode())), unread: map[fileID]bool{}}
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if l, err := w.look(t.Context(), r); err != nil || len(l.ready) != 1 || l.ready[0].path != "large" {
		t.Errorf("ready %+v, %v", l, err)
	}
	if got := w.done.start(id(now, "large")); got != source.PieceSize {
		t.Errorf("the large file begins at %d", got)
	}
	if !w.done.done[id(now, "small")] || w.done.done[id(old, "small")] {
		t.Error("the small file kept its old id")
	}
}
