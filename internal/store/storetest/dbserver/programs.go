//go:build unix

package dbserver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// nobody is the user that servers run as when the tests are root's: PostgreSQL
// refuses root.
const nobody = 65534

// find returns the path of a program: on PATH, where Debian keeps PostgreSQL,
// or unpacked by test/tools/debian.sh.
func find(debianPackage, name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	patterns := []string{"/usr/lib/postgresql/*/bin/" + name, "/usr/sbin/" + name}
	if root, ok := moduleRoot(); ok {
		patterns = append(patterns, filepath.Join(root, ".cache", "debian", debianPackage, "run-"+name))
	}
	for _, p := range patterns {
		if found, err := filepath.Glob(p); err == nil && len(found) > 0 {
			slices.Sort(found)
			return filepath.EvalSymlinks(found[len(found)-1]) // an ordinary user may not get to the link
		}
	}
	return "", fmt.Errorf("there is no program %s", name)
}

// moduleRoot is the folder of go.mod above the test's.
func moduleRoot() (string, bool) {
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, true
		}
	}
	return "", false
}

// ordinary makes a command run as an ordinary user.
func ordinary(cmd *exec.Cmd) *exec.Cmd {
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return cmd
}

// giveAway makes a directory that user's.
func giveAway(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(dir, nobody, nobody)
}

// run runs a command to its end; its output is part of the error.
func run(dir, input, program string, args ...string) error {
	cmd := ordinary(exec.Command(program, args...))
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}
