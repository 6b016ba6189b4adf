// Package mysql is the door of a decky's MariaDB 10.11 as Debian 12 ships it:
// it greets, asks for a password, records it, and lets nobody in.
//
// To add an authentication method: a case in login.go, and a line in the
// packets of peer_test.go, which the test also sends to the real server.
//
// Level 2: it may import what package service may, and that.
package mysql

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Version is what the server claims to be. The number in front is what MariaDB
// adds for clients that know MySQL's numbers only.
const Version = "5.5.5-10.11.19-MariaDB-0+deb12u1"

// connectTimeout is the server's connect_timeout, after which it hangs up.
const connectTimeout = 10 * time.Second

// Config is what an operator may set: nothing so far.
type Config struct{}

// Kind is the service's entry in the list of kinds.
func Kind() service.Kind { return service.Kind{Name: "mysql", Port: 3306, New: New} }

// New makes the MariaDB of a decky.
func New(setup service.Setup) (service.Service, error) {
	var c Config
	if err := setup.Config.Decode(&c); err != nil {
		return nil, err
	}
	s := &server{}
	s.thread.Store(30 + setup.Persona.Rand("mysql: thread").Uint32N(40_000))
	return s, nil
}

// server implements service.Service.
type server struct {
	thread atomic.Uint32 // number of the last connection
}

// Serve implements service.Service.
func (s *server) Serve(_ context.Context, conn net.Conn, session *service.Session) {
	_ = conn.SetDeadline(time.Now().Add(connectTimeout))
	c := &client{wire: newWire(conn), session: session}
	if err := c.greet(s.thread.Add(1)); err != nil {
		return
	}
	err := c.login()
	var r *refusal
	if !errors.As(err, &r) {
		return // the client left, or was silent for too long
	}
	if r.code == badHandshake || r.code == outOfOrder {
		session.Record(service.ProtocolError, nil, service.Field{Name: "error", Value: r.text})
	}
	if c.refuse(r) == nil && r.code == outOfOrder {
		c.linger() // the real server waits for its timeout here
	}
}
