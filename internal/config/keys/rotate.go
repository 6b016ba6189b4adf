package keys

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/config"
	"go.cordon.dev/cordon/internal/redact"
)

// maxReplaced bounds the replaced keys that are kept in the data directory.
const maxReplaced = 64

// Rotate makes a new fingerprint key and keeps the one before beside it, as
// fingerprint.key.<key id>, so that Open finds what was stored under it. The
// node must not be running. It may be called again when it was interrupted. It
// returns the ids of the two keys.
func Rotate(dataDir string, c config.Fingerprint) (was, now string, err error) {
	if !c.Key.IsZero() {
		return "", "", fmt.Errorf("fingerprint.key is configured as %s: put a new key there, and where the old one is kept into fingerprint.old_keys", c.Key)
	}
	path := filepath.Join(dataDir, "keys", "fingerprint.key")
	if was, err = idOf(path); err != nil {
		return "", "", fmt.Errorf("reading the key to replace: %w", err)
	}
	if err := os.Link(path, path+"."+was); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", "", fmt.Errorf("keeping the key to replace: %w", err)
	}
	if err := replace(path); err != nil {
		return "", "", fmt.Errorf("making the new key: %w", err)
	}
	now, err = idOf(path)
	return was, now, err
}

func idOf(path string) (string, error) {
	key, err := read(path)
	if err != nil {
		return "", err
	}
	ring, err := redact.NewKeyring(key)
	if err != nil {
		return "", err
	}
	return ring.KeyID(), nil
}

// replace puts a fresh key in place of the one at path, at once or not at all.
func replace(path string) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := create(fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// replaced reads the keys that Rotate kept, newest first. Of an interrupted
// rotation the current key is among them; it is left out.
func replaced(path string, current []byte) ([][]byte, error) {
	names, err := filepath.Glob(path + ".????????")
	if err != nil {
		return nil, err
	}
	type kept struct {
		key  []byte
		info fs.FileInfo
	}
	var all []kept
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil {
			return nil, err
		}
		key, err := read(name)
		if err != nil {
			return nil, err
		}
		if string(key) != string(current) {
			all = append(all, kept{key, info})
		}
	}
	if len(all) > maxReplaced {
		return nil, fmt.Errorf("%s has %d replaced keys beside it, more than %d; move the oldest to fingerprint.old_keys", path, len(all), maxReplaced)
	}
	slices.SortFunc(all, func(a, b kept) int {
		return cmp.Or(b.info.ModTime().Compare(a.info.ModTime()), strings.Compare(a.info.Name(), b.info.Name()))
	})
	var out [][]byte
	for _, k := range all {
		out = append(out, k.key)
	}
	return out, nil
}
