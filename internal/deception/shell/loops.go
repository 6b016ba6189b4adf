package shell

import (
	"fmt"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// forHead is the first line of a loop, as set -x shows it.
func forHead(iter *syntax.WordIter) string {
	words := []string{"for", iter.Name.Value}
	if iter.InPos.IsValid() {
		words = append(words, "in")
	}
	for _, w := range iter.Items {
		words = append(words, source(w))
	}
	return joined(words)
}

func (sh *shell) cLoop(l *syntax.CStyleLoop, do []*syntax.Stmt) {
	line := sh.line
	eval := func(x syntax.ArithmExpr) (int64, bool) {
		if x == nil {
			return 1, true
		}
		sh.line = line
		n, err := sh.arithm(x)
		return n, err == nil
	}
	if _, ok := eval(l.Init); !ok {
		return
	}
	sh.status = 0
	for sh.step() {
		if n, ok := eval(l.Cond); !ok || n == 0 {
			return
		}
		sh.stmts(do)
		if sh.leaves() {
			return
		}
		if _, ok := eval(l.Post); !ok {
			return
		}
	}
}

func (sh *shell) caseClause(c *syntax.CaseClause) {
	word, err := sh.text(c.Word)
	if err != nil {
		return
	}
	sh.status = 0
	through := false
	for _, item := range c.Items {
		if !through {
			match, err := sh.matchesAny(word, item.Patterns)
			if err != nil {
				return
			}
			if !match {
				continue
			}
		}
		sh.stmts(item.Stmts)
		if sh.jump.kind != none || item.Op == syntax.Break {
			return
		}
		through = item.Op == syntax.Fallthrough
	}
}

func (sh *shell) matchesAny(word string, patterns []*syntax.Word) (bool, error) {
	for _, p := range patterns {
		pat, err := sh.pattern(p)
		if err != nil {
			return false, err
		}
		if sh.match(pat, word, sh.shopts.on("nocasematch")) {
			return true, nil
		}
	}
	return false, nil
}

func (sh *shell) define(c *syntax.FuncDecl) {
	name := c.Name.Value
	if f := sh.funcs[name]; f != nil && f.readonly {
		sh.errorf("%s: readonly function", name)
		sh.status = 1
		return
	}
	if !sh.hold(int(c.End().Offset() - c.Pos().Offset())) {
		_ = sh.exhausted(int(c.End().Offset()))
		return
	}
	sh.funcs[name] = &function{body: c.Body, source: sh.fileName(), line: int(c.Pos().Line()) + sh.shift, shift: sh.shift}
	sh.status = 0
}

// fileName is where the running text came from, as bash names it in a function.
func (sh *shell) fileName() string {
	switch {
	case len(sh.calls) > 0:
		return sh.calls[len(sh.calls)-1].source
	case sh.script != "":
		return sh.script
	case sh.interactive:
		return "main"
	}
	return "environment"
}

func (sh *shell) timeClause(c *syntax.TimeClause) {
	before := sh.m.Now()
	if c.Stmt != nil {
		sh.quiet++
		sh.stmt(c.Stmt)
		sh.quiet--
	}
	took := sh.m.Now().Sub(before)
	cpu := min(took/50, 3*time.Millisecond)
	if c.PosixFormat {
		fmt.Fprintf(sh.err(), "real %.2f\nuser %.2f\nsys %.2f\n", took.Seconds(), cpu.Seconds(), (cpu / 2).Seconds())
		return
	}
	fmt.Fprintf(sh.err(), "\nreal\t%s\nuser\t%s\nsys\t%s\n", minutes(took), minutes(cpu), minutes(cpu/2))
}

func minutes(d time.Duration) string {
	return fmt.Sprintf("%dm%.3fs", int(d.Minutes()), (d % time.Minute).Seconds())
}

// trace prints a command when set -x asks for it.
func (sh *shell) trace(words ...string) {
	if !sh.options.xtrace {
		return
	}
	ps4, _ := sh.value("PS4")
	if sh.subshells > 0 && ps4 != "" {
		ps4 = strings.Repeat(ps4[:1], min(sh.subshells, 40)) + ps4
	}
	fmt.Fprintf(sh.err(), "%s%s\n", ps4, strings.Join(words, " "))
}
