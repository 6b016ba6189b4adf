package shell

import (
	"strconv"
	"strings"
)

// calc evaluates an expression by going through its text, as bash does: what is
// wrong is named by the text from there on.
type calc struct {
	sh    *shell
	expr  string
	at    int // after the token
	tok   string
	start int // of the token
	depth int // of names whose values are expressions
	dead  int // > 0: not to be evaluated, as the right of 0 && x
}

// deepest is how far names may refer to expressions that name others.
const deepest = 1024

func (sh *shell) calculate(expr string) (int64, error) { return sh.calculateAt(expr, 0) }

func (sh *shell) calculateAt(expr string, depth int) (int64, error) {
	if !sh.step() {
		return 0, errFault
	}
	c := &calc{sh: sh, expr: strings.TrimLeft(expr, " \t\n"), depth: depth}
	if depth > deepest || strings.Count(expr, "(") > 2000 || len(expr) > 1<<16 {
		return 0, c.wrong("expression recursion level exceeded", c.expr)
	}
	c.next()
	if c.tok == "" {
		return 0, nil
	}
	n, err := c.comma()
	if err == nil && c.tok != "" {
		return 0, c.wrong(c.trouble(), c.expr[c.start:])
	}
	return n, err
}

// trouble names what is wrong when something is left over.
func (c *calc) trouble() string {
	if isOperand(c.tok) {
		return "syntax error in expression"
	}
	if c.tok == "=" || strings.HasSuffix(c.tok, "=") && assignOp(c.tok) {
		return "attempted assignment to non-variable"
	}
	if strings.ContainsAny(c.tok, ".,\"'@#$") || c.tok == "{" || c.tok == "}" {
		return "syntax error: invalid arithmetic operator"
	}
	return "syntax error in expression"
}

func isOperand(tok string) bool { return tok != "" && (isNameByte(tok[0]) || tok == "(") }

func (c *calc) wrong(what, token string) error {
	return mathError{expr: c.expr, what: what, token: token}
}

// operators are the longest first.
const operators = "<<= >>= ** ++ -- << >> <= >= == != && || += -= *= /= %= &= ^= |="

func (c *calc) next() {
	for c.at < len(c.expr) && blank(c.expr[c.at]) {
		c.at++
	}
	c.start = c.at
	if c.at >= len(c.expr) {
		c.tok = ""
		return
	}
	if isNameByte(c.expr[c.at]) {
		c.word()
		return
	}
	for op := range strings.FieldsSeq(operators) {
		if strings.HasPrefix(c.expr[c.at:], op) {
			c.take(len(op))
			return
		}
	}
	c.take(1)
}

func (c *calc) take(n int) {
	c.tok = c.expr[c.at : c.at+n]
	c.at += n
}

// word takes a number or a name with its subscript.
func (c *calc) word() {
	end := c.at
	isNumber := c.expr[c.at] >= '0' && c.expr[c.at] <= '9'
	for end < len(c.expr) && (isNameByte(c.expr[end]) || isNumber && (c.expr[end] == '#' || c.expr[end] == '@')) {
		end++
	}
	if !isNumber && end < len(c.expr) && c.expr[end] == '[' {
		for depth := 0; end < len(c.expr); end++ {
			if c.expr[end] == '[' {
				depth++
			} else if c.expr[end] == ']' {
				if depth--; depth == 0 {
					end++
					break
				}
			}
		}
	}
	c.take(end - c.at)
}

func isNameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func (c *calc) comma() (n int64, err error) {
	for {
		if n, err = c.assignment(); err != nil || c.tok != "," {
			return n, err
		}
		c.next()
	}
}

func assignOp(tok string) bool {
	switch tok {
	case "=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|=":
		return true
	}
	return false
}

func (c *calc) assignment() (int64, error) {
	tok, at, start := c.tok, c.at, c.start
	if name := tok; isOperand(name) && name != "(" && (name[0] < '0' || name[0] > '9') {
		if c.next(); assignOp(c.tok) {
			return c.assign(name, c.tok)
		}
		c.tok, c.at, c.start = tok, at, start
	}
	return c.ternary()
}

