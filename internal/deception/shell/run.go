package shell

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Run is one login from its beginning to its end. It returns how the login
// shell ended: a status, or the name of a signal without SIG. It returns when
// the shell did, when ctx ends, or when the client can no longer be written to;
// nothing of the login runs on after that.
func (m *Machine) Run(ctx context.Context, l Login) (status int, signal string) {
	u, ok := m.User(l.User)
	if !ok {
		return 1, ""
	}
	in := &login{Login: l, m: m, user: u, began: m.Now(), memory: ledger{most: m.limits.Memory, more: m.limits.More}}
	in.ctx, in.cancel = context.WithCancelCause(ctx)
	in.input = newPipe(nil)
	in.enter()
	defer in.leave()
	status, killed := in.shell()
	if killed != 0 {
		return 128 + int(killed), killed.String()
	}
	return status, ""
}

// enter gives a login its terminal and its place among the sessions.
func (l *login) enter() {
	m := l.m
	m.mu.Lock()
	defer m.mu.Unlock()
	l.tty, l.release = l.TTY, func() {}
	if l.Terminal != nil && l.tty == "" {
		l.tty, l.release = m.takeTTY()
	}
	m.logins[l] = true
}

// TakeTTY takes a terminal for a Login to come, as telnetd does before it knows
// who logs in. Whoever takes it calls release when the client is gone.
func (m *Machine) TakeTTY() (name string, release func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name, free := m.takeTTY()
	return name, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		free()
	}
}

// takeTTY takes the first terminal that is free. The caller holds the lock, also
// of release.
func (m *Machine) takeTTY() (name string, release func()) {
	n := 0
	for ; m.ttys[n]; n++ {
	}
	m.ttys[n] = true
	return fmt.Sprintf("pts/%d", n), func() { delete(m.ttys, n) }
}

// leave ends all that a login left running, and waits for it.
func (l *login) leave() {
	l.cancel(signalled(SIGHUP))
	l.input.end()
	l.input.stop()
	closes, ok := l.Stdin.(io.Closer)
	if ok {
		_ = closes.Close()
	}
	l.all.Wait()
	l.memory.close()
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	delete(l.m.logins, l)
	l.release()
}

// shell runs the user's login shell.
func (l *login) shell() (status int, killed Signal) {
	args := []string{"-" + path.Base(l.user.Shell)}
	if l.Command != "" {
		args = []string{path.Base(l.user.Shell), "-c", l.Command}
	}
	proc, err := l.spawn(l.ctx, 1, l.user, args)
	if err != nil {
		return 254, 0
	}
	l.pid = proc.PID
	proc.group = proc.PID
	p := &Proc{
		Args: args, Env: l.environment(), Dir: l.home(), Machine: l.m, User: l.user, PID: proc.PID, Path: l.user.Shell,
		Terminal: l.Terminal, Session: l.Session, login: l, self: proc, fds: l.descriptors(), mask: 0o022,
	}
	run := image(p.loginImage())
	l.all.Go(func() { p.live(run) })
	<-proc.done
	status, killed = proc.result()
	if l.Command != "" {
		l.record(l.Command, status)
	}
	return status, killed
}

// loginImage is the program that /etc/passwd names: a shell, or nologin.
func (p *Proc) loginImage() image {
	switch path.Base(p.Path) {
	case "bash", "rbash":
		return runBash
	case "sh", "dash":
		return runDash
	}
	if _, err := p.rootView().Stat(p.Path); err != nil {
		return func(context.Context, *Proc) int { return 1 }
	}
	return p.image()
}

func (l *login) home() string {
	view := l.m.view(l.user)
	if i, err := view.Stat(l.user.Home); err == nil && i.IsDir() && view.Access(l.user.Home, 1) == nil {
		return l.user.Home
	}
	return "/"
}

