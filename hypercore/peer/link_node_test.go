//go:build servers

package peer_test

import (
	"fmt"
	"testing"

	"go.cordon.dev/cordon/hypercore"
	"go.cordon.dev/cordon/hypercore/hypercoretest"
	"go.cordon.dev/cordon/hypercore/peer"
	"go.cordon.dev/cordon/hypercore/wire"
)

// storeOf has node keep cores of the names in one corestore, with some blocks each.
func storeOf(n *hypercoretest.Node, dir string, names ...string) map[string]hypercoretest.Contents {
	out := map[string]hypercoretest.Contents{}
	n.Do(nil, "store", dir, names[0])
	for i, name := range names {
		n.Do(nil, "also", name)
		n.Do(nil, "append", 5, 60)
		n.Do(nil, "batch", 100*(i+1), 300)
		out[name] = n.Dump()
	}
	return out
}

// Every way in which a corestore of npm and a link of ours can meet: several cores are read
// over one connection, also while they are written, and whoever comes later comes along.
func TestCoresOfACorestoreShareAConnection(t *testing.T) { each(t, coresShareAConnection) }

func coresShareAConnection(t *testing.T, p hypercoretest.Packages) {
	for _, role := range []wire.Role{wire.Initiator, wire.Responder} {
		for _, dials := range []bool{false, true} {
			t.Run(fmt.Sprintf("we are %s, node dials %v", role, dials), func(t *testing.T) {
				n := hypercoretest.StartNode(t, p)
				cores := storeOf(n, t.TempDir(), "audit", "chat", "jobs")
				dial := peer.Dial(nil)
				if dials {
					dial = listen(t, func(port int) { n.Do(nil, "dial", port, role != wire.Initiator) })
				} else {
					dial = serve(n, !role)
				}
				link := peer.NewLink(dial, role, wire.Options{})
				audit := followLink(t, link, cores["audit"].Key)
				audit.until(cores["audit"].Length)
				chat, jobs := followLink(t, link, cores["chat"].Key), followLink(t, link, cores["jobs"].Key)
				for name, m := range map[string]*mirror{"audit": audit, "chat": chat, "jobs": jobs} {
					m.until(cores[name].Length)
					m.is(cores[name])
				}
				for name, m := range map[string]*mirror{"chat": chat, "audit": audit} {
					n.Do(nil, "also", name)
					n.Do(nil, "append", 20, 60)
					want := n.Dump()
					m.until(want.Length)
					m.is(want)
				}
				var connections int
				if n.Do(&connections, "connections"); connections != 1 {
					t.Errorf("%d connections", connections)
				}
			})
		}
	}
}

// What becomes of one core is its own: one forks, one is unknown, one is left and taken up
// again; the others read on, on the same connection.
func TestCoresOnAConnectionAreApart(t *testing.T) { each(t, coresAreApart) }

func coresAreApart(t *testing.T, p hypercoretest.Packages) {
	n := hypercoretest.StartNode(t, p)
	cores := storeOf(n, t.TempDir(), "audit", "chat", "jobs")
	link := peer.NewLink(serve(n, wire.Responder), wire.Initiator, wire.Options{})
	audit, chat := followLink(t, link, cores["audit"].Key), followLink(t, link, cores["chat"].Key)
	jobs := followLink(t, link, cores["jobs"].Key)
	unknown := followLink(t, link, hypercore.Key{9})
	unknown.untilState(peer.Connecting, peer.ErrUnknownCore)
	for _, name := range []string{"audit", "chat", "jobs"} {
		map[string]*mirror{"audit": audit, "chat": chat, "jobs": jobs}[name].until(cores[name].Length)
	}
	n.Do(nil, "also", "chat")
	n.Do(nil, "truncate", 20)
	n.Do(nil, "append", 3, 31)
	forked := n.Dump()
	chat.wait("the fork was read", func() bool { return chat.fork == forked.Fork && uint64(len(chat.blocks)) == forked.Length })
	chat.is(forked)
	jobs.halt() // and is taken up again
	n.Do(nil, "also", "jobs")
	n.Do(nil, "append", 7, 60)
	again := followLinkFrom(t, link, cores["jobs"].Key, jobs)
	n.Do(nil, "append", 7, 60)
	want := n.Dump()
	again.until(want.Length)
	again.is(want)
	n.Do(nil, "also", "audit")
	n.Do(nil, "append", 9, 60)
	want = n.Dump()
	audit.until(want.Length)
	audit.is(want)
	var connections int
	if n.Do(&connections, "connections"); connections != 1 {
		t.Errorf("%d connections", connections)
	}
	for name, m := range map[string]*mirror{"audit": audit, "chat": chat, "jobs": again} {
		m.mu.Lock()
		for _, s := range m.states {
			if s.Status == peer.Connecting {
				t.Errorf("%s: %+v", name, s)
			}
		}
		m.mu.Unlock()
	}
}
