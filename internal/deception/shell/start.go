package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// newShell makes the shell of a process.
func newShell(p *Proc, dash bool) *shell {
	sh := &shell{
		m: p.Machine, login: p.login, user: p.User, proc: p.self, pid: p.PID, ctx: p.self.ctx, path: p.Path,
		name: p.Args[0], dash: dash, fds: p.fds, dir: p.Dir, mask: p.mask, began: p.Now(), seed: uint32(p.PID)*2654435761 | 1,
		scopes: []*scope{{vars: map[string]*variable{}}}, funcs: map[string]*function{}, aliases: map[string]string{},
		traps: map[string]string{}, shopts: shopts{}, gone: map[string]bool{}, lastArg: p.Path, pending: make(chan Signal, 8), trapMu: &sync.Mutex{},
	}
	sh.options.others = map[string]bool{"braceexpand": true, "hashall": true, "interactive-comments": true}
	for _, e := range p.Env.list {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "BASH_FUNC_") {
			sh.importFunction(name, value)
			continue
		}
		sh.inherit(name, value, true)
	}
	sh.defaults1(p)
	sh.proc.catches(sh.catch)
	return sh
}

func (sh *shell) inherit(name, value string, export bool) {
	if sh.hold(len(name) + len(value) + 64) {
		sh.scopes[0].vars[name] = &variable{text: value, set: true, attrs: attrs{export: export}}
	}
}

// importFunction takes a function from the environment, as bash exports them.
func (sh *shell) importFunction(name, value string) {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "BASH_FUNC_"), "%%")
	sh.units(name+" "+value, func(u unit) bool {
		if u.err == nil {
			sh.stmts(u.stmts)
		}
		return u.err == nil
	})
	if f := sh.funcs[name]; f != nil {
		f.export = true
	}
}

func (sh *shell) defaults1(p *Proc) {
	set := func(name, value string, a attrs) {
		if sh.raw(name) == nil {
			sh.scopes[0].vars[name] = &variable{text: value, set: true, attrs: a}
		}
	}
	set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", attrs{})
	set("PWD", sh.dir, attrs{export: true})
	sh.scopes[0].vars["PPID"] = &variable{text: itoa(p.self.PPID), set: true, attrs: attrs{readonly: !sh.dash, integer: !sh.dash}}
	sh.scopes[0].vars["IFS"] = &variable{text: " \t\n", set: true}
	sh.scopes[0].vars["OPTIND"] = &variable{text: "1", set: true}
	set("PS4", "+ ", attrs{})
	if sh.dash {
		return
	}
	level := atoi(sh.get("SHLVL")) + 1
	sh.scopes[0].vars["SHLVL"] = &variable{text: itoa(level), set: true, attrs: attrs{export: true}}
	set("TERM", "dumb", attrs{})
	set("SHELL", sh.user.Shell, attrs{})
	set("BASH", sh.path, attrs{})
	set("BASH_VERSION", "5.2.15(1)-release", attrs{})
	set("HOSTNAME", sh.m.persona.Hostname, attrs{})
	set("HOSTTYPE", "x86_64", attrs{})
	set("MACHTYPE", "x86_64-pc-linux-gnu", attrs{})
	set("OSTYPE", "linux-gnu", attrs{})
	set("OPTERR", "1", attrs{})
	set("_", sh.path, attrs{})
	sh.scopes[0].vars["UID"] = &variable{text: itoa(sh.user.UID), set: true, attrs: attrs{readonly: true, integer: true}}
	sh.scopes[0].vars["EUID"] = &variable{text: itoa(sh.user.UID), set: true, attrs: attrs{readonly: true, integer: true}}
	info := &variable{kind: indexed, attrs: attrs{readonly: true}}
	for i, s := range []string{"5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"} {
		info.put(itoa(i), s)
	}
	sh.scopes[0].vars["BASH_VERSINFO"] = info
}

// runBash and runDash are the programs bash and dash.
func runBash(_ context.Context, p *Proc) int { return runShell(p, false) }

