// Package wire reads and writes the data types of SSH: bytes, numbers, strings
// and multiple precision integers (RFC 4251, section 5). Whoever parses a
// message of SSH or SFTP reads it with a Reader and asks once, at the end,
// whether all of it was there.
//
// Level 2: it imports the standard library only.
package wire

import "encoding/binary"

// Reader takes a message apart. After the first read beyond its end all reads
// give zero values and OK reports false. What it returns aliases the message.
type Reader struct {
	rest []byte
	bad  bool
}

// Read begins to take b apart.
func Read(b []byte) *Reader { return &Reader{rest: b} }

// OK reports whether everything that was read was there.
func (r *Reader) OK() bool { return !r.bad }

// End reports whether everything that was read was there, and nothing more is.
func (r *Reader) End() bool { return !r.bad && len(r.rest) == 0 }

// More reports whether something is left.
func (r *Reader) More() bool { return !r.bad && len(r.rest) > 0 }

// Rest is what was not read yet.
func (r *Reader) Rest() []byte { return r.rest }

func (r *Reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}

// Skip reads n bytes.
func (r *Reader) Skip(n int) []byte { return r.take(n) }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// Bool reads a byte that is a truth value; all but 0 are true.
func (r *Reader) Bool() bool { return r.Byte() != 0 }

// Uint32 reads four bytes.
func (r *Reader) Uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (r *Reader) Uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// String reads a length and as many bytes.
func (r *Reader) String() []byte {
	n := r.Uint32()
	if uint64(n) > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	return r.take(int(n))
}

// Text reads a string.
func (r *Reader) Text() string { return string(r.String()) }

// CString reads a string as servers written in C do: a zero byte in it makes
// the message malformed, but for one at its end.
func (r *Reader) CString() string {
	b := r.String()
	if n := len(b); n > 0 && b[n-1] == 0 {
		b = b[:n-1]
	}
	for _, c := range b {
		if c == 0 {
			r.bad, r.rest = true, nil
			return ""
		}
	}
	return string(b)
}

// Mpint reads a non-negative integer's bytes without leading zeros. A negative
// one, or one of more than max bytes, makes the message malformed.
func (r *Reader) Mpint(max int) []byte {
	b := r.String()
	if len(b) > 0 && b[0]&0x80 != 0 {
		r.bad = true
		return nil
	}
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > max {
		r.bad = true
		return nil
	}
	return b
}

// Packet is a message in the making. Each method returns the longer message.
type Packet []byte

// Message begins a message of the given number.
func Message(number byte) Packet { return append(make(Packet, 0, 64), number) }

// Byte adds a byte.
func (p Packet) Byte(b byte) Packet { return append(p, b) }

// Bool adds a truth value.
func (p Packet) Bool(b bool) Packet {
	if b {
		return append(p, 1)
	}
	return append(p, 0)
}

// Uint32 adds four bytes.
func (p Packet) Uint32(n uint32) Packet { return binary.BigEndian.AppendUint32(p, n) }

// Uint64 adds eight bytes.
func (p Packet) Uint64(n uint64) Packet { return binary.BigEndian.AppendUint64(p, n) }

// String adds bytes behind their length.
func (p Packet) String(s []byte) Packet { return append(p.Uint32(uint32(len(s))), s...) }

// Text adds a text behind its length.
func (p Packet) Text(s string) Packet { return append(p.Uint32(uint32(len(s))), s...) }

// Raw adds bytes as they are.
func (p Packet) Raw(b []byte) Packet { return append(p, b...) }

// Mpint adds the non-negative integer whose big-endian bytes are b.
func (p Packet) Mpint(b []byte) Packet {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) > 0 && b[0]&0x80 != 0 {
		return append(p.Uint32(uint32(len(b)+1)).Byte(0), b...)
	}
	return p.String(b)
}
