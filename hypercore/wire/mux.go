package wire

import (
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
)

// ErrProtocol reports a peer that does not keep to protomux or to Hypercore's messages.
var ErrProtocol = errors.New("hypercore: peer breaks the protocol")

// The control messages of protomux, which go through channel 0.
const (
	controlBatch = iota
	controlOpen
	controlReject
	controlClose
)

// batchSize is how long a frame of small messages gets before the next is begun.
const batchSize = 64 << 10

// Channel is one of this end's channels.
type Channel struct {
	protocol string
	id       string
	local    uint64
	remote   uint64 // 0 until the other end opened it too
	turn     uint64 // of opening: the other end answers in that order
	closed   bool   // by this end, before the other has answered
}

// Event says what a Message is.
type Event uint8

// The kinds of Message.
const (
	Opened   Event = iota + 1 // both ends have opened the channel; Body is the other's handshake
	Rejected                  // the other end does not want the channel
	Received                  // a message of Type with Body
	Closed                    // the other end closed the channel
)

// Message is something that happened to a channel.
type Message struct {
	Channel *Channel
	Event   Event
	Type    uint64
	Body    []byte // a part of the frame
}

// Mux keeps the channels of one connection. It neither reads nor writes: it is given what
// was read, and asked for what is to be written. It is for one goroutine at a time.
type Mux struct {
	local   map[uint64]*Channel
	remote  map[uint64]*Channel // those that both ends have opened
	ready   [][]byte            // frames
	batch   []byte              // the frame being made
	channel uint64              // that the batch is at
	turns   uint64              // channels that were opened
	replied bool                // see Replied
}

// NewMux begins a connection.
func NewMux() *Mux { return &Mux{local: map[uint64]*Channel{}, remote: map[uint64]*Channel{}} }

// Open opens a channel with a handshake of its protocol. Both ends open a channel; they are
// joined when protocol and id are the same.
func (m *Mux) Open(protocol string, id, handshake []byte) *Channel {
	m.turns++
	c := &Channel{protocol: protocol, id: string(id), local: 1, turn: m.turns}
	for m.local[c.local] != nil { // ids are dense: the other end keeps a list
		c.local++
	}
	m.local[c.local] = c
	body := enc.AppendUint([]byte{controlOpen}, c.local)
	body = enc.AppendBuffer(body, []byte(protocol))
	m.push(0, append(enc.AppendBuffer(body, id), handshake...))
	return c
}

// Close closes a channel. What the other end still says in it is passed over. One that the
// other end has not answered for keeps its number until it does, and is closed again then:
// an end that is still making up its mind passes over the first close.
func (m *Mux) Close(c *Channel) {
	if m.local[c.local] != c || c.closed {
		return
	}
	m.push(0, enc.AppendUint([]byte{controlClose}, c.local))
	if c.closed = true; c.remote == 0 {
		return
	}
	delete(m.remote, c.remote)
	delete(m.local, c.local)
}

// Send puts a message of a type into a channel; nowhere when the channel was closed.
func (m *Mux) Send(c *Channel, kind uint64, body []byte) {
	if m.local[c.local] != c || c.closed {
		return
	}
	m.push(c.local, append(enc.AppendUint(nil, kind), body...))
}

// push appends a message to the batch. A batch is a channel, then messages with their
// lengths; a length of zero is followed by another channel.
func (m *Mux) push(channel uint64, message []byte) {
	if len(m.batch) > 0 && len(m.batch)+len(message) > batchSize {
		m.seal()
	}
	switch {
	case len(m.batch) == 0:
		m.batch = enc.AppendUint([]byte{0, controlBatch}, channel)
	case m.channel != channel:
		m.batch = enc.AppendUint(append(m.batch, 0), channel)
	}
	m.channel = channel
	m.batch = enc.AppendBuffer(m.batch, message)
}

func (m *Mux) seal() {
	m.ready, m.batch = append(m.ready, m.batch), nil
}

// Pending reports whether there is something to be written.
func (m *Mux) Pending() bool { return len(m.batch) > 0 || len(m.ready) > 0 }

// Replied reports whether Receive has put something to be written since it was last asked:
// the other end is told what is not wanted, or is over.
func (m *Mux) Replied() bool {
	replied := m.replied
	m.replied = false
	return replied
}

// Frames takes what is to be written, in order.
func (m *Mux) Frames() [][]byte {
	if len(m.batch) > 0 {
		m.seal()
	}
	out := m.ready
	m.ready = nil
	return out
}

