package shell

import (
	"context"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// job is a pipeline in the background.
type job struct {
	number int
	procs  []*process
	text   string
	told   bool
}

func (j *job) last() *process { return j.procs[len(j.procs)-1] }

func (j *job) running() bool {
	for _, p := range j.procs {
		select {
		case <-p.done:
		default:
			return true
		}
	}
	return false
}

// state is what jobs prints of it.
func (j *job) state() string {
	if j.running() {
		return "Running"
	}
	status, killed := j.last().result()
	switch {
	case killed != 0 && killed.words() != "":
		return killed.words()
	case status != 0:
		return fmt.Sprintf("Exit %d", status)
	}
	return "Done"
}

// background starts a command that is not waited for.
func (sh *shell) background(s *syntax.Stmt) {
	copied := *s
	copied.Background = false
	procs := sh.launchBackground(&copied)
	if procs == nil {
		return
	}
	number := 1
	for _, j := range sh.jobs {
		number = max(number, j.number+1)
	}
	j := &job{number: number, procs: procs, text: strings.TrimSuffix(source(&copied), "\n")}
	sh.jobs = append(sh.jobs, j)
	sh.prune()
	sh.lastJob = j.last().PID
	sh.status = 0
	if sh.interactive {
		fmt.Fprintf(sh.err(), "[%d] %d\n", number, sh.lastJob)
	}
}

// mostJobs is how many ended jobs are remembered.
const mostJobs = 256

func (sh *shell) prune() {
	if len(sh.jobs) > mostJobs {
		sh.jobs = sh.jobs[len(sh.jobs)-mostJobs:]
	}
}

func (sh *shell) launchBackground(s *syntax.Stmt) []*process {
	saved := sh.fds
	sh.fds = saved.clone()
	if !sh.interactive {
		sh.fds.set(0, open(textStream{rest: new([]byte)})) // as from /dev/null
	}
	procs := sh.launch(members(s, false, nil))
	sh.fds.close()
	sh.fds = saved
	return procs
}

// tellJobs prints which jobs ended, as an interactive shell does before its
// prompt.
func (sh *shell) tellJobs() {
	kept := sh.jobs[:0]
	for i, j := range sh.jobs {
		if j.running() {
			kept = append(kept, j)
			continue
		}
		if !j.told {
			fmt.Fprintln(sh.err(), jobLine(j, mark(i, len(sh.jobs)), false))
		}
	}
	sh.jobs = kept
}

func mark(i, n int) byte {
	switch i {
	case n - 1:
		return '+'
	case n - 2:
		return '-'
	}
	return ' '
}

func jobLine(j *job, m byte, long bool) string {
	text := j.text
	if j.running() {
		text += " &"
	}
	if long {
		return fmt.Sprintf("[%d]%c %5d %-23s %s", j.number, m, j.procs[0].PID, j.state(), text)
	}
	return fmt.Sprintf("[%d]%c  %-23s %s", j.number, m, j.state(), text)
}

// findJob finds a job by %1, %%, %+, %-, %name or a process number.
func (sh *shell) findJob(spec string) *job {
	n := len(sh.jobs)
	if rest, ok := strings.CutPrefix(spec, "%"); ok {
		switch {
		case n == 0:
			return nil
		case rest == "" || rest == "%" || rest == "+":
			return sh.jobs[n-1]
		case rest == "-":
			return sh.jobs[max(n-2, 0)]
		}
		for _, j := range sh.jobs {
			if itoa(j.number) == rest || !digits(rest) && strings.HasPrefix(j.text, rest) {
				return j
			}
		}
		return nil
	}
	for _, j := range sh.jobs {
		for _, p := range j.procs {
			if itoa(p.PID) == spec {
				return j
			}
		}
	}
	return nil
}

// awaitJob waits for a job; a caught signal ends the waiting.
func (sh *shell) awaitJob(j *job) int {
	for _, p := range j.procs {
		if s := sh.awaitOrSignal(p); s != 0 {
			return 128 + int(s)
		}
	}
	status, killed := j.last().result()
	if !j.told && killed != 0 && !sh.interactive {
		sh.tellKilled(j.last(), killed)
	}
	j.told = true
	return status
}

func (sh *shell) awaitOrSignal(p *process) Signal {
	select {
	case <-p.done:
		return 0
	case <-sh.ctx.Done():
		sh.jumpTo(exits)
		return killedBy(sh.ctx)
	case s := <-sh.pending:
		sh.trap(s.String())
		return s
	}
}

func (sh *shell) coproc(c *syntax.CoprocClause) {
	name := "COPROC"
	if c.Name != nil {
		name = c.Name.Lit()
	}
	if sh.fds.free(sh.fds.free(60)+1) > mostDescriptor {
		sh.errorf("pipe error: Too many open files")
		sh.status = 1
		return
	}
	p, err := sh.fork(sh.procArgs())
	if err != nil {
		return
	}
	child := sh.clone(p)
	to, from := newPipe(&sh.login.memory), newPipe(&sh.login.memory)
	child.fds.set(0, open(pipeReader{to}))
	child.fds.set(1, open(pipeWriter{from}))
	r := sh.fds.free(60)
	sh.fds.set(r, open(pipeReader{from}))
	w := sh.fds.free(60)
	sh.fds.set(w, open(pipeWriter{to}))
	v := &variable{kind: indexed}
	v.put("0", itoa(r))
	v.put("1", itoa(w))
	sh.scopes[0].vars[name] = v
	_ = sh.setVar(name+"_PID", itoa(p.PID))
	sh.jobs = append(sh.jobs, &job{number: len(sh.jobs) + 1, procs: []*process{p}, text: "coproc"})
	sh.prune()
	sh.lastJob = p.PID
	sh.login.all.Go(func() { child.runProcess(func() { child.stmt(c.Stmt) }) })
	sh.status = 0
}

// interruptShell ends what an interactive shell itself is doing.
func (l *login) interruptShell() {
	l.lineMu.Lock()
	cancel := l.lineCancel
	l.lineMu.Unlock()
	if cancel != nil {
		cancel(signalled(SIGINT))
	}
}

// duringLine gives an interactive shell a context that ^C ends.
func (sh *shell) duringLine(fn func()) {
	ctx, cancel := context.WithCancelCause(sh.proc.ctx)
	defer cancel(nil)
	l := sh.login
	l.lineMu.Lock()
	old := l.lineCancel
	l.lineCancel = cancel
	l.lineMu.Unlock()
	sh.withContext(ctx, fn)
	l.lineMu.Lock()
	l.lineCancel = old
	l.lineMu.Unlock()
	if killedBy(ctx) == SIGINT && sh.proc.ctx.Err() == nil {
		sh.jump = jump{}
		sh.status = 130
	}
}