func runDash(_ context.Context, p *Proc) int { return runShell(p, true) }

// runText is a file without #! that is run: bash takes it for a script.
func runText(_ context.Context, p *Proc) int {
	p.Args = append([]string{"bash", p.Path}, p.Args[1:]...)
	return runShell(p, false)
}

func runShell(p *Proc, dash bool) int {
	sh := newShell(p, dash)
	sh.fds = p.fds.clone()
	defer sh.release()
	status := sh.main(p)
	return status
}

// main reads the shell's arguments and runs what they say.
func (sh *shell) main(p *Proc) int {
	sh.loginShell = strings.HasPrefix(sh.name, "-")
	rest, command, ok := sh.arguments(p.Args[1:])
	if !ok {
		return map[bool]int{true: 0, false: 2}[len(p.Args) > 1 && p.Args[1] == "--version"]
	}
	switch {
	case command != nil:
		sh.flagC = true
		if len(rest) > 0 {
			sh.name, sh.params = rest[0], rest[1:]
		}
		sh.source = "-c: "
		sh.startup()
		sh.run(*command)
	case len(rest) > 0 && !sh.fromInput:
		sh.params = rest[1:]
		return sh.runFile(rest[0])
	case sh.interactive || p.InTerminal(0) && p.InTerminal(2):
		sh.params = rest
		sh.interactive = true
		sh.interact()
	default:
		sh.params = rest
		sh.runInput()
	}
	sh.exitTrap()
	return sh.status
}

// arguments reads the options that bash is called with.
func (sh *shell) arguments(args []string) (rest []string, command *string, ok bool) {
	wantC := false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		a := args[0]
		args = args[1:]
		if a == "--" {
			break
		}
		if strings.HasPrefix(a, "--") {
			if done := sh.longOption(a, &args); done {
				return nil, nil, false
			}
			continue
		}
		for _, c := range []byte(a[1:]) {
			switch {
			case c == 'c':
				wantC = true
			case c == 'i':
				sh.interactive = true
			case c == 'l':
				sh.loginShell = true
			case c == 's':
				sh.fromInput = true
			case (c == 'o' || c == 'O') && len(args) > 0:
				sh.options.set(args[0], a[0] == '-')
				args = args[1:]
			default:
				name, known := sh.options.letter(c)
				if !known && c != 'r' && c != 'D' {
					sh.badOption(a)
					return nil, nil, false
				}
				sh.options.set(name, a[0] == '-')
			}
		}
	}
	if wantC {
		if len(args) == 0 {
			sh.complain("-c: option requires an argument")
			return nil, nil, false
		}
		return args[1:], &args[0], true
	}
	return args, nil, true
}

// runFile runs a script.
func (sh *shell) runFile(name string) int {
	b, err := sh.readScript(name)
	if err != nil {
		return sh.noScript(name, err)
	}
	sh.name, sh.script = name, name
	sh.startup()
	sh.run(string(b))
	sh.exitTrap()
	return sh.status
}

var errBinary = errors.New("cannot execute binary file")

func (sh *shell) readScript(name string) ([]byte, error) {
	view := sh.view()
	i, err := view.Stat(name)
	if err != nil && !strings.Contains(name, "/") && !sh.dash {
		if at, e := find(view, sh.get("PATH"), name); e == nil {
			name = at
			i, err = view.Stat(name)
		}
	}
	if err != nil {
		return nil, err
	}
	if i.IsDir() {
		return nil, vfs.EISDIR
	}
	b, err := view.ReadFirst(name, sh.m.limits.Script+1)
	if err == nil {
		line, _, _ := bytes.Cut(b[:min(len(b), 80)], []byte("\n"))
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, errBinary
		}
	}
	return b, err
}

