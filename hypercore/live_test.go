//go:build servers

package hypercore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// each runs a test against both releases of npm's hypercore, whose files have nothing in
// common.
func each(t *testing.T, test func(t *testing.T, p hypercoretest.Packages)) {
	for _, p := range []hypercoretest.Packages{hypercoretest.Npm10, hypercoretest.Npm11} {
		t.Run(string(p), func(t *testing.T) { test(t, p) })
	}
}

// mirror keeps what a follower says a log holds, and complains about what should not be.
type mirror struct {
	t      *testing.T
	fork   uint64
	blocks [][]byte
	next   *hypercore.Checkpoint
}

func (m *mirror) handle(_ context.Context, b hypercore.Batch) error {
	for _, e := range b.Events {
		m.apply(e)
	}
	text, err := json.Marshal(b.Next)
	if err != nil {
		return err
	}
	m.next = &hypercore.Checkpoint{}
	return json.Unmarshal(text, m.next)
}

func (m *mirror) apply(e hypercore.Event) {
	switch e.Kind {
	case hypercore.Block:
		m.put(e)
	case hypercore.Gap:
		m.blocks = append(m.blocks[:e.Index], make([][]byte, e.To-e.Index)...)
	case hypercore.Fork:
		m.fork, m.blocks = e.Fork, m.blocks[:e.Ancestors]
	case hypercore.Torn: // a killed writer may leave that
	default:
		m.t.Errorf("unexpected: %s", line(e))
	}
}

func (m *mirror) put(e hypercore.Event) {
	if e.Late {
		m.blocks[e.Index] = bytes.Clone(e.Data)
		return
	}
	if e.Index != uint64(len(m.blocks)) {
		m.t.Errorf("block %d comes after %d blocks", e.Index, len(m.blocks))
	}
	m.blocks = append(m.blocks, append([]byte{}, e.Data...))
}

var errEnough = errors.New("enough")

// runUntil follows until a condition holds after a batch.
func (m *mirror) runUntil(path string, opts hypercore.FollowOptions, done func() bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 5*time.Minute)
	defer cancel()
	err := hypercore.NewFollower(path, opts).Run(ctx, m.next, func(ctx context.Context, b hypercore.Batch) error {
		if err := m.handle(ctx, b); err != nil {
			return err
		}
		if done() {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		m.t.Fatalf("after %d blocks of fork %d: %v", len(m.blocks), m.fork, err)
	}
}

// same compares with what npm says; cleared blocks may have been read before.
func (m *mirror) same(f hypercoretest.Contents) {
	m.t.Helper()
	if len(m.blocks) != len(f.Blocks) || m.fork != f.Fork {
		m.t.Fatalf("%d blocks of fork %d, want %d of %d", len(m.blocks), m.fork, len(f.Blocks), f.Fork)
	}
	for i, want := range f.Blocks {
		if want != nil && !bytes.Equal(want, m.blocks[i]) {
			m.t.Fatalf("block %d is %.60q, want %.60q", i, m.blocks[i], want)
		}
	}
}

func TestLiveAppends(t *testing.T) { each(t, liveAppends) }

func liveAppends(t *testing.T, p hypercoretest.Packages) {
	dir := t.TempDir()
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", dir, 1)
	n.Send("append", 4000, 200)
	m := &mirror{t: t}
	m.runUntil(dir, hypercore.FollowOptions{}, func() bool { return len(m.blocks) == 4000 })
	for i, b := range m.blocks {
		if !bytes.HasPrefix(b, fmt.Appendf(nil, "%d:", i)) {
			t.Fatalf("block %d is %q", i, b)
		}
	}
}

func TestLiveBatches(t *testing.T) { each(t, liveBatches) }

func liveBatches(t *testing.T, p hypercoretest.Packages) {
	dir := t.TempDir()
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", dir, 1, true)
	n.Send("batch", 20000, 20)
	n.Send("batch", 20000, 20)
	m := &mirror{t: t}
	opts := hypercore.FollowOptions{EncryptionKey: (*hypercore.Key)(bytes.Repeat([]byte{7}, 32))}
	m.runUntil(dir, opts, func() bool { return len(m.blocks) == 40000 })
	if b := m.blocks[31234]; !bytes.HasPrefix(b, []byte("31234:")) {
		t.Errorf("block 31234 is %q", b)
	}
}

// TestLiveMixture follows a writer that appends, truncates, clears and outgrows its header.
func TestLiveMixture(t *testing.T) { each(t, liveMixture) }

func liveMixture(t *testing.T, p hypercoretest.Packages) {
	for seed := range 6 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			dir := t.TempDir()
			n := hypercoretest.StartNode(t, p)
			n.Do(nil, "open", dir, 1)
			done := make(chan hypercoretest.Contents, 1)
			n.Send("mixture", 1500, seed+1)
			n.Send("append", 1, 33) // the last block tells the end
			go func() {
				n.Answer(nil)
				n.Answer(nil)
				done <- n.Dump()
			}()
			m := &mirror{t: t}
			var want *hypercoretest.Contents
			m.runUntil(dir, hypercore.FollowOptions{Pause: time.Millisecond}, func() bool {
				select {
				case f := <-done:
					want = &f
				default:
				}
				last := len(m.blocks) - 1
				return last >= 0 && bytes.HasPrefix(m.blocks[last], fmt.Appendf(nil, "%d:x", last)) && len(m.blocks[last]) == 33
			})
			if want == nil {
				f := <-done
				want = &f
			}
			m.same(*want)
		})
	}
}

