package door

import (
	"context"
	"io"
	"net/netip"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Machines finds the machines that clients have on the decky.
type Machines interface {
	Machine(client netip.Addr) Machine
	// Memory is what the decky's doors remember together.
	Memory() *Memory
}

// Machine is what a client that is let in finds.
type Machine interface {
	// Run runs a shell, or the command of l, until it ends or ctx does. The
	// status is the process's; a signal that killed it is named as in RFC 4254,
	// section 6.10.
	Run(ctx context.Context, l Login) (status int, signal string)
	// View is the files as a user sees them, from his home. An error says that
	// there is no such user.
	View(user string) (*vfs.View, error)
	// Enter keeps the machine where it is, for who works with a View of it, until
	// leave is called.
	Enter() (leave func())
}

// Terminals is a machine that gives out terminals before somebody logs in.
type Terminals interface {
	// TakeTTY takes one, such as pts/0, for a Login to come. release gives it back.
	TakeTTY() (name string, release func())
}

// Login is a shell or a command to be run.
type Login struct {
	User           string
	Client, Server netip.AddrPort
	Command        string    // "" is interactive
	Terminal       *Terminal // nil: no pty
	TTY            string    // that TakeTTY gave; "": one is taken
	By             string    // what let the client in: "login", or sshd when it is empty
	Env            []string  // NAME=value
	Stdin          io.ReadCloser
	Stdout, Stderr io.Writer
	Session        *service.Session
}

// Terminal is the pty that a client asked for.
type Terminal struct {
	Term          string
	Columns, Rows int
	Modes         []byte           // as RFC 4254, section 8, encodes them
	Resized       <-chan [2]uint32 // columns and rows; of those that nobody takes only the last is kept
}
