// Package keys holds the two keys of an installation. The fingerprint key makes
// the keyed fingerprints that join sightings of one secret; all nodes of a
// cluster share it. The master key seals what must be kept but not read at
// rest, such as webhook signing secrets; nodes that share a database share it,
// too. Both are made at first start, 0600, below <data>/keys, unless the
// configuration names them.
//
// Level 1: it may import L0 and config.
package keys

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/redact"
)

// Dir is the folder of the keys in the data directory.
const Dir = "keys"

// Keys are the opened keys.
type Keys struct {
	Ring   *redact.Keyring
	Sealer *Sealer
}

// Open reads the keys and makes those that are missing.
func Open(dataDir string, c config.Fingerprint) (*Keys, error) {
	dir := filepath.Join(dataDir, Dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making key directory: %w", err)
	}
	if err := checkDir(dir); err != nil {
		return nil, err
	}
	ring, err := openRing(filepath.Join(dir, "fingerprint.key"), c)
	if err != nil {
		return nil, fmt.Errorf("opening fingerprint key: %w", err)
	}
	master, err := openMaster(filepath.Join(dir, "master.key"), c)
	if err != nil {
		return nil, fmt.Errorf("opening master key: %w", err)
	}
	sealer, err := NewSealer(master)
	if err != nil {
		return nil, fmt.Errorf("opening master key: %w", err)
	}
	return &Keys{Ring: ring, Sealer: sealer}, nil
}

func openMaster(path string, c config.Fingerprint) ([]byte, error) {
	if !c.SealingKey.IsZero() {
		return resolve(c.SealingKey)
	}
	return readOrMake(path)
}

// checkDir refuses a directory of keys that others may look into.
func checkDir(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("looking at key directory: %w", err)
	}
	if !info.IsDir() || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("key directory %s has mode %v; it must be a directory that only its owner opens (chmod 700 %s)", dir, info.Mode(), dir)
	}
	return nil
}

// Ring resolves the configured fingerprint keys without making any; it is for
// programs without a data directory. It returns nil when none is configured.
func Ring(c config.Fingerprint) (*redact.Keyring, error) {
	if c.Key.IsZero() {
		return nil, nil
	}
	current, err := resolve(c.Key)
	if err != nil {
		return nil, err
	}
	return ring(current, c)
}

func openRing(path string, c config.Fingerprint) (*redact.Keyring, error) {
	if !c.Key.IsZero() {
		return Ring(c)
	}
	current, err := readOrMake(path)
	if err != nil {
		return nil, err
	}
	old, err := replaced(path, current)
	if err != nil {
		return nil, err
	}
	return ring(current, c, old...)
}

func ring(current []byte, c config.Fingerprint, old ...[]byte) (*redact.Keyring, error) {
	for i, ref := range c.OldKeys {
		b, err := resolve(ref)
		if err != nil {
			return nil, fmt.Errorf("old key %d: %w", i, err)
		}
		old = append(old, b)
	}
	return redact.NewKeyring(current, old...)
}

func resolve(ref config.Secret) ([]byte, error) {
	v, err := ref.Resolve()
	if err != nil {
		return nil, err
	}
	return decode(v.Reveal())
}

// decode reads 32 bytes in hex or base64.
func decode(text string) ([]byte, error) {
	text = strings.TrimSpace(text)
	if b, err := hex.DecodeString(text); err == nil && len(b) == redact.KeySize {
		return b, nil
	}
	if b, err := base64.StdEncoding.DecodeString(text); err == nil && len(b) == redact.KeySize {
		return b, nil
	}
	return nil, fmt.Errorf("key is not %d bytes in hex or base64; `openssl rand -hex %d` makes one", redact.KeySize, redact.KeySize)
}

// readOrMake reads a key file; a missing one is made, and when two processes
// try at the same time, one makes it and both read it.
func readOrMake(path string) ([]byte, error) {
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making %s: %w", path, err)
	}
	return read(path)
}

func read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %v; it must be a plain file that only its owner reads (chmod 600)", path, info.Mode())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := decode(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// create writes a fresh key under a temporary name and links it into place, so
// that a key file is never seen half-written and never overwritten.
func create(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	var key [redact.KeySize]byte
	_, _ = rand.Read(key[:]) // never fails (crypto/rand)
	_, err = tmp.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Link(tmp.Name(), path)
}
