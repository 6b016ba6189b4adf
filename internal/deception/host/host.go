// Package host is the inside of deckies: what a client finds behind a login.
// Every attacker has a machine of his own on each decky: the decky's files, and
// what he changed himself, also at his next visit. The services of one decky
// share it: what he uploads by FTP is there when he logs in by SSH.
//
// Level 2: it may import L0, L1 and what is below deception.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/ssh/scp"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/command"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// Vault keeps what attackers changed between their visits.
type Vault interface {
	// Load returns what Save was given last for a decky and an attacker; nil when
	// there is nothing.
	Load(decky string, who netip.Prefix) ([]byte, error)
	Save(decky string, who netip.Prefix, snapshot []byte) error
}

// Deps are what a Hosts needs.
type Deps struct {
	Vault    Vault         // Mandatory.
	Clock    clock.Clock   // If nil, the machine's.
	Log      *slog.Logger  // Mandatory. Never for what a client said.
	Machines int           // Held in memory at a time. If 0, 1024.
	Rest     time.Duration // After which one that nobody uses is put away. If 0, an hour.
	Bytes    int64         // Changed by all attackers, held in memory at a time. If 0, 1 GiB.
}

// Hosts is the insides of all deckies of a node.
type Hosts struct {
	deps Deps

	mu      sync.Mutex
	insides map[string]*Inside // by decky
	rooms   map[key]*room
	held    atomic.Int64 // bytes that attackers changed, at most; recount makes it exact
}

type key struct {
	decky string
	who   netip.Prefix
}

// room is one attacker's machine.
type room struct {
	machine *shell.Machine
	files   *vfs.FS
	busy    int // logins that run
	used    time.Time
	saved   time.Time
	bytes   int64 // changed, when it was saved
	count   int   // likewise: files
}

// Inside is the inside of one decky.
type Inside struct {
	hosts   *Hosts
	persona *persona.Persona
	tree    func() *vfs.Tree
	memory  door.Memory
}

// New returns insides without any decky.
func New(d Deps) (*Hosts, error) {
	if d.Vault == nil || d.Log == nil {
		return nil, errors.New("host: Vault and Log must be given")
	}
	if d.Clock == nil {
		d.Clock = clock.Real{}
	}
	if d.Machines <= 0 {
		d.Machines = 1024
	}
	if d.Rest <= 0 {
		d.Rest = time.Hour
	}
	if d.Bytes <= 0 {
		d.Bytes = 1 << 30
	}
	return &Hosts{deps: d, insides: map[string]*Inside{}, rooms: map[key]*room{}}, nil
}

// Of is the inside of a decky: one, however many of its services ask.
func (h *Hosts) Of(p *persona.Persona) *Inside {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := h.insides[p.Decky]
	if i == nil || i.persona.Hostname != p.Hostname || i.persona.Domain != p.Domain { // changed by the operator
		i = &Inside{hosts: h, persona: p, tree: sync.OnceValue(func() *vfs.Tree { return world.Tree(p, h.deps.Clock.Now) })}
		h.insides[p.Decky] = i
	}
	return i
}

// Memory is what the decky's doors remember together: which passwords were right,
// who was there.
func (i *Inside) Memory() *door.Memory { return &i.memory }

// Machine is that of one attacker: all addresses of an IPv6 /64 are one.
func (i *Inside) Machine(client netip.Addr) *Machine {
	k := key{i.persona.Decky, service.Peer(client)}
	i.hosts.mu.Lock()
	defer i.hosts.mu.Unlock()
	r := i.hosts.rooms[k]
	if r == nil {
		r = i.move(k)
	}
	r.used = i.hosts.deps.Clock.Now()
	return &Machine{i.hosts, r}
}

// move makes a room as its attacker left it. The caller holds the lock.
func (i *Inside) move(k key) *room {
	h := i.hosts
	h.makeSpace()
	files := vfs.New(i.tree(), h.deps.Clock.Now, vfs.Limits{More: h.more})
	if snapshot, err := h.deps.Vault.Load(k.decky, k.who); err != nil {
		h.deps.Log.Warn("what an attacker changed on a decky at an earlier visit is not there again", "decky", k.decky, "error", err)
	} else if snapshot != nil {
		if err := files.Restore(snapshot); err != nil {
			h.deps.Log.Warn("what an attacker changed on a decky at an earlier visit is not there again", "decky", k.decky, "error", "it does not fit the decky of today")
		}
	}
	r := &room{files: files, saved: h.deps.Clock.Now()}
	r.bytes, r.count = files.Used()
	r.machine = shell.NewMachine(i.persona, shell.Options{
		Clock: h.deps.Clock, Files: files, Commands: commands(), Processes: command.Processes(i.persona, h.deps.Clock.Now()),
		Report: func(error) {
			h.deps.Log.Error("a program of a decky failed", "event", "decky_program", "decky", k.decky)
		},
	})
	h.rooms[k] = r
	h.recount()
	return r
}

