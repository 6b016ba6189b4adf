package transport

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service/ssh/hostkey"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// writeTimeout is how long a client may leave what it is sent unread: as long as
// Linux sends again before it gives a connection up, about.
const writeTimeout = 15 * time.Minute

// maxWaiting bounds what is kept for a client that asks for things while it
// keeps the exchange of keys from ending.
const maxWaiting = 1 << 20

// Options are what a server says of itself.
type Options struct {
	Ident      string       // Mandatory. Without the line end.
	Lists      Lists        // Mandatory.
	Keys       *hostkey.Set // Mandatory.
	SigAlgs    string       // of EXT_INFO: how users' keys may sign
	RekeyBytes uint64       // after as many the server exchanges keys again; if 0, sshd's default for the cipher
}

// Peer is what a client said of itself before any secret was shared.
type Peer struct {
	Ident string
	Lists Lists
}

// Conn is one connection. One goroutine reads; any may write.
type Conn struct {
	conn net.Conn
	r    *bufio.Reader
	opt  *Options
	peer Peer
	turn Turn

	in      direction
	initial bool // until the first keys are in use
	strict  bool
	repeat  bool // keys may be exchanged again: the client has logged in
	session []byte
	algs    agreement

	mu         sync.Mutex // guards what follows
	out        direction
	ourInit    []byte // the KEXINIT that was sent for an exchange under way
	waiting    [][]byte
	waitingFor int // bytes in waiting
	failed     error
	changed    *sync.Cond
}

// direction is one half of a connection.
type direction struct {
	protection
	seq     uint32
	packets uint64 // under these keys
	bytes   uint64
	limit   uint64
	squeeze compressor
}