func (c *calc) assign(name, op string) (int64, error) {
	from := c.start
	c.next()
	n, err := c.assignment()
	if err != nil {
		return 0, err
	}
	if op != "=" {
		old, err := c.value(name)
		if err != nil {
			return 0, err
		}
		if n, err = c.apply(strings.TrimSuffix(op, "="), old, n, from); err != nil {
			return 0, err
		}
	}
	if c.dead > 0 {
		return n, nil
	}
	return n, c.store(name, n)
}

// store sets a variable or an element.
func (c *calc) store(name string, n int64) error {
	base, key, _ := subscript(name)
	if key != "" {
		k, err := c.key(base, key)
		if err != nil {
			return err
		}
		return c.sh.setIn(nil, base, k, strconv.FormatInt(n, 10), false)
	}
	return c.sh.setVar(name, strconv.FormatInt(n, 10))
}

func (c *calc) key(base, key string) (string, error) {
	if v := c.sh.lookup(base); v != nil && v.kind == associative {
		return key, nil
	}
	n, err := c.sh.calculateAt(key, c.depth+1)
	return strconv.FormatInt(n, 10), err
}

func (c *calc) ternary() (int64, error) {
	n, err := c.binary(0)
	if err != nil || c.tok != "?" {
		return n, err
	}
	c.next()
	yes, err := c.branch(n != 0, c.comma)
	if err != nil {
		return 0, err
	}
	if c.tok != ":" {
		return 0, c.wrong("`:' expected for conditional expression", c.expr[c.start:])
	}
	c.next()
	no, err := c.branch(n == 0, c.assignment)
	if n != 0 {
		return yes, err
	}
	return no, err
}

// branch evaluates a side that may not count.
func (c *calc) branch(live bool, fn func() (int64, error)) (int64, error) {
	if !live {
		c.dead++
		defer func() { c.dead-- }()
	}
	return fn()
}

// precedence is how tightly an operator binds.
func precedence(op string) int {
	switch op {
	case "||":
		return 1
	case "&&":
		return 2
	case "|":
		return 3
	case "^":
		return 4
	case "&":
		return 5
	case "==", "!=":
		return 6
	case "<", ">", "<=", ">=":
		return 7
	case "<<", ">>":
		return 8
	case "+", "-":
		return 9
	case "*", "/", "%":
		return 10
	case "**":
		return 11
	}
	return 0
}

func (c *calc) binary(least int) (int64, error) {
	n, err := c.unary()
	for err == nil {
		op, p := c.tok, precedence(c.tok)
		if p == 0 || p <= least && op != "**" || p < least {
			return n, nil
		}
		c.next()
		var right int64
		from := c.start
		live := op != "&&" && op != "||" || (op == "&&") == (n != 0)
		right, err = c.branch(live, func() (int64, error) {
			if op == "**" {
				return c.binary(p - 1)
			}
			return c.binary(p)
		})
		if err == nil {
			n, err = c.apply(op, n, right, from)
		}
	}
	return 0, err
}

func (c *calc) apply(op string, a, b int64, from int) (int64, error) {
	if op == "/" || op == "%" {
		switch {
		case b == 0 && c.dead > 0:
			return 0, nil
		case b == 0:
			return 0, c.wrong("division by 0", c.expr[from:])
		case b == -1 && op == "%":
			return 0, nil
		case b == -1:
			return -a, nil
		case op == "/":
			return a / b, nil
		}
		return a % b, nil
	}
	if op == "**" {
		if b < 0 {
			return 0, c.wrong("exponent less than 0", strings.TrimLeft(c.expr[from:], "-+ "))
		}
		return power(a, b), nil
	}
	return simpleOp(op, a, b), nil
}

func power(a, b int64) int64 {
	n := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			n *= a
		}
		a *= a
	}
	return n
}

func simpleOp(op string, a, b int64) int64 {
	truth := func(ok bool) int64 { return int64(1 - flag(ok)) }
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "<<":
		return a << (uint64(b) & 63)
	case ">>":
		return a >> (uint64(b) & 63)
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	}
	return truth(compare(op, a, b))
}

func compare(op string, a, b int64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case ">":
		return a > b
	case "<=":
		return a <= b
	case ">=":
		return a >= b
	case "&&":
		return a != 0 && b != 0
	}
	return a != 0 || b != 0
}
