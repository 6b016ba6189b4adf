// Package testdebian finds real programs for tests: installed ones or, failing that,
// those of Debian's packages, which test/tools/debian.sh unpacks below .cache.
//
// Level 0: test code; it imports the standard library. To use another program, name it
// and its package where the test is.
package testdebian

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Program is the path of a program, which a package of Debian has.
func Program(t testing.TB, debianPackage, name string) string {
	t.Helper()
	path, err := find(t, debianPackage, name)
	if err != nil {
		t.Fatalf("there is no program %s and no Debian package %s: %v", name, debianPackage, err)
	}
	return path
}

// Python is the path of an interpreter that has the modules of these packages of Debian.
func Python(t testing.TB, packages ...string) string {
	t.Helper()
	path, err := find(t, append([]string{"--python"}, packages...)...)
	if err != nil {
		t.Fatalf("there is no Python with %s: %v", strings.Join(packages, ", "), err)
	}
	return path
}

// Library is the path of a file that a package of Debian has, by a pattern below the
// folder that it is unpacked to.
func Library(t testing.TB, debianPackage, pattern string) string {
	t.Helper()
	where := filepath.Join(root(t), ".cache", "debian", debianPackage, pattern)
	found, _ := filepath.Glob(where)
	if len(found) == 0 { // it is no program, so the script unpacks it and says that there is none
		_, _ = find(t, debianPackage, "none")
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

// find asks the script, which says on standard error what is wrong.
func find(t testing.TB, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(filepath.Join(root(t), "test", "tools", "debian.sh"), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
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
