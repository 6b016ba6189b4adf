package telnet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
)

var (
	errGone = errors.New("the client is gone")
	errLate = errors.New("login waited too long")
)

// login is login(1): it asks until somebody is let in, and runs his shell.
func (v *visit) login(ctx context.Context) {
	release := v.enter()
	defer release()
	p := v.persona
	_, _ = v.Write(fmt.Appendf(nil, "\r\nLinux %s (%s) (%s)\r\n\r\n", p.OS.Release, p.FQDN(), v.name)) // the reader notices
	late := v.clock.After(v.config.Timeout)
	user, err := v.ask(ctx, late)
	switch {
	case errors.Is(err, errLate):
		v.print(fmt.Sprintf("\nLogin timed out after %d seconds.\n", int(v.config.Timeout.Seconds())))
	case err == nil && user != "":
		v.session.Record(service.LoggedIn, nil, field("user", user))
		v.shell(ctx, user)
	}
}

// enter finds the client's machine and takes a terminal of it.
func (v *visit) enter() (release func()) {
	v.name = "pts/0"
	if v.machines == nil {
		return func() {}
	}
	v.machine = v.machines.Machine(v.session.Client().Addr())
	t, ok := v.machine.(door.Terminals)
	if !ok {
		return func() {}
	}
	v.name, release = t.TakeTTY()
	return release
}

// ask asks until somebody is let in; nobody is after too many tries.
func (v *visit) ask(ctx context.Context, late <-chan time.Time) (user string, err error) {
	for tries := 1; ; tries++ {
		user, ok, err := v.try(ctx, late)
		if ok || err != nil {
			return user, err
		}
		if err := v.pause(ctx, late, door.Jitter(v.config.FailDelay)); err != nil {
			return "", err
		}
		v.print("\nLogin incorrect\n")
		if tries == v.config.Tries {
			v.print(fmt.Sprintf("Maximum number of tries exceeded (%d)\n", tries))
			return "", nil
		}
	}
}

// try asks once for a name and a password.
func (v *visit) try(ctx context.Context, late <-chan time.Time) (user string, in bool, err error) {
	user, ok, err := v.prompt(ctx, late, v.persona.Hostname+" login: ", false)
	if err != nil || !ok {
		return "", false, err
	}
	if strings.HasPrefix(user, "-") { // what once was an option; login asks no further
		v.session.Record(service.ProtocolError, nil, field("error", "a name that is an option of login"), field("user", user))
		return "", false, nil
	}
	password, ok, err := v.prompt(ctx, late, "Password: ", true)
	if err != nil || !ok {
		return "", false, err
	}
	in = v.has(user) && v.policy.Judge(v.session.Client().Addr(), user, password)
	v.session.Attempt(service.Credential{
		Kind: service.Plaintext, Principal: user, Secret: []byte(password), Accepted: in, Details: []service.Field{field("method", "login")},
	})
	return user, in, v.pause(ctx, late, door.Jitter(v.hashTime))
}

// has reports whether the machine has a user.
func (v *visit) has(user string) bool {
	if v.machine == nil {
		return false
	}
	_, err := v.machine.View(user)
	return err == nil
}

// prompt asks for a line. What was typed before is dropped; ok says that the line
// was not the end of the input.
func (v *visit) prompt(ctx context.Context, late <-chan time.Time, text string, silent bool) (line string, ok bool, err error) {
	v.mu.Lock()
	v.tty.forget()
	v.tty.silent = silent
	newline := v.tty.newline
	v.mu.Unlock()
	v.print(text)
	line, err = v.line(ctx, late)
	v.mu.Lock()
	v.tty.silent, v.tty.newline = false, newline // whatever the client made of it
	v.mu.Unlock()
	line, whole := strings.CutSuffix(line, "\n")
	if err == nil && (silent || !whole) {
		v.print("\n")
	}
	return line, whole || line != "", err
}

// pause waits as PAM does; the client's keys are echoed meanwhile.
func (v *visit) pause(ctx context.Context, late <-chan time.Time, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-v.clock.After(d):
		return nil
	case <-late:
		return errLate
	case <-ctx.Done():
		return errGone
	}
}

// shell runs the user's shell until it ends.
func (v *visit) shell(ctx context.Context, user string) {
	v.mu.Lock()
	select {
	case <-v.resized: // the shell begins with that size
	default:
	}
	l := door.Login{
		User: user, Client: v.session.Client(), Server: v.session.Local(), TTY: v.name, By: "login", Session: v.session,
		Terminal: &door.Terminal{Term: v.term(), Columns: v.link.columns, Rows: v.link.rows, Resized: v.resized},
		Stdin:    v.shellInput(), Stdout: v, Stderr: v,
	}
	if v.link.display != "" {
		l.Env = []string{"DISPLAY=" + v.link.display}
	}
	v.mu.Unlock()
	defer l.Record()()
	_, _ = l.Stdout.Write([]byte(strings.ReplaceAll(v.greeting(user), "\n", "\r\n"))) // the client may be gone
	v.machine.Run(ctx, l)
}

// term is the terminal's name; one without is a network's.
func (v *visit) term() string {
	if v.link.named {
		return v.link.term
	}
	return "network"
}

// greeting is what PAM's modules say to who logs in: pam_motd, pam_lastlog and
// pam_mail.
func (v *visit) greeting(user string) string {
	files, err := v.machine.View(user)
	if err != nil {
		return ""
	}
	client := v.session.Client().Addr()
	last := v.memory.Swap(client, user, door.Last{At: v.clock.Now(), From: client.String(), TTY: v.name})
	if door.Hushed(files) {
		return ""
	}
	text := door.Motd(v.persona, files)
	if last == nil {
		last = door.Lastlog(files, user)
	}
	if last != nil {
		text += fmt.Sprintf("Last login: %s from %s on %s\n", last.At.In(door.Zone(v.persona)).Format("Mon Jan _2 15:04:05 MST 2006"), last.From, last.TTY)
	}
	if i, err := files.Stat("/var/mail/" + user); err == nil && i.Size > 0 {
		text += "You have mail.\n"
	}
	return text
}
