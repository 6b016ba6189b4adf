//go:build servers

package hypercore

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
	"go.cordon.dev/cordon/internal/testport"
)

// nodePeer is npm's hypercore in a process of Node, which replicates a core of its own to
// whoever connects.
type nodePeer struct {
	t       *testing.T
	address string
	in      io.WriteCloser
	out     *bufio.Reader
}

// peerSeed makes the key pair of the core.
const peerSeed = 9

func peerKey() hypercore.Key {
	return hypercore.Key(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{peerSeed}, ed25519.SeedSize)).Public().(ed25519.PublicKey))
}

// start runs the process, which listens when the first block is there.
func (p *nodePeer) start() {
	p.t.Helper()
	const scripts = "../../../../test/hypercore-node"
	if _, err := os.Stat(filepath.Join(scripts, "node_modules")); err != nil {
		p.t.Fatalf("run npm ci in test/hypercore-node first: %v", err)
	}
	cmd := exec.Command("node", filepath.Join(scripts, "writer.mjs"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	p.in, p.out = in, bufio.NewReader(out)
	_, port, err := net.SplitHostPort(p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		p.t.Fatal(err)
	}
	p.do("open", p.t.TempDir(), peerSeed, false)
	p.do("serve", false, number)
}

// do runs a command and waits until it is done.
func (p *nodePeer) do(command ...any) {
	p.t.Helper()
	b, err := json.Marshal(command)
	if err == nil {
		_, err = p.in.Write(append(b, '\n'))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := p.out.ReadBytes('\n')
	var answer struct{ Error string }
	if err != nil || json.Unmarshal(text, &answer) != nil || answer.Error != "" {
		p.t.Fatalf("%v: %v %s", command, err, text)
	}
}

func (p *nodePeer) write(numbers ...int) {
	p.t.Helper()
	if p.in == nil {
		p.start()
	}
	command := []any{"say"}
	for _, n := range numbers {
		command = append(command, sourcetest.Token(n))
	}
	p.do(command...)
}

// TestConformanceOfAPeer holds a core that comes over the network against the contract.
func TestConformanceOfAPeer(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		p := &nodePeer{t: t, address: testport.Addr(t)}
		return sourcetest.Subject{
			Open: func() source.Source {
				return NewPeer(PeerConfig{Key: peerKey(), Address: p.address, Options: peer.Options{Retry: 20 * time.Millisecond, RetryMax: 100 * time.Millisecond}})
			},
			Write:    p.write,
			Snapshot: func() string { return fmt.Sprint("nothing can be written to ", p.address) },
		}
	})
}
