// Package persona says who a decky claims to be. All of it follows from the
// decky's name and the installation's seed: host name, users, kernel, hardware
// address, keys, files, how long it has run. So nothing of it needs storing,
// every restart tells the same story, and no two deckies look alike.
//
// Whoever invents something for a decky draws it from Rand or Derive under a
// purpose of its own, so that a new invention changes no older one.
//
// Level 2: it may import L0 and L1.
package persona

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"time"
)

// SeedSize is the length of the seed in bytes.
const SeedSize = 32

// Persona is one decky's identity. It is not changed once made, nor copied.
type Persona struct {
	Decky     string // name of the decky in Cordon; never shown to an attacker
	Archetype string // one of Archetypes
	Hostname  string // as `hostname` prints it
	Domain    string // behind the host name; may be empty
	OS        OS
	MAC       net.HardwareAddr
	Zone      string    // of the clock, such as Europe/Berlin
	Installed time.Time // of the operating system
	Booted    time.Time // the kernel's start
	CPUs      int
	CPU       string // model name as in /proc/cpuinfo
	Memory    uint64 // bytes
	Disk      uint64 // bytes of the root file system
	Users     []User // people; system users belong to the operating system
	Services  []Served

	// Generation says how often the decky has mutated: each generation is another
	// host of the same archetype.
	Generation int

	seed [SeedSize]byte
	memo memo
}

// OS is an operating system as it names itself.
type OS struct {
	ID       string // debian, as in /etc/os-release
	Version  string // 12
	Point    string // 12.11, as in /etc/debian_version
	Codename string // bookworm
	Pretty   string // Debian GNU/Linux 12 (bookworm)
	Release  string // uname -r
	Build    string // uname -v
	Machine  string // uname -m
}

// Served is a service that the decky offers, as the operator wants it.
type Served struct {
	Kind   string         // ssh, ftp, ...
	Config map[string]any // may be nil; not changed
}

// Serves returns the decky's service of a kind, and whether there is one.
func (p *Persona) Serves(kind string) (Served, bool) {
	for _, s := range p.Services {
		if s.Kind == kind {
			return s, true
		}
	}
	return Served{}, false
}

// Says is a setting that is true or false; otherwise when the operator says nothing.
func (s Served) Says(key string, otherwise bool) bool {
	if said, ok := s.Config[key].(bool); ok {
		return said
	}
	return otherwise
}

// User is a person who has a login on the decky.
type User struct {
	Name  string
	Full  string
	UID   int
	Admin bool // in the group sudo
}

// FQDN is the host name with its domain.
func (p *Persona) FQDN() string {
	if p.Domain == "" {
		return p.Hostname
	}
	return p.Hostname + "." + p.Domain
}

// Derive returns 32 bytes that follow from the persona and a purpose: always
// the same, and unrelated to those of any other purpose (HMAC-SHA-256).
func (p *Persona) Derive(purpose string) [32]byte { return derive(p.seed, p.Story(), purpose) }

// Story names the decky and its generation: what belongs to one story contradicts
// itself nowhere. It is shown to no attacker.
func (p *Persona) Story() string { return story(p.Decky, p.Generation) }

// story is the name alone for the first generation. No name of a decky has a ~.
func story(decky string, generation int) string {
	if generation == 0 {
		return decky
	}
	return fmt.Sprintf("%s~%d", decky, generation)
}

// Draw returns random numbers of a decky's generation whose persona is not made yet,
// as Rand does.
func Draw(decky string, generation int, seed [SeedSize]byte, purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(derive(seed, story(decky, generation), purpose)))
}

// Rand returns a source of random numbers that always gives the same for one
// persona and purpose. It is not safe for concurrent use.
func (p *Persona) Rand(purpose string) *rand.Rand {
	return rand.New(rand.NewChaCha8(p.Derive(purpose)))
}

func derive(seed [SeedSize]byte, decky, purpose string) (out [32]byte) {
	h := hmac.New(sha256.New, seed[:])
	for _, part := range []string{"cordon/persona/v1", decky, purpose} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(part)))
		h.Write([]byte(part))
	}
	copy(out[:], h.Sum(nil))
	return out
}

// New makes the persona of a decky. The seed is the installation's; now bounds
// what lies in its past. Overrides that are empty are invented.
func New(decky, archetype string, seed [SeedSize]byte, now time.Time, given Given) (*Persona, error) {
	a, ok := archetypes()[archetype]
	if !ok {
		return nil, fmt.Errorf("archetype %q is not one of %s", archetype, strings.Join(Archetypes(), ", "))
	}
	p := &Persona{Decky: decky, Archetype: archetype, Services: given.Services, Generation: given.Generation, seed: seed}
	p.inventHost(a, given)
	p.inventMachine(a)
	p.inventPeople()
	p.inventTimes(now)
	return p, nil
}

// Given is what an operator wants instead of inventions.
type Given struct {
	Hostname string
	Domain   string
	Services []Served // what it offers; not invented

	Generation int // see Persona
}