// environment is what sshd or login gives to a login on Debian.
func (l *login) environment() *Env {
	e := NewEnv("USER="+l.user.Name, "LOGNAME="+l.user.Name, "HOME="+l.user.Home)
	e.Set("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/games")
	if l.user.UID == 0 {
		e.Set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	}
	e.Set("SHELL", l.user.Shell)
	if l.By == "login" {
		l.loginEnvironment(e)
	} else {
		l.sshdEnvironment(e)
	}
	for _, v := range l.Env {
		if name, value, ok := strings.Cut(v, "="); ok {
			e.Set(name, value)
		}
	}
	return e
}

// loginEnvironment is what login(1) and its PAM modules set for a client of
// another host.
func (l *login) loginEnvironment(e *Env) {
	if l.user.UID != 0 {
		e.Set("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games")
	}
	if l.Terminal != nil {
		e.Set("TERM", l.Terminal.Term)
	}
	e.Set("HUSHLOGIN", "FALSE")
	e.Set("MOTD_SHOWN", "pam")
	e.Set("MAIL", "/var/mail/"+l.user.Name)
	if l.Client.IsValid() {
		e.Set("REMOTEHOST", l.Client.Addr().String())
	}
	e.Set("LANG", l.locale())
}

// locale is the language that /etc/default/locale names, for pam_env.
func (l *login) locale() string {
	for line := range lines(l.m.files, "/etc/default/locale") {
		if value, ok := strings.CutPrefix(line, "LANG="); ok {
			return strings.Trim(value, `"`)
		}
	}
	return "C.UTF-8"
}

func (l *login) sshdEnvironment(e *Env) {
	e.Set("LANG", "C.UTF-8")
	if l.Client.IsValid() && l.Server.IsValid() {
		c, s := l.Client, l.Server
		e.Set("SSH_CLIENT", fmt.Sprintf("%s %d %d", c.Addr(), c.Port(), s.Port()))
		e.Set("SSH_CONNECTION", fmt.Sprintf("%s %d %s %d", c.Addr(), c.Port(), s.Addr(), s.Port()))
	}
	if l.Terminal != nil {
		e.Set("SSH_TTY", "/dev/"+l.tty)
		e.Set("TERM", l.Terminal.Term)
	}
}

func (l *login) descriptors() fdTable {
	t := fdTable{}
	if l.Terminal != nil {
		d := l.ttyDesc()
		t.set(0, d)
		t.set(1, d)
		t.set(2, d)
		return t
	}
	t.set(0, open(loginStream{l: l}))
	t.set(1, open(loginStream{l: l, out: l.Stdout}))
	t.set(2, open(loginStream{l: l, out: l.Stderr}))
	return t
}

// ttyDesc is the login's terminal, nil when it has none.
func (l *login) ttyDesc() *desc {
	if l.Terminal == nil {
		return nil
	}
	return &desc{s: ttyStream{l}, tty: true}
}

// record tells the session about a line.
func (l *login) record(line string, status int) {
	if l.Session != nil && line != "" {
		l.Session.Record(service.Command, []byte(line), service.Field{Name: "line", Value: line}, service.Field{Name: "status", Value: fmt.Sprint(status)})
	}
}

// read gives what the client sent.
func (l *login) read(ctx context.Context, b []byte) (int, error) {
	l.pump.Do(func() { l.all.Go(l.receive) })
	return l.input.read(ctx, b)
}

// guard keeps a fault from ending more than the login.
func (l *login) guard() {
	if r := recover(); r != nil {
		l.m.failed(fmt.Errorf("shell: reading what is typed: %T", r))
		l.end(SIGHUP)
	}
}

// receive takes what the client sends, so that a read of it can be given up.
func (l *login) receive() {
	defer l.input.end()
	defer l.guard()
	if l.Stdin == nil {
		return
	}
	b := make([]byte, 1024)
	for {
		n, err := l.Stdin.Read(b)
		if n > 0 {
			if l.Terminal != nil {
				l.typed(b[:n])
			} else if _, e := l.input.write(l.ctx, b[:n]); e != nil {
				return
			}
		}
		if err != nil {
			if l.Terminal != nil {
				l.end(SIGHUP)
			}
			return
		}
	}
}
