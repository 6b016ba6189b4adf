package shell

import (
	"mvdan.cc/sh/v3/syntax"
)

func (sh *shell) stmts(list []*syntax.Stmt) {
	for _, s := range list {
		if sh.jump.kind != none {
			return
		}
		sh.stmt(s)
	}
}

// stmt runs one command with what stands around it.
func (sh *shell) stmt(s *syntax.Stmt) {
	if !sh.step() {
		return
	}
	sh.line = int(s.Pos().Line()) + sh.shift
	if sh.depth++; sh.depth > sh.m.limits.Depth {
		sh.proc.deliver(SIGSEGV)
		sh.jumpTo(exits)
	}
	defer func() { sh.depth-- }()
	switch {
	case sh.jump.kind != none:
	case s.Background:
		sh.background(s)
	case s.Negated:
		sh.quiet++
		sh.redirected(s)
		sh.quiet--
		sh.status = flag(sh.status != 0)
	default:
		sh.redirected(s)
		if checked(s.Cmd) {
			sh.check()
		}
	}
}

func flag(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// checked reports whether set -e looks at a command's status. Of commands that
// hold others, those were looked at already.
func checked(c syntax.Command) bool {
	switch c := c.(type) {
	case *syntax.BinaryCmd:
		return c.Op == syntax.Pipe || c.Op == syntax.PipeAll
	case *syntax.Block, *syntax.IfClause, *syntax.WhileClause, *syntax.ForClause, *syntax.CaseClause, *syntax.FuncDecl:
		return false
	}
	return true
}

// check does what set -e and the ERR trap say about a status.
func (sh *shell) check() {
	if sh.status == 0 || sh.quiet > 0 || sh.jump.kind != none {
		return
	}
	if !sh.dash && (len(sh.calls) == 0 || sh.options.errtrace) {
		sh.trap("ERR")
	}
	if sh.options.errexit {
		sh.leave(sh.status)
	}
}

// redirected runs a command with its redirections.
func (sh *shell) redirected(s *syntax.Stmt) {
	if len(s.Redirs) == 0 {
		sh.command1(s.Cmd)
		return
	}
	if call, ok := s.Cmd.(*syntax.CallExpr); ok && isExec(call) {
		if sh.redirect(s.Redirs) != nil {
			if sh.failRedirect(); !sh.interactive {
				sh.leave(sh.status)
			}
			return
		}
		sh.command1(s.Cmd)
		return
	}
	saved := sh.fds
	sh.fds = saved.clone()
	if err := sh.redirect(s.Redirs); err != nil {
		sh.failRedirect()
		if _, simple := s.Cmd.(*syntax.CallExpr); !simple && s.Cmd != nil {
			sh.check()
		}
	} else {
		sh.command1(s.Cmd)
	}
	sh.fds.close()
	sh.fds = saved
}

func (sh *shell) failRedirect() {
	sh.status = 1
	if sh.dash {
		sh.status = 2
	}
}

// isExec reports whether a command is exec without a program: its redirections
// stay.
func isExec(c *syntax.CallExpr) bool { return len(c.Args) > 0 && c.Args[0].Lit() == "exec" }

func (sh *shell) command1(c syntax.Command) {
	sh.running = c
	switch c := c.(type) {
	case nil:
		sh.status = 0
	case *syntax.CallExpr:
		sh.simple(c)
	case *syntax.BinaryCmd:
		sh.binary(c)
	case *syntax.Block:
		sh.stmts(c.Stmts)
	case *syntax.Subshell:
		sh.subshell(c.Stmts)
	case *syntax.IfClause:
		sh.ifClause(c)
	case *syntax.WhileClause:
		sh.while(c)
	case *syntax.ForClause:
		sh.forClause(c)
	case *syntax.CaseClause:
		sh.caseClause(c)
	default:
		sh.command2(c)
	}
}

func (sh *shell) command2(c syntax.Command) {
	switch c := c.(type) {
	case *syntax.FuncDecl:
		sh.define(c)
	case *syntax.ArithmCmd:
		sh.arithmetic(c.X, "((")
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			sh.arithmetic(x, "let")
		}
	case *syntax.TestClause:
		sh.testClause(c)
	case *syntax.DeclClause:
		sh.declClause(c)
	case *syntax.TimeClause:
		sh.timeClause(c)
	case *syntax.CoprocClause:
		sh.coproc(c)
	}
}

