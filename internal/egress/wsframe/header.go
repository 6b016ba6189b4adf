package wsframe

import (
	"encoding/binary"
	"math"
)

// Opcode says what a frame is (RFC 6455, 11.8).
type Opcode byte

// The opcodes that there are.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xa
)

// Control reports whether frames of the kind stand between those of a message.
func (o Opcode) Control() bool { return o&0x8 != 0 }

// The sizes of frames, in bytes.
const (
	MaxHeader  = 14
	MaxControl = 125 // payload of a control frame
)

// Error is why a connection is given up, with the code that it is closed with
// (RFC 6455, 7.4.1). It never holds what was sent.
type Error struct {
	Code    uint16
	Problem string // one sentence without its end
}

func (e *Error) Error() string { return e.Problem }

// The codes of RFC 6455 that are used here and by whoever closes a connection.
const (
	CodeGoingAway = 1001
	CodeProtocol  = 1002
	CodeData      = 1007
	CodePolicy    = 1008
)

func broken(problem string) *Error { return &Error{CodeProtocol, problem} }

// Header is the head of a frame.
type Header struct {
	Fin    bool // the message ends with it
	RSV    byte // the three reserved bits; 4 is RSV1
	Op     Opcode
	Masked bool
	Key    [4]byte // of the mask
	Length int64   // of the payload
}

// rsv1 marks a compressed message (RFC 7692, 6).
const rsv1 = 4

// Compressed reports whether the frame begins a compressed message.
func (h Header) Compressed() bool { return h.RSV&rsv1 != 0 }

// Mark makes the frame begin a compressed message, or not.
func (h *Header) Mark(compressed bool) {
	if h.RSV &^= rsv1; compressed {
		h.RSV |= rsv1
	}
}

// Parse reads a head from the beginning of b, and returns how long it is: 0 when b
// ends before it does. A length that is not written in the fewest bytes is an error.
func Parse(b []byte) (h Header, n int, err error) {
	if len(b) < 2 {
		return h, 0, nil
	}
	h = Header{Fin: b[0]&0x80 != 0, RSV: b[0] >> 4 & 7, Op: Opcode(b[0] & 0xf), Masked: b[1]&0x80 != 0, Length: int64(b[1] & 0x7f)}
	n = 2
	if extra := lengthBytes(h.Length); extra > 0 {
		if len(b) < n+extra {
			return h, 0, nil
		}
		if h.Length, err = parseLength(b[n : n+extra]); err != nil {
			return h, 0, err
		}
		n += extra
	}
	if !h.Masked {
		return h, n, nil
	}
	if len(b) < n+4 {
		return h, 0, nil
	}
	copy(h.Key[:], b[n:])
	return h, n + 4, nil
}

// lengthBytes is how many bytes of a length come behind its first seven bits.
func lengthBytes(seven int64) int {
	switch seven {
	case 126:
		return 2
	case 127:
		return 8
	}
	return 0
}

func parseLength(b []byte) (int64, error) {
	if len(b) == 2 {
		n := binary.BigEndian.Uint16(b)
		if n < 126 {
			return 0, broken("a frame's length is not written in the fewest bytes")
		}
		return int64(n), nil
	}
	switch n := binary.BigEndian.Uint64(b); {
	case n > math.MaxInt64:
		return 0, broken("a frame's length has its highest bit set")
	case n <= math.MaxUint16:
		return 0, broken("a frame's length is not written in the fewest bytes")
	default:
		return int64(n), nil
	}
}

// Append writes a head behind b.
func (h Header) Append(b []byte) []byte {
	first, mask := byte(h.Op)|h.RSV<<4, byte(0)
	if h.Fin {
		first |= 0x80
	}
	if h.Masked {
		mask = 0x80
	}
	switch {
	case h.Length < 126:
		b = append(b, first, mask|byte(h.Length))
	case h.Length <= math.MaxUint16:
		b = binary.BigEndian.AppendUint16(append(b, first, mask|126), uint16(h.Length))
	default:
		b = binary.BigEndian.AppendUint64(append(b, first, mask|127), uint64(h.Length))
	}
	if h.Masked {
		b = append(b, h.Key[:]...)
	}
	return b
}

// Mask puts a mask on b, or takes it off; at is how many bytes of the payload come
// before b.
func Mask(key [4]byte, at int64, b []byte) {
	var turned [4]byte
	for i := range turned {
		turned[i] = key[(at+int64(i))&3]
	}
	word := uint64(binary.LittleEndian.Uint32(turned[:]))
	word |= word << 32
	i := 0
	for ; i+8 <= len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], binary.LittleEndian.Uint64(b[i:])^word)
	}
	for ; i < len(b); i++ {
		b[i] ^= turned[i&3]
	}
}
