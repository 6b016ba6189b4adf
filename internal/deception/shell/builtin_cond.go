package shell

import (
	"io/fs"
	"strconv"
	"strings"
)

func (sh *shell) biTest(args []string) int {
	name, rest := args[0], args[1:]
	if name == "[" {
		if len(rest) == 0 || rest[len(rest)-1] != "]" {
			if sh.dash {
				sh.errorf("[: missing ]")
			} else {
				sh.errorf("[: missing `]'")
			}
			return 2
		}
		rest = rest[:len(rest)-1]
	}
	t := &tester{sh: sh, name: name, args: rest}
	ok := t.whole()
	if t.wrong != "" {
		sh.errorf("%s: %s", name, t.wrong)
		return 2
	}
	return flag(ok)
}

// tester evaluates the words of test, by their number first, as POSIX says.
type tester struct {
	sh    *shell
	name  string
	args  []string
	at    int
	depth int
	wrong string
}

func (t *tester) whole() bool {
	a := t.args
	switch len(a) {
	case 0:
		return false
	case 1:
		return a[0] != ""
	case 2:
		if a[0] == "!" {
			return a[1] == ""
		}
		if unaryTest(a[0]) {
			return t.unary(a[0], a[1])
		}
		t.wrong = a[0] + ": unary operator expected"
		if t.sh.dash {
			t.wrong = a[0] + ": unexpected operator"
		}
		return false
	case 3:
		if binaryTest(a[1]) {
			return t.binary(a[0], a[1], a[2])
		}
		if a[0] == "!" {
			return !t.sub(a[1:])
		}
		if a[0] == "(" && a[2] == ")" {
			return a[1] != ""
		}
		if a[1] != "-a" && a[1] != "-o" {
			t.wrong = a[1] + ": binary operator expected"
			if t.sh.dash {
				t.wrong = a[1] + ": unexpected operator"
			}
			return false
		}
	case 4:
		if a[0] == "!" {
			return !t.sub(a[1:])
		}
	}
	ok := t.or()
	if t.wrong == "" && t.at < len(t.args) {
		t.wrong = "too many arguments"
		if t.sh.dash {
			t.wrong = t.args[t.at] + ": unexpected operator"
		}
	}
	return ok
}

func (t *tester) sub(args []string) bool {
	s := &tester{sh: t.sh, name: t.name, args: args}
	ok := s.whole()
	t.wrong = s.wrong
	return ok
}

func (t *tester) peek() string {
	if t.at < len(t.args) {
		return t.args[t.at]
	}
	return ""
}

func (t *tester) or() bool {
	ok := t.and()
	for t.wrong == "" && t.peek() == "-o" {
		t.at++
		right := t.and()
		ok = ok || right
	}
	return ok
}

func (t *tester) and() bool {
	ok := t.term()
	for t.wrong == "" && t.peek() == "-a" {
		t.at++
		right := t.term()
		ok = ok && right
	}
	return ok
}

func (t *tester) term() bool {
	left := len(t.args) - t.at
	if t.depth++; t.depth > 500 {
		t.wrong = "too many arguments"
		return false
	}
	switch word := t.peek(); {
	case left == 0:
		t.wrong = "argument expected"
		return false
	case word == "!":
		t.at++
		return !t.term()
	case left >= 3 && binaryTest(t.args[t.at+1]):
		t.at += 3
		return t.binary(word, t.args[t.at-2], t.args[t.at-1])
	case word == "(":
		t.at++
		ok := t.or()
		if t.peek() != ")" {
			t.wrong = "`)' expected"
			return false
		}
		t.at++
		return ok
	case left >= 2 && unaryTest(word):
		t.at += 2
		return t.unary(word, t.args[t.at-1])
	default:
		t.at++
		return word != ""
	}
}

func unaryTest(op string) bool {
	return len(op) == 2 && op[0] == '-' && strings.IndexByte("abcdefghknoprstuvwxzGLNORS", op[1]) >= 0
}

