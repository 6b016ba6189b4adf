package shell

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// mathError is what is wrong with an expression, in bash's words.
type mathError struct{ expr, what, token string }

// Error implements error.
func (e mathError) Error() string {
	if e.token == "" {
		return fmt.Sprintf("%s: %s", e.expr, e.what)
	}
	return fmt.Sprintf("%s: %s (error token is \"%s\")", e.expr, e.what, e.token)
}

// source writes a part of the tree as it may have been typed.
func source(n syntax.Node) string {
	var b strings.Builder
	if n == nil || syntax.NewPrinter().Print(&b, n) != nil {
		return ""
	}
	return b.String()
}

// exprSource is source of an expression, which the printer takes as a command.
func exprSource(x syntax.ArithmExpr) string {
	s := source(&syntax.ArithmCmd{X: x})
	s = strings.TrimSuffix(strings.TrimPrefix(s, "(("), "))")
	return s
}

// arithm evaluates an expression of the script, and reports what is wrong.
func (sh *shell) arithm(x syntax.ArithmExpr) (int64, error) {
	text, err := sh.exprText(x)
	if err != nil {
		return 0, err
	}
	return sh.reported(sh.calculate(text))
}

// exprText is an expression with its parameters and substitutions expanded: so
// bash does it before it looks at the operators.
func (sh *shell) exprText(x syntax.ArithmExpr) (string, error) {
	var b strings.Builder
	err := sh.writeExpr(&b, x)
	return b.String(), err
}

func (sh *shell) writeExpr(b *strings.Builder, x syntax.ArithmExpr) error {
	switch x := x.(type) {
	case nil:
		return nil
	case *syntax.Word:
		return sh.writeOperand(b, x)
	case *syntax.ParenArithm:
		b.WriteByte('(')
		err := sh.writeExpr(b, x.X)
		b.WriteByte(')')
		return err
	case *syntax.UnaryArithm:
		op := x.Op.String()
		if !x.Post {
			b.WriteString(op)
		}
		err := sh.writeExpr(b, x.X)
		if x.Post {
			b.WriteString(op)
		}
		return err
	case *syntax.BinaryArithm:
		if err := sh.writeExpr(b, x.X); err != nil {
			return err
		}
		b.WriteString(spaced(x))
		return sh.writeExpr(b, x.Y)
	}
	return nil
}

// spaced is an operator with the blanks that were around it, which errors show.
func spaced(x *syntax.BinaryArithm) string {
	left, right := " ", " "
	if x.X.End().Offset() == x.OpPos.Offset() {
		left = ""
	}
	if x.Y.Pos().Offset() == x.OpPos.Offset()+uint(len(x.Op.String())) {
		right = ""
	}
	return left + x.Op.String() + right
}

func (sh *shell) writeOperand(b *strings.Builder, w *syntax.Word) error {
	for _, part := range w.Parts {
		if p, ok := part.(*syntax.ParamExp); ok && !p.Dollar.IsValid() { // name[subscript]
			key, err := sh.exprText(p.Index)
			if err != nil {
				return err
			}
			b.WriteString(p.Param.Value + "[" + key + "]")
			continue
		}
		s, err := sh.join(&syntax.Word{Parts: []syntax.WordPart{part}}, mode{quoted: true})
		if err != nil {
			return err
		}
		b.WriteString(s)
	}
	return nil
}

// evalText evaluates an expression that is text, and reports what is wrong.
func (sh *shell) evalText(s string) (int64, error) { return sh.reported(sh.calculate(s)) }

func (sh *shell) reported(n int64, err error) (int64, error) {
	var m mathError
	switch {
	case !errors.As(err, &m):
	case sh.dash && m.what == "division by 0":
		return 0, sh.fault("arithmetic expression: division by zero: %q", m.expr)
	case sh.dash:
		return 0, sh.fault("arithmetic expression: expecting primary: %q", m.expr)
	default:
		return 0, sh.fault("%s%s", sh.mathHead, m.Error())
	}
	return n, err
}

// arithmetic is (( )) and let: the status says whether the result is not 0.
func (sh *shell) arithmetic(x syntax.ArithmExpr, who string) {
	text, err := sh.exprText(x)
	if err != nil {
		return
	}
	n, err := sh.calculate(text)
	var m mathError
	if errors.As(err, &m) {
		sh.errorf("%s: %s", who, m.Error())
		sh.status = 1
		return
	}
	if err == nil {
		sh.status = flag(n != 0)
	}
}

// number reads an integer of a script: decimal, 0octal, 0xhex, base#digits.
func number(s string) (int64, string) {
	base, digits := 10, s
	switch {
	case strings.Contains(s, "#"):
		b, d, _ := strings.Cut(s, "#")
		n, err := strconv.Atoi(b)
		if err != nil || n < 2 || n > 64 {
			return 0, "invalid arithmetic base"
		}
		if d == "" {
			return 0, "invalid integer constant"
		}
		base, digits = n, d
	case len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'):
		base, digits = 16, s[2:]
	case len(s) > 1 && s[0] == '0':
		base, digits = 8, s[1:]
	}
	var n int64
	for i := range len(digits) {
		d := digit(digits[i], base)
		if d < 0 {
			return 0, "value too great for base"
		}
		n = n*int64(base) + int64(d)
	}
	return n, ""
}

func digit(c byte, base int) int {
	d := -1
	switch {
	case c >= '0' && c <= '9':
		d = int(c - '0')
	case c >= 'a' && c <= 'z':
		d = int(c-'a') + 10
	case c >= 'A' && c <= 'Z':
		if d = int(c-'A') + 36; base <= 36 {
			d -= 26
		}
	case c == '@':
		d = 62
	case c == '_':
		d = 63
	}
	if d >= base {
		return -1
	}
	return d
}
