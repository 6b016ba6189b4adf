package hypercore

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quick(path string) source.Source {
	return New(Config{Path: path, Follow: hypercore.FollowOptions{
		PollInterval: 20 * time.Millisecond, Pause: time.Millisecond, Settle: 20 * time.Millisecond,
	}})
}

func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		dir := filepath.Join(t.TempDir(), "core")
		var w *hypercoretest.Writer
		return sourcetest.Subject{
			Open: func() source.Source { return quick(dir) },
			Write: func(numbers ...int) {
				if w == nil {
					w = newWriter(t, dir)
				}
				var blocks []string
				for _, n := range numbers {
					blocks = append(blocks, sourcetest.Token(n))
				}
				w.AppendStrings(blocks...)
			},
			Snapshot: func() string { return snapshot(t, dir) },
		}
	})
}

func newWriter(t *testing.T, dir string) *hypercoretest.Writer {
	t.Helper()
	return hypercoretest.NewWriter(t, dir, byte(len(filepath.Base(dir))))
}

func snapshot(t *testing.T, dir string) string {
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
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

func following(t *testing.T, path string) *sourcetest.Sink {
	t.Helper()
	sink := sourcetest.NewSink()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- quick(path).Run(ctx, nil, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	return sink
}

func awaitEntries(t *testing.T, s *sourcetest.Sink, n int) []source.Entry {
	t.Helper()
	s.Await(t, fmt.Sprint(n, " entries"), func() bool { return len(s.Entries()) >= n })
	return s.Entries()
}

func TestBlocksCarryTheirPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "core")
	w := newWriter(t, dir)
	w.AppendStrings("a", "b", "c")
	sink := following(t, dir)
	got := awaitEntries(t, sink, 3)[2]
	if string(got.Data) != "c" || got.Index != 2 || !got.Indexed || got.Fork != 0 || got.CoreKey != w.Key().String() {
		t.Errorf("entry %+v", got)
	}
	w.Truncate(1)
	w.AppendStrings("B")
	got = awaitEntries(t, sink, 4)[3]
	if string(got.Data) != "B" || got.Index != 1 || got.Fork != 1 {
		t.Errorf("after a truncation the entry is %+v", got)
	}
	sink.Await(t, "the status to tell of the fork", func() bool { return strings.Contains(sink.Last().Detail, "fork 1") })
}

func TestAbsentBlocksAreALossAndReadWhenTheyArrive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "core")
	w := newWriter(t, dir)
	w.AppendStrings("a", "b", "c")
	w.Clear(1, 2)
	sink := following(t, dir)
	awaitEntries(t, sink, 2)
	sink.Await(t, "a loss", func() bool { return len(sink.Losses()) == 1 })
	if l := sink.Losses()[0]; l.From != 1 || l.To != 2 || l.Reason == "" {
		t.Errorf("loss %+v", l)
	}
	w.Restore(1, []byte("b"))
	if got := awaitEntries(t, sink, 3)[2]; string(got.Data) != "b" || got.Index != 1 {
		t.Errorf("late entry %+v", got)
	}
}

func TestALinkIsFollowedToTheNextCore(t *testing.T) {
	root := t.TempDir()
	one, two, link := filepath.Join(root, "one"), filepath.Join(root, "second"), filepath.Join(root, "current.log")
	w1, w2 := newWriter(t, one), newWriter(t, two)
	w1.AppendStrings("a", "b")
	w2.AppendStrings("c")
	if err := os.Symlink(one, link); err != nil {
		t.Fatal(err)
	}
	sink := following(t, link)
	awaitEntries(t, sink, 2)
	if err := os.Symlink(two, link+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link+".new", link); err != nil {
		t.Fatal(err)
	}
	got := awaitEntries(t, sink, 3)[2]
	if string(got.Data) != "c" || got.CoreKey != w2.Key().String() || got.Index != 0 {
		t.Errorf("entry of the new core %+v", got)
	}
}

func TestADamagedCoreFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "core")
	w := newWriter(t, dir)
	w.BadSignature()
	w.AppendStrings("a")
	sink := following(t, dir)
	sink.Await(t, "state failing with a reason", func() bool {
		s := sink.Last()
		return s.State == source.Failing && s.Detail != ""
	})
	if n := len(sink.Entries()); n != 0 {
		t.Errorf("%d blocks that nobody signed were delivered", n)
	}
}

func TestStatesDoNotFlapWithEveryAppend(t *testing.T) {
	r := &run{sink: sourcetest.NewSink()}
	var got []source.State
	for _, lag := range []uint64{10, 1, 0, 1, 0, 100, 0, farBehind, 5, 0} {
		got = append(got, r.progress(lag))
	}
	const up, live = source.CatchingUp, source.Live
	want := []source.State{up, up, live, live, live, live, live, up, up, live}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("states %v, want %v", got, want)
	}
}

func TestRunRefusesAPositionItCannotRead(t *testing.T) {
	for _, bad := range []string{`{`, `{"length":5}`} {
		err := quick(t.TempDir()).Run(t.Context(), json.RawMessage(bad), sourcetest.NewSink())
		if err == nil || !strings.Contains(err.Error(), "stored position") {
			t.Errorf("position %s: %v", bad, err)
		}
	}
}

// A block whose bytes are not those that the writer signed is not read, and
// does not keep the others from being read; that the log is damaged stays said.
func TestADamagedBlockIsSaid(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "core")
	w := newWriter(t, dir)
	w.AppendStrings("first", "second", "third")
	f, err := os.OpenFile(filepath.Join(dir, "data"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("X"), int64(len("first"))); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	sink := following(t, dir)
	awaitEntries(t, sink, 2)
	sink.Await(t, "a live log that is said to be damaged", func() bool {
		s := sink.Last()
		return s.State == source.Live && s.Damaged && strings.Contains(s.Detail, "damaged blocks: 1, the last of them 1;")
	})
	if l := sink.Losses(); len(l) != 1 || l[0].From != 1 {
		t.Errorf("losses %+v, want the second block", l)
	}
	w.AppendStrings("fourth")
	awaitEntries(t, sink, 3)
	if !sink.Last().Damaged {
		t.Error("the damage is forgotten with the next block")
	}
}
