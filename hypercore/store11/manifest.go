package store11

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// The tags of a version edit (RocksDB's db/version_edit.h). Those with tagIgnore are followed
// by their length and may be passed over.
const (
	tagComparator   = 1
	tagLogNumber    = 2
	tagNextFile     = 3
	tagLastSequence = 4
	tagDeletedFile  = 6
	tagPrevLog      = 9
	tagMinLog       = 10
	tagNewFile4     = 103
	tagFamily       = 200
	tagFamilyAdd    = 201
	tagFamilyDrop   = 202
	tagMaxFamily    = 203
	tagAtomicGroup  = 300
	tagBlobAdd      = 400
	tagBlobGarbage  = 401
	tagIgnore       = 1 << 13
)

// wanted is the column family that hypercore-storage keeps everything in.
const wanted = "corestore"

// comparator is the only order of keys that is known.
const comparator = "leveldb.BytewiseComparator"

// tableFile is a table as the MANIFEST lists it.
type tableFile struct {
	number, size      uint64
	smallest, largest []byte // user keys
}

// manifest is what the MANIFEST says about the wanted family so far.
type manifest struct {
	log     logReader
	family  uint64
	known   bool // the family is there
	newest  uint64
	tables  map[uint64]tableFile
	pending []edit // of an atomic group that is not whole yet
}

// edit is one record.
type edit struct {
	family  uint64
	order   string
	add     string
	drop    bool
	log     uint64
	news    []tableFile
	deleted []uint64
	rest    uint64 // edits of the atomic group that follow
	grouped bool
}

func newManifest(r io.ReaderAt) *manifest {
	return &manifest{log: logReader{r: r}, tables: map[uint64]tableFile{}}
}

// read takes what was appended.
func (m *manifest) read() error {
	for {
		record, _, err := m.log.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading MANIFEST: %w", err)
		}
		e, err := readEdit(record)
		if err != nil {
			return fmt.Errorf("reading MANIFEST: %w", err)
		}
		m.pending = append(m.pending, e)
		if e.grouped && e.rest > 0 {
			continue
		}
		for _, e := range m.pending {
			if err := m.apply(e); err != nil {
				return err
			}
		}
		m.pending = m.pending[:0]
	}
}

func (m *manifest) apply(e edit) error {
	if e.add == wanted {
		m.family, m.known = e.family, true
	}
	if !m.known || e.family != m.family {
		return nil
	}
	if e.order != "" && e.order != comparator {
		return fmt.Errorf("%w: keys are ordered by %s", ErrVersion, e.order)
	}
	m.newest = max(m.newest, e.log)
	for _, n := range e.deleted {
		delete(m.tables, n)
	}
	for _, t := range e.news {
		m.tables[t.number] = t
	}
	if e.drop {
		return fmt.Errorf("%w: the column family %s was dropped", ErrDamaged, wanted)
	}
	return nil
}

// numbers are the tables' numbers, the newest first.
func (m *manifest) numbers() []uint64 {
	var out []uint64
	for n := range m.tables {
		out = append(out, n)
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

func readEdit(record []byte) (e edit, err error) {
	c := cursor{b: record}
	for !c.done() {
		if tag := c.uint(); c.err == nil {
			readField(&c, tag, &e)
		}
	}
	return e, c.err
}

func readField(c *cursor, tag uint64, e *edit) {
	switch tag {
	case tagComparator:
		e.order = string(c.string())
	case tagLogNumber:
		e.log = c.uint()
	case tagNextFile, tagLastSequence, tagPrevLog, tagMinLog, tagMaxFamily:
		c.uint()
	case tagDeletedFile:
		c.uint() // level
		e.deleted = append(e.deleted, c.uint())
	case tagNewFile4:
		e.news = append(e.news, readNewFile(c))
	case tagFamily:
		e.family = c.uint()
	case tagFamilyAdd:
		e.add = string(c.string())
	case tagFamilyDrop:
		e.drop = true
	case tagAtomicGroup:
		e.grouped, e.rest = true, c.uint()
	case tagBlobAdd:
		c.uint()
		c.uint()
		c.uint()
		c.string()
		c.string()
		skipCustom(c, 0)
	case tagBlobGarbage:
		c.uint()
		c.uint()
		c.uint()
		skipCustom(c, 0)
	default:
		if tag&tagIgnore == 0 {
			c.err = fmt.Errorf("%w: the MANIFEST has a field %d", ErrVersion, tag)
			return
		}
		c.string()
	}
}

func readNewFile(c *cursor) tableFile {
	c.uint() // level: the newest of a key is found by its sequence number
	t := tableFile{number: c.uint(), size: c.uint()}
	t.smallest, t.largest = userKey(c.string()), userKey(c.string())
	c.uint() // smallest and largest sequence number
	c.uint()
	skipCustom(c, 1)
	return t
}

// skipCustom passes over the fields at a record's end, up to the one that ends them.
func skipCustom(c *cursor, end uint64) {
	const needed = 1 << 6 // fields that may not be passed over
	for c.err == nil {
		tag := c.uint()
		if tag == end || c.err != nil {
			return
		}
		if tag&needed != 0 {
			c.err = fmt.Errorf("%w: a file has a property %d", ErrVersion, tag)
			return
		}
		c.string()
	}
}

// trailer is what an internal key ends with: the sequence number and the kind.
const trailer = 8

func userKey(internal []byte) []byte {
	return slices.Clone(internal[:max(0, len(internal)-trailer)])
}
