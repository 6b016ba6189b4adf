//go:build unix

package own

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
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

// Whoever may write to a file's folder may put a pipe in its place at any instant, also
// between two looks at it.
func TestAPipeThatTakesAFilesPlaceHoldsNobodyUp(t *testing.T) {
	dir := t.TempDir()
	path, file, pipe := filepath.Join(dir, "app.env"), filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
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
	read := make(chan int)
	go func() {
		times := 0
		for range 5_000 {
			if _, err := readFile(path); err == nil {
				times++
			}
		}
		read <- times
	}()
	select {
	case times := <-read:
		if times == 0 {
			t.Error("the file was never read")
		}
	case <-time.After(time.Minute):
		t.Error("whoever reads the file waits for a writer of the pipe")
		if f, err := os.OpenFile(pipe, os.O_RDWR, 0); err == nil { // lets it go
			over.Store(true)
			<-swapped
			_ = os.Remove(path)
			_ = f.Close()
			<-read
		}
	}
	over.Store(true)
	<-swapped
}
