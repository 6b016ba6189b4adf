package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.cordon.dev/cordon/hypercore/merkle"
)

// Limits bound what a directory can make its reader allocate.
type Limits struct {
	// Oplog is the largest oplog read, in bytes. If 0, 256 MiB.
	Oplog int64
	// Header is the largest external header read, in bytes. If 0, 16 MiB.
	Header uint64
}

func (l Limits) withDefaults() Limits {
	if l.Oplog == 0 {
		l.Oplog = 256 << 20
	}
	if l.Header == 0 {
		l.Header = 16 << 20
	}
	return l
}

// Dir is the open directory of one core. Its files stay open, so that a core whose
// directory was renamed or replaced can still be read to its end. A Dir is for one
// goroutine at a time.
type Dir struct {
	path   string
	limits Limits
	oplog  *os.File
	files  map[string]*os.File
	rocks  *rocks // instead of files, for hypercore 11
	sum    []byte // hash of the image that state was decoded from
	state  *State
}

// Open opens the core in the directory path, read-only. The path must be what Resolve has
// made of it.
func Open(path string, limits Limits) (*Dir, error) {
	if dir, _, _ := splitKey(path); isRocksAt(dir) {
		r, err := openRocks(path)
		if err != nil {
			return nil, err
		}
		return &Dir{path: path, limits: limits.withDefaults(), rocks: r}, nil
	}
	f, err := os.Open(filepath.Join(path, "oplog"))
	if err != nil {
		return nil, fmt.Errorf("opening core: %w", err)
	}
	return &Dir{path: path, limits: limits.withDefaults(), oplog: f, files: map[string]*os.File{}}, nil
}

// Path is the directory as it was opened.
func (d *Dir) Path() string { return d.path }

// Watched is the file, or the directory, that every change of the core goes through.
func (d *Dir) Watched() string {
	if d.rocks != nil {
		return d.rocks.dir.Name()
	}
	return filepath.Join(d.path, "oplog")
}

// Close closes all files.
func (d *Dir) Close() error {
	if d.rocks != nil {
		return d.rocks.close()
	}
	err := d.oplog.Close()
	for _, f := range d.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// Same reports whether path still holds the files that are open here.
func (d *Dir) Same(path string) bool {
	if d.rocks != nil {
		return d.rocks.same(path)
	}
	mine, err := d.oplog.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(filepath.Join(path, "oplog"))
	return err == nil && os.SameFile(mine, there)
}

// file opens one of the core's other files at its first use; nil when it doesn't exist yet.
func (d *Dir) file(name string) (*os.File, error) {
	if f := d.files[name]; f != nil {
		return f, nil
	}
	if !d.Same(d.path) { // the name now belongs to another core
		return nil, nil
	}
	f, err := os.Open(filepath.Join(d.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s file: %w", name, err)
	}
	d.files[name] = f
	return f, nil
}

// openFiles opens what exists by now, while the name still leads here.
func (d *Dir) openFiles() error {
	for _, name := range []string{"data", "tree", "bitfield"} {
		if _, err := d.file(name); err != nil {
			return err
		}
	}
	return nil
}

// readAt fills b from a file; io.EOF when the file is shorter or doesn't exist.
func (d *Dir) readAt(name string, b []byte, off int64) (int, error) {
	f, err := d.file(name)
	if err != nil {
		return 0, err
	}
	if f == nil || off < 0 {
		return 0, io.EOF
	}
	return f.ReadAt(b, off)
}

func (d *Dir) size(name string) (uint64, error) {
	f, err := d.file(name)
	if err != nil || f == nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("reading size of %s file: %w", name, err)
	}
	return uint64(info.Size()), nil
}

const imageTries = 16

// Load reads the oplog. changed is false when it is the same as at the last Load, whose
// State is then returned again.
//
// The image is consistent: a writer first rewrites a header slot and then cuts the
// entries, so an image whose slots are the same after reading the entries as before holds
// exactly the entries of its header.
func (d *Dir) Load() (s *State, changed bool, err error) {
	if d.rocks != nil {
		s, changed, err := d.rocks.load(d.state)
		d.state = s
		return s, changed, err
	}
	if err := d.openFiles(); err != nil {
		return nil, false, err
	}
	for range imageTries {
		image, err := d.readImage()
		if errors.Is(err, ErrBusy) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		return d.decode(image)
	}
	return nil, false, ErrBusy
}

func (d *Dir) decode(image []byte) (*State, bool, error) {
	sum := imageSum(image)
	if d.state != nil && bytes.Equal(sum, d.sum) {
		clear(image)
		return d.state, false, nil
	}
	s, err := parseImage(image, d.external)
	clear(image) // it holds the writer's secret key
	if err != nil {
		return nil, true, err
	}
	d.sum, d.state = sum, s
	return s, true, nil
}

func (d *Dir) readImage() ([]byte, error) {
	info, err := d.oplog.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading oplog size: %w", err)
	}
	if info.Size() > d.limits.Oplog {
		return nil, fmt.Errorf("oplog of %d bytes: %w", info.Size(), ErrTooLarge)
	}
	image := make([]byte, info.Size())
	n, err := d.oplog.ReadAt(image, 0)
	if err != nil && err != io.EOF {
		clear(image)
		return nil, fmt.Errorf("reading oplog: %w", err)
	}
	again, err := d.readSlots(min(n, entryStart))
	defer clear(again)
	if err != nil || !bytes.Equal(again, image[:len(again)]) {
		clear(image)
		return nil, errors.Join(ErrBusy, err)
	}
	return image[:n], nil
}

func (d *Dir) readSlots(size int) ([]byte, error) {
	b := make([]byte, size)
	n, err := d.oplog.ReadAt(b, 0)
	if err == io.EOF {
		err = nil
	}
	if err == nil && n < size {
		err = ErrBusy
	}
	return b, err
}

// Damage is the first part of the files that failed its checksum; nil when none did, or when
// they have none.
func (d *Dir) Damage() error {
	if d.rocks == nil {
		return nil
	}
	return d.rocks.damage
}

// Changed reports whether the oplog differs from the loaded state: what was read from the
// other files since then may belong to a later state.
func (d *Dir) Changed() bool {
	if d.rocks != nil {
		return d.rocks.core.Stale()
	}
	image, err := d.readImage()
	if err != nil {
		return true
	}
	defer clear(image)
	return !bytes.Equal(imageSum(image), d.sum)
}

func (d *Dir) external(start, length uint64) ([]byte, error) {
	if length > d.limits.Header || start > merkle.MaxLength {
		return nil, fmt.Errorf("%d bytes at %d: %w", length, start, ErrTooLarge)
	}
	size, err := d.size("header")
	if err != nil {
		return nil, err
	}
	if start+length > size {
		return nil, fmt.Errorf("%d bytes at %d of a file of %d: %w", length, start, size, ErrCorrupt)
	}
	b := make([]byte, length)
	if _, err := d.readAt("header", b, int64(start)); err != nil {
		clear(b)
		return nil, err
	}
	return b, nil
}
