package shell

import (
	"context"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Login is one login to a machine: an interactive one, or one of a Command.
type Login struct {
	User           string // of the machine; an unknown one can't log in
	Client, Server netip.AddrPort
	Command        string    // "" is interactive
	Terminal       *Terminal // nil: no pty
	TTY            string    // that TakeTTY gave; "": with a Terminal one is taken
	By             string    // what let the client in: "login", or sshd when it is empty
	Env            []string  // what the client sent, as NAME=value

	// Stdin is closed at the end when it can be: a read of it would otherwise
	// outlive Run.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Session        *service.Session // nil: nothing is recorded
}

// login is a Login that runs.
type login struct {
	Login
	m     *Machine
	user  User
	began time.Time
	tty   string // pts/0; "" without a terminal
	pid   int    // of the shell

	release    func()     // gives the terminal back
	outMu      sync.Mutex // held while Stdout or Stderr is written
	lineMu     sync.Mutex
	lineCancel context.CancelCauseFunc // ends the line that an interactive shell runs

	ctx    context.Context
	cancel context.CancelCauseFunc
	all    sync.WaitGroup // its goroutines
	input  *pipe          // what came from Stdin and nobody has read yet
	pump   sync.Once

	steps  atomic.Int64
	units  atomic.Int64 // of work, of which unitsPerStep are a step
	memory ledger
	output atomic.Int64
	procs  atomic.Int64
	fg     atomic.Int64 // the process group that the terminal's keys are for
}

// Session tells who is logged in.
type Session struct {
	User  string
	TTY   string // pts/0
	From  netip.Addr
	Since time.Time
	PID   int
}
