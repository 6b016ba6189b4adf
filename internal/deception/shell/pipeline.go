package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// member is a command of a pipeline.
type member struct {
	stmt *syntax.Stmt
	both bool // its errors go into the pipe too
}

func members(s *syntax.Stmt, both bool, out []member) []member {
	c, ok := s.Cmd.(*syntax.BinaryCmd)
	if !ok || c.Op != syntax.Pipe && c.Op != syntax.PipeAll || s.Negated || len(s.Redirs) > 0 {
		return append(out, member{s, both})
	}
	out = members(c.X, c.Op == syntax.PipeAll, out)
	return members(c.Y, both, out)
}

// pipeline runs commands side by side, each in a process of its own.
func (sh *shell) pipeline(c *syntax.BinaryCmd) {
	list := members(&syntax.Stmt{Cmd: c}, false, nil)
	procs := sh.launch(list)
	if procs == nil {
		return
	}
	sh.foreground(procs)
	sh.pipestatus = sh.pipestatus[:0]
	sh.status = 0
	for i, p := range procs {
		status, killed := p.result()
		sh.pipestatus = append(sh.pipestatus, status)
		if i == len(procs)-1 || sh.options.pipefail && status != 0 {
			sh.status = max(status, 0)
		}
		if i == len(procs)-1 || killed != SIGPIPE {
			sh.tellKilled(p, killed)
		}
	}
	if sh.options.pipefail {
		sh.status = lastFailure(sh.pipestatus)
	}
}

func lastFailure(all []int) (status int) {
	for _, s := range all {
		if s != 0 {
			status = s
		}
	}
	return status
}

// launch starts the commands of a pipeline; nil when there are too many
// processes.
func (sh *shell) launch(list []member) (procs []*process) {
	var in *desc // of the next command
	for i, m := range list {
		p, err := sh.fork(sh.procArgs())
		if err != nil {
			abandon(procs, in)
			return nil
		}
		procs = append(procs, p)
		sh.joins(p, procs[0].PID)
		c := sh.clone(p)
		if in != nil {
			c.fds.set(0, in)
			in.drop()
		}
		if i < len(list)-1 {
			in = c.pipeOut(m.both)
		}
		sh.login.all.Go(func() { c.runProcess(func() { c.stmt(m.stmt) }) })
	}
	return procs
}

// pipeOut makes the shell write into a pipe and returns its other end, which
// the caller has.
func (sh *shell) pipeOut(both bool) *desc {
	pipe := newPipe(&sh.login.memory)
	out, in := open(pipeWriter{pipe}), open(pipeReader{pipe})
	sh.fds.set(1, out)
	if both {
		sh.fds.set(2, out)
	}
	in.refs.Add(1)
	return in
}

// abandon ends the beginning of a pipeline whose rest could not be started.
func abandon(procs []*process, in *desc) {
	for _, p := range procs {
		p.deliver(SIGTERM)
	}
	if in != nil {
		in.drop()
	}
}

func (sh *shell) procArgs() []string { return append([]string{sh.name}, sh.params...) }

// joins puts a new process into a group: with job control each pipeline is one,
// otherwise all are the shell's.
func (sh *shell) joins(p *process, group int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sh.interactive {
		p.group = group
		return
	}
	p.group = sh.proc.group
}

// runProcess is the life of a subshell.
func (sh *shell) runProcess(fn func()) {
	defer sh.guard()
	fn()
	sh.finish()
}

// finish runs the EXIT trap and ends the process.
func (sh *shell) finish() {
	sh.exitTrap()
	sh.release()
	sh.proc.end(sh.status)
}

// guard keeps a program's panic from ending more than its process.
func (sh *shell) guard() {
	if r := recover(); r != nil {
		sh.m.failed(fmt.Errorf("shell: running a script: %v", r))
		sh.proc.cancel(signalled(SIGSEGV))
		sh.release()
		sh.proc.end(139)
	}
}

// fork makes a process, as bash does when there are too many: it tries again
// for a while.
func (sh *shell) fork(args []string) (*process, error) {
	for wait := time.Second; ; wait *= 2 {
		p, err := sh.login.spawn(sh.login.ctx, sh.proc.PID, sh.user, args)
		if !errors.Is(err, errFork) {
			return p, err
		}
		if wait > 8*time.Second || sh.dash {
			sh.forkFailed(err)
			return nil, err
		}
		sh.errorf("fork: retry: %s", err)
		select {
		case <-sh.ctx.Done():
			sh.jumpTo(exits)
			return nil, err
		case <-sh.m.clock.After(wait):
		}
	}
}

func (sh *shell) forkFailed(err error) {
	if sh.dash {
		sh.errorf("Cannot fork")
	} else {
		sh.errorf("fork: %s", err)
	}
	sh.status = 254
	if sh.interactive {
		sh.jumpTo(discards)
		return
	}
	sh.leave(254)
}

