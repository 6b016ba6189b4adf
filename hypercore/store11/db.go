package store11

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	maxTables  = 1 << 14
	maxPending = 1 << 23 // keys that are only in logs
	maxTombs   = 1 << 20
	tries      = 16
)

// DB is an open store. It is for one goroutine at a time.
type DB struct {
	dir      string
	keep     func(key []byte) bool
	manifest *manifest
	file     *os.File // of the manifest
	current  string   // its name
	tables   []*table // the newest first
	logs     []*wal   // in order
	pending  map[string]place
	tombs    []tomb // that are only in logs
	noted    uint64 // operations that were kept
	blobs    map[uint64]*os.File

	cache    logReader // for the record that a value was taken from last
	cached   []byte
	cachedIn uint64
	cachedAt int64
}

// wal is an open write-ahead log.
type wal struct {
	number uint64
	f      *os.File
	log    logReader
	size   int64 // of the file, when it was read last
}

// place is where the newest value of a key lies in the logs.
type place struct {
	seq     uint64
	log     uint64
	record  int64
	at, len int32 // in the record
	deleted bool
}

// Open opens the store in a directory, that of the RocksDB itself. Keep, if not nil, tells
// which keys of the logs are of interest; the others are not found until they are in a table.
func Open(dir string, keep func(key []byte) bool) (*DB, error) {
	d := &DB{dir: dir, keep: keep, pending: map[string]place{}, blobs: map[uint64]*os.File{}}
	if _, err := d.Refresh(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close closes all files.
func (d *DB) Close() error {
	var errs []error
	d.Forget()
	if d.file != nil {
		errs = append(errs, d.file.Close())
	}
	for _, t := range d.tables {
		errs = append(errs, t.f.Close())
	}
	for _, w := range d.logs {
		errs = append(errs, w.f.Close())
	}
	for _, f := range d.blobs {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Refresh moves to what the store holds now, and reports whether any key of interest was
// written.
func (d *DB) Refresh() (changed bool, err error) {
	d.Forget()
	before := d.noted
	for range tries {
		again, err := d.refresh()
		if err != nil || !again {
			return d.noted != before, err
		}
	}
	return d.noted != before, ErrBusy
}

// Forget wipes the values that were read and are kept to be read again.
func (d *DB) Forget() {
	d.cache.wipe()
	d.cached = nil
	for _, t := range d.tables {
		t.forget()
	}
}

// Stale reports whether the store was written to since Refresh.
func (d *DB) Stale() bool {
	if moved, err := d.moved(); moved || err != nil {
		return true
	}
	numbers, err := d.logNumbers()
	if err != nil || len(numbers) != len(d.logs) {
		return true
	}
	for _, w := range d.logs {
		if info, err := w.f.Stat(); err != nil || info.Size() != w.size {
			return true
		}
	}
	return false
}

// refresh reads tables' list, tables, logs. A table that is written from a log is listed
// before the log is removed; so when the list is the same afterwards, nothing was missed.
func (d *DB) refresh() (again bool, err error) {
	first := d.file == nil
	if err := d.readManifest(); err != nil {
		return !first && errors.Is(err, fs.ErrNotExist), ignore(err, !first)
	}
	if !d.manifest.known {
		return false, nil
	}
	if gone, err := d.openTables(); gone || err != nil {
		return gone, err
	}
	if gone, err := d.readLogs(); gone || err != nil {
		return gone, err
	}
	return d.moved()
}

// ignore drops the error of a file that was removed between two looks.
func ignore(err error, opened bool) error {
	if opened && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d *DB) currentName() (string, error) {
	b, err := os.ReadFile(filepath.Join(d.dir, "CURRENT"))
	if err != nil {
		return "", fmt.Errorf("opening a Hypercore 11 store: %w", err)
	}
	name := strings.TrimSpace(string(b))
	if !strings.HasPrefix(name, "MANIFEST-") || filepath.Base(name) != name {
		return "", fmt.Errorf("%w: CURRENT says %.40q", ErrVersion, name)
	}
	return name, nil
}

func (d *DB) readManifest() error {
	name, err := d.currentName()
	if err != nil {
		return err
	}
	if name != d.current {
		f, err := os.Open(filepath.Join(d.dir, name))
		if err != nil {
			return fmt.Errorf("opening MANIFEST: %w", err)
		}
		if d.file != nil {
			d.file.Close() // was only read
		}
		d.file, d.current, d.manifest = f, name, newManifest(f)
	}
	return d.manifest.read()
}

// moved reports whether the list of tables has changed since it was read.
func (d *DB) moved() (bool, error) {
	name, err := d.currentName()
	if err != nil || name != d.current {
		return true, ignore(err, true)
	}
	info, err := d.file.Stat()
	if err != nil {
		return false, fmt.Errorf("reading the size of MANIFEST: %w", err)
	}
	return info.Size() > d.manifest.log.off, nil
}

// openTables opens those that are listed now; gone when one has been removed meanwhile.
func (d *DB) openTables() (gone bool, err error) {
	if len(d.manifest.tables) > maxTables {
		return false, fmt.Errorf("%w: %d tables", ErrTooLarge, len(d.manifest.tables))
	}
	open := map[uint64]*table{}
	for _, t := range d.tables {
		if _, listed := d.manifest.tables[t.number]; listed {
			open[t.number] = t
			continue
		}
		t.f.Close() // was only read
	}
	d.tables = slices.DeleteFunc(d.tables, func(t *table) bool { return open[t.number] == nil })
	for _, n := range d.manifest.numbers() {
		if open[n] != nil {
			continue
		}
		t, err := openTable(d.name(n, "sst"), d.manifest.tables[n])
		if err != nil {
			return errors.Is(err, fs.ErrNotExist), ignore(err, true)
		}
		d.tables = append(d.tables, t)
	}
	slices.SortFunc(d.tables, func(a, b *table) int { return int(b.number) - int(a.number) })
	return false, nil
}

func (d *DB) name(number uint64, ext string) string {
	return filepath.Join(d.dir, fmt.Sprintf("%06d.%s", number, ext))
}

// Get is the value of a key; nil and false when there is none. It is valid until the next
// call.
func (d *DB) Get(key []byte) ([]byte, bool, error) {
	if p, ok := d.pending[string(key)]; ok {
		if p.deleted || d.buried(key) > p.seq {
			return nil, false, nil
		}
		v, err := d.logged(p)
		return v, err == nil, err
	}
	var best entry
	found := false
	for _, t := range d.tables {
		if !t.covers(key) {
			continue
		}
		e, ok, err := t.find(key)
		if err != nil {
			return nil, false, fmt.Errorf("table %06d: %w", t.number, err)
		}
		if ok && (!found || e.seq > best.seq) {
			best, found = e, true
		}
	}
	if !found || d.buried(key) > best.seq {
		return nil, false, nil
	}
	return d.stored(best)
}

// buried is the sequence number of the newest range over a key that was deleted; 0 when
// there is none.
func (d *DB) buried(key []byte) (seq uint64) {
	over := func(tombs []tomb) {
		for _, b := range tombs {
			if b.seq > seq && bytes.Compare(b.from, key) <= 0 && bytes.Compare(key, b.to) < 0 {
				seq = b.seq
			}
		}
	}
	over(d.tombs)
	for _, t := range d.tables {
		over(t.tombs)
	}
	return seq
}

// stored is the value of an entry of a table.
func (d *DB) stored(e entry) ([]byte, bool, error) {
	switch e.kind {
	case opPut:
		return e.value, true, nil
	case opDelete, opSingleDelete:
		return nil, false, nil
	case opBlobIndex:
		v, err := d.blob(e.key, e.value)
		return v, err == nil, err
	}
	return nil, false, fmt.Errorf("%w: entries of type %#x", ErrVersion, e.kind)
}

// blob reads a large value, by what the table has in its place: the kind of place, the
// file's number, where the value lies and how long it is, and its compression.
func (d *DB) blob(key, index []byte) ([]byte, error) {
	c := cursor{b: index}
	kind, number, off, size, compression := c.byte(), c.uint(), c.uint(), c.uint(), c.byte()
	switch {
	case c.err != nil:
		return nil, c.err
	case kind != 1 || compression != 0:
		return nil, fmt.Errorf("%w: a blob of kind %d, compression %d", ErrVersion, kind, compression)
	case size > maxRecord:
		return nil, fmt.Errorf("%w: a blob of %d bytes", ErrTooLarge, size)
	}
	f, err := d.blobFile(number)
	if err != nil {
		return nil, err
	}
	v, err := readBlob(f, key, off, size)
	if err != nil {
		return nil, fmt.Errorf("blob file %06d: %w", number, err)
	}
	return v, nil
}

func (d *DB) blobFile(number uint64) (*os.File, error) {
	if f := d.blobs[number]; f != nil {
		return f, nil
	}
	f, err := os.Open(d.name(number, "blob"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrBusy // it was collected, and the table with it
	}
	if err != nil {
		return nil, fmt.Errorf("opening a blob file: %w", err)
	}
	d.blobs[number] = f
	return f, nil
}

// readBlob reads a value and what lies before it, and checks both.
func readBlob(f *os.File, key []byte, off, size uint64) ([]byte, error) {
	before := uint64(blobHeader + len(key))
	info, err := f.Stat()
	if err != nil || off < before || off > uint64(info.Size()) || size > uint64(info.Size())-off {
		return nil, errors.Join(err, fmt.Errorf("%w: a blob of %d bytes at %d", ErrDamaged, size, off))
	}
	b := make([]byte, before+size)
	if _, err := f.ReadAt(b, int64(off-before)); err != nil {
		return nil, fmt.Errorf("reading a blob: %w", err)
	}
	if err := checkBlob(b, key, off); err != nil {
		return nil, err
	}
	return b[before:], nil
}

// Each calls fn with the keys that begin with prefix, in no order. The logs' keys are those
// that are kept.
func (d *DB) Each(prefix []byte, fn func(key []byte) error) error {
	seen := map[string]bool{}
	for key := range d.pending {
		if strings.HasPrefix(key, string(prefix)) {
			seen[key] = true
		}
	}
	for _, t := range d.tables {
		for i := t.block(prefix); i < len(t.blocks); i++ {
			entries, err := t.entries(t.blocks[i])
			if err != nil {
				return fmt.Errorf("table %06d: %w", t.number, err)
			}
			for _, e := range entries {
				if bytes.HasPrefix(e.key, prefix) {
					seen[string(e.key)] = true
				}
			}
			if len(seen) > maxTombs {
				return fmt.Errorf("%w: %d keys that begin with %x", ErrTooLarge, len(seen), prefix)
			}
			if bytes.Compare(t.ends[i], append(bytes.Clone(prefix), 0xff)) > 0 {
				break
			}
		}
	}
	for key := range seen {
		if err := fn([]byte(key)); err != nil {
			return err
		}
	}
	return nil
}
