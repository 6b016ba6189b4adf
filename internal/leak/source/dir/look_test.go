package dir

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/leak/source/sourcetest"
	"go.cordon.dev/cordon/internal/leak/source/wake"
)

// Whoever changes a file that cannot be read, again and again, makes the source remember
// no more than that file.
func TestLossesOfWhatIsGoneAreForgotten(t *testing.T) {
	root := t.TempDir()
	w := &watch{
		cfg:  New(Config{Path: root, Marker: sourcetest.Marker{}, MaxFile: 1}).cfg,
		done: must(parsePosition(nil)), sink: &sourcetest.Sink{}, waker: wake.New(pause), unread: map[fileID]bool{},
	}
	defer w.waker.Close()
	for n := range 5 {
		path := filepath.Join(root, "large")
		write(t, path, make([]byte, 2+n))
		long := time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
		if _, err := w.pass(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.unread) != 1 {
		t.Errorf("%d losses are remembered", len(w.unread))
	}
}

// However many folders there are, the names of those are kept whose events are waited for.
func TestFoldersThatNobodyWaitsForAreNotKept(t *testing.T) {
	l := &listing{}
	for n := range 5000 {
		if err := l.enter("/watched", fmt.Sprint(n)); err != nil {
			t.Fatalf("folder %d: %v", n, err)
		}
	}
	if len(l.folders) > 1024 || l.folders[0] != filepath.Join("/watched", "0") {
		t.Errorf("%d folders are kept", len(l.folders))
	}
}
