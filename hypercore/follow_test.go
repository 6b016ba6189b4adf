package hypercore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func letters(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = string(rune('a' + i%26))
	}
	return out
}

func TestFollowWaitsForTheCore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later", "core")
	f := follow(t, dir, nil, quick())
	f.expectStatus(hypercore.Waiting)
	w := hypercoretest.NewWriter(t, dir, 1)
	f.expectStatus(hypercore.Live)
	w.AppendStrings("a")
	f.expect("block 0/0 a")
}

func TestFollowLive(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a", "b", "c")
	f := follow(t, w.Dir(), nil, quick())
	f.expect(blocks(0, 0, "a", "b", "c")...)
	for i, s := range letters(26) { // over several flushes of the oplog
		w.AppendStrings(s)
		f.expect(blocks(0, 3+i, s)...)
	}
}

func TestFollowPathIsAFile(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a")
	follow(t, filepath.Join(w.Dir(), "oplog"), nil, quick()).expect("block 0/0 a")
}

func TestFollowResumes(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a", "b", "c")
	f := follow(t, w.Dir(), nil, quick())
	f.expect(blocks(0, 0, "a", "b", "c")...)
	at := f.stop()
	w.AppendStrings("d")
	w.AppendStrings("e")
	follow(t, w.Dir(), at, quick()).expect(blocks(0, 3, "d", "e")...)
}

func TestFollowFork(t *testing.T) {
	tests := []struct {
		name         string
		before, keep int
		after        []string
		restart      bool
		same         int
	}{
		{"shorter", 10, 6, nil, false, 6},
		{"same length", 10, 6, capitals(4), false, 6},
		{"longer", 10, 6, capitals(9), false, 6},
		{"by one, from a power of two", 16, 15, capitals(3), false, 15},
		{"to nothing", 5, 0, capitals(2), false, 0},
		{"nothing lost", 5, 5, capitals(1), false, 5},
		{"after a restart, within the edge", 10, 9, capitals(3), true, 9},
		{"after a restart, at a held node", 64, 60, capitals(3), true, 60},
		{"after a restart, cut at an odd place", 64, 51, capitals(30), true, 48},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := hypercoretest.NewWriter(t, t.TempDir(), 1)
			w.AppendStrings(letters(tt.before)...)
			f := follow(t, w.Dir(), nil, quick())
			f.expect(blocks(0, 0, letters(tt.before)...)...)
			if tt.restart {
				at := f.stop()
				rewrite(t, w, tt.keep, tt.after)
				f = follow(t, w.Dir(), at, quick())
			} else {
				rewrite(t, w, tt.keep, tt.after)
			}
			kept := append(letters(tt.keep), tt.after...)
			f.expect(lines(
				[]string{forkLine(1, len(kept), tt.same, tt.before)},
				blocks(1, tt.same, kept[tt.same:]...))...)
		})
	}
}

// capitals are texts that differ from letters everywhere.
func capitals(n int) []string {
	return strings.Split(strings.ToUpper(strings.Join(letters(n), " ")), " ")
}

func forkLine(fork, length, same, was int) string {
	return line(hypercore.Event{Kind: hypercore.Fork, Fork: uint64(fork), Length: uint64(length), Ancestors: uint64(same),
		Previous: hypercore.Mark{Length: uint64(was)}})
}

// rewrite truncates and appends where a follower does not see the state between: on a copy
// that is then renamed into place.
func rewrite(t *testing.T, w *hypercoretest.Writer, keep int, after []string) {
	t.Helper()
	work := w.Dir() + "-work"
	if err := os.CopyFS(work, os.DirFS(w.Dir())); err != nil {
		t.Fatal(err)
	}
	back := w.MoveTo(work)
	w.Truncate(uint64(keep))
	if len(after) > 0 {
		w.AppendStrings(after...)
	}
	swap(t, work, back)
	w.MoveTo(back)
}

