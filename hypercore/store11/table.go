package store11

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sort"
)

const (
	footerSize   = 53
	tableMagic   = 0x88e241b785f4cff7
	tableVersion = 6
	blockTrailer = 5 // compression, checksum
	maxBlock     = 256 << 20
)

// handle is where a block lies.
type handle struct{ off, size uint64 }

// entry is a key with a value in a table.
type entry struct {
	key   []byte
	seq   uint64
	kind  byte
	value []byte
}

// tomb deletes the keys from..to that are older than it.
type tomb struct {
	from, to []byte
	seq      uint64
	log      uint64 // that it is in; 0 in a table
}

// table is an open *.sst.
type table struct {
	tableFile
	f      *os.File
	base   uint32   // of the checksums
	ends   [][]byte // last keys of blocks, or keys between them and the next
	blocks []handle
	tombs  []tomb
	cached [8]loaded
	slot   int
}

// loaded is a block that was read. Its entries' values are parts of it.
type loaded struct {
	off     uint64
	bytes   []byte
	entries []entry
}

func (t *table) forget() {
	for i := range t.cached {
		clear(t.cached[i].bytes)
		t.cached[i] = loaded{}
	}
}

func openTable(path string, t tableFile) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a table: %w", err)
	}
	out := &table{tableFile: t, f: f}
	if err := out.load(); err != nil {
		f.Close()
		return nil, fmt.Errorf("table %06d: %w", t.number, err)
	}
	return out, nil
}

// load reads what a table says about itself.
func (t *table) load() error {
	meta, err := t.metaindex()
	if err != nil {
		return err
	}
	props := map[string][]byte{}
	if h, ok := meta["rocksdb.properties"]; ok {
		if err := t.each(h, func(e entry) { props[string(e.key)] = e.value }); err != nil {
			return err
		}
	}
	if v := props["rocksdb.block.based.table.index.type"]; len(v) != 4 || binary.LittleEndian.Uint32(v) != 0 {
		return fmt.Errorf("%w: an index of type %x", ErrVersion, v)
	}
	if err := t.loadIndex(meta["rocksdb.index"], isOne(props["rocksdb.index.value.is.delta.encoded"]), isOne(props["rocksdb.index.key.is.user.key"])); err != nil {
		return err
	}
	if h, ok := meta["rocksdb.range_del"]; ok {
		return t.each(h, func(e entry) {
			e = split(e)
			t.tombs = append(t.tombs, tomb{from: e.key, to: e.value, seq: e.seq})
		})
	}
	return nil
}

func isOne(v []byte) bool { return len(v) == 1 && v[0] == 1 }

// metaindex finds the blocks that are not data, by name. It lies right before the footer.
func (t *table) metaindex() (map[string]handle, error) {
	if t.size < footerSize {
		return nil, fmt.Errorf("%w: a table of %d bytes", ErrDamaged, t.size)
	}
	var f [footerSize]byte
	if _, err := t.f.ReadAt(f[:], int64(t.size-footerSize)); err != nil {
		return nil, fmt.Errorf("%w: reading its footer: %w", ErrDamaged, err)
	}
	if binary.LittleEndian.Uint64(f[45:]) != tableMagic {
		return nil, fmt.Errorf("%w: it does not end like a table", ErrVersion)
	}
	if v := binary.LittleEndian.Uint32(f[41:]); v != tableVersion || !bytes.Equal(f[1:5], []byte{0x3e, 0, 0x7a, 0}) {
		return nil, fmt.Errorf("%w: table format %d", ErrVersion, v)
	}
	var err error
	if t.base, err = checkFooter(f, t.size-footerSize); err != nil {
		return nil, err
	}
	size := uint64(binary.LittleEndian.Uint32(f[13:]))
	if size+blockTrailer+footerSize > t.size {
		return nil, fmt.Errorf("%w: its footer points before its beginning", ErrDamaged)
	}
	out := map[string]handle{}
	err = t.each(handle{t.size - footerSize - blockTrailer - size, size}, func(e entry) {
		c := cursor{b: e.value}
		out[string(e.key)] = handle{c.uint(), c.uint()}
	})
	return out, err
}

// read reads a block, checks it, and returns it without its trailer.
func (t *table) read(h handle) ([]byte, error) {
	if h.size > maxBlock || h.off > t.size || h.size+blockTrailer > t.size-h.off {
		return nil, fmt.Errorf("%w: a block of %d bytes at %d", ErrDamaged, h.size, h.off)
	}
	b := make([]byte, h.size+blockTrailer)
	if _, err := t.f.ReadAt(b, int64(h.off)); err != nil {
		return nil, fmt.Errorf("%w: reading a block: %w", ErrDamaged, err)
	}
	if err := checkBlock(b, t.base, h.off); err != nil {
		return nil, err
	}
	if b[h.size] != 0 {
		return nil, fmt.Errorf("%w: compression of type %d", ErrVersion, b[h.size])
	}
	return b[:h.size], nil
}

