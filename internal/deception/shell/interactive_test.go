package shell

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// screen is a client at a terminal.
type screen struct {
	t    *testing.T
	keys *io.PipeWriter
	mu   sync.Mutex
	all  strings.Builder
	done chan int
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(b)
}

func dial(t *testing.T, m *Machine, session *service.Session) *screen {
	r, w := io.Pipe()
	s := &screen{t: t, keys: w, done: make(chan int, 1)}
	go func() {
		status, _ := m.Run(t.Context(), Login{User: "root", Terminal: &Terminal{Term: "xterm", Columns: 80, Rows: 24}, Stdin: r, Stdout: s, Stderr: s, Session: session})
		s.done <- status
	}()
	s.expect("\x1b[?2004hroot@web01:~# ")
	return s
}

// expect waits until something is on the screen, and forgets up to there.
func (s *screen) expect(text string) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
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

func (s *screen) press(keys, shows string) {
	s.t.Helper()
	_, _ = s.keys.Write([]byte(keys))
	s.expect(shows)
}

func TestAnInteractiveSession(t *testing.T) {
	m := testMachine(t, Limits{})
	session, sink := record(t)
	s := dial(t, m, session)
	s.press("echo one\r", "echo one\r\n\x1b[?2004l\rone\r\n\x1b[?2004hroot@web01:~# ")
	s.press("nosuch\r", "\r-bash: nosuch: command not found\r\n")
	s.press("echo )\r", "-bash: syntax error near unexpected token `)'\r\n")
	s.press("printf '\\177ELF\\1' > /tmp/arm; chmod +x /tmp/arm; /tmp/arm\r", "\r-bash: /tmp/arm: cannot execute binary file: Exec format error\r\n")
	s.press("cd /tmp\r", "root@web01:/tmp# ")
	s.press("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\r", "\rone\r\n")     // up to the first
	s.press("ecxx\x7f\x7fho \x01\x05abc\x02\x02X\r", "aXbc\r\n") // editing
	s.press("echo two words\x17\x15echo cut\r", "\rcut\r\n")
	s.press("for i in 1 2\r", "> ")
	s.press("do echo n$i; done\r", "n1\r\nn2\r\n")
	s.press("echo now; sleep 1000\r", "\x1b[?2004l\rnow\r\n")
	s.press("\x03", "^C\r\n")
	s.press("echo $?\r", "130\r\n")
	s.press("echo now; while :; do :; done\r", "\x1b[?2004l\rnow\r\n")
	s.press("\x03", "^C")
	s.press("half\x03", "^C")
	s.press("ech\tdone\r", "\rdone\r\n")
	s.press("cat /etc/pas\t\r", "root:x:0:0")
	s.press("printf now; cat\r", "\x1b[?2004l\rnow")
	s.press("typo\x7f\x7fped\r", "typed\r\n")
	s.press("\x04", "root@web01:/tmp# ")
	s.press("sleep 0.01 &\r", "[1] ")
	s.press("wait; echo !nonesuch\r", "!nonesuch: event not found")
	s.press("echo a; !echo\r", "echo a; ")
	s.press("\x12passw", "cat /etc/passwd")
	s.press("\x03", "^C")
	s.press("exit 3\r", "logout\r\n")
	if status := <-s.done; status != 3 {
		t.Errorf("the session ended with %d", status)
	}
	lines := sink.Of(service.Command)
	if len(lines) < 10 || string(lines[0].Raw) != "echo one" {
		t.Errorf("%d lines are recorded", len(lines))
	}
	history, err := m.files.As(vfs.Cred{}).ReadFile("/root/.bash_history")
	if err != nil || !strings.HasPrefix(string(history), "echo one\nnosuch\n") {
		t.Errorf("the history is %q, %v", history, err)
	}
}

func TestControlDLeaves(t *testing.T) {
	s := dial(t, testMachine(t, Limits{}), nil)
	s.press("\x04", "\x1b[?2004l\rlogout\r\n")
	<-s.done
}
