package shell

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// find looks a program up: a name with a slash is a path, others are looked for
// on PATH.
func find(view *vfs.View, searchPath, name string) (file string, err error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	err = vfs.ENOENT
	for dir := range strings.SplitSeq(searchPath, ":") {
		if dir == "" {
			dir = "."
		}
		at := dir + "/" + name
		i, e := view.Stat(at)
		if e != nil || !i.Mode.IsRegular() {
			continue
		}
		if view.Access(at, 1) == nil {
			return at, nil
		}
		file, err = at, vfs.EACCES
	}
	return file, err
}

// external runs a program in a process of its own and waits for it.
func (sh *shell) external(args []string) {
	name := args[0]
	if name == "" {
		sh.notFound(name)
		return
	}
	file, ok := sh.hashed[name]
	if !ok {
		searchPath, set := sh.value("PATH")
		if !set {
			searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		}
		var err error
		if file, err = find(sh.view(), searchPath, name); errors.Is(err, vfs.ENOENT) {
			sh.notFound(name)
			return
		}
		if !strings.Contains(name, "/") && err == nil {
			if sh.hashed == nil {
				sh.hashed = map[string]string{}
			}
			sh.hashed[name] = file
		}
	}
	if why := sh.unrunnable(file); why != nil {
		sh.cannotRun(file, why)
		return
	}
	p, err := sh.fork(args)
	if err != nil {
		return
	}
	sh.joins(p, p.PID)
	proc := sh.newProc(p, args)
	proc.Path = sh.abs(file)
	sh.login.all.Go(func() { proc.live(proc.image()) })
	sh.foreground([]*process{p})
	status, killed := p.result()
	sh.status = status
	sh.tellKilled(p, killed)
}

func (sh *shell) notFound(name string) {
	sh.status = 127
	if sh.dash {
		sh.errorf("%s: not found", name)
		return
	}
	if f := sh.funcs["command_not_found_handle"]; f != nil {
		sh.callFunction(f, []string{"command_not_found_handle", name})
		return
	}
	if strings.Contains(name, "/") {
		sh.errorf("%s: No such file or directory", name)
		return
	}
	sh.errorf("%s: command not found", name)
}

// unrunnable is why a file can't be run, nil when it can.
func (sh *shell) unrunnable(file string) error {
	view := sh.view()
	i, err := view.Stat(file)
	switch {
	case err != nil:
		return err
	case i.IsDir():
		return vfs.EISDIR
	}
	return view.Access(file, 1)
}

func (sh *shell) cannotRun(file string, why error) {
	text := reason(why)
	sh.status = 126
	if errors.Is(why, vfs.ENOENT) || errors.Is(why, vfs.ENOTDIR) && sh.dash {
		sh.status = 127
	}
	if sh.dash {
		if sh.status == 127 {
			text = "not found"
		} else if errors.Is(why, vfs.EISDIR) {
			text = "Permission denied"
		}
	}
	sh.errorf("%s: %s", file, text)
}

// newProc makes what a program is given.
func (sh *shell) newProc(p *process, args []string) *Proc {
	fds := sh.fds.clone()
	env := sh.environment()
	env.Set("_", args[0])
	caller := ""
	if sh.interactive {
		caller = sh.name + ": "
	}
	return &Proc{
		caller: caller,
		Args:   args, Env: env, Dir: sh.dir, Machine: sh.m, User: sh.user, PID: p.PID,
		Terminal: sh.login.Terminal, Session: sh.login.Session,
		login: sh.login, self: p, fds: fds, mask: sh.mask,
	}
}

// image is what runs a Proc: a command of the machine, a script, or the failure
// of what an attacker brought.
type image func(ctx context.Context, p *Proc) int

// live is the life of a program's process.
func (p *Proc) live(run image) {
	defer func() { p.login.hold(-int(p.self.held.Swap(0))) }()
	defer func() {
		if r := recover(); r != nil {
			p.Machine.failed(fmt.Errorf("shell: running %s: %v", path.Base(p.Path), r))
			p.self.cancel(signalled(SIGSEGV))
			p.fds.close()
			p.self.end(139)
		}
	}()
	p.connect()
	status := run(p.self.ctx, p)
	p.fds.close()
	p.self.end(status & 255)
}

// connect gives the program its streams and its view of the files.
func (p *Proc) connect() {
	p.In, p.Out, p.Err = p.fds.stream(p.self, 0), p.fds.stream(p.self, 1), p.fds.stream(p.self, 2)
	p.Files = p.Machine.view(p.User).In(p.Dir).Masked(modeOf(p.mask)).Within(p.self.ctx).With(p.linked)
}

func (p *Proc) linked(name string, _ int) (vfs.Stream, bool, error) {
	sh := &shell{login: p.login, fds: p.fds}
	d, ok := sh.own(name)
	if !ok {
		return nil, false, nil
	}
	if d == nil {
		return nil, true, vfs.ENOENT
	}
	return held(p.self, d), true, nil
}

