//go:build unix

package bzzzlog

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Whoever may write to the log's folder may put a pipe in its place at any instant,
// also between two looks at it. That holds nobody up who opens the log.
func TestAPipeThatTakesTheLogsPlaceHoldsNobodyUp(t *testing.T) {
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
	opened := make(chan int)
	go func() {
		files := 0
		for range 5_000 {
			f, err := openFile(path)
			if err != nil {
				continue
			}
			if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
				t.Error("what was opened is no regular file")
			}
			files++
			_ = f.Close()
		}
		opened <- files
	}()
	select {
	case files := <-opened:
		if files == 0 {
			t.Error("the log was never opened")
		}
	case <-time.After(time.Minute):
		t.Error("whoever opens the log waits for a writer of the pipe")
		if f, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil { // lets it go
			defer func() { _ = f.Close() }()
			<-opened
		}
	}
	over.Store(true)
	<-swapped
}
