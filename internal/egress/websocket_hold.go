package egress

import (
	"errors"
	"fmt"
	"sync/atomic"

	"go.cordon.dev/cordon/internal/egress/wsframe"
)

// What is held of messages, in bytes.
const (
	mostMessage  = 8 << 20   // of one, and of what it inflates to
	mostHeld     = 256 << 20 // of all together
	leastHeld    = 512       // that a buffer has
	keptHeld     = 4 << 10   // of a buffer that is kept for the next message
	messagePiece = 32 << 10  // that a buffer gets room for at a time
)

// Why there is no room for a message.
var (
	errMessageLong = fmt.Errorf("a message is longer than %d bytes", mostMessage)
	errMessageRoom = errors.New("there is no memory left for looking at a message")
)

// hold is a buffer that counts for all messages together.
type hold struct {
	all *atomic.Int64
	b   []byte
}

// room is where up to so many more bytes may be written; took says how many were.
// The error says in words why there is none.
func (h *hold) room(want int64) ([]byte, error) {
	n := int(min(want, messagePiece, int64(mostMessage-len(h.b))))
	if n == 0 {
		return nil, errMessageLong
	}
	if err := h.grow(n); err != nil {
		return nil, err
	}
	return h.b[len(h.b) : len(h.b)+n], nil
}

func (h *hold) took(n int) { h.b = h.b[:len(h.b)+n] }

// grow makes the buffer have space for n more bytes.
func (h *hold) grow(n int) error {
	if len(h.b)+n <= cap(h.b) {
		return nil
	}
	size := max(len(h.b)+n, min(2*cap(h.b), mostMessage), leastHeld)
	if h.all.Add(int64(size-cap(h.b))) > mostHeld {
		h.all.Add(int64(cap(h.b) - size))
		return errMessageRoom
	}
	grown := append(make([]byte, 0, size), h.b...)
	clear(h.b)
	h.b = grown
	return nil
}

// Write implements io.Writer.
func (h *hold) Write(p []byte) (int, error) {
	if len(p) > mostMessage-len(h.b) {
		return 0, errMessageLong
	}
	if err := h.grow(len(p)); err != nil {
		return 0, err
	}
	h.b = append(h.b, p...)
	return len(p), nil
}

// empty forgets what is held, and gives a big buffer back.
func (h *hold) empty() {
	clear(h.b)
	h.b = h.b[:0]
	if cap(h.b) > keptHeld {
		h.free()
	}
}

// free gives the buffer back.
func (h *hold) free() {
	clear(h.b)
	h.all.Add(-int64(cap(h.b)))
	h.b = nil
}

// message is one of a WebSocket, as far as it has come.
type message struct {
	op         wsframe.Opcode
	compressed bool
	begun      bool  // a frame of it was sent on
	blind      bool  // it passes without being looked at
	longest    int64 // of its frames' payloads
	raw, plain hold  // its payload as it came, and inflated
}

func (m *message) begin(h wsframe.Header) {
	m.op, m.compressed, m.begun, m.blind, m.longest = h.Op, h.Compressed(), false, false, 0
}

// next is the head of the next frame to be sent on.
func (m *message) next() wsframe.Header {
	h := wsframe.Header{Op: wsframe.Continuation}
	if !m.begun {
		m.begun, h.Op = true, m.op
		h.Mark(m.compressed)
	}
	return h
}

// release forgets what is held.
func (m *message) release() {
	m.raw.empty()
	m.plain.empty()
}

// free gives back what is held, at the end of the connection.
func (m *message) free() {
	m.raw.free()
	m.plain.free()
}
