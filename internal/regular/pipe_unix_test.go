//go:build unix

package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A pipe may come between two looks at a file. That holds nobody up who opens it.
func TestAPipeThatTakesAFilesPlaceHoldsNobodyUp(t *testing.T) {
	dir := t.TempDir()
	path, file, pipe := filepath.Join(dir, "log"), filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(file, []byte("text\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var over atomic.Bool
	swapped := make(chan struct{})
	go func() { // links of one name or the other, put in place at once
		defer close(swapped)
		for i := 0; !over.Load(); i++ {
			next := filepath.Join(dir, "next")
			if os.Link([]string{file, pipe}[i%2], next) == nil {
				_ = os.Rename(next, path)
			}
		}
	}()
	opened := make(chan struct{})
	go func() {
		files := 0
		for n := 0; (n < 5_000 || files == 0) && !over.Load(); n++ { // whoever swaps may be slower
			f, _, err := Open(path)
			if err != nil {
				continue
			}
			if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
				t.Error("what was opened is no regular file")
			}
			files++
			_ = f.Close()
		}
		close(opened)
	}()
	select {
	case <-opened:
	case <-time.After(time.Minute):
		t.Error("the file was never opened: whoever opens it waits for a writer of the pipe")
		over.Store(true)
		if f, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil { // lets it go
			defer func() { _ = f.Close() }()
			<-opened
		}
	}
	over.Store(true)
	<-swapped
}

func TestOpenSaysWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{dir: ErrIrregular, filepath.Join(dir, "pipe"): ErrIrregular, filepath.Join(dir, "none"): fs.ErrNotExist} {
		if _, _, err := Open(path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}
