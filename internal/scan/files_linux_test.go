package scan

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe stands for whatever is no ordinary file: --output to the null device,
// by root, once put a file in its place.
func TestWhatIsNoOrdinaryFileIsWrittenToAndNotReplaced(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 1)
	go func() {
		f, err := os.Open(name)
		if err != nil {
			got <- err.Error()
			return
		}
		data, _ := io.ReadAll(f)
		got <- string(data)
	}()
	if err := WriteFile(name, text("report")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Fatalf("the pipe is %v now, %v", info.Mode(), err)
	}
	if text := <-got; text != "report" {
		t.Errorf("the pipe's reader got %q", text)
	}
}

// The memory of a process can be opened and not be read from its beginning, by
// nobody: what root cannot read is told as well.
func TestWhatTheSystemDoesNotGiveIsTold(t *testing.T) {
	out, sum := scanAll(t, Options{}, &Tree{Roots: []string{"/proc/self/mem"}})
	if !strings.Contains(out.reasons(), "/proc/self/mem: reading: ") || !sum.Nothing() {
		t.Errorf("summary %+v; not scanned: %q", sum, out.reasons())
	}
}

// A pipe in a folder has no end, and is no file.
func TestPipesInFoldersAreNotWaitedFor(t *testing.T) {
	dir := plant(t, map[string]string{"a.txt": "token=" + token(t, "pipes")})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := scanAll(t, Options{}, &Tree{Roots: []string{dir}})
	same(t, "files", rels(out, dir), []string{"a.txt"})
}
