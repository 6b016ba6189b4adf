//go:build unix

package servicetest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testport"
)

// nobody is the user that real servers run as when the tests are root's.
const nobody = 65534

// Program returns the path of a program of Debian, installed or unpacked from
// its package by test/tools/debian.sh.
func Program(t testing.TB, debianPackage, name string) string {
	t.Helper()
	out, err := exec.Command(filepath.Join(root(t), "test", "tools", "debian.sh"), debianPackage, name).Output()
	if err != nil {
		t.Fatalf("there is no program %s and no Debian package %s: %v", name, debianPackage, err)
	}
	return strings.TrimSpace(string(out))
}

// Library returns the path of a file that a package of Debian has, by a pattern below
// the folder it is unpacked to.
func Library(t testing.TB, debianPackage, pattern string) string {
	t.Helper()
	where := filepath.Join(root(t), ".cache", "debian", debianPackage, pattern)
	found, _ := filepath.Glob(where)
	if len(found) == 0 { // it is no program, so the script unpacks it and says that there is none
		_ = exec.Command(filepath.Join(root(t), "test", "tools", "debian.sh"), debianPackage, "none").Run()
		found, _ = filepath.Glob(where)
	}
	if len(found) == 0 {
		t.Fatalf("Debian's package %s has nothing at %s", debianPackage, pattern)
	}
	path, err := filepath.EvalSymlinks(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return path
}

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

// root is the folder of go.mod above the test's.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("the test does not run inside the module")
	return ""
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
