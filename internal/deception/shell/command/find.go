package command

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/shell"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// found is a file that find looks at.
type found struct {
	name  string
	base  string
	depth int
	info  vfs.Info
}

// test1 is a node of find's expression.
type judge func(f *found) bool

// finder is one run of find.
type finder struct {
	ctx        context.Context
	p          *shell.Proc
	args       []string
	follow     bool
	least      int
	most       int
	depthFirst bool
	acts       bool // an action other than -prune is in the expression
	pruned     bool
	quit       bool
	status     int
	batches    []*batch
	names      names
	problem    string
	nested     int
}

// batch is an -exec … +, which gets many names at once.
type batch struct{ command, files []string }

func find(ctx context.Context, p *shell.Proc) int {
	f := &finder{ctx: ctx, p: p, most: math.MaxInt, names: newNames(p.Machine)}
	var starts []string
	f.args = p.Args[1:]
	for len(f.args) > 0 && (f.args[0] == "-L" || f.args[0] == "-H" || f.args[0] == "-P") {
		f.follow = f.args[0] == "-L"
		f.args = f.args[1:]
	}
	for len(f.args) > 0 && !strings.HasPrefix(f.args[0], "-") && f.args[0] != "(" && f.args[0] != "!" && f.args[0] != ")" && f.args[0] != "," {
		starts, f.args = append(starts, f.args[0]), f.args[1:]
	}
	all := judge(func(*found) bool { return true })
	if len(f.args) > 0 {
		all = f.either()
	}
	if f.problem == "" && len(f.args) > 0 {
		f.fail("paths must precede expression: `%s'", f.args[0])
		if f.args[0] == ")" {
			f.problem = "you have too many ')'"
		}
	}
	if f.problem != "" {
		p.Errorf("%s", f.problem)
		return 1
	}
	if !f.acts {
		inner := all
		all = func(x *found) bool { return inner(x) && f.print(x, "\n") }
	}
	if len(starts) == 0 {
		starts = []string{"."}
	}
	for _, s := range starts {
		f.start(s, all)
	}
	for _, b := range f.batches {
		f.flush(b)
	}
	return f.status
}

func (f *finder) fail(format string, args ...any) judge {
	if f.problem == "" {
		f.problem = fmt.Sprintf(format, args...)
	}
	f.args = nil
	return func(*found) bool { return false }
}

func (f *finder) print(x *found, end string) bool {
	_, err := fmt.Fprint(f.p.Out, x.name+end)
	if err != nil {
		f.quit = true
	}
	return true
}

func (f *finder) start(name string, all judge) {
	i, err := f.p.Files.Lstat(name)
	if err == nil && (f.follow || strings.HasSuffix(name, "/")) {
		if target, e := f.p.Files.Stat(name); e == nil {
			i = target
		}
	}
	if err != nil {
		f.p.Errorf("%s: %s", quote(f.p, name), reason(err))
		f.status = 1
		return
	}
	f.visit(&found{name: name, base: path.Base(name), info: i}, all)
}

func (f *finder) visit(x *found, all judge) {
	if f.quit || f.p.Step(f.ctx) != nil {
		return
	}
	f.pruned = false
	if !f.depthFirst && x.depth >= f.least {
		all(x)
	}
	if x.info.IsDir() && x.depth < f.most && !f.pruned {
		f.below(x, all)
	}
	if f.depthFirst && x.depth >= f.least && !f.quit {
		all(x)
	}
}

func (f *finder) below(x *found, all judge) {
	list, err := f.p.Files.ReadDir(x.name)
	if err != nil {
		f.p.Errorf("%s: %s", quote(f.p, x.name), reason(err))
		f.status = 1
		return
	}
	for _, e := range list {
		name := strings.TrimSuffix(x.name, "/") + "/" + e.Name
		if f.follow && e.Mode&fs.ModeSymlink != 0 && x.depth < 40 {
			if target, err := f.p.Files.Stat(name); err == nil {
				e = target
			}
		}
		f.visit(&found{name: name, base: path.Base(name), depth: x.depth + 1, info: e}, all)
	}
}

// either reads terms joined by -o.
func (f *finder) either() judge {
	if f.nested++; f.nested > 200 {
		return f.fail("expression is nested too deeply")
	}
	defer func() { f.nested-- }()
	left := f.both()
	for len(f.args) > 0 && (f.args[0] == "-o" || f.args[0] == "-or" || f.args[0] == ",") {
		comma := f.args[0] == ","
		f.args = f.args[1:]
		a, b := left, f.both()
		left = func(x *found) bool {
			if comma {
				a(x)
				return b(x)
			}
			return a(x) || b(x)
		}
	}
	return left
}