// binary runs a list of && and ||, or a pipeline. Long lists lean to the left.
func (sh *shell) binary(c *syntax.BinaryCmd) {
	if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
		sh.pipeline(c)
		return
	}
	var chain []*syntax.BinaryCmd
	for {
		chain = append(chain, c)
		x, ok := c.X.Cmd.(*syntax.BinaryCmd)
		if !ok || x.Op == syntax.Pipe || x.Op == syntax.PipeAll || c.X.Negated || len(c.X.Redirs) > 0 {
			break
		}
		c = x
	}
	sh.quiet++
	sh.stmt(c.X)
	for i := len(chain) - 1; i >= 0 && sh.jump.kind == none; i-- {
		if (sh.status == 0) != (chain[i].Op == syntax.AndStmt) {
			continue
		}
		if i == 0 {
			sh.quiet--
			sh.stmt(chain[i].Y)
			return
		}
		sh.stmt(chain[i].Y)
	}
	sh.quiet--
}

func (sh *shell) ifClause(c *syntax.IfClause) {
	for ; c != nil; c = c.Else {
		if len(c.Cond) > 0 {
			if sh.condition(c.Cond); sh.jump.kind != none {
				return
			}
			if sh.status != 0 {
				continue
			}
		}
		sh.status = 0
		sh.stmts(c.Then)
		return
	}
	sh.status = 0
}

func (sh *shell) condition(list []*syntax.Stmt) {
	sh.quiet++
	sh.stmts(list)
	sh.quiet--
}

func (sh *shell) while(c *syntax.WhileClause) {
	status := 0
	sh.loops++
	defer func() { sh.loops-- }()
	for sh.step() {
		sh.condition(c.Cond)
		if sh.leaves() || (sh.status != 0) != c.Until {
			break
		}
		sh.stmts(c.Do)
		status = sh.status
		if sh.leaves() {
			break
		}
	}
	if sh.jump.kind == none {
		sh.status = status
	}
}

// leaves settles what break and continue mean for the loop that is running, and
// reports whether it ends.
func (sh *shell) leaves() bool {
	switch sh.jump.kind {
	case none:
		return false
	case breaks, continues:
		again := sh.jump.kind == continues && sh.jump.count == 1
		if sh.jump.count--; sh.jump.count == 0 {
			sh.jump = jump{}
		}
		return !again
	}
	return true
}

func (sh *shell) forClause(c *syntax.ForClause) {
	sh.loops++
	defer func() { sh.loops-- }()
	if loop, ok := c.Loop.(*syntax.CStyleLoop); ok {
		sh.cLoop(loop, c.Do)
		return
	}
	iter := c.Loop.(*syntax.WordIter)
	words, mark := sh.params, sh.building
	defer func() { sh.unbuild(mark) }()
	if iter.InPos.IsValid() {
		var err error
		if words, err = sh.fields(iter.Items); err != nil {
			return
		}
	}
	if c.Select {
		sh.selectLoop(iter.Name.Value, words, c.Do)
		return
	}
	if !syntax.ValidName(iter.Name.Value) {
		sh.errorf("`%s': not a valid identifier", iter.Name.Value)
		sh.status = 1
		return
	}
	sh.status = 0
	for _, w := range words {
		if !sh.step() || sh.setVar(iter.Name.Value, w) != nil {
			return
		}
		if sh.options.xtrace {
			sh.trace(forHead(iter))
		}
		sh.stmts(c.Do)
		if sh.leaves() {
			return
		}
	}
}
