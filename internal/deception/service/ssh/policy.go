package ssh

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"sync"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// What a policy remembers at most; what is oldest is forgotten first.
const (
	maxClients = 4096
	maxRefused = 512 // passwords of one client
	maxGranted = 1024
)

// policy decides which passwords are right. What it has told a client once, it
// tells that client again; and what was right for one client is right for all,
// since those who guess passwords and those who use them often are two.
type policy struct {
	key   [32]byte
	users map[string]bool // who can log in
	sure  map[uint64]bool // pairs that are right from the beginning
	after int             // which attempt of a client is right; 0 is none
	rate  float64

	mu      sync.Mutex
	clients recent[netip.Addr, *tries]
	granted recent[uint64, struct{}]
}

// tries is what one client has tried.
type tries struct {
	refused recent[uint64, struct{}]
	entered map[string]bool // by user: he has found a password
	failed  int             // since he found the last one
}

// recent remembers the latest max things.
type recent[K comparable, V any] struct {
	max   int
	all   map[K]V
	order []K
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.all[k]
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if _, ok := r.all[k]; ok {
		return
	}
	if r.all == nil {
		r.all = map[K]V{}
	}
	if len(r.order) >= r.max {
		delete(r.all, r.order[0])
		r.order = append(r.order[:0:0], r.order[1:]...)
	}
	r.all[k], r.order = v, append(r.order, k)
}

func newPolicy(p *persona.Persona, a accept) *policy {
	out := &policy{
		key: p.Derive("ssh: passwords"), users: map[string]bool{}, sure: map[uint64]bool{}, after: a.After, rate: a.Rate,
		clients: recent[netip.Addr, *tries]{max: maxClients}, granted: recent[uint64, struct{}]{max: maxGranted},
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
func (p *policy) weak(who *persona.Persona, users []string) {
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
func (p *policy) number(user, password string) uint64 {
	h := hmac.New(sha256.New, p.key[:])
	_ = binary.Write(h, binary.BigEndian, uint64(len(user)))
	h.Write([]byte(user))
	h.Write([]byte(password))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// judge says whether a password is right.
func (p *policy) judge(client netip.Addr, user, password string) bool {
	if !p.users[user] {
		return false
	}
	n := p.number(user, password)
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.triesOf(client)
	if _, refused := t.refused.get(n); refused {
		return false
	}
	if p.right(n) || p.due(t, user) {
		p.granted.put(n, struct{}{})
		t.entered[user], t.failed = true, 0
		return true
	}
	t.refused.put(n, struct{}{})
	t.failed++
	return false
}

func (p *policy) right(n uint64) bool {
	_, granted := p.granted.get(n)
	return granted || p.sure[n] || float64(n>>11)/(1<<53) < p.rate
}

// due reports whether a client has tried often enough. A user has one password:
// who has found it finds no second.
func (p *policy) due(t *tries, user string) bool {
	return p.after > 0 && t.failed+1 >= p.after && !t.entered[user]
}

// triesOf finds a client; all addresses of one IPv6 network of 64 bits are one.
func (p *policy) triesOf(client netip.Addr) *tries {
	if client.Is6() {
		if net, err := client.Prefix(64); err == nil {
			client = net.Addr()
		}
	}
	t, ok := p.clients.get(client)
	if !ok {
		t = &tries{refused: recent[uint64, struct{}]{max: maxRefused}, entered: map[string]bool{}}
		p.clients.put(client, t)
	}
	return t
}
