package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/hypercore/merkle"
	"go.cordon.dev/cordon/hypercore/store11"
)

// rocks is a core of hypercore 11 or corestore 7, which lies in a RocksDB with others.
type rocks struct {
	core *store11.Core
	dir  *os.File // open, so that its inode is not given to another

	damage error // the first checksum that was wrong
}

// note keeps the first checksum that was wrong, to be told with what can't be read for it.
func (r *rocks) note(err error) error {
	if r.damage == nil && errors.Is(err, store11.ErrChecksum) {
		r.damage = err
	}
	return translated(err)
}

// openRocks opens a core by the directory of its RocksDB, with the core's key as the last
// element when the store has several.
func openRocks(path string) (*rocks, error) {
	dir, key, _ := splitKey(path)
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening core: %w", err)
	}
	core, err := store11.OpenCore(dir, key)
	if err != nil {
		return nil, errors.Join(translated(err), f.Close())
	}
	return &rocks{core: core, dir: f}, nil
}

// splitKey takes a core's key from the end of a path.
func splitKey(path string) (dir string, key merkle.Hash, ok bool) {
	base := filepath.Base(path)
	if !discoveryName(base) || key.UnmarshalText([]byte(base)) != nil {
		return path, merkle.Hash{}, false
	}
	return filepath.Dir(path), key, true
}

// translated makes store11's errors those of this package.
func translated(err error) error {
	for from, to := range map[error]error{
		store11.ErrDamaged: ErrCorrupt, store11.ErrTooLarge: ErrTooLarge, store11.ErrBusy: ErrBusy,
		store11.ErrNoCore: ErrEmpty, store11.ErrSeveral: ErrCorestore,
	} {
		if errors.Is(err, from) {
			return fmt.Errorf("%w: %w", to, err)
		}
	}
	return err
}

func (r *rocks) close() error { return errors.Join(r.core.Close(), r.dir.Close()) }

// same reports whether path leads to the store that is open here.
func (r *rocks) same(path string) bool {
	dir, _, _ := splitKey(path)
	mine, err := r.dir.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(dir)
	return err == nil && os.SameFile(mine, there)
}

// load is Dir.Load.
func (r *rocks) load(last *State) (*State, bool, error) {
	changed, err := r.core.Refresh()
	if err != nil {
		return nil, true, translated(err)
	}
	if last != nil && !changed {
		return last, false, nil
	}
	head, _, err := r.core.Head()
	if err != nil {
		return nil, true, translated(err)
	}
	id := r.core.Identity()
	return &State{
		HeaderVersion: headerVersion11, Key: id.Key, Manifest: id.Manifest, HasSecretKey: id.Secret,
		Fork: head.Fork, Length: head.Length, Signature: head.Signature,
	}, true, nil
}

// headerVersion11 stands for hypercore 11's records, which have no header.
const headerVersion11 = 11

// leaf is a leaf of the tree; blank when it is not stored.
func (r *rocks) leaf(block uint64) (merkle.Node, error) {
	n, err := r.node(2 * block)
	if errors.Is(err, merkle.ErrMissing) {
		return merkle.Node{}, nil
	}
	return n, err
}

// node is a node of the tree; merkle.ErrMissing when it is not stored, or damaged.
func (r *rocks) node(index uint64) (merkle.Node, error) {
	n, err := r.core.Node(index)
	return n, r.note(err)
}

// page reads a page of the bitfield into an empty one.
func (r *rocks) page(number uint64, page *[pageBytes]byte) error {
	b, err := r.core.BitfieldPage(number)
	copy(page[:], b)
	return translated(err)
}

// blocks reads blocks from first on; nil for those that are not there, or damaged.
func (r *rocks) blocks(first uint64, count int) ([][]byte, error) {
	out := make([][]byte, count)
	for i := range out {
		b, ok, err := r.core.Block(first + uint64(i))
		if errors.Is(err, store11.ErrChecksum) {
			_ = r.note(err) // told with the block
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading block %d: %w", first+uint64(i), translated(err))
		}
		if ok {
			out[i] = append(make([]byte, 0, len(b)), b...)
		}
	}
	return out, nil
}

// listRocks are the paths of the cores in a store.
func listRocks(dir string) ([]string, error) {
	keys, err := store11.Keys(dir)
	if err != nil {
		return nil, translated(err)
	}
	paths := make([]string, 0, len(keys))
	for _, k := range keys {
		paths = append(paths, filepath.Join(dir, k.String()))
	}
	return paths, nil
}
