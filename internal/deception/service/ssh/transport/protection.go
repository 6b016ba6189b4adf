package transport

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxPacket is how long a packet may be, in bytes, without its own length.
const maxPacket = 256 << 10

// Violation is what a client did wrong and is told so before the connection
// ends.
type Violation struct{ Text string }

// Error is what the client is told; nothing of what it sent is in it but
// numbers.
func (v *Violation) Error() string { return v.Text }

func violation(format string, a ...any) error { return &Violation{fmt.Sprintf(format, a...)} }

// errCorrupt says that a packet's length is none. sshd means to say "Packet
// corrupt" then, but closes the connection before it has.
var errCorrupt = fmt.Errorf("%w: packet corrupt", ErrMalformed)

// errForged says that a packet is not what the peer's keys made. sshd answers it
// by closing the connection.
var errForged = errors.New("a packet is not authentic")

// protection turns payloads into packets on the wire and back.
type protection interface {
	seal(seq uint32, payload []byte) ([]byte, error)
	open(seq uint32, r *bufio.Reader) (payload []byte, err error)
}

// frame puts a payload between its length and its padding and leaves room for
// a tag. What the padding fills up is a multiple of block; with outside the
// length itself does not count.
func frame(payload []byte, block int, outside bool, tag int) []byte {
	counted := 5 + len(payload)
	if outside {
		counted -= 4
	}
	pad := block - counted%block
	if pad < 4 {
		pad += block
	}
	size := 5 + len(payload) + pad
	out := make([]byte, size, size+tag)
	binary.BigEndian.PutUint32(out, uint32(size-4))
	out[4] = byte(pad)
	copy(out[5:], payload)
	return out
}

// scramble fills the padding of a frame with noise.
func scramble(packet []byte) {
	_, _ = rand.Read(packet[len(packet)-int(packet[4]):]) // never fails
}

// unframe returns the payload of a packet, its length in front.
func unframe(packet []byte) ([]byte, error) {
	pad := int(packet[4])
	if pad < 4 {
		return nil, violation("Corrupted padlen %d on input.", pad)
	}
	if pad > len(packet)-5 {
		return nil, errForged
	}
	if len(packet)-5-pad == 0 {
		return nil, errForged // without even a number
	}
	return packet[5 : len(packet)-pad], nil
}

// lengthOf reads a packet's length and holds it to what sshd takes.
func lengthOf(head []byte) (int, error) {
	n := binary.BigEndian.Uint32(head)
	if n < 5 || n > maxPacket {
		return 0, errCorrupt
	}
	return int(n), nil
}

// clear is how packets are before there are keys.
type clear struct{}

func (clear) seal(_ uint32, payload []byte) ([]byte, error) { return frame(payload, 8, false, 0), nil }

func (clear) open(_ uint32, r *bufio.Reader) ([]byte, error) {
	const block = 8
	head := make([]byte, block)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n, err := lengthOf(head)
	if err != nil {
		return nil, err
	}
	if (n+4)%block != 0 {
		return nil, errCorrupt
	}
	packet, err := readRest(r, head, n+4)
	if err != nil {
		return nil, err
	}
	return unframe(packet)
}

// readOpenLength reads a packet that says its length in the clear, in whole blocks, and
// the tag behind it. It returns all of it and that length.
func readOpenLength(r *bufio.Reader, block, tag int) (all []byte, n int, err error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, 0, err
	}
	if n, err = lengthOf(head); err != nil {
		return nil, 0, err
	}
	if n%block != 0 {
		return nil, 0, errCorrupt
	}
	all, err = readRest(r, head, 4+n+tag)
	return all, n, err
}

// readRest reads a packet of size bytes of which the head is there. Memory grows
// with what comes, not with what is announced.
func readRest(r *bufio.Reader, head []byte, size int) ([]byte, error) {
	const step = 32 << 10
	out := append(make([]byte, 0, max(len(head), min(size, step))), head...)
	for len(out) < size {
		n := min(step, size-len(out))
		at := len(out)
		out = append(out, make([]byte, n)...)
		if _, err := io.ReadFull(r, out[at:]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
