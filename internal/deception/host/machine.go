package host

import (
	"context"
	"fmt"
	"slices"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Machine is one attacker's machine on a decky. While nobody is on it, it may be
// put away; whoever comes back finds it as it was left.
type Machine struct {
	inside *Inside
	key    key
}

// Run runs a login; see shell.Machine. The machine is not put away meanwhile.
func (m *Machine) Run(ctx context.Context, l shell.Login) (status int, signal string) {
	r, leave := m.enter()
	defer leave()
	return r.machine.Run(ctx, l)
}

// Enter keeps the machine from being put away until leave is called: whoever
// works with its files by a View enters first.
func (m *Machine) Enter() (leave func()) {
	_, leave = m.enter()
	return leave
}

func (m *Machine) enter() (r *room, leave func()) {
	h := m.inside.hosts
	h.mu.Lock()
	defer h.mu.Unlock()
	r = m.inside.find(m.key)
	r.busy, r.entered = r.busy+1, true
	return r, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		r.busy--
		r.used = h.deps.Clock.Now()
	}
}

// room is where the machine is now.
func (m *Machine) room() *room {
	h := m.inside.hosts
	h.mu.Lock()
	defer h.mu.Unlock()
	return m.inside.find(m.key)
}

// TakeTTY takes a terminal for a login to come; see shell.Machine. The machine is
// not put away before release is called.
func (m *Machine) TakeTTY() (name string, release func()) {
	r, leave := m.enter()
	name, free := r.machine.TakeTTY()
	return name, func() { free(); leave() }
}

// View is the files as a user sees them; see shell.Machine.
func (m *Machine) View(user string) (*vfs.View, error) { return m.room().machine.View(user) }

// User is a user of the machine, of its /etc/passwd.
func (m *Machine) User(name string) (shell.User, bool) { return m.room().machine.User(name) }

// String keeps what is inside from being printed.
func (m *Machine) String() string { return fmt.Sprintf("machine of decky %q", m.key.decky) }

// Deckies lists those that somebody has a machine on in memory, for tests and
// figures.
func (h *Hosts) Deckies() (out []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := range h.rooms {
		out = append(out, k.decky)
	}
	slices.Sort(out)
	return out
}