// swap puts the directory work in the place of dir.
func swap(t *testing.T, work, dir string) {
	t.Helper()
	for _, mv := range [][2]string{{dir, dir + "-old"}, {work, dir}} {
		if err := os.Rename(mv[0], mv[1]); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFollowTwoForksBetweenReads(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(12)...)
	f := follow(t, w.Dir(), nil, quick())
	f.expect(blocks(0, 0, letters(12)...)...)
	at := f.stop()
	w.Truncate(9)
	w.AppendStrings("x", "y")
	w.Truncate(8)
	w.AppendStrings("z")
	follow(t, w.Dir(), at, quick()).expect(forkLine(2, 9, 8, 12), "block 2/8 z")
}

func TestFollowRollback(t *testing.T) {
	w := hypercoretest.NewWriter(t, filepath.Join(t.TempDir(), "core"), 1)
	w.AppendStrings("a", "b")
	backup := w.Dir() + "-backup"
	if err := os.CopyFS(backup, os.DirFS(w.Dir())); err != nil {
		t.Fatal(err)
	}
	w.AppendStrings("c", "d")
	f := follow(t, w.Dir(), nil, quick())
	f.expect(blocks(0, 0, letters(4)...)...)
	swap(t, backup, w.Dir())
	f.expect("rollback to fork 0 length 2, same up to 2, was at 4")
	f.expectStatus(hypercore.Live)
}

// A restored backup went on differently: same fork, longer, and not what was read.
func TestFollowRollbackThenOtherBlocks(t *testing.T) {
	w := hypercoretest.NewWriter(t, filepath.Join(t.TempDir(), "core"), 1)
	w.AppendStrings("a", "b")
	other := hypercoretest.NewWriter(t, w.Dir()+"-other", 1)
	other.AppendStrings("a", "b")
	w.AppendStrings("c", "d")
	other.AppendStrings("C", "D", "E")
	f := follow(t, w.Dir(), nil, quick())
	f.expect(blocks(0, 0, letters(4)...)...)
	swap(t, other.Dir(), w.Dir())
	f.expect(lines([]string{"rollback to fork 0 length 5, same up to 2, was at 4"}, blocks(0, 2, "C", "D", "E"))...)
}

func TestFollowGapAndLateBlocks(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(10)...)
	w.Clear(2, 4)
	f := follow(t, w.Dir(), nil, quick())
	f.expect(lines(blocks(0, 0, "a", "b"), []string{"gap 2-4"}, blocks(0, 4, letters(10)[4:]...))...)
	at := f.stop()
	w.Restore(3, []byte("d"))
	f = follow(t, w.Dir(), at, quick())
	f.expect("block 0/3 d late")
	w.Restore(2, []byte("c"))
	f.expect("block 0/2 c late")
	if gaps := f.stop().Gaps; len(gaps) != 0 {
		t.Errorf("gaps left: %v", gaps)
	}
}

func TestFollowDirectoryDeletedAndBack(t *testing.T) {
	w := hypercoretest.NewWriter(t, filepath.Join(t.TempDir(), "core"), 1)
	w.AppendStrings("a", "b")
	f := follow(t, w.Dir(), nil, quick())
	f.expect(blocks(0, 0, "a", "b")...)
	away := w.Dir() + "-away"
	if err := os.Rename(w.Dir(), away); err != nil {
		t.Fatal(err)
	}
	f.expectStatus(hypercore.Waiting)
	back := w.MoveTo(away)
	w.AppendStrings("c")
	if err := os.Rename(away, back); err != nil {
		t.Fatal(err)
	}
	f.expect("block 0/2 c")
}

func TestFollowTornTail(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a")
	whole := hypercoretest.Frame(w.Prepare([]byte("b")), w.Bit(), false)
	w.WriteTail(whole[:len(whole)/2])
	f := follow(t, w.Dir(), nil, quick())
	f.expect("block 0/0 a", "torn")
	w.WriteTail(whole)
	f.expect("block 0/1 b")
}

