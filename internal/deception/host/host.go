// Package host is the inside of deckies: what a client finds behind a login.
// Every attacker has a machine of his own on each decky: the decky's files, and
// what he changed himself, also at his next visit. The services of one decky
// share it: what he uploads by FTP is there when he logs in by SSH.
//
// Level 2: it may import L0, L1 and what is below deception.
package host

import (
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/passwords"
	"go.cordon.dev/cordon/internal/deception/service/ssh/scp"
	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/command"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
	"go.cordon.dev/cordon/internal/deception/shell/world"
)

// Vault keeps what attackers changed between their visits.
type Vault interface {
	// Kept reports whether there is something of an attacker on a decky, without
	// reading it.
	Kept(decky string, who netip.Prefix) bool
	// Load returns what Save was given last for a decky and an attacker; nil when
	// there is nothing.
	Load(decky string, who netip.Prefix) ([]byte, error)
	Save(decky string, who netip.Prefix, snapshot []byte) error
}

// Deps are what a Hosts needs.
type Deps struct {
	Vault    Vault         // Mandatory.
	Full     func() bool   // Whether the disk is nearly full: then nothing is saved. If nil, it never is.
	Clock    clock.Clock   // If nil, the machine's.
	Log      *slog.Logger  // Mandatory. Never for what a client said.
	Machines int           // Held in memory at a time. If 0, 1024.
	Rest     time.Duration // After which one that nobody uses is put away. If 0, an hour.
	Bytes    int64         // Changed by all attackers, held in memory at a time. If 0, 1 GiB.
	Memory   int64         // Of the programs that all attackers run, beyond a little for each. If 0, 256 MiB.
}

// Hosts is the insides of all deckies of a node.
type Hosts struct {
	deps     Deps
	programs map[string]shell.Command // of all machines

	mu      sync.Mutex
	insides map[string]*Inside // by decky
	rooms   map[key]*room
	coming  map[key]chan struct{} // rooms that are being made; closed when they are
	held    atomic.Int64          // bytes that attackers changed, at most; recount makes it exact
	working atomic.Int64          // bytes of programs that run
	memory  chan struct{}         // holds one for each snapshot that is in memory
	tries   passwords.Tries
}

type key struct {
	decky string // with its generation: another one is another host, and nothing of his is on it
	who   netip.Prefix
}

// room is one attacker's machine.
type room struct {
	machine *shell.Machine
	files   *vfs.FS
	writing sync.Mutex // held while it is saved; what follows is guarded by Hosts.mu
	busy    int        // logins that run, and others who need it where it is
	entered bool       // somebody was in, also if he changed nothing: programs of his may run
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

	running []shell.Process // besides the visitors; guarded by Hosts.mu, and never changed in place
	seen    time.Time       // when that was so
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
	if d.Memory <= 0 {
		d.Memory = 256 << 20
	}
	return &Hosts{deps: d, programs: commands(), insides: map[string]*Inside{}, rooms: map[key]*room{},
		coming: map[key]chan struct{}{}, memory: make(chan struct{}, mostSnapshots)}, nil
}

// alike reports whether two personas of one decky have the same inside.
func alike(a, b *persona.Persona) bool {
	return a.Generation == b.Generation && a.Hostname == b.Hostname && a.Domain == b.Domain && reflect.DeepEqual(a.Services, b.Services)
}

// Of is the inside of a decky: one, however many of its services ask.
func (h *Hosts) Of(p *persona.Persona) *Inside {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := h.insides[p.Decky]
	if i == nil || !alike(i.persona, p) { // changed by the operator
		i = &Inside{hosts: h, persona: p, tree: sync.OnceValue(func() *vfs.Tree { return world.Tree(p, h.deps.Clock.Now) })}
		i.memory.Passwords.Tries = &h.tries
		h.insides[p.Decky] = i
	}
	return i
}

// Memory is what the decky's doors remember together: which passwords were right,
// who was there.
func (i *Inside) Memory() *door.Memory { return &i.memory }

// Machine is that of one attacker: all addresses of an IPv6 /64 are one.
func (i *Inside) Machine(client netip.Addr) *Machine {
	m := &Machine{inside: i, key: key{i.persona.Story(), service.Peer(client)}}
	m.room()
	return m
}

// fetch makes a room as its attacker left it. The caller holds the lock, which is let
// go while the disk works: nobody waits for another attacker's files.
func (i *Inside) fetch(k key) {
	h, running, ready := i.hosts, i.processes(), make(chan struct{})
	h.coming[k] = ready
	h.mu.Unlock()
	var r *room
	defer func() { // also when something fails
		h.mu.Lock()
		delete(h.coming, k)
		close(ready)
		if r != nil {
			h.rooms[k] = r
			h.recount()
		}
	}()
	r = i.move(k, running)
}

// move makes a room in which a list of programs runs.
func (i *Inside) move(k key, running []shell.Process) *room {
	h := i.hosts
	files := vfs.New(i.tree(), h.deps.Clock.Now, vfs.Limits{More: h.more})
	if h.deps.Vault.Kept(k.decky, k.who) {
		if err := h.restore(k, files); err != nil {
			h.deps.Log.Warn("what an attacker changed on a decky at an earlier visit is not there again", "decky", k.decky, "error", err)
		}
	}
	r := &room{files: files, saved: h.deps.Clock.Now(), used: h.deps.Clock.Now()}
	r.bytes, r.count = files.Used()
	r.machine = shell.NewMachine(i.persona, shell.Options{
		Clock: h.deps.Clock, Files: files, Commands: h.programs, Processes: running, Limits: shell.Limits{More: h.work},
		Report: func(error) {
			h.deps.Log.Error("a program of a decky failed", "event", "decky_program", "decky", k.decky)
		},
	})
	return r
}

// mostSnapshots bounds how many are made or read at once: each takes several times
// what an attacker has changed.
const mostSnapshots = 2

// restore reads what an attacker has changed.
func (h *Hosts) restore(k key, files *vfs.FS) error {
	h.memory <- struct{}{}
	defer func() { <-h.memory }()
	snapshot, err := h.deps.Vault.Load(k.decky, k.who)
	if err != nil || snapshot == nil {
		return err
	}
	if files.Restore(snapshot) != nil {
		return errors.New("it does not fit the decky of today")
	}
	return nil
}

// aged is how old the list of what runs may be that a new machine begins with:
// programs use up time meanwhile.
const aged = time.Minute

// processes are what runs on the decky besides its visitors. All who come within a
// minute have one list: of a machine that is only looked at it would be the most.
// The caller holds the lock.
func (i *Inside) processes() []shell.Process {
	now := i.hosts.deps.Clock.Now()
	if i.running == nil || now.Sub(i.seen) >= aged {
		i.running, i.seen = command.Processes(i.persona, now), now
	}
	return i.running
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

// work is more for the memory of programs, which is given back by negative numbers.
func (h *Hosts) work(bytes int64) bool {
	if h.working.Add(bytes) <= h.deps.Memory || bytes <= 0 {
		return true
	}
	h.working.Add(-bytes)
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
