// Package passwords says which passwords a decky takes. Services that know users
// and passwords share it, so that they agree: what the decky's machine takes at
// one door it takes at the others.
//
// Level 2: it may import deception/service and deception/persona.
package passwords

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// Accept is what an operator may set about it.
type Accept struct {
	Users     []string `yaml:"users"`     // who can log in; if empty, root and the persona's people
	Passwords []string `yaml:"passwords"` // right for each of them; if empty, two weak ones that follow from the decky
	After     int      `yaml:"after"`     // which attempt of a client is right whatever it is; 0: none
	Rate      float64  `yaml:"rate"`      // the part of all pairs that is right, from 0 to 1
}

// Check reports a value that makes no sense.
func (a Accept) Check() error {
	if math.IsNaN(a.Rate) || a.Rate < 0 || a.Rate > 1 {
		return fmt.Errorf("config: accept.rate: %v is not between 0 and 1", a.Rate)
	}
	return nil
}

// maxGranted is how many passwords that were right a decky remembers; what is oldest
// is forgotten first.
const maxGranted = 1024

// Policy decides which passwords are right. What it has told a client once, it
// tells that client again; and what was right for one client is right for all,
// since those who guess passwords and those who use them often are two.
type Policy struct {
	key   [32]byte
	users map[string]bool // who can log in
	sure  map[uint64]bool // pairs that are right from the beginning
	after int             // which attempt of a client is right; 0 is none
	rate  float64

	memory *Memory
}

// New makes the policy of one door of a decky. m is what all its doors remember.
func New(p *persona.Persona, a Accept, m *Memory) *Policy {
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

// Has reports whether a user can log in at all.
func (p *Policy) Has(user string) bool { return p.users[user] }

// number stands for a user and a password. It is keyed, so that what is
// remembered tells nothing.
func (p *Policy) number(user, password string) uint64 {
	h := hmac.New(sha256.New, p.key[:])
	_ = binary.Write(h, binary.BigEndian, uint64(len(user)))
	h.Write([]byte(user))
	h.Write([]byte(password))
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// Judge says whether a password is right, and remembers what it said.
func (p *Policy) Judge(client netip.Addr, user, password string) bool {
	if !p.users[user] {
		return false
	}
	n := p.number(user, password)
	all := p.memory.shared()
	all.mu.Lock()
	defer all.mu.Unlock()
	t := all.of(p.memory, client)
	if _, refused := t.refused.Get(n); refused {
		return false
	}
	if p.right(n) || p.due(t, user) {
		p.memory.grant(n)
		t.enter(user)
		return true
	}
	all.refuse(t, n)
	return false
}

func (p *Policy) right(n uint64) bool {
	_, granted := p.memory.granted.Get(n)
	return granted || p.sure[n] || float64(n>>11)/(1<<53) < p.rate
}

// due reports whether a client has tried often enough. A user has one password:
// who has found it finds no second.
func (p *Policy) due(t *tries, user string) bool {
	return p.after > 0 && t.failed+1 >= p.after && !t.entered[user]
}
