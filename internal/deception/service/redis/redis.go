// Package redis is a decky's Redis 7.0.15 as Debian 12 ships it, open to the
// network and full of what an application would keep in it.
//
// Each attacker (a client address) has an instance of his own: what he sets he
// finds again when he comes back, and he finds nothing of another's. The
// commands that lead out of a Redis into its machine are recorded step by step
// and lead nowhere: nothing is written, loaded, run or connected to.
//
// To add a command: its handler, a line in one of the tables of handlers, and
// its cases in testdata/transcript.txt, which the test also plays to the real
// server. What the command looks like to COMMAND is in commands.jsonl already.
//
// Level 2: it may import what package service may, and that.
package redis

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Version is what the server claims to be.
const Version = "7.0.15"

// Config is what an operator may set. The names of the last three are the
// server's own, and so is their meaning.
type Config struct {
	Password  string `yaml:"password"`  // of the default user; empty: nobody is asked for one
	Protected bool   `yaml:"protected"` // protected mode: refuses everybody but this machine
	Keys      int    `yaml:"keys"`      // about how many keys there are at first; 0: follows from the persona, negative: none

	ProtectedConfigs string `yaml:"enable-protected-configs"` // yes (default), no, local: who may set dir and dbfilename
	Debug            string `yaml:"enable-debug-command"`     // yes, no (default), local
	Module           string `yaml:"enable-module-command"`    // yes, no (default), local
}

// What attackers may keep here together, and each.
const (
	maxInstances   = 256
	maxMemory      = 64 << 20
	maxMemoryEach  = 8 << 20
	maxKeysAtFirst = 10_000
)

// Kind is the service's entry in the list of kinds.
func Kind() service.Kind { return service.Kind{Name: "redis", Port: 6379, New: New} }

// New makes the Redis of a decky.
func New(setup service.Setup) (service.Service, error) {
	c := Config{ProtectedConfigs: "yes", Debug: "no", Module: "no"}
	if err := setup.Config.Decode(&c); err != nil {
		return nil, err
	}
	for key, v := range map[string]string{"enable-protected-configs": c.ProtectedConfigs, "enable-debug-command": c.Debug, "enable-module-command": c.Module} {
		if v != "yes" && v != "no" && v != "local" {
			return nil, fmt.Errorf("config: %s is %q, want yes, no or local", key, v)
		}
	}
	if c.Keys > maxKeysAtFirst {
		return nil, fmt.Errorf("config: keys is %d, more than %d", c.Keys, maxKeysAtFirst)
	}
	table, err := commands()
	if err != nil {
		return nil, err
	}
	s := &server{setup: setup, config: c, table: table, face: newFace(setup.Persona), instances: map[netip.Prefix]*instance{}}
	s.settings = newCatalogue(c, s.face)
	s.transit.most = maxTransit
	return s, nil
}

// server implements service.Service.
type server struct {
	setup  service.Setup
	config Config
	table  *table
	face   face

	settings *catalogue // as each attacker finds them

	transit   ledger
	mu        sync.Mutex
	instances map[netip.Prefix]*instance // by attacker
}

func (s *server) now() time.Time { return s.setup.Clock.Now() }

// Serve implements service.Service.
func (s *server) Serve(ctx context.Context, conn net.Conn, session *service.Session) {
	in := s.enter(service.Peer(session.Client().Addr()))
	defer in.leave()
	c := newClient(in, conn, session)
	if s.config.Protected && !session.Client().Addr().IsLoopback() {
		c.refuse()
		return
	}
	in.join(c)
	defer in.part(c)
	c.run(ctx)
}

// enter finds or makes the instance of an attacker.
func (s *server) enter(who netip.Prefix) *instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.instances[who]
	if in == nil {
		s.makeRoom()
		in = newInstance(s)
		s.instances[who] = in
	}
	in.visitors++
	in.seen = s.now()
	return in
}

// makeRoom forgets who was away longest when there are many attackers. The
// caller holds mu.
func (s *server) makeRoom() {
	for len(s.instances) >= maxInstances {
		var oldest netip.Prefix
		for who, in := range s.instances {
			if in.visitors == 0 && (!oldest.IsValid() || in.seen.Before(s.instances[oldest].seen)) {
				oldest = who
			}
		}
		if !oldest.IsValid() {
			return // all are here; the caller bounds how many that are
		}
		delete(s.instances, oldest)
	}
}

func (in *instance) leave() {
	in.srv.mu.Lock()
	defer in.srv.mu.Unlock()
	in.visitors--
	in.seen = in.srv.now()
}

// used is what all attackers keep, in bytes.
func (s *server) used() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range s.instances {
		n += in.bytes.Load()
	}
	return n
}
