package shell

import (
	"io"
	"runtime"
	"slices"
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

func (s *screen) press(keys, shows string) {
	s.t.Helper()
	_, _ = s.keys.Write([]byte(keys))
	s.expect(shows)
}

// runs waits until the machine has a process of that name.
func (s *screen) runs(m *Machine, name string) {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		if slices.ContainsFunc(m.Processes(), func(p Process) bool { return len(p.Args) > 0 && p.Args[0] == name }) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s never ran", name)
		}
	}
}

func TestAnInteractiveSession(t *testing.T) {
	m := testMachine(t, Limits{})
	session, sink := record(t)
	s := dial(t, m, session)
	// What is typed while no prompt is shown is the terminal's, not the editor's:
	// each line waits for the prompt behind the one before.
	home := func(keys, shows string) { s.t.Helper(); s.press(keys, shows); s.expect("root@web01:~# ") }
	tmp := func(keys, shows string) { s.t.Helper(); s.press(keys, shows); s.expect("root@web01:/tmp# ") }
	s.press("echo one\r", "echo one\r\n\x1b[?2004l\rone\r\n\x1b[?2004hroot@web01:~# ")
	home("nosuch\r", "\r-bash: nosuch: command not found\r\n")
	home("echo )\r", "-bash: syntax error near unexpected token `)'\r\n")
	home("printf '\\177ELF\\1' > /tmp/arm; chmod +x /tmp/arm; /tmp/arm\r", "\r-bash: /tmp/arm: cannot execute binary file: Exec format error\r\n")
	s.press("cd /tmp\r", "root@web01:/tmp# ")
	tmp("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\r", "\rone\r\n")     // up to the first
	tmp("ecxx\x7f\x7fho \x01\x05abc\x02\x02X\r", "aXbc\r\n") // editing
	tmp("echo two words\x17\x15echo cut\r", "\rcut\r\n")
	s.press("for i in 1 2\r", "> ")
	tmp("do echo n$i; done\r", "n1\r\nn2\r\n")
	s.press("echo now; sleep 1000\r", "\x1b[?2004l\rnow\r\n")
	s.runs(m, "sleep")
	tmp("\x03", "^C\r\n")
	tmp("echo $?\r", "130\r\n")
	s.press("echo now; while :; do :; done\r", "\x1b[?2004l\rnow\r\n")
	tmp("\x03", "^C")
	tmp("half\x03", "^C")
	tmp("ech\tdone\r", "\rdone\r\n")
	tmp("cat /etc/pas\t\r", "root:x:0:0")
	s.press("printf now; cat\r", "\x1b[?2004l\rnow")
	s.runs(m, "cat")
	s.press("typo\x7f\x7fped\r", "typed\r\n")
	s.press("\x04", "root@web01:/tmp# ")
	tmp("sleep 0.01 &\r", "[1] ")
	tmp("wait; echo !nonesuch\r", "!nonesuch: event not found")
	tmp("echo a; !echo\r", "a\r\ndone\r\n")
	s.press("\x12passw", "cat /etc/passwd")
	tmp("\x03", "^C")
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

// What !! and its kin make of a line is bounded: a line of them would be as long as
// that of the history, for each.
func TestALineOfHistoryIsBounded(t *testing.T) {
	m := testMachine(t, Limits{})
	s := dial(t, m, nil)
	s.press(": "+strings.Repeat("a", 50_000)+"\n", "# ")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s.press(": "+strings.Repeat("!!", 2_000)+"\n", "cannot allocate")
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("it took %d MB", grown>>20)
	}
}

// A command of many lines is read anew with each of them; that counts, so that one
// that never ends does not keep a processor.
func TestACommandWithoutEndIsPaidFor(t *testing.T) {
	m := testMachine(t, Limits{Steps: 50_000, Burst: 1 << 40})
	s := dial(t, m, nil)
	go func() {
		_, _ = io.WriteString(s.keys, "cat <<E\n"+strings.Repeat("a\n", 20_000)+"E\necho over\nexit\n")
	}()
	if status := <-s.done; status != 128+9 {
		t.Errorf("it ends with %d", status)
	}
	_ = s.keys.Close()
}
