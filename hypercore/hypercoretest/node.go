package hypercoretest

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// Packages is the folder below test/ with the npm packages that a Node runs.
type Packages string

// The releases that are tested against.
const (
	Npm10 Packages = "hypercore-node"   // hypercore 10, corestore 6
	Npm11 Packages = "hypercore-node11" // hypercore 11, corestore 7
)

// Node is a process of Node that runs writer.mjs of test/hypercore-node, whose commands it
// is driven by. Any failure ends the test.
type Node struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Contents are what npm says is in a core. A block that is not stored is nil.
type Contents struct {
	Key    merkle.Hash `json:"key"`
	Length uint64      `json:"length"`
	Fork   uint64      `json:"fork"`
	Blocks [][]byte    `json:"blocks"`
}

// StartNode starts a process, which ends with the test. The packages have to be installed
// (npm ci).
func StartNode(t testing.TB, p Packages) *Node {
	t.Helper()
	packages := filepath.Join(testFolder(t), string(p))
	if _, err := os.Stat(filepath.Join(packages, "node_modules")); err != nil {
		t.Fatalf("run npm ci in test/%s first: %v", p, err)
	}
	n := &Node{t: t, cmd: exec.Command("node", filepath.Join(testFolder(t), string(Npm10), "writer.mjs"), packages)}
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
	t.Cleanup(n.Kill)
	return n
}

// testFolder is test/ of the repository that the test runs in.
func testFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "test")
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// Kill ends the process at once, wherever it is.
func (n *Node) Kill() {
	n.cmd.Process.Kill() // fails when it has ended by itself
	n.cmd.Wait()         // says that it was killed
}

// Send gives a command and does not wait for it; Answer does.
func (n *Node) Send(command ...any) {
	n.t.Helper()
	b, err := json.Marshal(command)
	if err == nil {
		_, err = n.in.Write(append(b, '\n'))
	}
	if err != nil {
		n.t.Fatal(err)
	}
}

// Answer waits for the answer to a command and puts it into out, if that is not nil.
func (n *Node) Answer(out any) {
	n.t.Helper()
	text, err := n.out.ReadBytes('\n')
	if err != nil {
		n.t.Fatalf("node says nothing: %v", err)
	}
	answer := struct {
		OK    any    `json:"ok"`
		Error string `json:"error"`
	}{OK: out}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Error != "" {
		n.t.Fatalf("node: %v %s", err, answer.Error)
	}
}

// Do gives a command and waits for its answer.
func (n *Node) Do(out any, command ...any) {
	n.t.Helper()
	n.Send(command...)
	n.Answer(out)
}

// Dump is what npm says is in the core.
func (n *Node) Dump() (c Contents) {
	n.t.Helper()
	n.Do(&c, "dump")
	return c
}

// Serve has the core replicated to whoever connects, and returns the address. A port of 0
// is any.
func (n *Node) Serve(initiator bool, port int) string {
	n.t.Helper()
	n.Do(&port, "serve", initiator, port)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
