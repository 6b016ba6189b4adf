// Package natstest runs a real NATS server on a loopback port, for tests of
// nodes that meet on one.
//
// Level 1: test code; it may import bus and the NATS server.
package natstest

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"go.cordon.dev/cordon/internal/bus"
)

// Server is an external NATS server.
type Server struct {
	srv  *server.Server
	addr string
}

// Start runs a server at addr until the test ends; an empty addr is a free
// port of 127.0.0.1. With a user and a password it lets nobody else in.
func Start(t testing.TB, addr, user, password string) *Server {
	t.Helper()
	o := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		MaxPayload: bus.MaxData + 64<<10, Username: user, Password: password,
	}
	if addr != "" {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		o.Host = host
		if o.Port, err = strconv.Atoi(port); err != nil {
			t.Fatal(err)
		}
	}
	srv, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	if !srv.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server does not start")
	}
	s := &Server{srv: srv, addr: srv.Addr().String()}
	t.Cleanup(s.Stop)
	return s
}

// Addr is its host and port.
func (s *Server) Addr() string { return s.addr }

// Stop ends the server and all its connections. Calling it again does nothing.
func (s *Server) Stop() {
	s.srv.Shutdown()
	s.srv.WaitForShutdown()
}