// Receive takes a frame that was read and tells handle what is in it. Messages of channels
// that are not open, as of one that was just closed, are passed over. Channels that are
// not wanted are rejected.
func (m *Mux) Receive(frame []byte, handle func(Message) error) error {
	if len(frame) == 0 { // keeps the connection alive
		return nil
	}
	d := enc.NewDecoder(frame)
	channel := d.Uint()
	if channel == 0 && len(frame) > 1 && frame[1] == controlBatch {
		d.Fixed(1)
		return m.receiveBatch(d, handle)
	}
	if err := failed(d, "a frame"); err != nil {
		return err
	}
	return m.receive(channel, d, handle)
}

func (m *Mux) receiveBatch(d *enc.Decoder, handle func(Message) error) error {
	channel := d.Uint()
	for d.Len() > 0 && d.Err() == nil {
		message := d.Buffer()
		if message == nil {
			channel = d.Uint()
			continue
		}
		if err := m.receive(channel, enc.NewDecoder(message), handle); err != nil {
			return err
		}
	}
	return failed(d, "a batch")
}

// receive takes one message, which is what is left of d.
func (m *Mux) receive(channel uint64, d *enc.Decoder, handle func(Message) error) error {
	kind := d.Uint()
	if err := failed(d, "a message's type"); err != nil {
		return err
	}
	if channel == 0 {
		return m.control(kind, d, handle)
	}
	c := m.remote[channel]
	if c == nil {
		return nil
	}
	return handle(Message{Channel: c, Event: Received, Type: kind, Body: d.Fixed(d.Len())})
}

func (m *Mux) control(kind uint64, d *enc.Decoder, handle func(Message) error) error {
	switch kind {
	case controlBatch:
		return fmt.Errorf("%w: a batch inside a batch", ErrProtocol)
	case controlOpen:
		return m.onOpen(d, handle)
	case controlReject:
		return m.onReject(d, handle)
	case controlClose:
		return m.onClose(d, handle)
	}
	return nil
}

func (m *Mux) onOpen(d *enc.Decoder, handle func(Message) error) error {
	remote, protocol, id := d.Uint(), d.Buffer(), d.Buffer()
	if err := failed(d, "an open"); err != nil {
		return err
	}
	if m.remote[remote] != nil {
		return fmt.Errorf("%w: channel %d opened twice", ErrProtocol, remote)
	}
	c := m.waiting(string(protocol), string(id))
	if c == nil || remote == 0 {
		m.replied = true
		m.push(0, enc.AppendUint([]byte{controlReject}, remote))
		return nil
	}
	if c.closed {
		delete(m.local, c.local)
		m.replied = true
		m.push(0, enc.AppendUint([]byte{controlClose}, c.local))
		return nil
	}
	c.remote = remote
	m.remote[remote] = c
	return handle(Message{Channel: c, Event: Opened, Body: d.Fixed(d.Len())})
}

// waiting is the first channel that this end has opened and the other has not.
func (m *Mux) waiting(protocol, id string) (first *Channel) {
	for _, c := range m.local {
		if c.remote == 0 && c.protocol == protocol && c.id == id && (first == nil || c.turn < first.turn) {
			first = c
		}
	}
	return first
}

func (m *Mux) onReject(d *enc.Decoder, handle func(Message) error) error {
	local := d.Uint()
	if err := failed(d, "a reject"); err != nil {
		return err
	}
	c := m.local[local]
	if c == nil || c.remote != 0 {
		return fmt.Errorf("%w: channel %d rejected, which is not waiting", ErrProtocol, local)
	}
	delete(m.local, local)
	if c.closed {
		return nil
	}
	return handle(Message{Channel: c, Event: Rejected})
}

func (m *Mux) onClose(d *enc.Decoder, handle func(Message) error) error {
	remote := d.Uint()
	if err := failed(d, "a close"); err != nil {
		return err
	}
	c := m.remote[remote]
	if c == nil {
		return nil
	}
	delete(m.remote, remote)
	delete(m.local, c.local)
	return handle(Message{Channel: c, Event: Closed})
}

// failed is the decoder's error, as a broken protocol.
func failed(d *enc.Decoder, what string) error {
	if err := d.Err(); err != nil {
		return fmt.Errorf("%w: %s %w", ErrProtocol, what, err)
	}
	return nil
}
