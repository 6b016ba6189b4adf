// Package service is the contract between a decky and the protocols that it
// speaks: a Service talks with one client at a time per call and tells a
// Session what that client does.
//
// To add a protocol: make a folder below this one with code, a README (purpose,
// config, events, limits) and tests that call servicetest.Run, and add one line
// to the list in internal/app. A service dials nobody, executes nothing of the
// host, and opens none of its files; internal/archtest holds it to that.
//
// Level 2: it may import L0, L1 and deception/persona.
package service

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
)

// Kind is a protocol that deckies can speak.
type Kind struct {
	Name string // as in deception.deckies[].services[].kind
	Port uint16 // where clients look for it when nothing else is said
	New  func(Setup) (Service, error)
}

// Setup is what a service is made from. An error of New names the key of the
// configuration that is wrong.
type Setup struct {
	Persona *persona.Persona // Mandatory. Who the decky claims to be.
	Config  Config           // of the operator; may be empty
	Clock   clock.Clock      // Mandatory.
	Log     *slog.Logger     // Mandatory. For what concerns the operator, never for what a client said.
	Listen  Listen           // If nil, the decky has no ports to spare.
}

// Listen opens a port of the decky, at the address where the client of s
// arrived, for what that client sends beside its connection, as in FTP's passive
// mode. It is the only way to open one, and nothing dials out. Accept takes the
// client's own address alone; whoever else comes is hung up on and reported as
// ErrStranger. The port is shut with the listener and at the latest when ctx
// ends. An error says that the port is taken or that there are too many.
type Listen func(ctx context.Context, s *Session, port uint16) (net.Listener, error)

// ErrStranger is what Accept says when somebody else came to a client's port.
var ErrStranger = errors.New("a stranger came to a client's port")

// Service speaks one protocol in the name of one decky. It is safe for
// concurrent use: each client has a call of its own.
type Service interface {
	// Serve talks with the client of conn until either side ends it, or ctx
	// does; then conn has been closed already. The caller closes conn and bounds
	// how many clients there are and how long they stay. What a client sends
	// never makes Serve panic, use memory without bound, or wait without a
	// deadline that the real server would have.
	Serve(ctx context.Context, conn net.Conn, s *Session)
}
