//go:build servers

package peer_test

import (
	"fmt"
	"testing"

	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// each runs a test against both releases of npm's hypercore.
func each(t *testing.T, test func(t *testing.T, p hypercoretest.Packages)) {
	for _, p := range []hypercoretest.Packages{hypercoretest.Npm10, hypercoretest.Npm11} {
		t.Run(string(p), func(t *testing.T) { test(t, p) })
	}
}

// serve has node listen, in a role, and returns how to reach it.
func serve(n *hypercoretest.Node, role wire.Role) peer.Dial {
	return peer.TCP(n.Serve(role == wire.Initiator, 0))
}

// Every way in which a peer of npm and ours can meet: who dials, who begins the handshake.
func TestDownloadFromNode(t *testing.T) { each(t, downloadFromNode) }

func downloadFromNode(t *testing.T, p hypercoretest.Packages) {
	for _, role := range []wire.Role{wire.Initiator, wire.Responder} {
		for _, dials := range []bool{false, true} {
			t.Run(fmt.Sprintf("we are %s, node dials %v", role, dials), func(t *testing.T) {
				n := hypercoretest.StartNode(t, p)
				n.Do(nil, "open", t.TempDir(), 3, false)
				n.Do(nil, "append", 70, 50)
				n.Do(nil, "batch", 300, 2000)
				dial := peer.Dial(nil)
				if dials {
					dial = listen(t, func(port int) { n.Do(nil, "dial", port, role != wire.Initiator) })
				} else {
					dial = serve(n, !role)
				}
				m := follow(t, n.Dump().Key, dial, peer.Options{Role: role}, nil)
				m.until(370)
				m.is(n.Dump())
			})
		}
	}
}

// Whatever a core looks like, it is read: the shapes of its tree, its manifest, its blocks.
func TestCoresOfNode(t *testing.T) { each(t, coresOfNode) }

func coresOfNode(t *testing.T, p hypercoretest.Packages) {
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
		"no manifest":           {map[string]any{"compat": true}, 33, 20},
		"a manifest and a fork": {map[string]any{"compat": false}, 20, 20},
	} {
		t.Run(name, func(t *testing.T) {
			n := hypercoretest.StartNode(t, p)
			n.Do(nil, "openWith", t.TempDir(), 4, tt.opts)
			n.Do(nil, "append", tt.length, tt.size)
			if name == "a manifest and a fork" {
				n.Do(nil, "truncate", 7)
				n.Do(nil, "append", 9, tt.size)
			}
			want := n.Dump()
			m := follow(t, want.Key, serve(n, wire.Responder), peer.Options{}, nil)
			m.until(want.Length)
			m.is(want)
		})
	}
}

// The manifests that only hypercore 11 makes.
func TestManifestsOfNode11(t *testing.T) {
	for _, version := range []int{2, 3} {
		n := hypercoretest.StartNode(t, hypercoretest.Npm11)
		n.Do(nil, "openManifest", t.TempDir(), 4, version)
		n.Do(nil, "append", 9, 20)
		want := n.Dump()
		m := follow(t, want.Key, serve(n, wire.Responder), peer.Options{}, nil)
		m.until(want.Length)
		m.is(want)
	}
}

// is compares the mirror with what npm says.
func (m *mirror) is(want hypercoretest.Contents) {
	m.t.Helper()
	m.holds(want.Blocks)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fork != want.Fork {
		m.t.Errorf("fork %d, want %d", m.fork, want.Fork)
	}
}