// content is a block without the restart points at its end.
func content(b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, fmt.Errorf("%w: a block of %d bytes", ErrDamaged, len(b))
	}
	n := uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))
	if n>>28 != 0 {
		return nil, fmt.Errorf("%w: a block with an index of its own", ErrVersion)
	}
	if 4*(n+1) > uint64(len(b)) {
		return nil, fmt.Errorf("%w: a block with %d restart points", ErrDamaged, n)
	}
	return b[:uint64(len(b))-4*(n+1)], nil
}

// each calls fn with the entries of a block, in order; their keys are as they are stored.
func (t *table) each(h handle, fn func(entry)) error {
	b, err := t.read(h)
	if err != nil {
		return err
	}
	return readEntries(b, fn)
}

func readEntries(block []byte, fn func(entry)) error {
	b, err := content(block)
	if err != nil {
		return err
	}
	c := cursor{b: b}
	var last []byte
	for !c.done() {
		shared, more, size := c.uint(), c.uint(), c.uint()
		key, err := joined(&c, last, shared, more)
		if err != nil {
			return err
		}
		last = key
		fn(entry{key: key, value: c.fixed(size)})
	}
	return c.err
}

// joined is a key that begins like the last one.
func joined(c *cursor, last []byte, shared, more uint64) ([]byte, error) {
	rest := c.fixed(more)
	if shared > uint64(len(last)) {
		c.fail()
	}
	if c.err != nil {
		return nil, c.err
	}
	if shared == 0 {
		return rest, nil
	}
	return slices.Concat(last[:shared], rest), nil
}

// loadIndex reads which block ends where.
func (t *table) loadIndex(h handle, delta, user bool) error {
	block, err := t.read(h)
	if err != nil {
		return err
	}
	return t.readIndex(block, delta, user)
}

func (t *table) readIndex(block []byte, delta, user bool) error {
	b, err := content(block)
	if err != nil {
		return err
	}
	c := cursor{b: b}
	var last []byte
	var at handle
	for !c.done() {
		shared, more := c.uint(), c.uint()
		if !delta {
			c.uint() // the value's length
		}
		if last, err = joined(&c, last, shared, more); err != nil {
			return err
		}
		if at = nextHandle(&c, at, delta && shared > 0); c.err != nil {
			return c.err
		}
		end := last
		if !user {
			end = userKey(last)
		}
		t.ends, t.blocks = append(t.ends, end), append(t.blocks, at)
	}
	return c.err
}

// nextHandle reads a block's place, or how its size differs from the last one's.
func nextHandle(c *cursor, last handle, delta bool) handle {
	if !delta {
		return handle{c.uint(), c.uint()}
	}
	d := c.uint()
	return handle{last.off + last.size + blockTrailer, uint64(int64(last.size) + (int64(d>>1) ^ -int64(d&1)))}
}

// split takes an internal key apart; what is too short to be one is no key.
func split(e entry) entry {
	if len(e.key) < trailer {
		return entry{}
	}
	n := len(e.key) - trailer
	last := binary.LittleEndian.Uint64(e.key[n:])
	e.key, e.seq, e.kind = e.key[:n], last>>8, byte(last)
	return e
}

// find is the newest entry of a key in this table.
func (t *table) find(key []byte) (entry, bool, error) {
	for i := t.block(key); i < len(t.blocks); i++ {
		entries, err := t.entries(t.blocks[i])
		if err != nil {
			return entry{}, false, err
		}
		j := sort.Search(len(entries), func(j int) bool { return bytes.Compare(entries[j].key, key) >= 0 })
		if j < len(entries) {
			return entries[j], bytes.Equal(entries[j].key, key), nil
		}
	}
	return entry{}, false, nil
}

// block is the first one that may hold a key, or a later one.
func (t *table) block(key []byte) int {
	return sort.Search(len(t.ends), func(i int) bool { return bytes.Compare(t.ends[i], key) >= 0 })
}

func (t *table) covers(key []byte) bool {
	return bytes.Compare(t.smallest, key) <= 0 && bytes.Compare(key, t.largest) <= 0
}

// entries are those of a data block. The last few blocks are kept.
func (t *table) entries(h handle) ([]entry, error) {
	for _, c := range t.cached {
		if c.entries != nil && c.off == h.off {
			return c.entries, nil
		}
	}
	block, err := t.read(h)
	if err != nil {
		return nil, err
	}
	var out []entry
	if err := readEntries(block, func(e entry) { out = append(out, split(e)) }); err != nil {
		return nil, err
	}
	t.cached[t.slot] = loaded{h.off, block, out}
	t.slot = (t.slot + 1) % len(t.cached)
	return out, nil
}
