package command

import (
	"context"
	"fmt"
	"io/fs"
	"math/big"
	"path"
	"strings"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/deception/shell"
)

// expr evaluates its arguments.
func expr(ctx context.Context, p *shell.Proc) int {
	args := p.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		p.Errorf("missing operand")
		try(p)
		return 2
	}
	e := &evaluator{p: p, args: args, compiler: compilerOf(ctx, p)}
	v := e.or()
	if e.problem == "" && len(e.args) > 0 {
		e.problem = "syntax error: unexpected argument " + quote(p, e.args[0])
	}
	if e.problem != "" {
		p.Errorf("%s", e.problem)
		return 2
	}
	fmt.Fprintln(p.Out, v)
	if empty(v) {
		return 1
	}
	return 0
}

// empty is what counts as false.
func empty(v string) bool {
	return v == "" || strings.Trim(v, "0") == "" || strings.Trim(v, "0") == "-" && len(v) > 1
}

type evaluator struct {
	p *shell.Proc
	compiler
	args    []string
	problem string
	depth   int
}

func (e *evaluator) next(ops ...string) (string, bool) {
	if len(e.args) == 0 || e.problem != "" {
		return "", false
	}
	for _, op := range ops {
		if e.args[0] == op {
			e.args = e.args[1:]
			return op, true
		}
	}
	return "", false
}

func (e *evaluator) or() string {
	v := e.and()
	for {
		if _, ok := e.next("|"); !ok {
			return v
		}
		if w := e.and(); empty(v) {
			if v = w; empty(v) {
				v = "0"
			}
		}
	}
}

func (e *evaluator) and() string {
	v := e.relation()
	for {
		if _, ok := e.next("&"); !ok {
			return v
		}
		if w := e.relation(); empty(v) || empty(w) {
			v = "0"
		}
	}
}

func (e *evaluator) relation() string {
	v := e.sum()
	for {
		op, ok := e.next("<", "<=", "=", "==", "!=", ">=", ">")
		if !ok {
			return v
		}
		w := e.sum()
		c := strings.Compare(v, w)
		if a, ok := new(big.Int).SetString(v, 10); ok {
			if b, ok := new(big.Int).SetString(w, 10); ok {
				c = a.Cmp(b)
			}
		}
		hit := map[string]bool{"<": c < 0, "<=": c <= 0, "=": c == 0, "==": c == 0, "!=": c != 0, ">=": c >= 0, ">": c > 0}[op]
		v = fmt.Sprint(order(hit))
	}
}

func (e *evaluator) sum() string {
	v := e.product()
	for {
		op, ok := e.next("+", "-")
		if !ok {
			return v
		}
		v = e.compute(op, v, e.product())
	}
}

func (e *evaluator) product() string {
	v := e.match()
	for {
		op, ok := e.next("*", "/", "%")
		if !ok {
			return v
		}
		v = e.compute(op, v, e.match())
	}
}

func (e *evaluator) compute(op, x, y string) string {
	a, okA := new(big.Int).SetString(x, 10)
	b, okB := new(big.Int).SetString(y, 10)
	switch {
	case e.problem != "":
		return ""
	case !okA || !okB || len(x)+len(y) > 4096:
		e.problem = "non-integer argument"
		return ""
	case (op == "/" || op == "%") && b.Sign() == 0:
		e.problem = "division by zero"
		return ""
	}
	switch op {
	case "+":
		return a.Add(a, b).String()
	case "-":
		return a.Sub(a, b).String()
	case "*":
		return a.Mul(a, b).String()
	case "/":
		return a.Quo(a, b).String()
	}
	return a.Rem(a, b).String()
}

func (e *evaluator) match() string {
	v := e.primary()
	for {
		if _, ok := e.next(":"); !ok {
			return v
		}
		v = e.matched(v, e.primary())
	}
}

// matched is what STRING : PATTERN gives.
func (e *evaluator) matched(text, pattern string) string {
	re, err := e.compile("^"+pattern, false, false)
	if err != nil {
		e.problem = err.Error()
		return ""
	}
	m := re.find(text)
	switch {
	case re.Groups() > 0 && (m == nil || m[2] < 0):
		return ""
	case re.Groups() > 0:
		return text[m[2]:m[3]]
	case m == nil:
		return "0"
	}
	return fmt.Sprint(utf8.RuneCountInString(text[:m[1]]))
}

