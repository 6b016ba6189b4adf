package postgres

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

func (c *client) now() value {
	s := c.srv.setup.Clock.Now().UTC().Format("2006-01-02 15:04:05.000000")
	return value{text: strings.TrimRight(strings.TrimRight(s, "0"), ".") + "+00", kind: tTime}
}

// combine joins two expressions by an operator.
func (p *parser) combine(a *expr, op token, b *expr) (*expr, *problem) {
	kind := uint32(tBool)
	switch op.text {
	case "||":
		kind = tText
	case "+", "-", "*", "/", "%":
		if kind = a.kind; b.kind == tNumeric || a.kind != tInt4 && a.kind != tInt8 && a.kind != tNumeric {
			kind = b.kind
		}
		if a.kind == tText && b.kind == tText {
			return nil, wrong("42725", "parse_oper.c", 647, "op_error", "operator is not unique: unknown %s unknown", op.text).at(op.at).
				with("Could not choose a best candidate operator. You might need to add explicit type casts.")
		}
	}
	return computed(kind, func(row []value) (value, *problem) {
		x, err := a.eval(row)
		if err != nil {
			return x, err
		}
		y, err := b.eval(row)
		if err != nil {
			return y, err
		}
		if err := p.c.spend(len(x.text) + len(y.text)); err != nil {
			return value{}, err
		}
		if op.text == "like" || op.text == "ilike" {
			if err := p.c.spend(len(x.text) * min(len(x.text), len(y.text)) / 16); err != nil {
				return value{}, err
			}
		}
		return apply(op.text, x, y, kind)
	}), nil
}

func tooDeep() *problem {
	return wrong("54001", "postgres.c", 3445, "check_stack_depth", "stack depth limit exceeded")
}

// maxText bounds what expressions make.
const maxText = 1 << 20

func apply(op string, x, y value, kind uint32) (value, *problem) {
	switch op {
	case "and":
		return boolean(x.text == "t" && y.text == "t"), nil
	case "or":
		return boolean(x.text == "t" || y.text == "t"), nil
	}
	if x.null || y.null {
		return value{null: true, kind: kind}, nil
	}
	switch op {
	case "||":
		if len(x.text)+len(y.text) > maxText {
			return value{}, wrong("53200", "mcxt.c", 1041, "MemoryContextAlloc", "out of memory")
		}
		return text(x.text + y.text), nil
	case "+", "-", "*", "/", "%":
		return reckon(op, x, y, kind)
	case "like", "ilike":
		return boolean(like(y.text, x.text, op == "ilike")), nil
	case "~", "~*", "!~", "!~*": // as far as plain text and its beginning go
		fold, want, pattern := strings.HasSuffix(op, "*"), !strings.HasPrefix(op, "!"), y.text
		s := x.text
		if fold {
			s, pattern = strings.ToLower(s), strings.ToLower(pattern)
		}
		hit := strings.Contains(s, pattern)
		if rest, ok := strings.CutPrefix(pattern, "^"); ok {
			hit = strings.HasPrefix(s, rest)
		}
		return boolean(hit == want), nil
	}
	return boolean(ordered(op, order(x, y))), nil
}

