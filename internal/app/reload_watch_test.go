package app

import (
	"os"
	"path/filepath"
	"testing"
)

// A file that changes between two looks is still being written; one that went
// back to what is in force, or is gone, is no news.
func TestAConfigurationFileIsTakenWhenItRests(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := fileWatch{path: path}
	steps := []struct {
		what   string
		before func()
		want   bool
	}{
		{"no file yet", func() {}, false},
		{"what is in force at the start", func() { write("a") }, false},
		{"nothing new", func() {}, false},
		{"half of the next", func() { write("b") }, false},
		{"all of it", func() { write("bc") }, false},
		{"it rests", func() {}, true},
		{"it was taken", func() {}, false},
		{"gone", func() { _ = os.Remove(path) }, false},
		{"back as it was", func() { write("bc") }, false},
		{"and rests", func() {}, false},
		{"changed", func() { write("d") }, false},
		{"reloaded for another reason", w.settle, false},
		{"so it is no news", func() {}, false},
	}
	for _, s := range steps {
		s.before()
		if got := w.look(); got != s.want {
			t.Errorf("%s: look %t, want %t", s.what, got, s.want)
		}
	}
}