func (e *evaluator) primary() string {
	if e.depth++; e.depth > 500 {
		e.problem = "syntax error: expression is nested too deeply"
		return ""
	}
	defer func() { e.depth-- }()
	if len(e.args) == 0 {
		if e.problem == "" {
			e.problem = "syntax error: missing argument after " + quote(e.p, e.p.Args[len(e.p.Args)-1])
		}
		return ""
	}
	word := e.args[0]
	e.args = e.args[1:]
	switch {
	case word == "(":
		v := e.or()
		if _, ok := e.next(")"); !ok && e.problem == "" {
			e.problem = "syntax error: expecting ')' after " + quote(e.p, e.p.Args[len(e.p.Args)-1])
		}
		return v
	case word == ")":
		e.problem = "syntax error: unexpected ')'"
		return ""
	case word == "length" && len(e.args) > 0:
		return fmt.Sprint(len([]rune(e.primary())))
	case word == "match" && len(e.args) > 1:
		return e.matched(e.primary(), e.primary())
	case word == "index" && len(e.args) > 1:
		return fmt.Sprint(strings.IndexAny(e.primary(), e.primary()) + 1)
	case word == "substr" && len(e.args) > 2:
		return e.substring(e.primary(), e.primary(), e.primary())
	}
	return word
}

func (e *evaluator) substring(text, from, length string) string {
	var at, n int
	if _, err := fmt.Sscan(from, &at); err != nil {
		return ""
	}
	if _, err := fmt.Sscan(length, &n); err != nil || at < 1 || n < 1 || at > len(text) {
		return ""
	}
	return text[at-1 : min(at-1+n, len(text))]
}

// test is /usr/bin/test; scripts use their shell's own.
func test(_ context.Context, p *shell.Proc) int {
	args := p.Args[1:]
	if path.Base(p.Args[0]) == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			fmt.Fprintln(p.Err, "[: missing ‘]’")
			return 2
		}
		args = args[:len(args)-1]
	}
	negate := false
	for len(args) > 1 && args[0] == "!" {
		negate, args = !negate, args[1:]
	}
	var ok bool
	switch len(args) {
	case 0:
	case 1:
		ok = args[0] != ""
	case 2:
		ok = testFile(p, args[0], args[1])
	case 3:
		ok = testPair(p, args)
	default:
		p.Errorf("extra argument %s", quote(p, args[3]))
		return 2
	}
	return 1 - order(ok != negate)
}

func testFile(p *shell.Proc, op, name string) bool {
	switch op {
	case "-n":
		return name != ""
	case "-z":
		return name == ""
	case "-L", "-h":
		i, err := p.Files.Lstat(name)
		return err == nil && i.Mode&fs.ModeSymlink != 0
	case "-t":
		return p.InTerminal(int(name[0] - '0'))
	}
	i, err := p.Files.Stat(name)
	if err != nil {
		return false
	}
	switch op {
	case "-e":
		return true
	case "-f":
		return i.Mode.IsRegular()
	case "-d":
		return i.IsDir()
	case "-s":
		return i.Size > 0
	case "-r", "-w", "-x":
		return p.Files.Access(name, map[string]fs.FileMode{"-r": 4, "-w": 2, "-x": 1}[op]) == nil
	case "-b", "-c", "-p", "-S":
		return modeString(i.Mode)[:1] == strings.ToLower(op[1:])
	case "-u":
		return i.Mode&fs.ModeSetuid != 0
	case "-O":
		return i.UID == p.User.UID
	}
	return false
}

func testPair(p *shell.Proc, a []string) bool {
	e := &evaluator{p: p}
	switch a[1] {
	case "=", "==":
		return a[0] == a[2]
	case "!=":
		return a[0] != a[2]
	case "-nt", "-ot", "-ef":
		x, err1 := p.Files.Stat(a[0])
		y, err2 := p.Files.Stat(a[2])
		if err1 != nil || err2 != nil {
			return false
		}
		return map[string]bool{"-nt": x.Mtime.After(y.Mtime), "-ot": x.Mtime.Before(y.Mtime), "-ef": x.Ino == y.Ino}[a[1]]
	}
	op := map[string]string{"-eq": "=", "-ne": "!=", "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">="}[a[1]]
	e.args = []string{a[0], op, a[2]}
	return e.relation() == "1"
}
