package passwords

import (
	"net/netip"
	"sync"

	"go.cordon.dev/cordon/internal/deception/service"
)

// What is remembered of clients at most, of all deckies that share a Tries; what is
// oldest is forgotten first. It comes to about 40 MiB.
const (
	maxClients = 64 << 10
	maxRefused = 512 // passwords of one client
	maxTried   = 512 << 10
)

// Tries is what clients tried at the doors of many deckies: bounded for all of them
// together, for whoever has a thousand addresses tries on a thousand deckies. It is
// safe for concurrent use; the zero value remembers nothing.
type Tries struct {
	mu      sync.Mutex
	last    uint64 // number of the newest Memory
	clients Recent[visitor, *tries]
	held    int // passwords that were refused, of all clients
}

// visitor is a client of one decky. Of a decky that is gone the number stays for a
// while and nothing else.
type visitor struct {
	memory uint64
	client netip.Prefix
}

// tries is what one client has tried.
type tries struct {
	refused Recent[uint64, struct{}]
	entered map[string]bool // by user: he has found a password; nil: for none
	failed  int             // since he found the last one
}

// Memory is what the doors of one decky remember together: what each client has
// tried, and what was right. So a password that was found at one of them is right
// at the others. It is safe for concurrent use; the zero value remembers nothing.
type Memory struct {
	Tries *Tries // Where what clients tried is remembered. If nil, with no other decky's.

	once    sync.Once
	number  uint64                   // guarded by Tries.mu, like what follows
	granted Recent[uint64, struct{}] // passwords that were right
}

// shared is where the memory keeps what clients tried.
func (m *Memory) shared() *Tries {
	m.once.Do(func() {
		if m.Tries == nil {
			m.Tries = &Tries{}
		}
		m.Tries.mu.Lock()
		defer m.Tries.mu.Unlock()
		m.Tries.last++
		m.number = m.Tries.last
	})
	return m.Tries
}

func (m *Memory) grant(n uint64) {
	m.granted.Max = maxGranted
	m.granted.Put(n, struct{}{})
}

// of finds a client of a decky. The caller holds the lock.
func (a *Tries) of(m *Memory, client netip.Addr) *tries {
	v := visitor{m.number, service.Peer(client)}
	t, ok := a.clients.Get(v)
	if ok {
		return t
	}
	if a.clients.Len() >= maxClients {
		a.forget()
	}
	t = &tries{refused: Recent[uint64, struct{}]{Max: maxRefused}}
	a.clients.Max = maxClients
	a.clients.Put(v, t)
	return t
}

// forget forgets the client that came first. The caller holds the lock.
func (a *Tries) forget() {
	if t, ok := a.clients.Drop(); ok {
		a.held -= t.refused.Len()
	}
}

// refuse remembers that a password was refused. The caller holds the lock.
func (a *Tries) refuse(t *tries, n uint64) {
	for a.held >= maxTried && a.clients.Len() > 1 {
		a.forget()
	}
	before := t.refused.Len()
	t.refused.Put(n, struct{}{})
	a.held += t.refused.Len() - before
	t.failed++
}

func (t *tries) enter(user string) {
	if t.entered == nil {
		t.entered = map[string]bool{}
	}
	t.entered[user], t.failed = true, 0
}