// New begins to speak SSH on conn. The caller closes conn.
func New(conn net.Conn, opt *Options) *Conn {
	c := &Conn{conn: conn, r: bufio.NewReaderSize(conn, 4096), opt: opt, initial: true}
	c.in.protection, c.out.protection = clear{}, clear{}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Turn waits until an exchange of keys may be computed that costs much. Whoever has
// it calls done as soon as it is.
type Turn func() (done func(), err error)

// Pace makes exchanges that cost much wait for t. It is called before Handshake;
// without it nobody waits.
func (c *Conn) Pace(t Turn) { c.turn = t }

// Peer is what is known of the client; complete when Handshake has returned.
func (c *Conn) Peer() Peer { return c.peer }

// SessionID is the hash of the first exchange.
func (c *Conn) SessionID() []byte { return c.session }

// HostKeyAlgorithm is the one that was agreed upon.
func (c *Conn) HostKeyAlgorithm() string { return c.algs.hostKey }

// LastNumber is the sequence number of the packet that was read last.
func (c *Conn) LastNumber() uint32 { return c.in.seq - 1 }

// Handshake exchanges identification strings and keys.
func (c *Conn) Handshake() error {
	var err error
	if c.peer.Ident, err = exchangeIdents(c.conn, c.r, c.opt.Ident); err != nil {
		return err
	}
	if err := c.begin(); err != nil {
		return err
	}
	return c.told(c.firstExchange())
}

func (c *Conn) firstExchange() error {
	init, err := exchange{c}.Receive(MsgKexInit)
	if err != nil {
		return err
	}
	return c.exchange(init)
}

// told tells the client of its violation, if that is what err is.
func (c *Conn) told(err error) error {
	if v := (*Violation)(nil); errors.As(err, &v) {
		_ = c.write(wire.Message(MsgDisconnect).Uint32(2).Text(v.Text).Text("")) // 2: protocol error
	}
	return err
}

// Disconnect tells the client why the connection ends now. The error is what
// was told.
func (c *Conn) Disconnect(format string, a ...any) error {
	return c.told(violation(format, a...))
}

// LoggedIn says that the client has logged in: from now on packets may be
// compressed and keys exchanged again.
func (c *Conn) LoggedIn() error {
	c.repeat = true
	var err error
	if c.in.squeeze, err = c.squeeze(0); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.squeeze, err = c.squeeze(1)
	return err
}

// Read returns the next message that is not the transport's. It exchanges keys
// when the client wants to. The message is the caller's.
func (c *Conn) Read() ([]byte, error) {
	for {
		packet, err := c.next()
		if err != nil {
			return nil, c.end(c.told(err))
		}
		if packet[0] != MsgKexInit || !c.repeat {
			return packet, nil
		}
		if err := c.exchange(packet); err != nil {
			return nil, c.end(c.told(err))
		}
	}
}

// end wakes whoever waits to write.
func (c *Conn) end(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail(err)
	return err
}

func (c *Conn) fail(err error) {
	if c.failed == nil {
		c.failed = err
	}
	c.changed.Broadcast()
}

// ErrDisconnected says that the client has said goodbye.
var ErrDisconnected = errors.New("the client disconnected")

// next reads a packet and handles those that may come at any time.
func (c *Conn) next() ([]byte, error) {
	for {
		packet, err := c.readPacket()
		if err != nil {
			return nil, err
		}
		switch number := packet[0]; {
		case number == MsgDisconnect:
			return nil, ErrDisconnected
		case number == 0 || number >= 192: // those are for use inside a program
			return nil, violation("Invalid ssh2 packet type: %d", number)
		case c.initial && c.strict:
			return packet, nil // whoever expects a packet expects nothing else
		case number == MsgIgnore, number == MsgDebug, number == MsgUnimplemented:
			continue
		}
		return packet, nil
	}
}

func (c *Conn) readPacket() ([]byte, error) {
	packet, err := c.in.open(c.in.seq, c.r)
	if err != nil {
		return nil, err
	}
	c.in.count(len(packet))
	if c.in.squeeze != nil {
		if packet, err = c.in.squeeze.transform(packet); err != nil {
			return nil, err
		}
		if len(packet) == 0 {
			return nil, errForged
		}
	}
	return packet, c.mayRepeat(&c.in)
}

func (d *direction) count(n int) {
	d.seq++
	d.packets++
	d.bytes += uint64(n)
}

// full reports whether keys have protected as much as they should.
func (d *direction) full() bool {
	return d.limit > 0 && (d.bytes > d.limit || d.packets > 1<<31)
}

// mayRepeat begins an exchange when keys are used up.
func (c *Conn) mayRepeat(d *direction) error {
	if !c.repeat || !d.full() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ourInit != nil {
		return nil
	}
	return c.beginLocked()
}

// Write sends a message. While keys are exchanged it waits in a queue, so that
// whoever reads can always answer.
func (c *Conn) Write(message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return c.failed
	}
	if c.ourInit == nil {
		return c.writeLocked(message)
	}
	if c.waitingFor += len(message) + 64; c.waitingFor > maxWaiting {
		c.fail(errors.New("the client asks for more than can wait for keys"))
		return c.failed
	}
	c.waiting = append(c.waiting, message)
	return nil
}

// WriteSlowly sends a message and waits while keys are exchanged. Whoever reads
// must not call it.
func (c *Conn) WriteSlowly(message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.ourInit != nil && c.failed == nil {
		c.changed.Wait()
	}
	if c.failed != nil {
		return c.failed
	}
	if err := c.writeLocked(message); err != nil {
		return err
	}
	if c.repeat && c.out.full() {
		return c.beginLocked()
	}
	return nil
}

// write sends a message of the transport, whatever is under way.
func (c *Conn) write(message []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeLocked(message)
}

func (c *Conn) writeLocked(message []byte) error {
	n := len(message)
	if c.out.squeeze != nil {
		var err error
		if message, err = c.out.squeeze.transform(message); err != nil {
			return err
		}
	}
	packet, err := c.out.seal(c.out.seq, message)
	if err != nil {
		return err
	}
	c.out.count(n)
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := c.conn.Write(packet); err != nil {
		c.fail(err)
		return fmt.Errorf("writing a packet: %w", err)
	}
	return nil
}

// Unimplemented says that the message that was read last is not understood.
func (c *Conn) Unimplemented() error {
	return c.Write(wire.Message(MsgUnimplemented).Uint32(c.LastNumber()))
}

// draw returns a random number below n.
func draw(n int) int { return rand.IntN(n) }
