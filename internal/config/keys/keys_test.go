package keys

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

func TestKeysAreMadeOnceAndOnlyForTheOwner(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir, config.Fingerprint{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open(dir, config.Fingerprint{})
	if err != nil {
		t.Fatal(err)
	}
	if first.Ring.Fingerprint([]byte("x")) != second.Ring.Fingerprint([]byte("x")) {
		t.Error("the second start has another key")
	}
	for _, name := range []string{"fingerprint.key", "master.key"} {
		info, err := os.Stat(filepath.Join(dir, "keys", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

func TestProcessesThatStartTogetherGetOneKey(t *testing.T) {
	dir := t.TempDir()
	prints := make([]string, 16)
	var wg sync.WaitGroup
	for i := range prints {
		wg.Go(func() {
			k, err := Open(dir, config.Fingerprint{})
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = k.Ring.Fingerprint([]byte("x"))
		})
	}
	wg.Wait()
	for _, p := range prints {
		if p != prints[0] {
			t.Fatalf("two keys: %s and %s", prints[0], p)
		}
	}
}

func TestKeyFilesThatOthersReadOrThatAreNoKeysAreRefused(t *testing.T) {
	tests := []struct {
		name, content string
		mode          os.FileMode
		want          string
	}{
		{"readable by others", strings.Repeat("ab", 32), 0o644, "chmod 600"},
		{"too short", "abcd", 0o600, "32 bytes in hex or base64"},
		{"empty", "", 0o600, "32 bytes in hex or base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "keys", "fingerprint.key")
			_ = os.Mkdir(filepath.Dir(path), 0o700)
			if err := os.WriteFile(path, []byte(tt.content), tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, config.Fingerprint{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestAReplacedKeyStillFindsWhatItStored(t *testing.T) {
	t.Setenv("OLD_KEY", strings.Repeat("01", 32))
	t.Setenv("NEW_KEY", strings.Repeat("02", 32))
	before, err := Ring(config.Fingerprint{Key: config.SecretRef("env:OLD_KEY")})
	if err != nil {
		t.Fatal(err)
	}
	after, err := Ring(config.Fingerprint{
		Key: config.SecretRef("env:NEW_KEY"), OldKeys: []config.Secret{config.SecretRef("env:OLD_KEY")},
	})
	if err != nil {
		t.Fatal(err)
	}
	prints := after.Fingerprints([]byte("s"))
	if len(prints) != 2 || prints[1] != before.Fingerprint([]byte("s")) || prints[0] == prints[1] {
		t.Errorf("fingerprints = %q", prints)
	}
}

func TestSealOpensOnlyUnchangedAndWithItsKey(t *testing.T) {
	a, _ := NewSealer(bytes.Repeat([]byte{1}, 32))
	b, _ := NewSealer(bytes.Repeat([]byte{2}, 32))
	sealed, err := a.Seal([]byte("whsec_x"))
	if err != nil || bytes.Contains(sealed, []byte("whsec_x")) {
		t.Fatalf("sealed %q, %v", sealed, err)
	}
	if plain, err := a.Open(sealed); err != nil || string(plain) != "whsec_x" {
		t.Fatalf("opened %q, %v", plain, err)
	}
	if _, err := b.Open(sealed); err == nil {
		t.Error("another key opens it")
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := a.Open(bad); err == nil {
			t.Fatalf("opened with byte %d changed", i)
		}
	}
	if _, err := a.Open(nil); err == nil {
		t.Error("opened nothing")
	}
}

func TestAKeyDirectoryThatOthersOpenIsRefused(t *testing.T) {
	for mode, want := range map[os.FileMode]bool{0o700: true, 0o500: true, 0o750: false, 0o755: false, 0o701: false} {
		dir := t.TempDir()
		if _, err := Open(dir, config.Fingerprint{}); err != nil {
			t.Fatal(err)
		}
		keys := filepath.Join(dir, "keys")
		if err := os.Chmod(keys, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir, config.Fingerprint{})
		if (err == nil) != want || err != nil && !strings.Contains(err.Error(), "chmod 700 "+keys) {
			t.Errorf("%o: %v", mode, err)
		}
		_ = os.Chmod(keys, 0o700)
	}
}
