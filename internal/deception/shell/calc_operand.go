package shell

import (
	"strconv"
	"strings"
)

func (c *calc) unary() (int64, error) {
	op := c.tok
	switch op {
	case "!", "~", "+", "-":
		c.next()
		n, err := c.unary()
		switch op {
		case "!":
			n = int64(1 - flag(n == 0))
		case "~":
			n = ^n
		case "-":
			n = -n
		}
		return n, err
	case "++", "--":
		return c.step()
	}
	return c.primary()
}

// step is ++name and --name.
func (c *calc) step() (int64, error) {
	by := int64(1)
	if c.tok == "--" {
		by = -1
	}
	c.next()
	name := c.tok
	if !isOperand(name) || name == "(" || name[0] >= '0' && name[0] <= '9' {
		n, err := c.unary() // ++5 is + + 5
		return n, err
	}
	c.next()
	return c.bump(name, by, true)
}

func (c *calc) bump(name string, by int64, before bool) (int64, error) {
	old, err := c.value(name)
	if err == nil && c.dead == 0 {
		err = c.store(name, old+by)
	}
	if before {
		return old + by, err
	}
	return old, err
}

func (c *calc) primary() (int64, error) {
	tok, start := c.tok, c.start
	switch {
	case tok == "(":
		c.next()
		n, err := c.comma()
		if err != nil {
			return 0, err
		}
		if c.tok != ")" {
			return 0, c.wrong("missing `)'", c.expr[start:])
		}
		c.next()
		return n, nil
	case tok == "" || !isNameByte(tok[0]):
		return 0, c.wrong("syntax error: operand expected", c.tail(start))
	case tok[0] >= '0' && tok[0] <= '9':
		n, bad := number(tok)
		if bad != "" {
			return 0, c.wrong(bad, tok)
		}
		c.next()
		return n, nil
	}
	if c.next(); c.tok == "++" || c.tok == "--" {
		by := int64(1)
		if c.tok == "--" {
			by = -1
		}
		c.next()
		return c.bump(tok, by, false)
	}
	return c.value(tok)
}

// tail is the text that bash shows when an operand is missing: from the last
// operator on.
func (c *calc) tail(start int) string {
	if start < len(c.expr) {
		return c.expr[start:]
	}
	end := strings.TrimRight(c.expr, " \t\n")
	i := len(end)
	for i > 0 && !isNameByte(end[i-1]) && !blank(end[i-1]) && end[i-1] != ')' {
		i--
	}
	return c.expr[i:]
}

// value is a variable's: text that is an expression itself.
func (c *calc) value(name string) (int64, error) {
	if c.dead > 0 {
		return 0, nil
	}
	base, key, has := subscript(name)
	s, set := "", false
	if has {
		k, err := c.key(base, key)
		if err != nil {
			return 0, err
		}
		if v := c.sh.array(base); v != nil {
			s, set = v.get(k)
		}
	} else {
		s, set = c.sh.value(name)
	}
	if !set && c.sh.options.nounset {
		return 0, c.sh.fatal("%s: unbound variable", name)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && (s[0] != '0' || s == "0") && s[0] != '+' {
		return n, nil
	}
	return c.sh.calculateAt(s, c.depth+1)
}
