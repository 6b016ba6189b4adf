//go:build servers

package hypercore_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
)

// These tests run the npm packages: npm ci in test/hypercore-node comes first.
const nodeDir = "../test/hypercore-node"

// node is a running writer.mjs.
type node struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startNode(t *testing.T) *node {
	t.Helper()
	if _, err := os.Stat(filepath.Join(nodeDir, "node_modules")); err != nil {
		t.Fatalf("run npm ci in test/hypercore-node first: %v", err)
	}
	n := &node{t: t, cmd: exec.Command("node", filepath.Join(nodeDir, "writer.mjs"))}
	n.cmd.Stderr = os.Stderr
	var err error
	if n.in, err = n.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	n.out = bufio.NewReader(out)
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.kill)
	return n
}

// kill ends the process at once, wherever it is.
func (n *node) kill() {
	n.cmd.Process.Kill()
	n.cmd.Wait()
}

func (n *node) send(command ...any) {
	n.t.Helper()
	b, err := json.Marshal(command)
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.in.Write(append(b, '\n')); err != nil {
		n.t.Fatal(err)
	}
}

// do runs a command and waits for its answer.
func (n *node) do(command ...any) json.RawMessage {
	n.t.Helper()
	n.send(command...)
	text, err := n.out.ReadBytes('\n')
	if err != nil {
		n.t.Fatalf("%v: %v", command, err)
	}
	var answer struct {
		OK    json.RawMessage `json:"ok"`
		Error string          `json:"error"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Error != "" {
		n.t.Fatalf("%v: %v %s", command, err, answer.Error)
	}
	return answer.OK
}

func (n *node) dump() fact {
	n.t.Helper()
	var f fact
	if err := json.Unmarshal(n.do("dump"), &f); err != nil {
		n.t.Fatal(err)
	}
	return f
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
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
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
func (m *mirror) same(f fact) {
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

func TestLiveAppends(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t)
	n.do("open", dir, 1)
	n.send("append", 4000, 200)
	m := &mirror{t: t}
	m.runUntil(dir, hypercore.FollowOptions{}, func() bool { return len(m.blocks) == 4000 })
	for i, b := range m.blocks {
		if !bytes.HasPrefix(b, fmt.Appendf(nil, "%d:", i)) {
			t.Fatalf("block %d is %q", i, b)
		}
	}
}

func TestLiveBatches(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t)
	n.do("open", dir, 1, true)
	n.send("batch", 20000, 20)
	n.send("batch", 20000, 20)
	m := &mirror{t: t}
	opts := hypercore.FollowOptions{EncryptionKey: (*hypercore.Key)(bytes.Repeat([]byte{7}, 32))}
	m.runUntil(dir, opts, func() bool { return len(m.blocks) == 40000 })
	if b := m.blocks[31234]; !bytes.HasPrefix(b, []byte("31234:")) {
		t.Errorf("block 31234 is %q", b)
	}
}

// TestLiveMixture follows a writer that appends, truncates, clears and outgrows its header.
func TestLiveMixture(t *testing.T) {
	for seed := range 6 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			dir := t.TempDir()
			n := startNode(t)
			n.do("open", dir, 1)
			done := make(chan fact, 1)
			n.send("mixture", 1500, seed+1)
			n.send("append", 1, 33) // the last block tells the end
			go func() {
				n.out.ReadBytes('\n')
				n.out.ReadBytes('\n')
				done <- n.dump()
			}()
			m := &mirror{t: t}
			var want *fact
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

// TestLiveKilledWriter kills the writer at any instant, five times, and lets it go on.
func TestLiveKilledWriter(t *testing.T) {
	dir := t.TempDir()
	m := &mirror{t: t}
	for round := range 5 {
		n := startNode(t)
		var length int
		if err := json.Unmarshal(n.do("open", dir, 1), &length); err != nil {
			t.Fatal(err)
		}
		n.send("append", 1000000, 100)
		goal := length + 300 + 77*round
		m.runUntil(dir, hypercore.FollowOptions{Settle: time.Millisecond}, func() bool { return len(m.blocks) >= goal })
		n.kill()
	}
	n := startNode(t)
	n.do("open", dir, 1)
	n.do("append", 1, 10)
	f := n.dump()
	m.runUntil(dir, hypercore.FollowOptions{Settle: time.Millisecond}, func() bool { return len(m.blocks) == int(f.Length) })
	m.same(f)
}

func TestLiveRotation(t *testing.T) {
	root := t.TempDir()
	n := startNode(t)
	n.send("rotate", root, 2000, 250)
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
func TestLiveReplica(t *testing.T) {
	root := t.TempDir()
	n := startNode(t)
	dir := filepath.Join(root, "replica")
	n.send("replica", filepath.Join(root, "source"), dir, 2000)
	m := &mirror{t: t}
	m.runUntil(dir, hypercore.FollowOptions{Settle: 20 * time.Millisecond}, func() bool {
		return len(m.blocks) == 2000 && len(m.next.Gaps) == 0
	})
	n.out.ReadBytes('\n')
	m.same(n.dump())
}

func TestLiveCorestore(t *testing.T) {
	n := startNode(t)
	var dir string
	if err := json.Unmarshal(n.do("store", t.TempDir(), "messages"), &dir); err != nil {
		t.Fatal(err)
	}
	n.send("append", 500, 80)
	m := &mirror{t: t}
	m.runUntil(dir, hypercore.FollowOptions{}, func() bool { return len(m.blocks) == 500 })
}

// TestLargestBlock: npm appends at most 15 MiB.
func TestLargestBlock(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t)
	n.do("open", dir, 1)
	n.do("append", 1, 15<<20)
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
	n := startNode(t)
	n.do("open", w.Dir(), 1)
	f := n.dump()
	core := open(t, w.Dir(), hypercore.Options{})
	got := fact{Key: core.Info().Key, Length: core.Info().Length, Fork: core.Info().Fork, Blocks: scanBlocks(t, core)}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Errorf("(-npm +ours):\n%s", diff)
	}
}

// TestFixturesAreFresh makes the fixtures again and finds the same bytes.
func TestFixturesAreFresh(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("node", filepath.Join(nodeDir, "make-fixtures.mjs"), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("diff", "-r", "testdata", dir).CombinedOutput(); err != nil {
		t.Errorf("testdata is not what make-fixtures.mjs makes: %v\n%s", err, out)
	}
}