// await waits for a process, or until the shell itself is ended.
func (sh *shell) await(p *process) {
	select {
	case <-p.done:
	case <-sh.ctx.Done():
		select {
		case <-p.done: // both at once: a ^C for all of the group
		default:
			sh.jumpTo(exits)
		}
	}
}

// foreground waits for the processes of a command while the terminal's keys
// are for them.
func (sh *shell) foreground(procs []*process) {
	if sh.interactive {
		restore := sh.login.front(procs[0].groupID())
		defer restore()
	}
	for _, p := range procs {
		sh.await(p)
	}
	for _, p := range procs {
		if _, killed := p.result(); killed == SIGINT {
			sh.interrupted()
		}
	}
}

// interrupted is what a shell does when the program it waited for was ended by
// ^C: an interactive one is at its prompt again, another ends too.
func (sh *shell) interrupted() {
	if sh.interactive {
		fmt.Fprintln(sh.err())
		sh.status = 130
		sh.jumpTo(discards)
	}
}

// tellKilled prints how a program was ended when that was by a signal.
func (sh *shell) tellKilled(p *process, killed Signal) {
	if killed == 0 || killed.words() == "" || sh.ctx.Err() != nil {
		return
	}
	words := killed.words()
	if killed.dumps() {
		words += " "
	}
	if sh.interactive || killed == SIGTERM {
		fmt.Fprintln(sh.err(), words)
		return
	}
	sh.errorf("%5d %-23s %s", p.PID, words, commandText(sh.running))
}

// commandText is a command as bash writes it.
func commandText(c syntax.Command) string {
	text := strings.TrimSuffix(source(c), "\n")
	if _, ok := c.(*syntax.Subshell); ok {
		return "( " + strings.TrimSuffix(strings.TrimPrefix(text, "("), ")") + " )"
	}
	return text
}

// subshell runs commands in a process of their own and waits.
func (sh *shell) subshell(list []*syntax.Stmt) {
	p, err := sh.fork(sh.procArgs())
	if err != nil {
		return
	}
	sh.joins(p, p.PID)
	c := sh.clone(p)
	sh.login.all.Go(func() { c.runProcess(func() { c.stmts(list) }) })
	sh.foreground([]*process{p})
	status, killed := p.result()
	sh.status = status
	sh.tellKilled(p, killed)
}

// capture runs commands in a process of their own and returns what they print,
// without the newlines at its end.
func (sh *shell) capture(run func(c *shell)) (string, error) {
	p, err := sh.fork(sh.procArgs())
	if err != nil {
		return "", errFault
	}
	p.group = sh.proc.groupID()
	c := sh.clone(p)
	pipe := newPipe(&sh.login.memory)
	c.fds.set(1, open(pipeWriter{pipe}))
	sh.login.all.Go(func() { c.runProcess(func() { run(c) }) })
	text, err := sh.drain(pipe, p)
	sh.await(p)
	sh.status, _ = p.result()
	return text, err
}

// drain reads a pipe to its end; beyond the memory that a login has, the shell
// ends as one does that gets none.
func (sh *shell) drain(from *pipe, p *process) (string, error) {
	var out []byte
	buf := make([]byte, 8<<10)
	counted := 0
	defer func() { sh.login.hold(-counted) }()
	for {
		n, err := from.read(sh.ctx, buf)
		if err != nil {
			if bytes.IndexByte(out, 0) >= 0 && !sh.dash {
				sh.errorf("warning: command substitution: ignored null byte in input")
			}
			return clean(out), nil
		}
		if !sh.login.hold(n) {
			from.stop()
			p.deliver(SIGPIPE)
			return "", sh.exhausted(len(out) + n)
		}
		counted += n
		out = append(out, buf[:n]...)
	}
}

// clean takes the newlines off the end of captured output, and its NULs, which
// a string of C does not hold.
func clean(b []byte) string {
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	kept := b[:0]
	for _, c := range b {
		if c != 0 {
			kept = append(kept, c)
		}
	}
	return string(kept)
}

// front gives the terminal's keys to a group; the result takes them back.
func (l *login) front(group int) (restore func()) {
	old := l.fg.Swap(int64(group))
	return func() { l.fg.Store(old) }
}

func (p *process) groupID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.group
}

// signalGroup sends a signal to all processes of a group of a login.
func (l *login) signalGroup(group int, s Signal) (any bool) {
	l.m.mu.Lock()
	var list []*process
	for _, p := range l.m.procs {
		if p.l == l && p.groupID() == group {
			list = append(list, p)
		}
	}
	l.m.mu.Unlock()
	for _, p := range list {
		p.deliver(s)
	}
	return len(list) > 0
}

// withContext runs fn while what the shell waits for ends with ctx.
func (sh *shell) withContext(ctx context.Context, fn func()) {
	old := sh.ctx
	sh.ctx = ctx
	fn()
	sh.ctx = old
}
