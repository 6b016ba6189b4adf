package disk

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/store11"
)

// Errors that say what a path is instead of a core's directory.
var (
	// ErrCorestore: the path is a corestore with cores in it; one of them has to be named.
	ErrCorestore = errors.New("hypercore: this is a corestore")
	// ErrVersion11: the directory was written by a hypercore 11 whose form is not known.
	ErrVersion11 = store11.ErrVersion
	// ErrNotCore: the path exists and is nothing known.
	ErrNotCore = errors.New("hypercore: no core here")
)

// Resolve finds the directory of a core from the directory itself, a file in it, or a
// symbolic link to either; links are resolved. A store of hypercore 11 may be followed by the
// key of one of its cores, in hex. A path that doesn't exist gives an error that matches
// fs.ErrNotExist.
func Resolve(path string) (string, error) {
	if dir, key, ok := splitKey(path); ok {
		if real, err := Resolve(dir); err == nil && isRocksAt(real) {
			return filepath.Join(real, key.String()), nil
		}
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("resolving core path: %w", err)
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", fmt.Errorf("resolving core path: %w", err)
	}
	if !info.IsDir() {
		real = filepath.Dir(real)
	}
	if db := filepath.Join(real, "db"); isRocksAt(db) {
		return db, nil
	}
	return real, check(real)
}

func check(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "oplog")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading %s: %w", dir, err)
	}
	if isRocks(entries) {
		return nil
	}
	if info, err := os.Stat(filepath.Join(dir, "cores")); err == nil && info.IsDir() {
		return fmt.Errorf("%s: %w; name one of the directories below cores/", dir, ErrCorestore)
	}
	if len(entries) == 0 {
		return fmt.Errorf("%s: %w", dir, ErrEmpty)
	}
	return fmt.Errorf("%s: %w: it has no file named oplog", dir, ErrNotCore)
}

func isRocksAt(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && isRocks(entries)
}

// isRocks knows a RocksDB directory by its CURRENT and MANIFEST-* files.
func isRocks(entries []fs.DirEntry) bool {
	var current, manifest bool
	for _, e := range entries {
		current = current || e.Name() == "CURRENT"
		manifest = manifest || strings.HasPrefix(e.Name(), "MANIFEST-")
	}
	return current && manifest
}

// List finds the directories of all cores below root: root itself, or those of a corestore
// (cores/xx/yy/<discovery key>), or cores that are direct children of root. They come in
// lexical order.
func List(root string) ([]string, error) {
	dir, err := Resolve(root)
	switch {
	case err == nil && isRocksAt(dir):
		return listRocks(dir)
	case err == nil:
		return []string{dir}, nil
	case errors.Is(err, ErrCorestore):
		return find(dir, "cores/*/*/*/oplog", discoveryName)
	case errors.Is(err, ErrNotCore):
		found, findErr := find(dir, "*/oplog", anyName)
		if findErr == nil && len(found) == 0 {
			return nil, err
		}
		return found, findErr
	case errors.Is(err, ErrEmpty):
		return nil, nil
	}
	return nil, err
}

func discoveryName(base string) bool {
	b, err := hex.DecodeString(base)
	return err == nil && len(b) == len(merkle.Hash{})
}

func anyName(string) bool { return true }

// find lists the directories of the oplogs that match below root, by their base name.
func find(root, pattern string, want func(base string) bool) ([]string, error) {
	found, err := fs.Glob(os.DirFS(root), pattern)
	if err != nil {
		return nil, fmt.Errorf("listing cores: %w", err)
	}
	var dirs []string
	for _, f := range found {
		dir := filepath.Join(root, filepath.FromSlash(filepath.Dir(f)))
		if want(filepath.Base(dir)) {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}
