package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/blake2b"
)

// MaxFrame is the longest message that fits a frame, whose length has three bytes.
const MaxFrame = maxSealed - overhead

const (
	lengthSize = 3
	maxSealed  = 1<<24 - 1
	helloSize  = idSize + headerSize
	idSize     = 32
)

// Errors of a connection, besides those of the network.
var (
	ErrFrame    = errors.New("hypercore: a frame of a length that nobody sends")
	ErrTooLarge = errors.New("hypercore: message is too large for a frame")
)

// Options say how a connection is made. The zero value is ready to use.
type Options struct {
	// Keys name this end. If zero, a random pair.
	Keys KeyPair
	// Timeout bounds the handshake. If 0, ten seconds.
	Timeout time.Duration
	// WriteTimeout bounds one Write: the other end reads slower than that, or not at all.
	// If 0, thirty seconds.
	WriteTimeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.Keys.scalar == nil {
		o.Keys = NewKeyPair()
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = 30 * time.Second
	}
	return o
}

// Conn is an encrypted connection of whole messages. One goroutine may read while others
// write.
type Conn struct {
	nc   net.Conn
	in   *bufio.Reader
	opts Options
	role Role
	hash [blake2b.Size]byte
	peer Key

	opener *opener
	frame  []byte // of the last Read

	writing sync.Mutex // guards what follows
	sealer  *sealer
	out     []byte
}

// Handshake makes a Conn of a network connection, which Close closes too. It returns when
// both ends have proven that they hold the keys of this connection. When it fails, nc is
// the caller's to close.
func Handshake(ctx context.Context, nc net.Conn, role Role, o Options) (*Conn, error) {
	c := &Conn{nc: nc, in: newReader(nc), opts: o.withDefaults(), role: role}
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(time.Unix(1, 0)) }) // ends what is under way
	err := c.greet()
	if !stop() { // the deadline was set, or will be
		return nil, fmt.Errorf("%w: %w", ErrHandshake, ctx.Err())
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func newReader(nc net.Conn) *bufio.Reader { return bufio.NewReaderSize(prompt(nc), 64<<10) }

// greet agrees upon keys, and changes the hellos from which on all is sealed.
func (c *Conn) greet() error {
	s, err := newHandshake(c, c.opts.Keys, NewKeyPair()).run(c.role)
	if err != nil {
		return err
	}
	c.hash, c.peer = s.hash, s.remote
	steps := []func(*secrets) error{c.sendHello, c.receiveHello}
	if c.role == Responder { // one after the other, so that nothing needs to be buffered between the ends
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(s); err != nil {
			return fmt.Errorf("%w: greeting: %w", ErrHandshake, err)
		}
	}
	return nil
}

func (c *Conn) sendHello(s *secrets) error {
	var header [headerSize]byte
	c.sealer, header = newSealer(s.tx)
	id := streamID(s.hash, c.role)
	return c.send(append(id[:], header[:]...))
}

func (c *Conn) receiveHello(s *secrets) error {
	b, err := c.receive(helloSize)
	if err != nil {
		return err
	}
	if [idSize]byte(b) != streamID(s.hash, !c.role) {
		return errors.New("it is of another connection")
	}
	c.opener = newOpener(s.rx, [headerSize]byte(b[idSize:]))
	return nil
}

// streamID names one direction of a handshake (npm secret-stream streamId).
func streamID(hash [blake2b.Size]byte, of Role) (id [idSize]byte) {
	space := byte(0)
	if of == Responder {
		space = 1
	}
	ns := namespace("hyperswarm/secret-stream", space)
	h, err := blake2b.New256(hash[:])
	if err != nil { // a key of 64 bytes is always accepted
		panic(err)
	}
	h.Write(ns[:])
	h.Sum(id[:0])
	return id
}

// namespace is the n-th of a name (npm hypercore-crypto namespace).
func namespace(name string, n byte) [32]byte {
	id := blake2b.Sum256([]byte(name))
	return blake2b.Sum256(append(id[:], n))
}

// Role is this end's part in the handshake.
func (c *Conn) Role() Role { return c.role }

// HandshakeHash names this connection; both ends have the same, and no other connection.
func (c *Conn) HandshakeHash() [blake2b.Size]byte { return c.hash }

// RemoteKey is the other end's public key.
func (c *Conn) RemoteKey() Key { return c.peer }

// Close closes the network connection. Read and Write return then.
func (c *Conn) Close() error { return c.nc.Close() }

// Read returns the next message, which is valid until the next Read. Empty messages, by
// which a peer keeps the connection alive, are returned too. At the end of the connection
// between two messages it is io.EOF.
func (c *Conn) Read() ([]byte, error) {
	n, err := c.readLength()
	if err != nil {
		return nil, err
	}
	if n < overhead {
		return nil, fmt.Errorf("%w: %d bytes", ErrFrame, n)
	}
	if cap(c.frame) > keptBuffer && n <= keptBuffer {
		c.frame = nil
	}
	if c.frame, err = readGrowing(c.in, c.frame[:0], n); err != nil {
		return nil, err
	}
	message, _, err := c.opener.open(c.frame)
	return message, err
}

func (c *Conn) readLength() (int, error) {
	var b [lengthSize]byte
	if _, err := io.ReadFull(c.in, b[:]); err != nil {
		return 0, err
	}
	return int(b[0]) | int(b[1])<<8 | int(b[2])<<16, nil
}

// readGrowing appends n bytes to b. It makes room for what has arrived and as much again,
// not for what was announced.
func readGrowing(r io.Reader, b []byte, n int) ([]byte, error) {
	const least = 64 << 10
	for len(b) < n {
		next := min(n, max(2*len(b), least, cap(b)))
		at := len(b)
		b = slices.Grow(b, next-at)[:next]
		if _, err := io.ReadFull(r, b[at:]); err != nil {
			return nil, noEOF(err)
		}
	}
	return b, nil
}

// noEOF says that an end inside a frame is no end to expect.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// keptBuffer is the longest buffer that stays allocated after one large message.
const keptBuffer = 1 << 20

// Write sends one message of at most MaxFrame bytes; an empty one keeps the connection
// alive.
func (c *Conn) Write(message []byte) error {
	if len(message) > MaxFrame {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(message), MaxFrame)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	c.out = appendLength(c.out[:0], len(message)+overhead)
	c.out = c.sealer.seal(c.out, message, tagMessage)
	err := c.flush(c.out)
	if cap(c.out) > keptBuffer {
		c.out = nil
	}
	return err
}

func (c *Conn) flush(b []byte) error {
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.opts.WriteTimeout)); err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	if _, err := c.nc.Write(b); err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	return nil
}

func appendLength(b []byte, n int) []byte { return append(b, byte(n), byte(n>>8), byte(n>>16)) }

// send writes an unsealed frame of the handshake.
func (c *Conn) send(message []byte) error {
	_, err := c.nc.Write(append(appendLength(nil, len(message)), message...))
	return err
}

// receive reads an unsealed frame of the handshake, whose size is always the same.
func (c *Conn) receive(size int) ([]byte, error) {
	n, err := c.readLength()
	if err != nil {
		return nil, noEOF(err)
	}
	if n != size {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrFrame, n, size)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c.in, b); err != nil {
		return nil, noEOF(err)
	}
	return b, nil
}
