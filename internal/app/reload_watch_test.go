package app

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"go.cordon.dev/cordon/internal/config"
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
	write("a")
	w := fileWatch{digest: func() ([sha256.Size]byte, bool) { return digestOf(path) }, taken: sha256.Sum256([]byte("a"))}
	steps := []struct {
		what   string
		before func()
		want   bool
	}{
		{"what is in force at the start", func() {}, false},
		{"nothing new", func() {}, false},
		{"half of the next", func() { write("b") }, false},
		{"all of it", func() { write("bc") }, false},
		{"it rests", func() {}, true},
		{"it was taken", func() {}, false},
		{"gone", func() { _ = os.Remove(path) }, false},
		{"back as it was", func() { write("bc") }, false},
		{"and rests", func() {}, false},
		{"changed", func() { write("d") }, false},
		{"reloaded for another reason", w.take, false},
		{"so it is no news", func() {}, false},
		{"changed while it was being reloaded", func() { write("e"); w.take(); write("f") }, false},
		{"which is news", func() {}, true},
	}
	for _, s := range steps {
		s.before()
		if got := w.look(); got != s.want {
			t.Errorf("%s: look %t, want %t", s.what, got, s.want)
		}
	}
}

// A file that was changed between the reading of it and the first look at it is
// news, too.
func TestAChangeDuringTheStartIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.yaml")
	if err := os.WriteFile(path, []byte("api: {listen: \"127.0.0.1:0\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	w := fileWatch{digest: func() ([sha256.Size]byte, bool) { return digestOf(path) }, taken: c.Sum}
	if w.look() || w.look() {
		t.Error("what was loaded is news")
	}
	if err := os.WriteFile(path, []byte("log: {level: debug}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w = fileWatch{digest: func() ([sha256.Size]byte, bool) { return digestOf(path) }, taken: c.Sum}
	if w.look() || !w.look() {
		t.Error("a change before the first look is not noticed")
	}
}
