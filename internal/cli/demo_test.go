package cli

import (
	"os"
	"testing"
)

// A server that runs as another user reads what the demo drops.
func TestWhatTheDemoDropsIsForEverybody(t *testing.T) {
	path, err := drop(t.TempDir(), "note.json", "{}")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
