package shell

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// scripts reads a file of scripts, which lines of dashes divide.
func scripts(t testing.TB, name string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n----\n")
}

// real is a shell of this host in a root of its own: a folder with that shell
// and a few programs, no network, and an ordinary user. Scripts that delete and
// kill reach nothing outside. Where such a root can't be had, the test fails
// before it runs anything.
type real struct{ root, name string }

func newReal(t testing.TB, name string) *real {
	t.Helper()
	root, err := os.MkdirTemp("", "shell")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	r := &real{root: root, name: name}
	must(t, os.Chmod(root, 0o755))
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

// jail is how the shell is kept in: its own root, network, and no privileges.
func (r *real) jail() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Chroot: r.root, Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID}
	if os.Getuid() == 0 {
		a.Credential = &syscall.Credential{Uid: 65534, Gid: 65534}
		return a
	}
	a.Cloneflags |= syscall.CLONE_NEWUSER
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: 1000, HostID: os.Getgid(), Size: 1}}
	return a
}

func (r *real) run(t testing.TB, script string) result {
	t.Helper()
	work := filepath.Join(r.root, "work")
	must(t, errors.Join(os.RemoveAll(work), os.Mkdir(work, 0o777), os.Chmod(work, 0o777)))
	cmd := exec.Cmd{Path: "/usr/bin/" + r.name, Args: []string{r.name, "-c", script}, Dir: "/work", Env: []string{"PATH=/usr/bin", "HOME=/root", "LANG=C.UTF-8"}, SysProcAttr: r.jail()}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("no root of its own for the real shell: %v", err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// numbers that differ from run to run.
var numbers = regexp.MustCompile(`\b\d{3,7}\b|line \d+: +\d+ `)

func same(s string) string { return numbers.ReplaceAllString(s, "N") }

func compareAll(t *testing.T, shell, file string, least int) {
	list := scripts(t, file)
	if len(list) < least {
		t.Errorf("%d scripts, want %d", len(list), least)
	}
	peer := newReal(t, shell)
	for i, script := range list {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			want := peer.run(t, script)
			got := testMachine(t, Limits{}).tryIn(t, shell, script)
			if want.out != got.out && same(want.out) != same(got.out) || same(want.err) != same(got.err) || want.status != got.status {
				t.Errorf("%s\n--- bash: %d\n%s%s--- ours: %d\n%s%s", script, want.status, want.out, want.err, got.status, got.out, got.err)
			}
		})
	}
}

// Scripts as droppers, miners and worms are written, and of every feature: the
// same output, errors and status as a real bash gives.
func TestScriptsAsInBash(t *testing.T) { compareAll(t, "bash", "bash.txt", 200) }
