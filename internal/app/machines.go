package app

import (
	"context"
	"net/netip"

	"go.cordon.dev/cordon/internal/deception/host"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh"
	"go.cordon.dev/cordon/internal/deception/shell"
)

// sshKind is SSH whose clients find themselves on machines of the decky.
func sshKind(h *host.Hosts) service.Kind {
	k := ssh.Kind(nil)
	k.New = func(s service.Setup) (service.Service, error) { return ssh.Kind(sshMachines{h.Of(s.Persona)}).New(s) }
	return k
}

// sshMachines are those of one decky, as SSH wants them.
type sshMachines struct{ inside *host.Inside }

// Machine implements ssh.Machines.
func (m sshMachines) Machine(client netip.Addr) ssh.Machine {
	return sshMachine{m.inside.Machine(client)}
}

type sshMachine struct{ *host.Machine }

// Run implements ssh.Machine.
func (m sshMachine) Run(ctx context.Context, l ssh.Login) (status int, signal string) {
	login := shell.Login{
		User: l.User, Client: l.Client, Server: l.Server, Command: l.Command, Env: l.Env,
		Stdin: l.Stdin, Stdout: l.Stdout, Stderr: l.Stderr, Session: l.Session,
	}
	if l.Terminal == nil {
		return m.Machine.Run(ctx, login)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	login.Terminal = &shell.Terminal{Term: l.Terminal.Term, Columns: l.Terminal.Columns, Rows: l.Terminal.Rows}
	go follow(ctx, login.Terminal, l.Terminal.Resized)
	return m.Machine.Run(ctx, login)
}

// follow gives a terminal the sizes that the client's window takes, until ctx
// ends.
func follow(ctx context.Context, t *shell.Terminal, sizes <-chan [2]uint32) {
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-sizes:
			if !ok {
				return
			}
			t.Resize(int(min(s[0], 1<<15)), int(min(s[1], 1<<15)))
		}
	}
}