func TestFollowReportsDamageAndGoesOn(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(5)...)
	w.Flush()
	flip(t, w.Dir(), "data", 2)
	f := follow(t, w.Dir(), nil, quick())
	f.expect("block 0/0 a", "block 0/1 b", "corrupt 2-3 hypercore: block differs from its signed hash", "block 0/3 d", "block 0/4 e")
	w.AppendStrings("f")
	f.expect("block 0/5 f")
}

func TestFollowBadSignature(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a")
	f := follow(t, w.Dir(), nil, quick())
	f.expect("block 0/0 a")
	w.BadSignature()
	w.AppendStrings("forged")
	f.expect("corrupt 0-0 " + hypercore.ErrSignature.Error())
	f.expectStatus(hypercore.Damaged)
	w.AppendStrings("signed again")
	f.expect("block 0/1 forged", "block 0/2 signed again")
}

func TestFollowBlockOverTheLimit(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a", strings.Repeat("x", 101), "c")
	opts := quick()
	opts.MaxBlock = 100
	follow(t, w.Dir(), nil, opts).expect("block 0/0 a", "corrupt 1-2 "+hypercore.ErrTooLarge.Error(), "block 0/2 c")
}

func TestFollowBatchesAreBounded(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(100)...)
	tests := []struct {
		name string
		opts hypercore.FollowOptions
		want int // batches
	}{
		{"blocks", hypercore.FollowOptions{BatchBlocks: 30}, 4},
		{"bytes", hypercore.FollowOptions{BatchBytes: 10}, 10},
		{"a block over the bytes is alone", hypercore.FollowOptions{BatchBytes: 1}, 100},
	}
	done := errors.New("done")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			batches := 0
			err := hypercore.NewFollower(w.Dir(), tt.opts).Run(t.Context(), nil, func(_ context.Context, b hypercore.Batch) error {
				if batches++; b.Next.Length == 100 {
					return done
				}
				return nil
			})
			wantErr(t, err, done)
			if batches != tt.want {
				t.Errorf("%d batches, want %d", batches, tt.want)
			}
		})
	}
}

func TestFollowersDoNotDisturbEachOther(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings("a")
	one, two := follow(t, w.Dir(), nil, quick()), follow(t, w.Dir(), nil, quick())
	one.expect("block 0/0 a")
	two.expect("block 0/0 a")
	w.AppendStrings("b")
	one.expect("block 0/1 b")
	one.stop()
	w.AppendStrings("c")
	two.expect(blocks(0, 1, "b", "c")...)
}

func TestFollowUnreadablePaths(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]error{"v11": hypercore.ErrVersion11, "other": hypercore.ErrNotCore, "store": hypercore.ErrCorestore} {
		t.Run(name, func(t *testing.T) {
			at := makePath(t, filepath.Join(dir, name), name)
			f := follow(t, at, nil, quick())
			f.expectStatus(hypercore.Unreadable)
			f.mu.Lock()
			defer f.mu.Unlock()
			wantErr(t, f.states[len(f.states)-1].Err, want)
		})
	}
}

// makePath makes a directory that is no core.
func makePath(t *testing.T, dir, kind string) string {
	t.Helper()
	files := map[string][]string{"v11": {"db/CURRENT", "db/MANIFEST-000001"}, "other": {"notes.txt"}, "store": {"primary-key", "cores/keep"}}
	for _, name := range files[kind] {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFollowRefusesABadCheckpoint(t *testing.T) {
	bad := &hypercore.Checkpoint{Length: 3}
	err := hypercore.NewFollower(t.TempDir(), quick()).Run(t.Context(), bad, nil)
	if err == nil || !strings.Contains(err.Error(), "0 roots for length 3, want 2") {
		t.Errorf("error is %v", err)
	}
}

// flip changes one bit of a file.
func flip(t *testing.T, dir, name string, at int64) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
