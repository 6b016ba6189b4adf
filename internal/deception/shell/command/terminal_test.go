package command

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
	"go.cordon.dev/cordon/internal/deception/shell"
)

// screen is a person at a terminal of the machine.
type screen struct {
	t    *testing.T
	keys *io.PipeWriter
	mu   sync.Mutex
	all  strings.Builder
	seen string // all that was ever shown
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen += string(b)
	return s.all.Write(b)
}

// shows waits until something is on the screen, and forgets up to there.
func (s *screen) shows(text string) {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		all := s.all.String()
		if i := strings.Index(all, text); i >= 0 {
			s.all.Reset()
			s.all.WriteString(all[i+len(text):])
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		if time.Now().After(end) {
			s.t.Fatalf("waited for %q; the screen has %q", text, all)
		}
	}
}

func (s *screen) types(keys string) { _, _ = io.WriteString(s.keys, keys) }

func sit(t *testing.T, user string) (*screen, *servicetest.Sink) {
	t.Helper()
	m, sink, session := machine(t)
	r, w := io.Pipe()
	s := &screen{t: t, keys: w}
	over := make(chan struct{})
	go func() {
		defer close(over)
		m.Run(t.Context(), shell.Login{User: user, Terminal: &shell.Terminal{Term: "xterm", Columns: 80, Rows: 24}, Stdin: r, Stdout: s, Stderr: s, Session: session})
	}()
	t.Cleanup(func() { _ = w.Close(); <-over })
	s.shows(":~")
	return s, sink
}

// A password that somebody types is not shown, and is recorded.
func TestPasswordsAreNotShown(t *testing.T) {
	m, _, _ := machine(t)
	admin := m.Persona().Users[0].Name
	for _, c := range []struct {
		user, line string
		prompts    []string
	}{
		{"root", "passwd", []string{"New password: ", "Retype new password: "}},
		{admin, "su", []string{"Password: "}},
		{admin, "sudo id", []string{"[sudo] password for " + admin + ": "}},
		{admin, "passwd", []string{"Current password: "}},
		{"root", "adduser guest", []string{"New password: ", "Retype new password: "}},
	} {
		s, sink := sit(t, c.user)
		s.types(c.line + "\r")
		for _, prompt := range c.prompts {
			s.shows(prompt)
			s.types("correct horse\r")
			s.shows("\r\n")
		}
		s.mu.Lock()
		seen := s.seen
		s.mu.Unlock()
		if strings.Contains(seen, "horse") {
			t.Errorf("%s: the screen has the password: %q", c.line, seen)
		}
		if got := sink.Of(service.LoginAttempt); len(got) == 0 {
			t.Errorf("%s: no password is recorded", c.line)
		}
	}
}