// linked resolves the names of the shell's own descriptors.
func (sh *shell) linked(t fdTable) vfs.Linked {
	return func(name string, _ int) (vfs.Stream, bool, error) {
		d, ok := sh.own(name)
		if !ok {
			return nil, false, nil
		}
		if d == nil {
			return nil, true, vfs.ENOENT
		}
		return held(sh.proc, d), true, nil
	}
}

// heldStream is a descriptor that was opened by its name.
type heldStream struct{ bound }

func held(p *process, d *desc) heldStream {
	return heldStream{bound{p, p.ctx, d}}
}

// Close implements vfs.Stream; the descriptor stays the process's.
func (heldStream) Close() error { return nil }

// headSize is how much of a file tells what it is.
const headSize = 256

// image finds out what a file is.
func (p *Proc) image() image {
	head := p.head()
	base := path.Base(p.Path)
	if real, err := p.rootView().Real(p.Path); err == nil {
		base = path.Base(real)
	}
	if c := p.Machine.commands[path.Base(p.Path)]; c != nil && p.system() {
		return image(c)
	}
	switch base {
	case "bash", "rbash":
		if p.system() {
			return runBash
		}
	case "dash", "sh":
		if p.system() {
			return runDash
		}
	}
	if c := p.Machine.commands[base]; c != nil && p.system() {
		return image(c)
	}
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return p.interpreted(head)
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return binary(head)
	case bytes.IndexByte(head[:min(len(head), 80)], 0) >= 0:
		return refuse(126, "cannot execute binary file: Exec format error")
	}
	return runText
}

func (p *Proc) rootView() *vfs.View { return p.Machine.files.As(vfs.Cred{}).In(p.Dir) }

func (p *Proc) head() []byte {
	f, err := p.rootView().Open(p.Path, vfs.O_RDONLY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, headSize)
	n, _ := f.Read(b)
	return b[:n]
}

// system reports whether a file is a program of the machine, or a copy of one:
// what the attacker wrote himself is not.
func (p *Proc) system() bool {
	i, err := p.rootView().Stat(p.Path)
	return err == nil && i.Mode.IsRegular() && bytes.HasPrefix(p.head(), []byte("\x7fELF")) && !i.New
}

// interpreted is a file that begins with #!.
func (p *Proc) interpreted(head []byte) image {
	line, _, _ := strings.Cut(string(head[2:]), "\n")
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return runText
	}
	name := strings.TrimSuffix(fields[0], "\r")
	if _, err := p.rootView().Stat(fields[0]); err != nil {
		if name != fields[0] {
			name = fields[0][:len(name)] + "^M"
		}
		return refuse(127, "cannot execute: required file not found")
	}
	args := fields[:1]
	if rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), fields[0])); rest != "" {
		args = append(args, rest)
	}
	args = append(args, p.Args[0])
	if !strings.Contains(p.Args[0], "/") {
		args[len(args)-1] = p.Path
	}
	p.Args = append(args, p.Args[1:]...)
	p.Path = path.Join(p.Dir, fields[0])
	if path.IsAbs(fields[0]) {
		p.Path = fields[0]
	}
	if !p.deeper() {
		return refuse(126, "Too many levels of symbolic links")
	}
	return p.image()
}

// deeper counts interpreters of interpreters; Linux allows few.
func (p *Proc) deeper() bool {
	p.shebangs++
	return p.shebangs <= 4
}

// refuse is a program that the kernel would not start: the shell says why.
func refuse(status int, why string) image {
	return func(_ context.Context, p *Proc) int {
		fmt.Fprintf(p.Err, "%s%s: %s\n", p.blame(), p.Args[0], why)
		return status
	}
}

// blame is who says that a program can't be started: an interactive shell says
// nothing of lines.
func (p *Proc) blame() string {
	if p.caller != "" {
		return p.caller
	}
	return "bash: line 1: "
}

// binary is a program that the attacker brought. One for another processor
// can't be started; one for this dies or ends quietly, the same way each time.
func binary(head []byte) image {
	if len(head) < 20 || head[4] != 2 || head[18] != 0x3e {
		return refuse(126, "cannot execute binary file: Exec format error")
	}
	return func(ctx context.Context, p *Proc) int {
		b, err := p.rootView().ReadFirst(p.Path, vfs.MostRead)
		if err != nil {
			return 126
		}
		sum := sha256.Sum256(b)
		if p.Sleep(ctx, time.Duration(200+int(sum[0])*8)*time.Millisecond) != nil {
			return 143
		}
		if sum[1]%3 == 0 {
			p.self.deliver(SIGSEGV)
		}
		return int(sum[2]) & 1
	}
}
