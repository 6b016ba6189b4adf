package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// bashPrinter writes functions the way that bash lays them out.
type bashPrinter struct {
	b     *strings.Builder
	level int
}

func (p *bashPrinter) indent() { p.b.WriteString(strings.Repeat("    ", p.level)) }

// block writes the body of a function: its braces on lines of their own.
func (p *bashPrinter) block(s *syntax.Stmt) {
	list := []*syntax.Stmt{s}
	if blk, ok := s.Cmd.(*syntax.Block); ok {
		list = blk.Stmts
	}
	p.b.WriteString("{ \n")
	p.level++
	p.list(list)
	p.level--
	p.b.WriteString("\n}")
}

func (p *bashPrinter) list(list []*syntax.Stmt) {
	for i, s := range list {
		p.indent()
		p.stmt(s)
		if i < len(list)-1 {
			if !s.Background {
				p.b.WriteByte(';')
			}
			p.b.WriteByte('\n')
		}
	}
}

func (p *bashPrinter) stmt(s *syntax.Stmt) {
	if s.Negated {
		p.b.WriteString("! ")
	}
	switch c := s.Cmd.(type) {
	case *syntax.IfClause:
		p.ifClause(c)
	case *syntax.WhileClause:
		word := "while "
		if c.Until {
			word = "until "
		}
		p.b.WriteString(word)
		p.inline(c.Cond)
		p.b.WriteString("; do\n")
		p.body(c.Do)
		p.b.WriteString("done")
	case *syntax.ForClause:
		p.b.WriteString("for " + source(c.Loop) + ";\n")
		p.indent()
		p.b.WriteString("do\n")
		p.body(c.Do)
		p.b.WriteString("done")
	default:
		p.plain(s)
		return
	}
	for _, r := range s.Redirs {
		p.b.WriteString(" " + source(&syntax.Stmt{Redirs: []*syntax.Redirect{r}}))
	}
	p.ending(s)
}

func (p *bashPrinter) plain(s *syntax.Stmt) {
	one := *s
	one.Negated, one.Background = false, false
	p.b.WriteString(strings.TrimSuffix(source(&one), "\n"))
	p.ending(s)
}

func (p *bashPrinter) ending(s *syntax.Stmt) {
	if s.Background {
		p.b.WriteString(" &")
	}
}

func (p *bashPrinter) inline(list []*syntax.Stmt) {
	for i, s := range list {
		if i > 0 {
			p.b.WriteString("; ")
		}
		p.stmt(s)
	}
}

func (p *bashPrinter) body(list []*syntax.Stmt) {
	p.level++
	p.list(list)
	p.level--
	p.b.WriteString(";\n")
	p.indent()
}

func (p *bashPrinter) ifClause(c *syntax.IfClause) {
	p.b.WriteString("if ")
	p.inline(c.Cond)
	p.b.WriteString("; then\n")
	p.body(c.Then)
	if c.Else != nil {
		if len(c.Else.Cond) > 0 {
			p.b.WriteString("else\n")
			p.level++
			p.indent()
			p.ifClause(c.Else)
			p.level--
			p.b.WriteString(";\n")
			p.indent()
		} else {
			p.b.WriteString("else\n")
			p.body(c.Else.Then)
		}
	}
	p.b.WriteString("fi")
}