func binaryTest(op string) bool {
	switch op {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
}

func (t *tester) unary(op, arg string) bool { return t.sh.testUnary(op, arg) }

func (t *tester) binary(a, op, b string) bool {
	switch op {
	case "=", "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case ">":
		return a > b
	case "-nt", "-ot", "-ef":
		return t.sh.testFiles(op, a, b)
	}
	x, ok := t.integer(a)
	if !ok {
		return false
	}
	y, ok := t.integer(b)
	return ok && compareWord(op, x, y)
}

func (t *tester) integer(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil && t.wrong == "" {
		t.wrong = s + ": integer expression expected"
		if t.sh.dash {
			t.wrong = "Illegal number: " + s
		}
	}
	return n, err == nil
}

func compareWord(op string, x, y int64) bool {
	switch op {
	case "-eq":
		return x == y
	case "-ne":
		return x != y
	case "-lt":
		return x < y
	case "-le":
		return x <= y
	case "-gt":
		return x > y
	}
	return x >= y
}

// testUnary is a test of one thing: -f file, -n text and so on.
func (sh *shell) testUnary(op, arg string) bool {
	switch op {
	case "-n":
		return arg != ""
	case "-z":
		return arg == ""
	case "-t":
		d := sh.fds[atoi(arg)]
		return digits(arg) && d != nil && d.terminal()
	case "-o":
		return sh.options.get(arg)
	case "-v":
		return sh.isSet(arg)
	case "-R":
		v := sh.raw(arg)
		return v != nil && v.attrs.nameref
	}
	return arg != "" && sh.testFile(op, arg)
}

func (sh *shell) isSet(name string) bool {
	if base, key, ok := subscript(name); ok {
		v := sh.array(base)
		if v == nil {
			return false
		}
		if key == "@" || key == "*" {
			return len(v.values()) > 0
		}
		_, set := v.get(key)
		return set
	}
	_, set := sh.param(name)
	return set
}

func (sh *shell) testFile(op, name string) bool {
	view := sh.view()
	if op == "-h" || op == "-L" {
		i, err := view.Lstat(name)
		return err == nil && i.Mode&fs.ModeSymlink != 0
	}
	i, err := view.Stat(name)
	if err != nil {
		return false
	}
	switch op {
	case "-e", "-a":
		return true
	case "-f":
		return i.Mode.IsRegular()
	case "-d":
		return i.IsDir()
	case "-s":
		return i.Size > 0
	case "-r":
		return view.Access(name, 4) == nil
	case "-w":
		return view.Access(name, 2) == nil
	case "-x":
		return view.Access(name, 1) == nil
	case "-O":
		return i.UID == sh.user.UID
	case "-G":
		return i.GID == sh.user.GID
	case "-N":
		return i.Mtime.After(i.Atime)
	}
	return i.Mode&fileKind(op) != 0 && (op != "-b" || i.Mode&fs.ModeCharDevice == 0)
}

func fileKind(op string) fs.FileMode {
	switch op {
	case "-b":
		return fs.ModeDevice
	case "-c":
		return fs.ModeCharDevice
	case "-p":
		return fs.ModeNamedPipe
	case "-S":
		return fs.ModeSocket
	case "-u":
		return fs.ModeSetuid
	case "-g":
		return fs.ModeSetgid
	case "-k":
		return fs.ModeSticky
	}
	return 0
}

func (sh *shell) testFiles(op, a, b string) bool {
	x, err1 := sh.view().Stat(a)
	y, err2 := sh.view().Stat(b)
	switch op {
	case "-ef":
		return err1 == nil && err2 == nil && x.Ino == y.Ino
	case "-nt":
		return err1 == nil && (err2 != nil || x.Mtime.After(y.Mtime))
	}
	return err2 == nil && (err1 != nil || x.Mtime.Before(y.Mtime))
}
