package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

// real is a shell of this host in a root of its own: a folder with that shell
// and a few programs, no network, and an ordinary user. Scripts that delete and
// kill reach nothing outside. Where such a root can't be had, the test fails
// before it runs anything.
type real struct{ root, name string }

func newReal(t testing.TB, name string) *real {
	t.Helper()
	servicetest.PlainSignals(t)
	closed, err := os.MkdirTemp("", "shell") // to other users of this host
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(closed) })
	root := filepath.Join(closed, "root")
	r := &real{root: root, name: name}
	for _, dir := range []string{"usr/bin", "lib", "lib64", "work", "tmp", "root", "etc", "dev"} {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	must(t, os.Symlink("usr/bin", filepath.Join(root, "bin")))
	for _, program := range []string{"bash", "dash", "cat", "yes", "head", "sleep", "rm", "mkdir", "chmod", "env", "false"} {
		r.bring(t, program)
	}
	must(t, os.Symlink("dash", filepath.Join(root, "usr/bin/sh")))
	must(t, os.WriteFile(filepath.Join(root, "etc/passwd"), []byte("root:x:0:0:root:/root:/bin/bash\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(root, "dev/null"), nil, 0o666))
	must(t, os.Chmod(filepath.Join(root, "dev/null"), 0o666))
	must(t, os.Symlink("/proc/self/fd", filepath.Join(root, "dev/fd")))
	return r
}

var library = regexp.MustCompile(`(/\S+\.so\S*)`)

// bring copies a program and the libraries that it needs into the root.
func (r *real) bring(t testing.TB, name string) {
	t.Helper()
	path, err := exec.LookPath(name)
	must(t, err)
	copyFile(t, path, filepath.Join(r.root, "usr/bin", name))
	out, err := exec.Command("ldd", path).Output()
	must(t, err)
	for _, lib := range library.FindAllString(string(out), -1) {
		to := filepath.Join(r.root, lib)
		must(t, os.MkdirAll(filepath.Dir(to), 0o755))
		copyFile(t, lib, to)
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, b, 0o755))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// jail is how the shell is kept in: no privileges, its own root, network and
// processes, a session of its own, since a signal to the process group reaches
// members outside; and it ends with the test.
func (r *real) jail() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Chroot: r.root, Setsid: true, Pdeathsig: syscall.SIGKILL}
	a.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS
	if os.Getuid() == 0 {
		a.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		return a
	}
	a.Cloneflags |= syscall.CLONE_NEWUSER
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getgid(), Size: 1}}
	return a
}

// patience is how long a script may take; most is how much it may print.
const (
	patience = time.Minute
	most     = 4 << 20
)

// confined runs a shell whose children and itself can't take much of this host.
const confined = `ulimit -c 0 -f 16384 -t 60 -u 512 -v 1048576 && exec env -i PATH=/usr/bin HOME=/root LANG=C.UTF-8 "$0" -c "$1"`

func (r *real) run(t testing.TB, script string) result {
	t.Helper()
	runtime.LockOSThread() // the shell dies with the thread that started it
	defer runtime.UnlockOSThread()
	work := filepath.Join(r.root, "work")
	must(t, errors.Join(os.RemoveAll(work), os.Mkdir(work, 0o777), os.Chmod(work, 0o777)))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/bash", "-c", confined, r.name, script)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/work", []string{"PATH=/usr/bin"}, r.jail()
	var out, errs capped
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("no root of its own for the real shell: %v", err)
	}
	if ctx.Err() != nil {
		t.Fatalf("the real shell did not end within %v: %s", patience, script)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// capped keeps what is written up to a bound, and fails from there on.
type capped struct{ bytes.Buffer }

func (c *capped) Write(b []byte) (int, error) {
	if c.Len()+len(b) > most {
		return 0, errors.New("more output than a script may have")
	}
	return c.Buffer.Write(b)
}

// A script that wants to get out gets nowhere: it sees no file of the host,
// reaches none of its ports and processes, and holds nothing that was open.
func TestTheRealShellIsKeptIn(t *testing.T) {
	peer := newReal(t, "bash")
	port, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer port.Close()
	bystander := exec.Command("sleep", "1000") // in this test's process group
	bystander.SysProcAttr = &syscall.SysProcAttr{Credential: peer.jail().Credential}
	must(t, bystander.Start())

	got := peer.run(t, fmt.Sprintf(`
		cd /; cd ../../../../..; echo *
		for name in /proc/1 /etc/shadow /dev/tty /root/* %s; do [ -e "$name" ] && echo "sees $name"; done
		for fd in {3..9}; do { : <&$fd; } 2>/dev/null && echo "holds $fd"; done
		{ : > /dev/tcp/%s; } 2>/dev/null && echo "reaches the host"
		{ : > /usr/bin/cat; } 2>/dev/null && [ "$EUID" = 65534 ] && echo "changes programs"
		kill -KILL %d %d 2>/dev/null && echo "kills the host's"
		kill -KILL 0 -1 2>/dev/null
		echo "$$ $(umask)"`, peer.root, strings.Replace(port.Addr().String(), ":", "/", 1), os.Getpid(), bystander.Process.Pid))
	if want := "bin dev etc lib lib64 root tmp usr work\n1 0022\n"; got.out != want {
		t.Errorf("it gives %q, want %q", got.out, want)
	}
	must(t, bystander.Process.Signal(syscall.SIGTERM))
	_ = bystander.Wait()
	if s := bystander.ProcessState.Sys().(syscall.WaitStatus).Signal(); s != syscall.SIGTERM {
		t.Errorf("it reached a process outside: %v", s)
	}
}
