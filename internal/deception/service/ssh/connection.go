package ssh

import (
	"context"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Messages of the connection protocol (RFC 4254).
const (
	msgGlobalRequest    = 80
	msgRequestSuccess   = 81
	msgRequestFailure   = 82
	msgChannelOpen      = 90
	msgOpenConfirmation = 91
	msgOpenFailure      = 92
	msgWindowAdjust     = 93
	msgChannelData      = 94
	msgExtendedData     = 95
	msgChannelEOF       = 96
	msgChannelClose     = 97
	msgChannelRequest   = 98
	msgChannelSuccess   = 99
	msgChannelFailure   = 100
)

// connection is a client that is logged in. One goroutine reads its messages;
// each channel's program has goroutines of its own.
type connection struct {
	*visit
	ctx            context.Context
	channels       map[uint32]*channel
	noMoreSessions bool
	programs       service.Crew
}

// connection serves the client's channels until it leaves, and waits for their
// programs.
func (v *visit) connection(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	c := &connection{visit: v, ctx: ctx, channels: map[uint32]*channel{}}
	defer func() {
		cancel()
		for _, ch := range c.channels {
			ch.abandon()
		}
		c.programs.Wait()
	}()
	if err := c.announceKeys(); err != nil {
		return err
	}
	if err := c.tellKey(); err != nil {
		return err
	}
	for {
		packet, err := v.conn.Read()
		if err != nil {
			return err
		}
		if err := c.handle(packet); err != nil {
			return err
		}
	}
}

func (c *connection) handle(packet []byte) error {
	r := wire.Read(packet[1:])
	switch packet[0] {
	case msgGlobalRequest:
		return c.globalRequest(r)
	case msgChannelOpen:
		return c.open(r)
	case msgChannelRequest:
		return c.channelRequest(r)
	case msgChannelData, msgExtendedData, msgWindowAdjust, msgChannelEOF, msgChannelClose, msgOpenConfirmation, msgOpenFailure:
		return c.onChannel(packet[0], r)
	case msgChannelSuccess, msgChannelFailure, msgRequestSuccess, msgRequestFailure:
		return nil // of something that we asked, to see that the client lives
	}
	return c.conn.Unimplemented()
}

// named are the names of messages in what sshd says of unknown channels.
func named(number byte) string {
	return map[byte]string{
		msgChannelData: "data", msgExtendedData: "extended data", msgWindowAdjust: "window adjust", msgChannelEOF: "ieof",
		msgChannelClose: "oclose", msgOpenConfirmation: "open confirmation", msgOpenFailure: "open failure",
	}[number]
}

func (c *connection) onChannel(number byte, r *wire.Reader) error {
	id := r.Uint32()
	if !r.OK() {
		return transport.ErrMalformed
	}
	ch := c.channels[id]
	if ch == nil && number == msgWindowAdjust {
		return nil // it may have crossed our close
	}
	if ch == nil {
		return c.conn.Disconnect("%s packet referred to nonexistent channel %d", named(number), id)
	}
	switch number {
	case msgChannelData:
		return ch.receive(r)
	case msgExtendedData:
		return ch.receiveExtended(r)
	case msgWindowAdjust:
		return ch.widen(r)
	case msgChannelEOF:
		return ch.inputEnds(r)
	case msgChannelClose:
		return c.closed(ch, r)
	}
	return c.conn.Disconnect("Received %s for non-opening channel %d.", named(number), id)
}

// closed ends a channel on the client's wish.
func (c *connection) closed(ch *channel, r *wire.Reader) error {
	if !r.End() {
		return c.conn.Disconnect("Invalid oclose message")
	}
	ch.abandon()
	delete(c.channels, ch.id)
	return ch.sendClose()
}

// open answers a wish for a channel.
func (c *connection) open(r *wire.Reader) error {
	kind, remote, window, most := r.CString(), r.Uint32(), r.Uint32(), r.Uint32()
	if !r.OK() {
		return transport.ErrMalformed
	}
	if kind != "session" {
		return c.openElsewhere(kind, remote, r)
	}
	if !r.End() {
		return transport.ErrMalformed
	}
	if c.noMoreSessions {
		return c.conn.Disconnect("Possible attack: attempt to open a session after additional sessions disabled")
	}
	id, ok := c.freeID()
	if !ok {
		return c.openFailed(remote, connectFailed, "open failed")
	}
	ch := newChannel(c, id, remote, window, most)
	c.channels[id] = ch
	return c.conn.Write(wire.Message(msgOpenConfirmation).Uint32(remote).Uint32(id).Uint32(0).Uint32(maxData))
}

// freeID is the lowest number that no channel has.
func (c *connection) freeID() (uint32, bool) {
	for id := range uint32(c.config.MaxOpen) {
		if c.channels[id] == nil {
			return id, true
		}
	}
	return 0, false
}
