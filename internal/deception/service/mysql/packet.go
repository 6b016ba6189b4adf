package mysql

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// maxPacket bounds what is kept of a packet before a login. A real server takes
// sixteen megabytes.
const maxPacket = 64 << 10

// Errors by their numbers in MariaDB's share/errmsg.
const (
	badHandshake = 1043
	accessDenied = 1045
	outOfOrder   = 1156
	oldProtocol  = 1251
)

// refusal is an error packet.
type refusal struct {
	code  uint16
	state string // SQLSTATE; empty for clients that do not know it
	text  string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d: %s", r.code, r.text) }

func handshakeError() error { return &refusal{badHandshake, "08S01", "Bad handshake"} }

// wire reads and writes packets: three bytes of length, a number, a body
// (https://mariadb.com/kb/en/0-packet/).
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	next byte // number of the next packet, from either side
}

func newWire(c net.Conn) *wire { return &wire{conn: c, in: bufio.NewReaderSize(c, 1<<10)} }

// read returns the next packet. Memory is taken as it comes.
func (w *wire) read() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return nil, err
	}
	if head[3] != w.next {
		w.next = 1
		return nil, &refusal{outOfOrder, "08S01", "Got packets out of order"}
	}
	w.next++
	n := int64(head[0]) | int64(head[1])<<8 | int64(head[2])<<16
	b, err := io.ReadAll(io.LimitReader(w.in, min(n, maxPacket)))
	if err != nil {
		return nil, err
	}
	if n > maxPacket {
		_, err = io.CopyN(io.Discard, w.in, n-maxPacket)
	} else if int64(len(b)) < n {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

func (w *wire) write(body []byte) error {
	n := len(body)
	_, err := w.conn.Write(append([]byte{byte(n), byte(n >> 8), byte(n >> 16), w.next}, body...))
	w.next++
	return err
}

func (w *wire) refuse(r *refusal) error {
	b := binary.LittleEndian.AppendUint16([]byte{0xff}, r.code)
	if r.state != "" {
		b = append(append(b, '#'), r.state...)
	}
	return w.write(append(b, r.text...))
}

// linger reads until the client leaves or the deadline comes.
func (w *wire) linger() { _, _ = io.Copy(io.Discard, w.in) }

// salt draws a challenge of printable characters, as the server does.
func salt() ([]byte, error) {
	b := make([]byte, 20)
	if _, err := rand.Read(b); err != nil {
		return nil, fmt.Errorf("drawing a challenge: %w", err)
	}
	for i := range b {
		b[i] = '!' + b[i]%94
	}
	return b, nil
}

// reader takes fields from a packet.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) number(size int) (n uint32) {
	for i, c := range r.take(size) {
		n |= uint32(c) << (8 * i)
	}
	return n
}

// text reads up to a zero byte.
func (r *reader) text() []byte {
	s, rest, ok := bytes.Cut(r.b, []byte{0})
	if !ok {
		r.bad = true
		return nil
	}
	r.b = rest
	return s
}

// counted reads bytes behind their number, which takes one byte or, above 250,
// more.
func (r *reader) counted() []byte {
	n := r.number(1)
	switch n {
	case 252:
		n = r.number(2)
	case 253:
		n = r.number(3)
	case 251, 254, 255:
		r.bad = true
	}
	return r.take(int(n))
}
