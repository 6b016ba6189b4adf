// Package enc reads and writes compact-encoding, the binary encoding of Hypercore
// (npm compact-encoding v2): little-endian integers with a one-byte length tag, and
// byte strings and arrays prefixed by such an integer.
//
// The decoder never allocates: what it returns are integers or sub-slices of its input,
// and every length field is checked against the bytes that are really there before it is
// used. A count of 2^60 elements therefore costs an error, not memory.
//
// The package imports the standard library only. A new primitive belongs here when the
// npm package has it and a Hypercore file uses it.
package enc

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrShort reports input that ends before the value it announces.
var ErrShort = errors.New("compact-encoding: value runs past the end of the input")

// Decoder reads values one after the other. The first error sticks: later calls return
// zero values, so that a caller may read a whole struct and check Err once.
type Decoder struct {
	buf []byte
	off int
	err error
}

// NewDecoder reads from b. The decoder keeps b and returns sub-slices of it.
func NewDecoder(b []byte) *Decoder { return &Decoder{buf: b} }

// Err is the first error met, or nil.
func (d *Decoder) Err() error { return d.err }

// Offset is the number of bytes consumed.
func (d *Decoder) Offset() int { return d.off }

// Len is the number of bytes left.
func (d *Decoder) Len() int { return len(d.buf) - d.off }

// Consumed returns the input between two offsets taken from Offset.
func (d *Decoder) Consumed(from, to int) []byte {
	if from < 0 || to < from || to > d.off {
		return nil
	}
	return d.buf[from:to:to]
}

// Fail records err unless an earlier error is already held.
func (d *Decoder) Fail(err error) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d: %w", d.off, err)
	}
}

// Fixed returns the next n bytes.
func (d *Decoder) Fixed(n int) []byte {
	if d.err != nil {
		return nil
	}
	if n < 0 || n > d.Len() {
		d.Fail(ErrShort)
		return nil
	}
	b := d.buf[d.off : d.off+n : d.off+n]
	d.off += n
	return b
}

// Fixed32 returns the next 32 bytes by value.
func (d *Decoder) Fixed32() (h [32]byte) {
	copy(h[:], d.Fixed(32))
	return h
}

// Uint reads a variable-length unsigned integer: one byte up to 0xfc, else a tag
// 0xfd, 0xfe or 0xff and 2, 4 or 8 little-endian bytes.
func (d *Decoder) Uint() uint64 {
	tag := d.Fixed(1)
	if tag == nil {
		return 0
	}
	switch tag[0] {
	case 0xfd:
		return d.little(2)
	case 0xfe:
		return d.little(4)
	case 0xff:
		return d.little(8)
	}
	return uint64(tag[0])
}

func (d *Decoder) little(n int) uint64 {
	b := d.Fixed(n)
	if b == nil {
		return 0
	}
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:])
}

// Buffer reads a byte string prefixed by its length; nil when the length is zero, as the
// npm package does.
func (d *Decoder) Buffer() []byte {
	n := d.Uint()
	if d.err != nil || n == 0 {
		return nil
	}
	if n > uint64(d.Len()) {
		d.Fail(ErrShort)
		return nil
	}
	return d.Fixed(int(n))
}

// Skip passes over a byte string prefixed by its length, returns its length only. It is
// what key material is read with.
func (d *Decoder) Skip() int { return len(d.Buffer()) }

// Count reads the length of an array whose elements take at least minSize bytes each
// (at least 1), and fails when the input can't hold that many.
func (d *Decoder) Count(minSize int) int {
	n := d.Uint()
	if d.err != nil {
		return 0
	}
	if n > uint64(d.Len()/max(minSize, 1)) {
		d.Fail(ErrShort)
		return 0
	}
	return int(n)
}

// AppendUint appends n in its shortest form.
func AppendUint(b []byte, n uint64) []byte {
	switch {
	case n <= 0xfc:
		return append(b, byte(n))
	case n <= 0xffff:
		return binary.LittleEndian.AppendUint16(append(b, 0xfd), uint16(n))
	case n <= 0xffffffff:
		return binary.LittleEndian.AppendUint32(append(b, 0xfe), uint32(n))
	}
	return binary.LittleEndian.AppendUint64(append(b, 0xff), n)
}

// AppendBuffer appends v prefixed by its length.
func AppendBuffer(b, v []byte) []byte { return append(AppendUint(b, uint64(len(v))), v...) }
