//go:build unix

package own

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that nobody writes to holds nobody up.
func TestAPipeIsNoFileOfSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.env")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Files: []string{path}}); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("%v", err)
	}
}
