package app

import (
	"context"
	"net/netip"

	"go.cordon.dev/cordon/internal/deception/host"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/ssh"
	"go.cordon.dev/cordon/internal/deception/service/telnet"
	"go.cordon.dev/cordon/internal/deception/shell"
)

// sshKind is SSH whose clients find themselves on machines of the decky.
func sshKind(h *host.Hosts) service.Kind {
	return ssh.KindOf(func(p *persona.Persona) door.Machines { return machines{h.Of(p)} })
}

// telnetKind is Telnet, likewise.
func telnetKind(h *host.Hosts) service.Kind {
	k := telnet.Kind(nil)
	k.New = func(s service.Setup) (service.Service, error) { return telnet.Kind(machines{h.Of(s.Persona)}).New(s) }
	return k
}

// machines are those of one decky, as its doors want them.
type machines struct{ inside *host.Inside }

// Machine implements door.Machines.
func (m machines) Machine(client netip.Addr) door.Machine {
	return machine{m.inside.Machine(client)}
}

// Memory implements door.Machines.
func (m machines) Memory() *door.Memory { return m.inside.Memory() }

type machine struct{ *host.Machine }

// Run implements door.Machine.
func (m machine) Run(ctx context.Context, l door.Login) (status int, signal string) {
	login := shell.Login{
		User: l.User, Client: l.Client, Server: l.Server, Command: l.Command, TTY: l.TTY, By: l.By, Env: l.Env,
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
