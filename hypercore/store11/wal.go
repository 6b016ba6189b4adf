package store11

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Errors of this package, besides those of the file system.
var (
	// ErrVersion: the database has a form that this package does not read.
	ErrVersion = errors.New("hypercore: this Hypercore 11 store has a form that is not read from disk; replicate the core (source kind hypercore-peer)")
	// ErrDamaged: the files contradict themselves.
	ErrDamaged = errors.New("hypercore: the Hypercore 11 store is damaged")
	// ErrBusy: the writer changes its files faster than they are read. Try again.
	ErrBusy = errors.New("hypercore: the Hypercore 11 store is changing")
	// ErrNoCore: the store does not have the core.
	ErrNoCore = errors.New("hypercore: the store has no such core")
	// ErrSeveral: the store has several cores, and none was named.
	ErrSeveral = errors.New("hypercore: the store has several cores")
	// ErrTooLarge: more than a limit.
	ErrTooLarge = errors.New("hypercore: the Hypercore 11 store is over a limit")
)

// logBlock is the unit of RocksDB's logs: no fragment of a record crosses it.
const logBlock = 32 << 10

// readAhead is how much of a log is read at once.
const readAhead = 8 * logBlock

// maxRecord bounds one record of a log: npm appends at most a few thousand blocks at once.
const maxRecord = 1 << 30

// The types of a record's fragments. From recyclable on the log's number follows the header.
const (
	fragmentZero = iota
	fragmentFull
	fragmentFirst
	fragmentMiddle
	fragmentLast
	fragmentRecyclable = 4  // what a recyclable type is more than the plain one
	fragmentIgnore     = 64 // types from 128 on, and none else unknown, may be passed over
)

// logReader reads the records of a write-ahead log or MANIFEST, as far as they are whole.
type logReader struct {
	r      io.ReaderAt
	off    int64 // of the next record
	buf    []byte
	at     int64 // of buf
	record []byte
}

// next returns the next whole record, valid until the following call, and where it begins;
// io.EOF when there is none yet.
func (l *logReader) next() (record []byte, start int64, err error) {
	start, record = l.off, l.record[:0]
	begun := false
	for {
		kind, payload, err := l.fragment()
		if err != nil {
			l.off = start
			return nil, 0, err
		}
		switch {
		case kind == fragmentZero || kind > fragmentLast: // the rest of a block, or to be passed over
			if !begun {
				start = l.off
			}
			continue
		case begun != (kind == fragmentMiddle || kind == fragmentLast):
			return nil, 0, fmt.Errorf("%w: a part of a record out of place before byte %d of a log", ErrDamaged, l.off)
		case len(record)+len(payload) > maxRecord:
			return nil, 0, fmt.Errorf("%w: a record of more than %d bytes", ErrTooLarge, maxRecord)
		}
		record, begun = append(record, payload...), true
		l.record = record
		if kind == fragmentFull || kind == fragmentLast {
			return record, start, nil
		}
	}
}

// fragment reads one, and returns its plain type; fragmentZero for what fills a block up.
func (l *logReader) fragment() (kind int, payload []byte, err error) {
	const header = 7
	if rest := logBlock - l.off%logBlock; rest < header {
		l.off += rest
		return fragmentZero, nil, nil
	}
	h, err := l.peek(header)
	if err != nil {
		return 0, nil, err
	}
	sum, size, kind := binary.LittleEndian.Uint32(h), int(binary.LittleEndian.Uint16(h[4:])), int(h[6])
	if kind == fragmentZero && size == 0 && sum == 0 { // room that was made and not written yet
		return 0, nil, io.EOF
	}
	more := 0
	if kind > fragmentLast && kind <= fragmentLast+fragmentRecyclable {
		kind, more = kind-fragmentRecyclable, 4
	}
	if int64(header+more+size) > logBlock-l.off%logBlock {
		return 0, nil, fmt.Errorf("%w: byte %d of a log announces more than its block holds", ErrDamaged, l.off)
	}
	b, err := l.peek(header + more + size)
	if err != nil {
		return 0, nil, err
	}
	if masked(crc32.Checksum(b[6:], crc32.MakeTable(crc32.Castagnoli))) != sum {
		return 0, nil, l.bad(int64(len(b)))
	}
	l.off += int64(len(b))
	if kind > fragmentLast && kind < 2*fragmentIgnore {
		return 0, nil, fmt.Errorf("%w: records of type %d", ErrVersion, kind)
	}
	return kind, b[header+more:], nil
}

// bad judges a fragment that fails its checksum: the last one may be half written.
func (l *logReader) bad(size int64) error {
	var one [1]byte
	if n, _ := l.r.ReadAt(one[:], l.off+size); n == 0 {
		return io.EOF
	}
	return fmt.Errorf("%w: byte %d of a log fails its checksum", ErrDamaged, l.off)
}

// peek is the next n bytes, which lie in one block; io.EOF when they are not there yet.
func (l *logReader) peek(n int) ([]byte, error) {
	i := l.off - l.at
	if i >= 0 && i+int64(n) <= int64(len(l.buf)) {
		return l.buf[i : i+int64(n)], nil
	}
	if l.buf == nil {
		l.buf = make([]byte, 0, readAhead)
	}
	l.at = l.off / logBlock * logBlock
	got, err := l.r.ReadAt(l.buf[:readAhead], l.at)
	l.buf = l.buf[:got]
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading a log: %w", err)
	}
	if i = l.off - l.at; i+int64(n) > int64(got) {
		return nil, io.EOF
	}
	return l.buf[i : i+int64(n)], nil
}

// wipe forgets the bytes that were read: a store holds its writers' secret keys.
func (l *logReader) wipe() {
	clear(l.buf)
	clear(l.record)
	l.buf, l.record = l.buf[:0], l.record[:0]
	if cap(l.record) > 4<<20 {
		l.record = nil
	}
}

// masked is how RocksDB stores a checksum of what may hold checksums itself.
func masked(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }

// cursor reads RocksDB's varints and strings. The first error sticks.
type cursor struct {
	b   []byte
	off int
	err error
}

func (c *cursor) fail() {
	if c.err == nil {
		c.err = fmt.Errorf("%w: a value runs past the end of its record at byte %d", ErrDamaged, c.off)
	}
}

func (c *cursor) done() bool { return c.err != nil || c.off >= len(c.b) }

func (c *cursor) uint() uint64 {
	if c.err != nil {
		return 0
	}
	v, n := binary.Uvarint(c.b[c.off:])
	if n <= 0 {
		c.fail()
		return 0
	}
	c.off += n
	return v
}

func (c *cursor) byte() byte {
	b := c.fixed(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (c *cursor) fixed(n uint64) []byte {
	if c.err != nil {
		return nil
	}
	if n > uint64(len(c.b)-c.off) {
		c.fail()
		return nil
	}
	b := c.b[c.off : c.off+int(n) : c.off+int(n)]
	c.off += int(n)
	return b
}

func (c *cursor) string() []byte { return c.fixed(c.uint()) }
