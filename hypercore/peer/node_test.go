//go:build servers

package peer_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// These tests run the npm packages: npm ci in test/hypercore-node comes first.
const nodeDir = "../../test/hypercore-node"

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
	t.Cleanup(func() { n.cmd.Process.Kill(); n.cmd.Wait() })
	return n
}

// do runs a command and waits for its answer, which it puts into out, if any.
func (n *node) do(out any, command ...any) {
	n.t.Helper()
	b, err := json.Marshal(command)
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.in.Write(append(b, '\n')); err != nil {
		n.t.Fatal(err)
	}
	text, err := n.out.ReadBytes('\n')
	if err != nil {
		n.t.Fatalf("%v: %v", command, err)
	}
	answer := struct {
		OK    any    `json:"ok"`
		Error string `json:"error"`
	}{OK: out}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Error != "" {
		n.t.Fatalf("%v: %v %s", command, err, answer.Error)
	}
}

// contents are what npm says is in a core.
type contents struct {
	Key    hypercore.Key `json:"key"`
	Length uint64        `json:"length"`
	Fork   uint64        `json:"fork"`
	Blocks [][]byte      `json:"blocks"`
}

func (n *node) dump() (c contents) {
	n.t.Helper()
	n.do(&c, "dump")
	return c
}

// serve has node listen, in a role, and returns how to reach it.
func (n *node) serve(role wire.Role) peer.Dial {
	n.t.Helper()
	var port int
	n.do(&port, "serve", role == wire.Initiator)
	return peer.TCP(net.JoinHostPort("127.0.0.1", fmt.Sprint(port)))
}

// Every way in which a peer of npm and ours can meet: who dials, who begins the handshake.
func TestDownloadFromNode(t *testing.T) {
	for _, role := range []wire.Role{wire.Initiator, wire.Responder} {
		for _, dials := range []bool{false, true} {
			t.Run(fmt.Sprintf("we are %s, node dials %v", role, dials), func(t *testing.T) {
				n := startNode(t)
				n.do(nil, "open", t.TempDir(), 3, false)
				n.do(nil, "append", 70, 50)
				n.do(nil, "batch", 300, 2000)
				dial := peer.Dial(nil)
				if dials {
					dial = listen(t, func(port int) { n.do(nil, "dial", port, role != wire.Initiator) })
				} else {
					dial = n.serve(!role)
				}
				m := follow(t, n.dump().Key, dial, peer.Options{Role: role}, nil)
				m.until(370)
				m.is(n.dump())
			})
		}
	}
}

// Whatever a core looks like, it is read: the shapes of its tree, its manifest, its blocks.
func TestCoresOfNode(t *testing.T) {
	for name, tt := range map[string]struct {
		opts   map[string]any
		length int
		size   int
	}{
		"one block":             {nil, 1, 10},
		"empty blocks":          {nil, 3, 0},
		"a full tree":           {nil, 64, 10},
		"all but full":          {nil, 63, 10},
		"a large block":         {nil, 2, 4 << 20},
		"a manifest":            {map[string]any{"compat": false}, 33, 20},
		"a manifest and a fork": {map[string]any{"compat": false}, 20, 20},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t)
			n.do(nil, "openWith", t.TempDir(), 4, tt.opts)
			n.do(nil, "append", tt.length, tt.size)
			if name == "a manifest and a fork" {
				n.do(nil, "truncate", 7)
				n.do(nil, "append", 9, tt.size)
			}
			want := n.dump()
			m := follow(t, want.Key, n.serve(wire.Responder), peer.Options{}, nil)
			m.until(want.Length)
			m.is(want)
		})
	}
}

// is compares the mirror with what npm says.
func (m *mirror) is(want contents) {
	m.t.Helper()
	m.holds(want.Blocks)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fork != want.Fork {
		m.t.Errorf("fork %d, want %d", m.fork, want.Fork)
	}
}