// more reports whether all attackers together may change so many bytes more, and
// counts them: what one may change alone would, of many, fill the memory.
func (h *Hosts) more(bytes int64) bool {
	if h.held.Add(bytes) <= h.deps.Bytes {
		return true
	}
	h.held.Add(-bytes)
	return false
}

// recount sees what was freed. The caller holds the lock.
func (h *Hosts) recount() {
	var sum int64
	for _, r := range h.rooms {
		bytes, _ := r.files.Used()
		sum += bytes
	}
	h.held.Store(sum)
}

// commands are the programs of a machine. Of scp, the far side of a copy is the
// same as behind SSH's own door.
func commands() map[string]shell.Command {
	all := command.All()
	all["scp"] = scp.Command(all["scp"])
	return all
}

// makeSpace puts the rooms away that were not used for longest, when there are too
// many or little memory is left. One whose attacker is there stays. The caller
// holds the lock.
func (h *Hosts) makeSpace() {
	for len(h.rooms) >= h.deps.Machines || h.held.Load() > h.deps.Bytes/2 {
		var oldest key
		for k, r := range h.rooms {
			if r.busy == 0 && (oldest.decky == "" || r.used.Before(h.rooms[oldest].used)) {
				oldest = k
			}
		}
		if oldest.decky == "" {
			return // all are in use: the fleet's limit of clients holds
		}
		h.putAway(oldest)
	}
}

func (h *Hosts) putAway(k key) {
	h.save(k, h.rooms[k])
	delete(h.rooms, k)
	h.recount()
}

// save writes what changed since the last time. The caller holds the lock.
func (h *Hosts) save(k key, r *room) {
	bytes, count := r.files.Used()
	if count == 0 || r.busy == 0 && !r.used.After(r.saved) && bytes == r.bytes && count == r.count {
		return
	}
	snapshot, err := r.files.Snapshot()
	if err == nil {
		err = h.deps.Vault.Save(k.decky, k.who, snapshot)
	}
	if err != nil {
		h.deps.Log.Warn("what an attacker changed on a decky is not kept", "decky", k.decky, "error", err)
		return
	}
	r.saved, r.bytes, r.count = h.deps.Clock.Now(), bytes, count
}

// saveEvery is how much of an attacker's changes a crash costs.
const saveEvery = time.Minute

// Run saves what changes, and puts away what nobody uses, until ctx ends; then it
// saves all.
func (h *Hosts) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			h.turn(0)
			return nil
		case <-h.deps.Clock.After(saveEvery):
			h.turn(h.deps.Rest)
		}
	}
}

// turn saves all rooms and puts away those that were not used for a while; 0
// keeps all.
func (h *Hosts) turn(rest time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, r := range h.rooms {
		h.save(k, r)
		if rest > 0 && r.busy == 0 && h.deps.Clock.Now().Sub(r.used) > rest {
			delete(h.rooms, k)
		}
	}
	h.recount()
}

// Machine is one attacker's machine on a decky.
type Machine struct {
	hosts *Hosts
	room  *room
}

// Run runs a login; see shell.Machine. The machine is not put away meanwhile.
func (m *Machine) Run(ctx context.Context, l shell.Login) (status int, signal string) {
	m.use(1)
	defer m.use(-1)
	return m.room.machine.Run(ctx, l)
}

func (m *Machine) use(n int) {
	m.hosts.mu.Lock()
	defer m.hosts.mu.Unlock()
	m.room.busy += n
	m.room.used = m.hosts.deps.Clock.Now()
}

// TakeTTY takes a terminal for a login to come; see shell.Machine.
func (m *Machine) TakeTTY() (name string, release func()) { return m.room.machine.TakeTTY() }

// View is the files as a user sees them; see shell.Machine.
func (m *Machine) View(user string) (*vfs.View, error) {
	m.use(0)
	return m.room.machine.View(user)
}

// User is a user of the machine, of its /etc/passwd.
func (m *Machine) User(name string) (shell.User, bool) { return m.room.machine.User(name) }

// String keeps what is inside from being printed.
func (m *Machine) String() string {
	return fmt.Sprintf("machine of decky %q", m.room.machine.Persona().Decky)
}

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
