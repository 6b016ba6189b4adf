package shell

import (
	"context"
	"fmt"
	"io"
	"path"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Command is a program of the machine. It returns its exit status, and soon
// after ctx ends; then the status does not matter. Reads and writes of the Proc
// end with ctx on their own.
type Command func(ctx context.Context, p *Proc) int

// Proc is a running program: what a process of a real machine would be given.
type Proc struct {
	Args     []string // the first is the name that it was called by
	Env      *Env
	Dir      string
	In       io.Reader
	Out, Err io.Writer
	Files    *vfs.View // from Dir, with the process's own names such as /dev/stdin
	Machine  *Machine
	User     User
	PID      int
	Terminal *Terminal // nil: none
	Session  *service.Session
	Path     string // of the file that is run

	login *login
	self  *process
	fds   fdTable
	mask  uint32

	shebangs int    // interpreters that led here
	caller   string // how the interactive shell that runs it begins a complaint; "" for others
}

// Errorf writes "name: …" and a line's end to Err, as programs report errors.
func (p *Proc) Errorf(format string, args ...any) {
	fmt.Fprintf(p.Err, "%s: %s\n", path.Base(p.Args[0]), fmt.Sprintf(format, args...))
}

// Now is the machine's time.
func (p *Proc) Now() time.Time { return p.Machine.Now() }

// Umask is what new files lack of permissions.
func (p *Proc) Umask() uint32 { return p.mask }

// InTerminal reports whether standard input (0), output (1) or error (2) is the
// login's terminal.
func (p *Proc) InTerminal(fd int) bool {
	d := p.fds[fd]
	return d != nil && d.terminal()
}

// Stat tells of the file that a descriptor leads to; ok is false when it is
// none, as with a pipe or a terminal.
func (p *Proc) Stat(fd int) (info vfs.Info, ok bool) {
	d := p.fds[fd]
	if d == nil || d.file == nil {
		return vfs.Info{}, false
	}
	info, err := d.file.Stat()
	return info, err == nil
}

// Sleep waits until d has passed on the machine's clock, or ctx ended; then it
// returns ctx's error.
func (p *Proc) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.Machine.clock.After(d):
		return nil
	}
}

// Step is called by programs once per turn of a loop that an attacker can make
// long. It slows them down when a login has had its share, and returns an error
// when the program was ended.
func (p *Proc) Step(ctx context.Context) error { return p.login.step(ctx) }

// Work counts a computation of so many units, of some ten nanoseconds each, as Step
// counts a turn of a loop. It is asked before the computation, or as it goes on.
func (p *Proc) Work(ctx context.Context, units int) error { return p.login.work(ctx, units) }

// Hold counts memory that the program keeps until it ends, and reports whether there
// is so much: a program that reads what an attacker gives it asks as it reads.
func (p *Proc) Hold(bytes int) bool {
	if !p.login.hold(bytes) {
		return false
	}
	p.self.held.Add(int64(bytes))
	return true
}

// Run runs another program and waits for it: as env, xargs, find -exec, nohup
// and timeout do. A name without a slash is looked for on PATH. The new process
// has what p has, as its caller changed it; it returns the exit status, 127
// when there is no such program, 126 when it can't be run. err says why it was
// not run.
func (p *Proc) Run(ctx context.Context, args ...string) (status int, err error) {
	return p.run(ctx, args)
}

// Start is Run in the background of the login: as setsid, at or a service does.
// It returns the process's number.
func (p *Proc) Start(args ...string) (pid int, err error) { return p.start(args) }

// Beside runs a part of the program beside it, and gives its status when it has
// ended: 139, that of a program that crashed, when it has failed. In a goroutine that
// nobody guards a fault ends the process. The login does not end before.
func (p *Proc) Beside(part func() int) <-chan int {
	ended := make(chan int, 1)
	p.login.all.Go(func() {
		status := crashed
		defer func() { ended <- status }()
		defer p.guard()
		status = part()
	})
	return ended
}

// crashed is the status of a program that SIGSEGV has ended.
const crashed = 128 + int(SIGSEGV)

// guard tells the operator of a fault, and lets whoever defers it go on.
func (p *Proc) guard() {
	if r := recover(); r != nil {
		p.Machine.failed(fmt.Errorf("shell: running %s: %T", path.Base(p.Path), r))
	}
}

// As returns a copy of the Proc that is another user's: what su and sudo run
// programs with. Who may become whom is for the caller to know.
func (p *Proc) As(u User) *Proc {
	c := *p
	c.User = u
	c.Files = p.Machine.view(u).In(p.Dir)
	c.Env = p.Env.Clone()
	return &c
}
