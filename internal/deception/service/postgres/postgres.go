// Package postgres is a decky's PostgreSQL 15 as Debian 12 ships it: it takes
// every login attempt, and lets in whom its configuration says. Who is in meets
// an account without privileges of an application's database.
//
// Statements are answered from what is known about the persona and from tables
// that the client made itself in its session; nothing is run, read or written.
//
// To add an answer: a function in functions, a catalog in catalogs, or a
// statement in statements, and a line in testdata/queries.sql, which the test
// also plays to the real server.
//
// Level 2: it may import what package service may, deception/service/certificate
// and that.
package postgres

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/certificate"
)

// Version is what the server claims to be, and where Debian got it.
const (
	Version = "15.18"
	debian  = "15.18-0+deb12u1"
)

// Config is what an operator may set.
type Config struct {
	Auth     string `yaml:"auth"`     // md5 (default), scram-sha-256, password
	TLS      bool   `yaml:"tls"`      // default: yes, as Debian's
	Database string `yaml:"database"` // the application's; empty: follows from the persona
	Accept   Accept `yaml:"accept"`   // empty: nobody is let in
}

// Accept says which logins are let in.
type Accept struct {
	Users     []string `yaml:"users"`     // empty: any, once a password fits
	Passwords []string `yaml:"passwords"` // that fit
	After     int      `yaml:"after"`     // the attempt of an address that is let in whatever its password; not with SCRAM, which needs to know it
}

// Kind is the service's entry in the list of kinds.
func Kind() service.Kind { return service.Kind{Name: "postgres", Port: 5432, New: New} }

// New makes the PostgreSQL of a decky.
func New(setup service.Setup) (service.Service, error) {
	c := Config{Auth: "md5", TLS: true}
	if err := setup.Config.Decode(&c); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"md5", "scram-sha-256", "password"}, c.Auth) {
		return nil, fmt.Errorf("config: auth is %q, want md5, scram-sha-256 or password", c.Auth)
	}
	if c.Accept.After < 0 {
		return nil, fmt.Errorf("config: accept.after is %d, want 0 or more", c.Accept.After)
	}
	s := &server{setup: setup, config: c, tries: map[netip.Prefix]int{}}
	r := setup.Persona.Rand("postgres: database")
	s.database = c.Database
	if s.database == "" {
		s.database = []string{"app", "production", "shop", "crm", "billing", "webapp", "inventory", "portal"}[r.IntN(8)]
	}
	s.firstPID = 700 + r.IntN(3000)
	s.tls = sync.OnceValues(func() (*tls.Config, error) {
		cert, err := certificate.Snakeoil(setup.Persona)
		return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, SessionTicketsDisabled: true}, err
	})
	return s, nil
}

// maxTries bounds whose attempts are counted.
const maxTries = 4096

// server implements service.Service.
type server struct {
	setup    service.Setup
	config   Config
	database string
	firstPID int
	tls      func() (*tls.Config, error)

	held  ledger
	mu    sync.Mutex
	tries map[netip.Prefix]int // by attacker
	count int                  // of connections
}

// attempts counts an attacker's attempts to log in.
func (s *server) attempts(client netip.Addr) int {
	who := service.Peer(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tries) >= maxTries && s.tries[who] == 0 {
		clear(s.tries)
	}
	s.tries[who]++
	return s.tries[who]
}

// pid is a process number for a connection: they grow, with gaps.
func (s *server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return s.firstPID + s.count*3 + int(s.setup.Clock.Now().Unix()/60%20000)
}

// client is one connection.
type client struct {
	*wire
	srv     *server
	session *service.Session
	params  map[string]string
	user    string
	db      string
	secure  bool
	pid     int

	vars   map[string]string
	status byte // I idle, T in a transaction, E in a failed one
	tables map[string]*relation
	holdings
	prepared map[string]prepared
	portals  map[string]portal
	done     <-chan struct{}
	skip     bool // after an error, until Sync
}

// authTime is authentication_timeout, after which the real server hangs up.
const authTime = time.Minute

// Serve implements service.Service.
func (s *server) Serve(ctx context.Context, conn net.Conn, session *service.Session) {
	c := &client{holdings: holdings{of: &s.held}, srv: s, session: session, pid: s.pid(), status: 'I', done: ctx.Done()}
	c.wire = newWire(conn, &c.holdings)
	defer c.holdings.close()
	c.deadline(time.Now().Add(authTime))
	err := c.begin(ctx)
	if err == nil {
		err = c.login()
	}
	if err == nil {
		c.deadline(time.Time{})
		err = c.work()
	}
	c.end(err)
}

// end tells the client why it is dropped, where the real server would.
func (c *client) end(err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
		p.send(c.wire)
		if p.code == "08P01" || p.code == "0A000" {
			c.session.Record(service.ProtocolError, nil, service.Field{Name: "error", Value: p.message})
		}
	case errors.Is(err, errSilent):
		c.session.Record(service.ProtocolError, nil, service.Field{Name: "error", Value: err.Error()})
	}
	_ = c.flush()
}

// key is the secret with which a connection's statement could be cancelled.
func (c *client) key() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(c.pid))
	return binary.BigEndian.AppendUint32(b, rand.Uint32())
}
