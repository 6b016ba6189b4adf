//go:build unix

package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADataDirectoryThatOthersWriteToIsRefused(t *testing.T) {
	for mode, want := range map[os.FileMode]struct{ err, log string }{
		0o700: {}, 0o750: {log: "chmod 700"}, 0o755: {log: "chmod 700"}, 0o770: {err: "chmod 700"}, 0o777: {err: "chmod 700"}, 0o1777: {err: "chmod 700"},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		err := checkDataDir(dir, slog.New(slog.NewTextHandler(&log, nil)))
		if (err != nil) != (want.err != "") || err != nil && !strings.Contains(err.Error(), want.err) || (log.Len() > 0) != (want.log != "") {
			t.Errorf("%o: %v, log %q", mode, err, log.String())
		}
	}
}

func TestADataDirectoryThatIsNoneIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkDataDir(file, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "is no directory") {
		t.Errorf("a file: %v", err)
	}
	if err := checkDataDir(filepath.Join(t.TempDir(), "new"), slog.New(slog.DiscardHandler)); err != nil {
		t.Errorf("one that is still to be made: %v", err)
	}
}

// Root may open a directory of any user, and is told to be that user: files of
// root in it would lock the owner out.
func TestADataDirectoryOfAnotherUserIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chown(dir, 12345, 12345); err != nil {
		dir = "/" // not root: the root directory is somebody else's
		if os.Geteuid() == 0 {
			t.Fatal(err)
		}
	}
	if err := checkDataDir(dir, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("got %v", err)
	}
}