func (sh *shell) noScript(name string, err error) int {
	status := 126
	if errors.Is(err, vfs.ENOENT) {
		status = 127
	}
	switch {
	case sh.dash:
		sh.complain("0: cannot open " + name + ": " + dashReason(err))
		return 2
	case errors.Is(err, errBinary):
		writeLine(sh.err(), name+": "+name+": cannot execute binary file")
		return 126
	case errors.Is(err, vfs.EISDIR):
		writeLine(sh.err(), name+": "+name+": Is a directory")
		return 126
	}
	sh.complain(name + ": " + reason(err))
	return status
}

func (sh *shell) complain(text string) { writeLine(sh.err(), sh.name+": "+text) }

func writeLine(w io.Writer, s string) { _, _ = io.WriteString(w, s+"\n") }

// runInput runs what comes from standard input.
func (sh *shell) runInput() {
	sh.startup()
	b, err := io.ReadAll(io.LimitReader(sh.in(), int64(sh.m.limits.Script)+1))
	if err != nil && len(b) == 0 {
		return
	}
	sh.run(string(b))
}

// startup reads the files that a login shell reads.
func (sh *shell) startup() {
	if !sh.loginShell || sh.dash {
		return
	}
	sh.sourceQuietly("/etc/profile")
	for _, name := range []string{".bash_profile", ".bash_login", ".profile"} {
		if sh.sourceQuietly(path.Join(sh.get("HOME"), name)) {
			return
		}
	}
}

// sourceQuietly runs a file in the shell when there is one.
func (sh *shell) sourceQuietly(name string) bool {
	b, err := sh.view().ReadFirst(name, sh.m.limits.Script+1)
	if err != nil {
		return false
	}
	sh.sourced(name, string(b), nil)
	sh.status = 0
	return true
}

// sourced runs a text as . does.
func (sh *shell) sourced(name, text string, params []string) {
	if len(sh.calls) > 200 {
		sh.errorf("%s: maximum source nesting level exceeded (%d)", name, 200)
		sh.status = 1
		return
	}
	old, shift, line := sh.params, sh.shift, sh.line
	if params != nil {
		sh.params = params
	}
	sh.calls = append(sh.calls, call{name: "source", source: name, line: line, sourced: true})
	sh.shift = 0
	sh.units(text, func(u unit) bool {
		if u.err != nil {
			sh.syntaxError(text, u.err)
			return false
		}
		sh.stmts(u.stmts)
		return sh.jump.kind == none
	})
	if sh.jump.kind == returns {
		sh.jump = jump{}
	}
	sh.calls = sh.calls[:len(sh.calls)-1]
	sh.shift, sh.line = shift, line
	if params != nil {
		sh.params = old
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// longOption is one with two dashes; done says that the shell ends with it.
func (sh *shell) longOption(a string, args *[]string) (done bool) {
	switch a {
	case "--login":
		sh.loginShell = true
	case "--posix":
		sh.options.posix = true
	case "--rcfile", "--init-file":
		*args = (*args)[min(1, len(*args)):]
	case "--norc", "--noprofile", "--noediting", "--verbose", "--restricted", "--debugger":
		sh.noFiles = sh.noFiles || a == "--norc" || a == "--noprofile"
	case "--version":
		_, _ = io.WriteString(sh.out(), "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2022 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n")
		return true
	default:
		sh.badOption(a)
		return true
	}
	return false
}

func (sh *shell) badOption(a string) {
	if sh.dash {
		sh.complain("0: Illegal option " + a)
		return
	}
	sh.complain(a + ": invalid option")
	_, _ = io.WriteString(sh.err(), "Usage:\tbash [GNU long option] [option] ...\n\tbash [GNU long option] [option] script-file ...\nGNU long options:\n")
	for name := range strings.FieldsSeq("debug debugger dump-po-strings dump-strings help init-file login noediting noprofile norc posix pretty-print rcfile restricted verbose version") {
		_, _ = io.WriteString(sh.err(), "\t--"+name+"\n")
	}
	_, _ = io.WriteString(sh.err(), "Shell options:\n\t-ilrsD or -c command or -O shopt_option\t\t(invocation only)\n\t-abefhkmnptuvxBCEHPT or -o option\n")
}
