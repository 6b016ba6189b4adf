package shell

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Process is a process as ps sees it.
type Process struct {
	PID, PPID int
	User      string
	UID       int
	TTY       string // pts/0; "" is none
	Start     time.Time
	State     string // Ss, R+
	Args      []string
	Threads   int
	CPU       time.Duration
	VSZ, RSS  int // KiB
}

// process is one of the attacker's.
type process struct {
	Process
	l      *login
	ctx    context.Context
	cancel context.CancelCauseFunc
	held   atomic.Int64 // bytes that its program keeps

	mu     sync.Mutex
	group  int               // its process group
	catch  func(Signal) bool // reports whether the process takes a signal itself; nil: none
	done   chan struct{}
	status int
	killed Signal // what ended it
}

// ErrNoProcess and ErrNotPermitted are why a signal was not sent.
var (
	ErrNoProcess    = errors.New("No such process")
	ErrNotPermitted = errors.New("Operation not permitted")
)

// errFork says that there are as many processes as there may be.
var errFork = errors.New("Resource temporarily unavailable")

// spawn enters a process of a login in the table. It ends with ctx.
func (l *login) spawn(ctx context.Context, ppid int, u User, args []string) (*process, error) {
	if l.procs.Add(1) > int64(l.m.limits.Processes) {
		l.procs.Add(-1)
		return nil, errFork
	}
	p := &process{l: l, done: make(chan struct{}), Process: Process{
		PPID: ppid, User: u.Name, UID: u.UID, TTY: l.tty, Start: l.m.Now(), State: "S", Args: args, Threads: 1, VSZ: 7100, RSS: 3800,
	}}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	p.PID = l.m.number()
	l.m.procs[p.PID] = p
	return p, nil
}

// mostPID is where process numbers begin again, as on 64-bit machines.
const mostPID = 4_194_304

func (m *Machine) number() int {
	for {
		if m.nextPID++; m.nextPID >= mostPID {
			m.nextPID = 300
		}
		if m.procs[m.nextPID] == nil {
			return m.nextPID
		}
	}
}

// end takes a process out of the table and frees who waits for it.
func (p *process) end(status int) {
	p.l.m.mu.Lock()
	delete(p.l.m.procs, p.PID)
	p.l.m.mu.Unlock()
	p.l.procs.Add(-1)
	p.mu.Lock()
	p.status, p.killed = status, killedBy(p.ctx)
	if p.killed != 0 {
		p.status = 128 + int(p.killed)
	}
	p.mu.Unlock()
	p.cancel(context.Canceled)
	close(p.done)
}

// result is how an ended process ended.
func (p *process) result() (status int, killed Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status, p.killed
}

// deliver sends a signal to a process.
func (p *process) deliver(s Signal) {
	p.mu.Lock()
	catch := p.catch
	p.mu.Unlock()
	if s != SIGKILL && s != SIGSTOP && catch != nil && catch(s) {
		return
	}
	if s.ends() {
		p.cancel(signalled(s))
	}
}

func (p *process) catches(fn func(Signal) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.catch = fn
}

// Processes lists what runs, by number.
func (m *Machine) Processes() []Process {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.Clone(m.base)
	for _, p := range m.procs {
		out = append(out, p.Process)
	}
	slices.SortFunc(out, func(a, b Process) int { return cmp.Compare(a.PID, b.PID) })
	return out
}

// Signal sends a signal to a process in the name of a user. Of those that run
// since the machine was started, those of root's and others' are out of his
// reach; root ends them.
func (m *Machine) Signal(pid int, s Signal, by User) error {
	m.mu.Lock()
	p := m.procs[pid]
	i := slices.IndexFunc(m.base, func(b Process) bool { return b.PID == pid })
	m.mu.Unlock()
	switch {
	case p == nil && i < 0:
		return ErrNoProcess
	case p == nil:
		return m.signalBase(pid, s, by)
	case by.UID != 0 && by.UID != p.UID:
		return ErrNotPermitted
	}
	p.deliver(s)
	return nil
}

func (m *Machine) signalBase(pid int, s Signal, by User) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.base, func(b Process) bool { return b.PID == pid })
	if i < 0 {
		return ErrNoProcess
	}
	if by.UID != 0 && by.UID != m.base[i].UID {
		return ErrNotPermitted
	}
	kernel := pid <= 2 || m.base[i].PPID == 2
	if s.ends() && !kernel {
		m.base = slices.Delete(slices.Clone(m.base), i, i+1)
	}
	return nil
}

// Sessions lists who is logged in at a terminal, the longest first.
func (m *Machine) Sessions() (out []Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range slices.SortedFunc(maps.Keys(m.logins), func(a, b *login) int { return a.began.Compare(b.began) }) {
		if l.tty != "" {
			out = append(out, Session{User: l.user.Name, TTY: l.tty, From: l.Client.Addr(), Since: l.began, PID: l.pid})
		}
	}
	return out
}
