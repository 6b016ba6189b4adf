package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/store"
	"go.cordon.dev/cordon/internal/store/storetest"
)

// The tests that no file holds a secret look into events that are packed, too.
func TestWhatIsPackedIsSearched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cordon.db")
	s, err := store.Open(storetest.Context(t), store.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	long := storetest.Event(t, "long")
	long.Data = json.RawMessage(`{"note":"` + strings.Repeat("marker-of-a-long-event ", 1_000) + `"}`)
	if err := errors.Join(storetest.Emit(storetest.Context(t), s, long), s.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || bytes.Contains(text, []byte("long-event marker")) {
		t.Fatalf("it is not packed (%v): the search proves nothing", err)
	}
	for word, want := range map[string]string{"long-event marker": path, "another": ""} {
		where, searched, err := storetest.Holds(storetest.Context(t), filepath.Dir(path), word)
		if err != nil || where != want || searched == 0 {
			t.Errorf("%q is in %q of %d files (%v), want %q", word, where, searched, err, want)
		}
	}
}