func (f *finder) both() judge {
	left := f.not()
	for len(f.args) > 0 && f.args[0] != "-o" && f.args[0] != "-or" && f.args[0] != ")" && f.args[0] != "," && f.problem == "" {
		if f.args[0] == "-a" || f.args[0] == "-and" {
			f.args = f.args[1:]
		}
		a, b := left, f.not()
		left = func(x *found) bool { return a(x) && b(x) }
	}
	return left
}

func (f *finder) not() judge {
	if len(f.args) == 0 {
		return f.fail("expected an expression after a binary operator")
	}
	arg := f.args[0]
	f.args = f.args[1:]
	switch arg {
	case "!", "-not":
		if f.nested++; f.nested > 200 {
			return f.fail("expression is nested too deeply")
		}
		defer func() { f.nested-- }()
		inner := f.not()
		return func(x *found) bool { return !inner(x) }
	case "(":
		inner := f.either()
		if len(f.args) == 0 || f.args[0] != ")" {
			return f.fail("invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('")
		}
		f.args = f.args[1:]
		return inner
	}
	return f.primary(arg)
}

// operand takes the argument of a primary.
func (f *finder) operand(of string) (string, bool) {
	if len(f.args) == 0 {
		f.fail("missing argument to `%s'", of)
		return "", false
	}
	arg := f.args[0]
	f.args = f.args[1:]
	return arg, true
}

func (f *finder) primary(name string) judge {
	switch name {
	case "-print":
		f.acts = true
		return func(x *found) bool { return f.print(x, "\n") }
	case "-print0":
		f.acts = true
		return func(x *found) bool { return f.print(x, "\x00") }
	case "-ls":
		f.acts = true
		return f.ls
	case "-delete":
		f.acts, f.depthFirst = true, true
		return f.delete
	case "-prune":
		return func(*found) bool { f.pruned = true; return true }
	case "-quit":
		f.acts = true
		return func(*found) bool { f.quit = true; return true }
	case "-depth", "-d":
		f.depthFirst = true
		return yesTo
	case "-true", "-mount", "-xdev", "-noleaf", "-daystart", "-follow", "-warn", "-nowarn", "-ignore_readdir_race":
		return yesTo
	case "-false":
		return func(*found) bool { return false }
	case "-empty":
		return f.empty
	case "-readable", "-writable", "-executable":
		want := map[string]fs.FileMode{"-readable": 4, "-writable": 2, "-executable": 1}[name]
		return func(x *found) bool { return f.p.Files.Access(x.name, want) == nil }
	case "-nouser":
		return func(x *found) bool { _, ok := f.names.users[x.info.UID]; return !ok }
	case "-nogroup":
		return func(x *found) bool { _, ok := f.names.groups[x.info.GID]; return !ok }
	case "-exec", "-execdir", "-ok":
		f.acts = true
		return f.exec(name)
	case "-printf", "-fprintf":
		f.acts = true
		if format, ok := f.operand(name); ok {
			return func(x *found) bool { fmt.Fprint(f.p.Out, f.format(format, x)); return true }
		}
	}
	return f.withOperand(name)
}

func yesTo(*found) bool { return true }

func (f *finder) withOperand(name string) judge {
	known := " -name -iname -path -ipath -wholename -regex -iregex -lname -type -xtype -size -perm -user -group -uid -gid -newer -anewer -cnewer -newermt -mtime -atime -ctime -mmin -amin -cmin -maxdepth -mindepth -links -inum -samefile -fstype "
	if !strings.Contains(known, " "+name+" ") {
		if strings.HasPrefix(name, "-") {
			return f.fail("unknown predicate `%s'", name)
		}
		return f.fail("paths must precede expression: `%s'", name)
	}
	arg, ok := f.operand(name)
	if !ok {
		return yesTo
	}
	switch name {
	case "-name", "-iname", "-path", "-ipath", "-wholename", "-lname":
		return f.glob(name, arg)
	case "-regex", "-iregex":
		re, err := compilerOf(f.ctx, f.p).compile("^\\("+strings.NewReplacer("|", `\|`).Replace(arg)+"\\)$", false, name == "-iregex")
		if err != nil {
			return f.fail("failed to compile regular expression '%s': %s", arg, err)
		}
		return func(x *found) bool { return re.match(x.name) }
	case "-type", "-xtype":
		return f.kind(arg)
	case "-size":
		return f.size(arg)
	case "-perm":
		return f.perm(arg)
	case "-user", "-group", "-uid", "-gid":
		return f.owner(name, arg)
	case "-maxdepth", "-mindepth":
		return f.depth(name, arg)
	case "-newer", "-anewer", "-cnewer", "-newermt", "-samefile":
		return f.newer(name, arg)
	case "-fstype":
		return func(x *found) bool { return arg == "ext4" }
	}
	return f.number(name, arg)
}
