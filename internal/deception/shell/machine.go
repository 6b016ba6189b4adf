package shell

import (
	"fmt"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Options are what a machine is made of.
type Options struct {
	Clock     clock.Clock        // Mandatory.
	Files     *vfs.FS            // Mandatory.
	Commands  map[string]Command // by the name of the file that runs them
	Processes []Process          // that run since the machine was started
	Limits    Limits
	Report    func(error) // of a program that failed in a way that it must not; nil: nobody
}

// Limits bound one login. Zero means the default.
type Limits struct {
	// More is asked before a login takes much memory, and told with a negative number
	// what it gives back; its answer then does not matter. It counts what the logins of
	// all machines take. nil: there is as much as each may have.
	More func(bytes int64) bool

	Steps     int64 // commands and turns of loops before everything is killed; 20 million
	Burst     int64 // steps before they are slowed down; 500,000
	Pace      int64 // steps a second from then on; 20,000
	Memory    int64 // bytes of variables, captured output and what programs keep of what they read; 32 MiB
	Output    int64 // bytes shown; 256 MiB
	Processes int   // at once; 64
	Depth     int   // of functions and nested commands; 1,000
	Script    int   // bytes of one script; 512 KiB
}

func (l Limits) filled() Limits {
	if l.More == nil {
		l.More = func(int64) bool { return true }
	}
	fill(&l.Steps, 20_000_000)
	fill(&l.Burst, 500_000)
	fill(&l.Pace, 20_000)
	fill(&l.Memory, 32<<20)
	fill(&l.Output, 256<<20)
	fill(&l.Processes, 64)
	fill(&l.Depth, 1000)
	fill(&l.Script, 512<<10)
	return l
}

func fill[T int | int64](v *T, value T) {
	if *v == 0 {
		*v = value
	}
}

// Machine is the decky as one attacker has it. It is safe for concurrent use:
// he may log in several times at once.
type Machine struct {
	persona  *persona.Persona
	clock    clock.Clock
	files    *vfs.FS
	commands map[string]Command
	limits   Limits
	report   func(error)

	mu      sync.Mutex
	procs   map[int]*process
	base    []Process
	nextPID int
	ttys    map[int]bool
	logins  map[*login]bool
}

// NewMachine makes one attacker's machine.
func NewMachine(p *persona.Persona, o Options) *Machine {
	m := &Machine{
		persona: p, clock: o.Clock, files: o.Files, commands: o.Commands, limits: o.Limits.filled(), report: o.Report,
		procs: map[int]*process{}, ttys: map[int]bool{}, logins: map[*login]bool{}, base: o.Processes,
	}
	m.nextPID = 1000 + p.Rand("shell: first process").IntN(20_000) + int(o.Clock.Now().Sub(p.Booted)/(37*time.Second))%9000
	for _, b := range o.Processes {
		m.nextPID = max(m.nextPID, b.PID+1)
	}
	return m
}

// Persona is who the machine claims to be.
func (m *Machine) Persona() *persona.Persona { return m.persona }

// Now is the machine's time, in UTC.
func (m *Machine) Now() time.Time { return m.clock.Now() }

// Clock is the machine's clock.
func (m *Machine) Clock() clock.Clock { return m.clock }

// Files are the machine's.
func (m *Machine) Files() *vfs.FS { return m.files }

// Commands are the machine's programs by name. The map is not to be changed.
func (m *Machine) Commands() map[string]Command { return m.commands }

// View returns the files as a user sees them, from his home. An error says that
// there is no such user.
func (m *Machine) View(user string) (*vfs.View, error) {
	u, ok := m.User(user)
	if !ok {
		return nil, fmt.Errorf("no user %q on this machine", user)
	}
	return m.view(u).In(u.Home), nil
}

func (m *Machine) view(u User) *vfs.View {
	return m.files.As(vfs.Cred{UID: u.UID, GID: u.GID, Groups: u.Groups})
}

// failed tells the operator that a program broke.
func (m *Machine) failed(err error) {
	if m.report != nil {
		m.report(err)
	}
}
