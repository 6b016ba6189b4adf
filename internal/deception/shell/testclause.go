package shell

import (
	"mvdan.cc/sh/v3/syntax"
)

// testClause is [[ … ]].
func (sh *shell) testClause(c *syntax.TestClause) {
	ok, err := sh.testExpr(c.X)
	if err != nil {
		sh.status = max(sh.status, 1)
		return
	}
	if sh.status = flag(ok); sh.testBad {
		sh.status = 2
	}
	sh.testBad = false
	sh.pipestatus = append(sh.pipestatus[:0], sh.status)
}

func (sh *shell) testExpr(x syntax.TestExpr) (bool, error) {
	switch x := x.(type) {
	case *syntax.Word:
		s, err := sh.text(x)
		return s != "", err
	case *syntax.ParenTest:
		return sh.testExpr(x.X)
	case *syntax.UnaryTest:
		return sh.unaryExpr(x)
	case *syntax.BinaryTest:
		return sh.binaryExpr(x)
	}
	return false, nil
}

func (sh *shell) unaryExpr(x *syntax.UnaryTest) (bool, error) {
	if x.Op == syntax.TsNot {
		ok, err := sh.testExpr(x.X)
		return !ok, err
	}
	w, ok := x.X.(*syntax.Word)
	if !ok {
		return false, nil
	}
	s, err := sh.text(w)
	if err != nil {
		return false, err
	}
	return sh.testUnary(x.Op.String(), s), nil
}

func (sh *shell) binaryExpr(x *syntax.BinaryTest) (bool, error) {
	switch x.Op {
	case syntax.AndTest, syntax.OrTest:
		ok, err := sh.testExpr(x.X)
		if err != nil || ok == (x.Op == syntax.OrTest) {
			return ok, err
		}
		return sh.testExpr(x.Y)
	}
	l, ok1 := x.X.(*syntax.Word)
	r, ok2 := x.Y.(*syntax.Word)
	if !ok1 || !ok2 {
		return false, nil
	}
	left, err := sh.text(l)
	if err != nil {
		return false, err
	}
	switch x.Op {
	case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
		pat, err := sh.pattern(r)
		if err != nil {
			return false, err
		}
		return sh.match(pat, left, sh.shopts.on("nocasematch")) == (x.Op != syntax.TsNoMatch), nil
	case syntax.TsReMatch:
		return sh.regexp(left, r)
	}
	right, err := sh.text(r)
	if err != nil {
		return false, err
	}
	return sh.compareExpr(x.Op, left, right)
}

func (sh *shell) compareExpr(op syntax.BinTestOperator, a, b string) (bool, error) {
	switch op {
	case syntax.TsBefore:
		return a < b, nil
	case syntax.TsAfter:
		return a > b, nil
	case syntax.TsNewer, syntax.TsOlder, syntax.TsDevIno:
		return sh.testFiles(op.String(), a, b), nil
	}
	sh.mathHead = "[[: "
	defer func() { sh.mathHead = "" }()
	x, err := sh.calculate(a)
	if err == nil {
		var y int64
		if y, err = sh.calculate(b); err == nil {
			return compareWord(op.String(), x, y), nil
		}
	}
	if m, ok := err.(mathError); ok {
		sh.errorf("[[: %s", m.Error())
		sh.status = 1
		return false, nil
	}
	return false, err
}
