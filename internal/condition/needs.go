package condition

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Need is a comparison of a text with literals that must hold for a condition to hold.
type Need struct {
	Variable string   // its name
	Name     string   // of one of its texts, when it is ByNames; else empty
	How      Compared // with the literals
	With     []string // one of them
}

// Compared is how a Need compares.
type Compared int

// The comparisons of a Need.
const (
	Equal Compared = iota + 1
	Contains
	Begins
	Ends
)

// Holds reports whether a text is as the need says.
func (n Need) Holds(text string) bool {
	if n.How == Equal {
		return slices.Contains(n.With, text)
	}
	compare := strings.Contains
	switch n.How {
	case Begins:
		compare = strings.HasPrefix
	case Ends:
		compare = strings.HasSuffix
	}
	return compare(text, n.With[0])
}

// needsOf reads what has to hold out of the parts that && joins; whole: that is all that
// is asked.
func needsOf(e ast.Expr) (all []Need, whole bool) {
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalAnd {
		whole = true
		for _, a := range e.AsCall().Args() {
			some, wholly := needsOf(a)
			all, whole = append(all, some...), whole && wholly
		}
		return all, whole
	}
	all = comparison(e)
	return all, len(all) > 0
}

// comparison is the need that an expression is; nothing when it is something else.
func comparison(e ast.Expr) []Need {
	if e.Kind() != ast.CallKind {
		return nil
	}
	c := e.AsCall()
	switch c.FunctionName() {
	case operators.Equals:
		if a, b := c.Args()[0], c.Args()[1]; b.Kind() == ast.LiteralKind {
			return need(a, Equal, b)
		} else if a.Kind() == ast.LiteralKind {
			return need(b, Equal, a)
		}
		return nil
	case operators.In:
		return need(c.Args()[0], Equal, c.Args()[1])
	}
	how, known := map[string]Compared{"contains": Contains, "startsWith": Begins, "endsWith": Ends}[c.FunctionName()]
	if !known || !c.IsMemberFunction() || len(c.Args()) != 1 {
		return nil
	}
	return need(c.Target(), how, c.Args()[0])
}

// need is a comparison of a variable with literals; nothing when it is another.
func need(of ast.Expr, how Compared, with ast.Expr) []Need {
	variable, name, ok := asked(of)
	texts := literalsOf(with)
	if !ok || len(texts) == 0 {
		return nil
	}
	return []Need{{variable, name, how, texts}}
}

// asked is the variable, and the name in it, that an expression stands for.
func asked(e ast.Expr) (variable, name string, ok bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent(), "", true
	case ast.SelectKind:
		s := e.AsSelect()
		if s.IsTestOnly() || s.Operand().Kind() != ast.IdentKind {
			return "", "", false
		}
		return s.Operand().AsIdent(), s.FieldName(), true
	case ast.CallKind:
		c := e.AsCall()
		if c.FunctionName() != operators.Index || c.Args()[0].Kind() != ast.IdentKind {
			return "", "", false
		}
		texts := literalsOf(c.Args()[1])
		if len(texts) != 1 || c.Args()[1].Kind() != ast.LiteralKind {
			return "", "", false
		}
		return c.Args()[0].AsIdent(), texts[0], true
	}
	return "", "", false
}

// literalsOf are the texts of a literal or of a list of literals; none when it is
// something else.
func literalsOf(e ast.Expr) []string {
	if e.Kind() == ast.LiteralKind {
		if text, ok := e.AsLiteral().Value().(string); ok {
			return []string{text}
		}
		return nil
	}
	if e.Kind() != ast.ListKind {
		return nil
	}
	var all []string
	for _, item := range e.AsList().Elements() {
		if item.Kind() != ast.LiteralKind {
			return nil
		}
		text, ok := item.AsLiteral().Value().(string)
		if !ok {
			return nil
		}
		all = append(all, text)
	}
	return all
}
