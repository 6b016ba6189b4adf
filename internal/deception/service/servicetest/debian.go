//go:build unix

package servicetest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testport"
)

// nobody is the user that real servers run as when the tests are root's.
const nobody = 65534

// PlainSignals has the programs that a test starts meet every signal as a login's
// do. What this process was started to ignore, as by nohup or in the background of
// a script, they would ignore, too.
func PlainSignals(t testing.TB) {
	t.Helper()
	caught := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGTSTP} {
		if signal.Ignored(s) {
			signal.Notify(caught, s) // what is caught here is reset there
		}
	}
	t.Cleanup(func() { signal.Stop(caught) })
}

// Folder makes a folder that a real server may write to, until the test ends.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "cordon-peer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Ordinary makes a command run as an ordinary user, also when the tests are
// root's: servers refuse to be root's, or behave otherwise then.
func Ordinary(cmd *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

// Port is a port of 127.0.0.1 for a real server; nobody else gets it while the
// test runs.
func Port(t testing.TB) string {
	t.Helper()
	_, port, err := net.SplitHostPort(testport.Addr(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Peer runs a real server as an ordinary user until the test ends, and returns
// when its address accepts connections.
func Peer(t testing.TB, address, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := Ordinary(exec.CommandContext(ctx, program, args...))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	said := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cancel(); <-ended; ended <- nil })
	for {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = c.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", program, err, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
