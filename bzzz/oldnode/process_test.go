package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// programs is the folder with the programs under test, which TestMain builds once.
var programs string

func TestMain(m *testing.M) { os.Exit(withPrograms(m)) }

func withPrograms(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cordon-oldnode-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs = dir
	for _, p := range [][3]string{{".", ".", "oldnode"}, {"../gateway", "./cmd/bzzz-gateway", "bzzz-gateway"}, {"../..", "./cmd/cordon", "cordon"}} {
		if err := compile(p[0], p[1], program(p[2])); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// compile builds a program of the module in a folder.
func compile(module, pkg, to string) error {
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", to, pkg) // linked in half the time
	build.Dir = filepath.FromSlash(module)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", filepath.Base(to), err, text)
	}
	return nil
}

// program is the path of a program under test.
func program(name string) string { return filepath.Join(programs, name) }

func start(t *testing.T, name string, args ...string) (*exec.Cmd, io.WriteCloser, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Stderr = os.Stderr
	in, errIn := c.StdinPipe()
	out, errOut := c.StdoutPipe()
	if errIn != nil || errOut != nil {
		t.Fatal(errIn, errOut)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 8<<20)
	return c, in, lines
}

// gate is a running gateway.
type gate struct {
	cmd  *exec.Cmd
	a, b string // addresses
}

func startGate(t *testing.T, binary string, args ...string) *gate {
	t.Helper()
	cmd, _, lines := start(t, binary, args...)
	if !lines.Scan() {
		t.Fatal("the gateway did not say where it listens")
	}
	var ready struct {
		Listeners []struct {
			Side      string   `json:"side"`
			Addresses []string `json:"addresses"`
		} `json:"listeners"`
	}
	if err := json.Unmarshal(lines.Bytes(), &ready); err != nil || len(ready.Listeners) != 2 || ready.Listeners[0].Side != "a" {
		t.Fatalf("the gateway says %s", lines.Bytes())
	}
	return &gate{cmd, ready.Listeners[0].Addresses[0], ready.Listeners[1].Addresses[0]}
}

// peerNode is a node in a process of its own.
type peerNode struct {
	t       *testing.T
	in      *json.Encoder
	answers chan line

	mu  sync.Mutex
	got map[string]int // what was received, by data
	all []line
}

func startNode(t *testing.T, binary string) *peerNode {
	t.Helper()
	_, in, lines := start(t, binary)
	if !lines.Scan() {
		t.Fatal("the node did not say its address")
	}
	n := &peerNode{t: t, in: json.NewEncoder(in), answers: make(chan line, 1), got: map[string]int{}}
	go func() {
		for lines.Scan() {
			var l line
			if json.Unmarshal(lines.Bytes(), &l) != nil {
				return
			}
			n.hear(l)
		}
		close(n.answers)
	}()
	return n
}

func (n *peerNode) hear(l line) {
	if l.Answer != "" {
		n.answers <- l
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.got[l.Data]++
	n.all = append(n.all, l)
}

func (n *peerNode) ask(c command) line {
	n.t.Helper()
	if err := n.in.Encode(c); err != nil {
		n.t.Fatal(err)
	}
	select {
	case l, ok := <-n.answers:
		if !ok {
			n.t.Fatal("the node ended")
		}
		return l
	case <-time.After(2 * time.Minute):
		n.t.Fatalf("no answer to %s", c.Op)
	}
	return line{}
}

func (n *peerNode) must(c command) int {
	n.t.Helper()
	l := n.ask(c)
	if l.Error != "" {
		n.t.Fatalf("%s: %s", c.Op, l.Error)
	}
	return l.Count
}

func (n *peerNode) publish(topic, data string) {
	n.t.Helper()
	n.must(command{Op: "publish", Topic: topic, Data: data})
}

func (n *peerNode) has(data string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.got[data] > 0
}

func (n *peerNode) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.all)
}

func (n *peerNode) received() []line {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]line(nil), n.all...)
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
