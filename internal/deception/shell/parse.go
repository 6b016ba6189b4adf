package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// nesting is how many marks that open something one text may have: each may
// cost the parser some hundred bytes of stack. A real bash crashes on less.
const nesting = 30_000

// tooDeep reports whether a text could nest deeper than the parser may go.
func tooDeep(text string) bool {
	n := 0
	var last byte
	for i := range len(text) {
		c := text[i]
		switch c {
		case '(', '{', '`', '[', '?', '|', '!', '~':
			n++
		case '-', '+', '&', '=', '*':
			if last == ' ' || last == c || strings.IndexByte("(!-~+*=", last) >= 0 {
				n++
			}
		case 'f', 'e', 'l', 'r', 'o', 'n': // of if, while, until, for, do, then
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\n') {
				n++
			}
		}
		last = c
	}
	return n > nesting*2
}

// unit is what bash reads before it runs: the commands up to a line's end.
type unit struct {
	stmts []*syntax.Stmt
	text  string // its lines
	err   error
	end   bool // nothing follows
}

func (sh *shell) variant() syntax.LangVariant {
	if sh.dash {
		return syntax.LangPOSIX
	}
	return syntax.LangBash
}

// units parses a text bit by bit, so that what stands before an error is run.
func (sh *shell) units(text string, fn func(u unit) bool) {
	if tooDeep(text) || len(text) > sh.m.limits.Script {
		sh.proc.deliver(SIGSEGV)
		return
	}
	if sh.login.work(sh.ctx, parsing*len(text)) != nil {
		return
	}
	r := &unitReader{text: text, dash: sh.dash, fn: fn}
	// Not by range: after an odd byte the parser goes on though it was told to stop.
	syntax.NewParser(syntax.Variant(sh.variant())).StmtsSeq(strings.NewReader(text))(r.take)
	if !r.done && len(r.batch) > 0 {
		fn(unit{stmts: r.batch, end: true})
	}
}

// unitReader gathers the commands of a line.
type unitReader struct {
	text  string
	dash  bool
	fn    func(u unit) bool
	batch []*syntax.Stmt
	done  bool
}

func (r *unitReader) take(stmt *syntax.Stmt, err error) bool {
	switch {
	case r.done:
		return false
	case err != nil:
		r.failing(err)
		return false
	}
	if n := len(r.batch); n > 0 && stmt.Pos().Line() > r.batch[n-1].End().Line() {
		if r.done = !r.fn(unit{stmts: r.batch}); r.done {
			return false
		}
		r.batch = nil
	}
	if err := nameless(stmt); err != nil {
		r.failing(err)
		return false
	}
	splitBraces(stmt, r.dash)
	r.batch = append(r.batch, stmt)
	return true
}

// failing hands on what stands on the lines before an error, then the error.
func (r *unitReader) failing(err error) {
	r.done = true
	line := problemLine(r.text, err)
	if n := len(r.batch); n > 0 && r.batch[n-1].End().Line() < line {
		if !r.fn(unit{stmts: r.batch}) {
			return
		}
	}
	r.fn(unit{err: err, end: true})
}

func problemLine(text string, err error) uint {
	if p := position(err); p.IsValid() {
		return p.Line()
	}
	return uint(strings.Count(text, "\n") + 1)
}

func position(err error) syntax.Pos {
	switch e := err.(type) {
	case syntax.ParseError:
		return e.Pos
	case *syntax.ParseError:
		return e.Pos
	case syntax.LangError:
		return e.Pos
	case *syntax.LangError:
		return e.Pos
	}
	return syntax.Pos{}
}

// nameless finds a function without a name, which only the parser takes.
func nameless(n syntax.Node) (err error) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok && f.Name == nil && err == nil {
			p := f.Position
			err = syntax.ParseError{Pos: syntax.NewPos(p.Offset()+1, p.Line(), p.Col()+1), Text: "a function needs a name"}
		}
		return err == nil
	})
	return err
}

// splitBraces finds {a,b} in the words that bash expands them in. It is done
// once, before the tree is shared.
func splitBraces(n syntax.Node, dash bool) {
	if dash {
		return
	}
	var words []*syntax.Word // the walk does not know what they are split into
	split := func(list []*syntax.Word) { words = append(words, list...) }
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			split(n.Args)
		case *syntax.WordIter:
			split(n.Items)
		case *syntax.ArrayExpr:
			for _, e := range n.Elems {
				if e.Index == nil && e.Value != nil {
					words = append(words, e.Value)
				}
			}
		}
		return true
	})
	for _, w := range words {
		at := w.Pos()
		syntax.SplitBraces(w)
		fillBraces(w, at)
	}
}

// fillBraces puts something into the empty words of {,}: where a word without
// parts begins the parser can't say.
func fillBraces(w *syntax.Word, at syntax.Pos) {
	if len(w.Parts) == 0 {
		w.Parts = []syntax.WordPart{&syntax.Lit{ValuePos: at, ValueEnd: at}}
	}
	for _, part := range w.Parts {
		if b, ok := part.(*syntax.BraceExp); ok {
			for _, e := range b.Elems {
				fillBraces(e, at)
			}
		}
	}
}

// run runs a text to its end. It returns the status of its last command.
func (sh *shell) run(text string) int {
	sh.units(text, func(u unit) bool {
		if u.err != nil {
			sh.syntaxError(text, u.err)
			return false
		}
		sh.runUnit(u.stmts)
		return sh.jump.kind == none
	})
	return sh.status
}

// runUnit runs the commands of one line; an error in an expansion gives up the
// rest of it.
func (sh *shell) runUnit(stmts []*syntax.Stmt) {
	if sh.options.noexec && !sh.interactive {
		return
	}
	sh.stmts(stmts)
	if sh.jump.kind == discards && len(sh.calls) == 0 {
		sh.jump = jump{}
	}
}

// syntaxError reports a text that can't be read.
func (sh *shell) syntaxError(text string, err error) {
	p := describe(text, err)
	sh.status = 2
	if sh.dash {
		sh.line = int(p.line) + sh.shift
		sh.errorf("Syntax error: %s", p.dashText())
		if !sh.interactive {
			sh.leave(2)
		}
		return
	}
	line := int(p.line) + sh.shift
	head := fmt.Sprintf("%s: ", sh.name)
	if !sh.interactive {
		head = fmt.Sprintf("%s: %sline %d: ", sh.prefix(), sh.source, line)
	}
	fmt.Fprintf(sh.err(), "%s%s\n", head, p.bashText())
	if p.near != "" && !sh.interactive {
		fmt.Fprintf(sh.err(), "%s`%s'\n", head, p.text)
	}
}
