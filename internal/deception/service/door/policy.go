package door

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"sync"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
)

// What a decky remembers at most; what is oldest is forgotten first.
const (
	maxClients = 4096
	maxRefused = 512 // passwords of one client
	maxGranted = 1024
	maxLogins  = 4096
)

// Accept says which logins are let in. It is a part of the configuration of a
// door.
type Accept struct {
	Users     []string `yaml:"users"`     // who can log in; none: root and the persona's people
	Passwords []string `yaml:"passwords"` // right for each of them; none: two weak ones, other ones on each decky
	After     int      `yaml:"after"`     // which attempt of a client is right; 0 is none
	Rate      float64  `yaml:"rate"`      // the part of all pairs that are right, from 0 to 1
}

// Check reports what is wrong, naming the key.
func (a Accept) Check() error {
	if a.Rate < 0 || a.Rate > 1 {
		return fmt.Errorf("config: accept.rate: %v is not between 0 and 1", a.Rate)
	}
	if a.After < 0 {
		return fmt.Errorf("config: accept.after: %d is not a number of attempts", a.After)
	}
	return nil
}

// Memory is what the doors of one decky remember together: who tried what, what
// was right, who logged in last. It is safe for concurrent use; the zero value
// remembers nothing yet.
type Memory struct {
	mu      sync.Mutex
	clients recent[netip.Addr, *tries]
	granted recent[uint64, struct{}]
	logins  recent[account, *Last]
}

// Policy decides which passwords are right at one door. What it has told a
// client once, it tells that client again; and what was right for one client is
// right for all, since those who guess passwords and those who use them often
// are two.
type Policy struct {
	key    [32]byte
	users  map[string]bool // who can log in
	sure   map[uint64]bool // pairs that are right from the beginning
	after  int             // which attempt of a client is right; 0 is none
	rate   float64
	memory *Memory
}

// tries is what one client has tried.
type tries struct {
	refused recent[uint64, struct{}]
	entered map[string]bool // by user: he has found a password
	failed  int             // since he found the last one
}

// recent remembers the latest things.
type recent[K comparable, V any] struct {
	all   map[K]V
	order []K
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.all[k]
	return v, ok
}

// put remembers one more, at most as many as most.
func (r *recent[K, V]) put(k K, v V, most int) {
	if _, ok := r.all[k]; ok {
		return
	}
	if r.all == nil {
		r.all = map[K]V{}
	}
	if len(r.order) >= most {
		delete(r.all, r.order[0])
		r.order = r.order[1:]
	}
	r.all[k], r.order = v, append(r.order, k)
}

// NewPolicy makes the policy of a door. All doors of a decky have one memory.
func NewPolicy(p *persona.Persona, a Accept, m *Memory) *Policy {
	out := &Policy{
		key: p.Derive("ssh: passwords"), users: map[string]bool{}, sure: map[uint64]bool{}, after: a.After, rate: a.Rate, memory: m,
	}
	users := a.Users
	if len(users) == 0 {
		users = []string{"root"}
		for _, u := range p.Users {
			users = append(users, u.Name)
		}
	}
	for _, u := range users {
		out.users[u] = true
		for _, w := range a.Passwords {
			out.sure[out.number(u, w)] = true
		}
	}
	if len(a.Passwords) == 0 {
		out.weak(p, users)
	}
	return out
}

// weak gives two of the users a password that everybody tries first, another
// one on each decky.
func (p *Policy) weak(who *persona.Persona, users []string) {
	r := who.Rand("ssh: weak passwords")
	common := []string{"123456", "password", "admin", "1234", "qwerty", "12345678", "changeme", "letmein", "P@ssw0rd", "root123"}
	for range min(2, len(users)) {
		user := users[r.IntN(len(users))]
		word := common[r.IntN(len(common))]
		if user != "root" && r.IntN(2) == 0 {
			word = user + []string{"", "1", "123", "2024"}[r.IntN(4)]
		}
		p.sure[p.number(user, word)] = true
	}
}

// number stands for a user and a password. It is keyed, so that what is
// remembered tells nothing.
func (p *Policy) number(user, password string) uint64 {
	h := hmac.New(sha256.New, p.key[:])
	_ = binary.Write(h, binary.BigEndian, uint64(len(user)))
	h.Write([]byte(user))
	h.Write([]byte(password))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// Knows reports whether a user can log in with some password.
func (p *Policy) Knows(user string) bool { return p.users[user] }

// Judge says whether a password is right.
func (p *Policy) Judge(client netip.Addr, user, password string) bool {
	if !p.users[user] {
		return false
	}
	n := p.number(user, password)
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	t := p.memory.triesOf(client)
	if _, refused := t.refused.get(n); refused {
		return false
	}
	if p.right(n) || p.due(t, user) {
		p.memory.granted.put(n, struct{}{}, maxGranted)
		t.entered[user], t.failed = true, 0
		return true
	}
	t.refused.put(n, struct{}{}, maxRefused)
	t.failed++
	return false
}

func (p *Policy) right(n uint64) bool {
	_, granted := p.memory.granted.get(n)
	return granted || p.sure[n] || float64(n>>11)/(1<<53) < p.rate
}

// due reports whether a client has tried often enough. A user has one password:
// who has found it finds no second.
func (p *Policy) due(t *tries, user string) bool {
	return p.after > 0 && t.failed+1 >= p.after && !t.entered[user]
}

// triesOf finds a client; all addresses of one IPv6 network of 64 bits are one.
// The caller holds the lock.
func (m *Memory) triesOf(client netip.Addr) *tries {
	client = service.Peer(client).Addr()
	t, ok := m.clients.get(client)
	if !ok {
		t = &tries{entered: map[string]bool{}}
		m.clients.put(client, t, maxClients)
	}
	return t
}