// When hypercore 11 clears blocks it throws away nodes that prove the blocks beside them, too.
// Those are said to be unproven; all others are read.
func TestClearedByHypercore11(t *testing.T) {
	dir := t.TempDir()
	n := hypercoretest.StartNode(t, hypercoretest.Npm11)
	n.Do(nil, "open", dir, 1)
	n.Do(nil, "append", 40, 50)
	n.Do(nil, "clear", 9, 11)
	var seen [40]hypercore.Kind
	err := open(t, dir, hypercore.Options{}).Scan(t.Context(), 0, func(e hypercore.Event) error {
		for i := e.Index; i < e.To; i++ {
			seen[i] = e.Kind
		}
		if e.Kind == hypercore.Corrupt {
			wantErr(t, e.Err, hypercore.ErrNotProven)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range seen {
		want := hypercore.Block
		if i == 9 || i == 10 {
			want = hypercore.Gap
		}
		if near := i >= 8 && i <= 11; kind != want && !(near && kind == hypercore.Corrupt) {
			t.Errorf("block %d: %s, want %s", i, kind, want)
		}
	}
}

// TestLiveKilledWriter kills the writer at any instant, five times, and lets it go on.
func TestLiveKilledWriter(t *testing.T) { each(t, liveKilledWriter) }

func liveKilledWriter(t *testing.T, p hypercoretest.Packages) {
	dir := t.TempDir()
	m := &mirror{t: t}
	for round := range 5 {
		n := hypercoretest.StartNode(t, p)
		var length int
		n.Do(&length, "open", dir, 1)
		n.Send("append", 1000000, 100)
		goal := length + 300 + 77*round
		m.runUntil(dir, hypercore.FollowOptions{Settle: time.Millisecond}, func() bool { return len(m.blocks) >= goal })
		n.Kill()
	}
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", dir, 1)
	n.Do(nil, "append", 1, 10)
	f := n.Dump()
	m.runUntil(dir, hypercore.FollowOptions{Settle: time.Millisecond}, func() bool { return len(m.blocks) == int(f.Length) })
	m.same(f)
}

func TestLiveRotation(t *testing.T) { each(t, liveRotation) }

func liveRotation(t *testing.T, p hypercoretest.Packages) {
	root := t.TempDir()
	n := hypercoretest.StartNode(t, p)
	n.Send("rotate", root, 2000, 250)
	seen := map[string]bool{}
	rotations := 0
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := hypercore.NewFollower(filepath.Join(root, "current.log"), hypercore.FollowOptions{}).Run(ctx, nil, func(_ context.Context, b hypercore.Batch) error {
		for _, e := range b.Events {
			switch e.Kind {
			case hypercore.Block:
				number, _, _ := strings.Cut(string(e.Data), ":")
				seen[number] = true
			case hypercore.Rotated:
				if rotations++; !e.Drained {
					t.Error("left a core before its end")
				}
			default:
				t.Errorf("unexpected: %s", line(e))
			}
		}
		if len(seen) == 2000 {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) || rotations != 7 {
		t.Errorf("%d blocks, %d rotations, %v", len(seen), rotations, err)
	}
}

// TestLiveReplica follows a replica, where the length comes before the blocks.
func TestLiveReplica(t *testing.T) { each(t, liveReplica) }

func liveReplica(t *testing.T, p hypercoretest.Packages) {
	root := t.TempDir()
	n := hypercoretest.StartNode(t, p)
	dir := filepath.Join(root, "replica")
	n.Send("replica", filepath.Join(root, "source"), dir, 2000)
	m := &mirror{t: t}
	m.runUntil(dir, hypercore.FollowOptions{Settle: 20 * time.Millisecond}, func() bool {
		return len(m.blocks) == 2000 && len(m.next.Gaps) == 0
	})
	n.Answer(nil)
	m.same(n.Dump())
}

func TestLiveCorestore(t *testing.T) { each(t, liveCorestore) }

func liveCorestore(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	var dir string
	n.Do(&dir, "store", t.TempDir(), "messages")
	n.Send("append", 500, 80)
	m := &mirror{t: t}
	m.runUntil(dir, hypercore.FollowOptions{}, func() bool { return len(m.blocks) == 500 })
}

// TestLargestBlock: npm appends at most 15 MiB.
func TestLargestBlock(t *testing.T) { each(t, largestBlock) }

func largestBlock(t *testing.T, p hypercoretest.Packages) {
	dir := t.TempDir()
	n := hypercoretest.StartNode(t, p)
	n.Do(nil, "open", dir, 1)
	n.Do(nil, "append", 1, 15<<20)
	data, err := open(t, dir, hypercore.Options{}).Block(0)
	if err != nil || len(data) != 15<<20 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// TestNpmReadsTheTestWriter: what hypercoretest writes is what npm hypercore understands.
func TestNpmReadsTheTestWriter(t *testing.T) {
	w := hypercoretest.NewWriter(t, t.TempDir(), 1)
	w.AppendStrings(letters(20)...)
	w.Clear(3, 5)
	w.Truncate(13)
	w.AppendStrings("x", "y")
	n := hypercoretest.StartNode(t, hypercoretest.Npm10)
	n.Do(nil, "open", w.Dir(), 1)
	f := n.Dump()
	core := open(t, w.Dir(), hypercore.Options{})
	got := hypercoretest.Contents{Key: core.Info().Key, Length: core.Info().Length, Fork: core.Info().Fork, Blocks: scanBlocks(t, core)}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Errorf("(-npm +ours):\n%s", diff)
	}
}

// TestFixturesAreFresh makes the fixtures again and finds the same bytes.
func TestFixturesAreFresh(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("node", "../test/hypercore-node/make-fixtures.mjs", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("diff", "-r", "testdata", dir).CombinedOutput(); err != nil {
		t.Errorf("testdata is not what make-fixtures.mjs makes: %v\n%s", err, out)
	}
}
