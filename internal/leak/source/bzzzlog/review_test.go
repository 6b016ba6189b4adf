//go:build unix

package bzzzlog

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
)

// TestAPipeIsRefusedAndNotWaitedFor: to open one waits for its writer, and
// nothing could end that.
func TestAPipeIsRefusedAndNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- New(Config{Path: path, Marker: sourcetest.Marker{}}).Run(t.Context(), nil, sourcetest.NewSink())
	}()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("Run returned %v", err)
		}
	case <-time.After(sourcetest.Patience):
		t.Fatal("Run waits for the pipe's writer")
	}
}
