package ssh

import (
	"context"
	"io"
	"sync"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

const (
	maxData    = 32 << 10     // bytes of one message on a channel
	fullWindow = 64 * maxData // bytes that a client may send ahead
	maxStderr  = 1            // the only kind of extended data: standard error
	leastData  = 1            // what a client must take at once to be sent anything
)

// channel is a session that a client opened. The connection's reader and the
// program's goroutines meet here.
type channel struct {
	*connection
	id, remote uint32
	most       uint32 // bytes that the client takes in one message
	request    request

	mu        sync.Mutex
	changed   *sync.Cond
	window    uint64 // bytes that we may send
	ours      int    // bytes that the client may send
	consumed  int    // bytes that were read and not yet given back to the window
	buffer    []byte // what came and was not read
	paid      int64  // bytes of it that count among those of all clients
	ended     bool   // the client sends no more
	deaf      bool   // nobody reads any more
	gone      bool   // the channel or the connection is over
	closeSent bool
	cancel    context.CancelFunc // ends the program; nil: there is none yet
	pending   func()             // a program that was not begun; the reader's
}

func newChannel(c *connection, id, remote, window, most uint32) *channel {
	ch := &channel{connection: c, id: id, remote: remote, window: uint64(window), most: min(most, maxData)}
	ch.changed = sync.NewCond(&ch.mu)
	return ch
}

// running reports whether the channel has its program. Only the reader asks.
func (ch *channel) running() bool { return ch.cancel != nil }

// abandon ends the channel's program and whoever waits for something.
func (ch *channel) abandon() {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.gone = true
	if ch.cancel != nil {
		ch.cancel()
	}
	ch.changed.Broadcast()
}

// receive takes what the client sent. As sshd does, it drops what is too much.
func (ch *channel) receive(r *wire.Reader) error {
	data := r.String()
	if !ch.running() {
		return nil // sshd does not look at it
	}
	if !r.End() {
		return transport.ErrMalformed
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	switch {
	case ch.deaf:
		ch.ours -= len(data)
		ch.consumed += len(data)
	case len(data) > maxData || len(data) > ch.ours:
	case !ch.holds(len(ch.buffer) + len(data)):
		ch.session.Record(service.ProtocolError, nil, field("error", errInput.Error()))
		return errInput
	default:
		ch.ours -= len(data)
		ch.buffer = append(ch.buffer, data...)
		ch.changed.Broadcast()
	}
	return nil
}

// receiveExtended: a client has no second stream to send.
func (ch *channel) receiveExtended(r *wire.Reader) error {
	r.Uint32()
	r.String()
	if !r.End() {
		return transport.ErrMalformed
	}
	return nil
}

func (ch *channel) widen(r *wire.Reader) error {
	n := r.Uint32()
	if !r.End() {
		return transport.ErrMalformed
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if ch.window += uint64(n); ch.window > 1<<32-1 {
		return transport.ErrMalformed
	}
	ch.changed.Broadcast()
	return nil
}

func (ch *channel) inputEnds(r *wire.Reader) error {
	if !r.End() {
		return transport.ErrMalformed
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.ended = true
	ch.changed.Broadcast()
	return nil
}

// Read gives a program its input.
func (ch *channel) Read(b []byte) (int, error) {
	n, give, err := ch.take(b)
	if give > 0 {
		if err := ch.conn.WriteSlowly(wire.Message(msgWindowAdjust).Uint32(ch.remote).Uint32(uint32(give))); err != nil {
			return n, err
		}
	}
	return n, err
}

// take reads and says how much is to be given back to the client's window.
func (ch *channel) take(b []byte) (n, give int, err error) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for len(ch.buffer) == 0 {
		if ch.ended || ch.gone || ch.deaf {
			return 0, 0, io.EOF
		}
		ch.changed.Wait()
	}
	n = copy(b, ch.buffer)
	if ch.buffer = ch.buffer[n:]; len(ch.buffer) == 0 {
		ch.buffer = nil
	}
	ch.holds(len(ch.buffer))
	ch.consumed += n
	return n, ch.giveBack(), nil
}

// giveBack widens the client's window when sshd would. The caller holds mu.
func (ch *channel) giveBack() int {
	if fullWindow-ch.ours <= 3*maxData && ch.ours >= fullWindow/2 {
		return 0
	}
	give := ch.consumed
	ch.ours += give
	ch.consumed = 0
	return give
}

// Close says that nobody reads what the client sends.
func (ch *channel) Close() error {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.deaf, ch.buffer = true, nil
	ch.holds(0)
	ch.changed.Broadcast()
	return nil
}

// stream is one of a program's outputs.
type stream struct {
	*channel
	extended bool // standard error
}

// Write sends what a program writes, as fast as the client takes it.
func (s stream) Write(b []byte) (int, error) {
	for sent := 0; sent < len(b); {
		n, err := s.reserve(len(b) - sent)
		if err != nil {
			return sent, err
		}
		message := wire.Message(msgChannelData).Uint32(s.remote)
		if s.extended {
			message = wire.Message(msgExtendedData).Uint32(s.remote).Uint32(maxStderr)
		}
		if err := s.conn.WriteSlowly(message.String(b[sent : sent+n])); err != nil {
			return sent, err
		}
		sent += n
	}
	return len(b), nil
}

// Read is for programs that take their output for a file; there is nothing.
func (s stream) Read([]byte) (int, error) { return 0, io.EOF }

// reserve waits for room in the window.
func (ch *channel) reserve(want int) (int, error) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	for {
		n := min(uint64(want), ch.window, uint64(ch.most))
		if ch.gone {
			return 0, io.ErrClosedPipe
		}
		if n >= leastData {
			ch.window -= n
			return int(n), nil
		}
		ch.changed.Wait()
	}
}

// sendClose ends our side; once.
func (ch *channel) sendClose() error {
	ch.mu.Lock()
	sent := ch.closeSent
	ch.closeSent = true
	ch.mu.Unlock()
	if sent {
		return nil
	}
	return ch.conn.Write(wire.Message(msgChannelClose).Uint32(ch.remote))
}
