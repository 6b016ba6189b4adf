//go:build servers

package hypercore

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/internal/leak/source"
	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
	"go.cordon.dev/cordon/internal/testport"
)

// nodePeer is npm's hypercore in a process of Node, which replicates a core of its own to
// whoever connects, from the first block on.
type nodePeer struct {
	*hypercoretest.Node
	key       hypercore.Key
	address   string
	listening bool
}

func newNodePeer(t *testing.T, p hypercoretest.Packages) *nodePeer {
	t.Helper()
	n := &nodePeer{Node: hypercoretest.StartNode(t, p), address: testport.Addr(t)}
	n.Do(nil, "open", t.TempDir(), 9, false)
	n.key = n.Dump().Key
	return n
}

func (p *nodePeer) write(t *testing.T, numbers ...int) {
	t.Helper()
	command := []any{"say"}
	for _, n := range numbers {
		command = append(command, sourcetest.Token(n))
	}
	p.Do(nil, command...)
	if p.listening {
		return
	}
	_, port, err := net.SplitHostPort(p.address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	p.Serve(false, number)
	p.listening = true
}

// TestConformanceOfHypercore11 holds a core in a RocksDB, which Node has open, against the
// contract.
func TestConformanceOfHypercore11(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Subject {
		dir := filepath.Join(t.TempDir(), "core")
		var n *hypercoretest.Node
		return sourcetest.Subject{
			Open: func() source.Source { return quick(dir) },
			Write: func(numbers ...int) {
				if n == nil {
					n = hypercoretest.StartNode(t, hypercoretest.Npm11)
					n.Do(nil, "open", dir, 9, false)
				}
				command := []any{"say"}
				for _, i := range numbers {
					command = append(command, sourcetest.Token(i))
				}
				n.Do(nil, command...)
			},
			Snapshot: func() string { return snapshot(t, dir) },
		}
	})
}

// TestConformanceOfAPeer holds a core that comes over the network against the contract.
func TestConformanceOfAPeer(t *testing.T) {
	for _, packages := range []hypercoretest.Packages{hypercoretest.Npm10, hypercoretest.Npm11} {
		t.Run(string(packages), func(t *testing.T) { sourcetest.Run(t, peerSubject(packages)) })
	}
}

func peerSubject(packages hypercoretest.Packages) func(t *testing.T) sourcetest.Subject {
	return func(t *testing.T) sourcetest.Subject {
		p := newNodePeer(t, packages)
		return sourcetest.Subject{
			Open: func() source.Source {
				return NewPeer(PeerConfig{Key: p.key, Address: p.address, Options: peer.Options{Retry: 20 * time.Millisecond, RetryMax: 100 * time.Millisecond}})
			},
			Write:    func(numbers ...int) { p.write(t, numbers...) },
			Snapshot: func() string { return fmt.Sprint("nothing can be written to ", p.address) },
		}
	}
}
