package shell

import (
	"strconv"

	"mvdan.cc/sh/v3/syntax"
)

// procSubst is <(…) and >(…): a name under which a pipe can be opened.
func (sh *shell) procSubst(p *syntax.ProcSubst) ([]piece, error) {
	proc, err := sh.fork(sh.procArgs())
	if err != nil {
		return nil, errFault
	}
	proc.group = sh.proc.groupID()
	c := sh.clone(proc)
	pipe := newPipe(&sh.login.memory)
	mine, theirs, fd := open(pipeReader{pipe}), open(pipeWriter{pipe}), 1
	if p.Op == syntax.CmdOut {
		mine, theirs, fd = theirs, mine, 0
	}
	c.fds.set(fd, theirs)
	n := 63
	for sh.fds[n] != nil && n > 10 {
		n--
	}
	sh.fds.set(n, mine)
	sh.substituted = append(sh.substituted, n)
	sh.lastJob = proc.PID
	sh.login.all.Go(func() { c.runProcess(func() { c.stmts(p.Stmts) }) })
	return []piece{{text: "/dev/fd/" + strconv.Itoa(n), quoted: true}}, nil
}
