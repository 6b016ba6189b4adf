package caller

import (
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain is a client, when it is called as one: it connects, says so, and
// waits for its input to end.
func TestMain(m *testing.M) {
	if to := os.Getenv("CALLER_TEST_CONNECT"); to != "" {
		c, err := net.Dial("tcp", to)
		if err != nil {
			os.Exit(1)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = c.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func listenOn(t *testing.T, addr string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// ends are the client's and our end of a connection.
func ends(c net.Conn) (client, gateway netip.AddrPort) {
	return c.RemoteAddr().(*net.TCPAddr).AddrPort(), c.LocalAddr().(*net.TCPAddr).AddrPort()
}

// starts runs this program as a client of l, in a folder, with an argument.
func starts(t *testing.T, l net.Listener, dir, argument string) (pid int, c net.Conn) {
	t.Helper()
	cmd := exec.Command(os.Args[0], argument)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CALLER_TEST_CONNECT="+l.Addr().String())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = in.Close(), c.Close(), cmd.Wait() })
	return cmd.Process.Pid, c
}

func TestTheParentOfAProcess(t *testing.T) {
	f := New()
	pid, _ := starts(t, listenOn(t, "127.0.0.1:0"), t.TempDir(), "x")
	if got := f.Parent(pid); got != os.Getpid() {
		t.Errorf("%d, want %d", got, os.Getpid())
	}
	for _, none := range []int{0, 1, 1 << 30} {
		if got := f.Parent(none); got != 0 {
			t.Errorf("of %d: %d", none, got)
		}
	}
}

// The name of a process stands before its parent, and may look like one.
func TestTheParentOfAProcessWithAnOddName(t *testing.T) {
	f := New()
	f.proc = t.TempDir()
	if err := os.Mkdir(filepath.Join(f.proc, "7"), 0o700); err != nil {
		t.Fatal(err)
	}
	for stat, want := range map[string]int{"7 (a) S 9 (b) S 42 1 1": 42, "7 (a) S 1 1": 0, "7 (a) S": 0, "": 0, "7 (a) S x": 0} {
		if err := os.WriteFile(filepath.Join(f.proc, "7", "stat"), []byte(stat), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := f.Parent(7); got != want {
			t.Errorf("%q: %d, want %d", stat, got, want)
		}
	}
}

func TestAnotherProgramIsFound(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := New()
	for range 2 { // the second is found among all, the first is remembered
		pid, c := starts(t, listenOn(t, "127.0.0.1:0"), dir, "an argument")
		for range 2 {
			p := f.Caller(ends(c))
			if p.PID != pid || filepath.Base(p.Exe) != filepath.Base(os.Args[0]) || p.Cwd != dir || !strings.HasSuffix(p.Cmdline, " an argument") || p.User == "" {
				t.Errorf("%+v, want process %d in %s", p, pid, dir)
			}
		}
	}
}

func TestListenersOfBothFamilies(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", ":0"} {
		_, c := starts(t, listenOn(t, addr), t.TempDir(), "x")
		if p := New().Caller(ends(c)); p.PID == 0 {
			t.Errorf("%s: %+v", addr, p)
		}
	}
}

func TestNobodyIsFoundWhereNobodyIs(t *testing.T) {
	l := listenOn(t, "127.0.0.1:0")
	us := l.Addr().(*net.TCPAddr).AddrPort()
	for _, client := range []string{"127.0.0.1:1", "203.0.113.1:4444", "[2001:db8::1]:4444"} {
		if p := New().Caller(netip.MustParseAddrPort(client), us); p.PID != 0 || p.User != "" {
			t.Errorf("%s: %+v", client, p)
		}
	}
	if p := New().Caller(netip.AddrPort{}, us); p.PID != 0 {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	f := New()
	for pid := range 10 * maxRecent {
		f.remember(pid)
		f.remember(1)
	}
	if got := f.candidates(); len(got) != maxRecent || got[0] != 1 {
		t.Errorf("%d remembered, %d first", len(got), got[0])
	}
}

// No answer of the kernel, however short or odd, does harm.
func FuzzRead(f *testing.F) {
	f.Add(make([]byte, headerSize+messageSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, ok := read(b); !ok && s != (socket{}) {
			t.Errorf("%+v", s)
		}
	})
}

func BenchmarkCaller(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	far, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = far.Close() }()
	f := New()
	client, us := ends(far)
	for b.Loop() {
		if f.Caller(client, us).PID != os.Getpid() {
			b.Fatal("not found")
		}
	}
}
