package keys

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

// What was fingerprinted under any earlier key is still found, however often
// the key is replaced; the newest of them comes first.
func TestRotationKeepsEveryKeyForLookUp(t *testing.T) {
	dir := t.TempDir()
	var prints []string
	for range 3 {
		k, err := Open(dir, config.Fingerprint{})
		if err != nil {
			t.Fatal(err)
		}
		prints = append([]string{k.Ring.Fingerprint([]byte("s"))}, prints...)
		was, now, err := Rotate(dir, config.Fingerprint{})
		if err != nil || was != k.Ring.KeyID() || now == was {
			t.Fatal(was, now, err)
		}
	}
	k, err := Open(dir, config.Fingerprint{})
	if err != nil {
		t.Fatal(err)
	}
	got := k.Ring.Fingerprints([]byte("s"))
	slices.Sort(got[1:])
	slices.Sort(prints)
	if len(got) != 4 || !slices.Equal(got[1:], prints) {
		t.Errorf("fingerprints %v, want a new one and %v", got, prints)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "keys", "*"))
	for _, name := range names {
		if info, err := os.Lstat(name); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	if len(names) != 5 { // four, and the master key
		t.Errorf("files %v", names)
	}
}

// A rotation that was interrupted leaves a key that works, and is done again.
func TestARotationThatWasInterrupted(t *testing.T) {
	dir := t.TempDir()
	k, err := Open(dir, config.Fingerprint{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "keys", "fingerprint.key")
	if err := os.Link(path, path+"."+k.Ring.KeyID()); err != nil { // kept, not yet replaced
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := Open(dir, config.Fingerprint{}); err != nil || again.Ring.KeyID() != k.Ring.KeyID() || len(again.Ring.Replaced()) > 0 {
		t.Fatal(again, err)
	}
	if _, _, err := Rotate(dir, config.Fingerprint{}); err != nil {
		t.Fatal(err)
	}
	if now, err := Open(dir, config.Fingerprint{}); err != nil || now.Ring.Replaced()[0][0] != k.Ring.KeyID() {
		t.Error(now, err)
	}
}

func TestRotationRefuses(t *testing.T) {
	if _, _, err := Rotate(t.TempDir(), config.Fingerprint{Key: config.SecretRef("env:KEY")}); err == nil || !strings.Contains(err.Error(), "env:KEY") {
		t.Errorf("a configured key: %v", err)
	}
	if _, _, err := Rotate(t.TempDir(), config.Fingerprint{}); err == nil || !strings.Contains(err.Error(), "the key to replace") {
		t.Errorf("no key: %v", err)
	}
	dir := t.TempDir()
	if _, err := Open(dir, config.Fingerprint{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "keys", "fingerprint.key.00000000"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, config.Fingerprint{}); err == nil || !strings.Contains(err.Error(), "fingerprint.key.00000000") {
		t.Errorf("a replaced key that is none: %v", err)
	}
}