func ordered(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "<>", "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// order compares numbers as such, and anything else as text.
func order(x, y value) int {
	a, ok := new(big.Rat).SetString(short(x.text))
	b, ok2 := new(big.Rat).SetString(short(y.text))
	if ok && ok2 && x.kind != tText {
		return a.Cmp(b)
	}
	return strings.Compare(x.text, y.text)
}

// short keeps numbers that would take forever from being read as such.
func short(s string) string {
	if len(s) > 40 || strings.ContainsAny(s, "eE/xX") {
		return ""
	}
	return s
}

func reckon(op string, x, y value, kind uint32) (value, *problem) {
	a, ok := new(big.Rat).SetString(short(x.text))
	b, ok2 := new(big.Rat).SetString(short(y.text))
	if !ok || !ok2 {
		bad := x.text
		if ok {
			bad = y.text
		}
		return value{}, wrong("22P02", "numutils.c", 232, "pg_strtoint32", `invalid input syntax for type integer: "%s"`, bad)
	}
	if op == "/" || op == "%" {
		if b.Sign() == 0 {
			return value{}, wrong("22012", "int.c", map[string]int{"/": 869, "%": 1149}[op], map[string]string{"/": "int4div", "%": "int4mod"}[op], "division by zero")
		}
	}
	out := new(big.Rat)
	switch op {
	case "+":
		out.Add(a, b)
	case "-":
		out.Sub(a, b)
	case "*":
		out.Mul(a, b)
	case "/":
		out.Quo(a, b)
	case "%":
		if !a.IsInt() || !b.IsInt() {
			return value{null: true, kind: kind}, nil
		}
		out.SetInt(new(big.Int).Rem(a.Num(), b.Num()))
	}
	return number(out, kind, scale(op, x.text, y.text))
}

// scale is how many decimals a result has (numeric.c: a product has those of
// both, a quotient about sixteen).
func scale(op, x, y string) int {
	_, a, _ := strings.Cut(x, ".")
	_, b, _ := strings.Cut(y, ".")
	switch op {
	case "*":
		return len(a) + len(b)
	case "/":
		return 16
	}
	return max(len(a), len(b))
}

func number(r *big.Rat, kind uint32, decimals int) (value, *problem) {
	if kind == tNumeric {
		return value{text: r.FloatString(decimals), kind: kind}, nil
	}
	n := new(big.Int).Quo(r.Num(), r.Denom())
	if kind == tInt4 && (n.Cmp(big.NewInt(1<<31-1)) > 0 || n.Cmp(big.NewInt(-1<<31)) < 0) {
		return value{}, wrong("22003", "int.c", 766, "int4pl", "integer out of range")
	}
	return value{text: n.String(), kind: kind}, nil
}

// like matches % and _, in time that is the product of both lengths at most.
func like(pattern, s string, fold bool) bool {
	if fold {
		pattern, s = strings.ToLower(pattern), strings.ToLower(s)
	}
	p, i, star, back := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, back = p, i
			p++
		case p < len(pattern) && (pattern[p] == '_' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			back++
			p, i = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "%") == ""
}

// cast reads a type and converts to it.
func (p *parser) cast(e *expr) (*expr, *problem) {
	t := p.peek()
	n, ok := p.ident()
	if !ok {
		return nil, p.bad()
	}
	if n == "pg_catalog" && p.word(".") {
		t = p.peek()
		n, _ = p.ident()
	}
	kind, label := typeNamed(n)
	if kind == 0 {
		return nil, wrong("42704", "parse_type.c", 270, "typenameType", `type "%s" does not exist`, n).at(t.at)
	}
	if p.word("(") { // a length
		p.i += 2
	}
	if n == "character" || n == "double" {
		p.i++
	}
	out := &expr{name: e.name, kind: kind, eval: func(row []value) (value, *problem) {
		v, err := e.eval(row)
		if err != nil {
			return v, err
		}
		return convert(v, kind)
	}}
	if out.name == "?column?" {
		out.name = label
	}
	return out, nil
}

func typeNamed(n string) (kind uint32, label string) {
	switch n {
	case "int", "integer", "int4":
		return tInt4, "int4"
	case "bigint", "int8":
		return tInt8, "int8"
	case "text":
		return tText, n
	case "varchar", "character":
		return tText, "varchar"
	case "char":
		return tText, "bpchar"
	case "numeric", "decimal":
		return tNumeric, "numeric"
	case "bool", "boolean":
		return tBool, "bool"
	case "name":
		return tName, n
	case "oid", "regclass":
		return tOID, n
	}
	return 0, ""
}

func convert(v value, kind uint32) (value, *problem) {
	v.kind = kind
	if v.null {
		return v, nil
	}
	switch kind {
	case tInt4, tInt8:
		if _, err := strconv.ParseInt(strings.TrimSpace(v.text), 10, 64); err != nil {
			file, line, routine, label := "numutils.c", 232, "pg_strtoint32", "integer"
			if kind == tInt8 {
				line, routine, label = 321, "pg_strtoint64", "bigint"
			}
			return v, wrong("22P02", file, line, routine, `invalid input syntax for type %s: "%s"`, label, v.text)
		}
	case tNumeric:
		if _, ok := new(big.Rat).SetString(short(v.text)); !ok {
			return v, wrong("22P02", "numeric.c", 6896, "set_var_from_str", `invalid input syntax for type numeric: "%s"`, v.text)
		}
	case tBool:
		if !isBool(v.text) && v.text != "t" && v.text != "f" {
			return v, wrong("22P02", "bool.c", 154, "boolin", `invalid input syntax for type boolean: "%s"`, v.text)
		}
		return boolean(strings.HasPrefix(strings.ToLower(v.text), "t") || v.text == "1" || v.text == "on" || strings.HasPrefix(v.text, "y")), nil
	}
	return v, nil
}

// sleep is how long pg_sleep waits: as asked, within what a client may hold a
// connection for.
func sleep(v value) time.Duration {
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil || f <= 0 {
		return 0
	}
	return time.Duration(min(f, 60) * float64(time.Second))
}
