package stdio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"go.cordon.dev/cordon/internal/egress/jsonrpc"
)

// Said is a line that is to be passed on.
type Said struct {
	FromServer bool
	Text       []byte
	Unseen     string // why Text is not there; empty: it is
}

// Verdict says whether it may be.
type Verdict struct {
	Allowed      bool
	Reason       string // a stable word
	Rule         string // that decided or came nearest; empty: none
	Detail       string // why, for people
	AllowCommand string // what would allow it; empty: nothing does
	Over         bool   // nothing more may pass either: the kill switch is on
}

// Judge decides about lines. Its error means that nobody decided, and nothing passes.
type Judge interface {
	Judge(ctx context.Context, s Said) (Verdict, error)
}

// ErrOver says that a Verdict ended it all.
var ErrOver = errors.New("nothing may pass any more")

// Bridge passes lines on, both ways at the same time.
type Bridge struct {
	Judge  Judge     // Mandatory.
	Agent  io.Writer // Mandatory. What the agent reads.
	Server io.Writer // Mandatory. What the server reads.
	Note   io.Writer // Mandatory. A line for people about each refusal.

	agent, server end
	note          sync.Mutex
}

// end is one of the two, as somebody who is written to.
type end struct {
	mu      sync.Mutex
	pending map[string]struct{} // ids of what it asked the other and was not answered yet
}

// mostPending is how many ids of an end are remembered. Who asks more without an answer
// is not told when one of those answers is refused.
const mostPending = 10_000

// FromAgent passes on what the agent says until that ends, when it returns nil, or the
// server cannot be written to. It returns ErrOver when a Verdict says so.
func (b *Bridge) FromAgent(ctx context.Context, agent io.Reader) error {
	return b.pass(ctx, agent, &direction{b: b, sender: &b.agent, receiver: &b.server, back: b.Agent, on: b.Server, from: "the agent"})
}

// FromServer is FromAgent of what the server says.
func (b *Bridge) FromServer(ctx context.Context, server io.Reader) error {
	return b.pass(ctx, server, &direction{b: b, sender: &b.server, receiver: &b.agent, back: b.Server, on: b.Agent, from: "the server", server: true})
}

func (b *Bridge) pass(ctx context.Context, from io.Reader, d *direction) error {
	for in := newLines(from); ; {
		line, whole, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading what %s says: %w", d.from, err)
		}
		if err = d.line(ctx, in, line, whole); err != nil {
			return err
		}
	}
}

// direction is one way of the two.
type direction struct {
	b                *Bridge
	sender, receiver *end
	back, on         io.Writer // to the sender, to the receiver
	from             string
	server           bool
}

func (d *direction) line(ctx context.Context, in *lines, line []byte, whole bool) error {
	if !whole {
		return d.long(ctx, in, line)
	}
	line = bytes.TrimRight(line, " \t\r")
	if len(bytes.TrimLeft(line, " \t\r")) == 0 {
		return nil // there is nothing between two line ends
	}
	v := d.ask(ctx, Said{FromServer: d.server, Text: line})
	m, err := jsonrpc.Parse(line)
	switch {
	case v.Allowed && err == nil:
		return d.forward(m, line)
	case v.Allowed:
		return d.write(d.receiver, d.on, append(bytes.Clone(line), '\n'))
	}
	return d.refuse(m, err == nil, v)
}

// ask is Judge that always has an answer.
func (d *direction) ask(ctx context.Context, s Said) Verdict {
	v, err := d.b.Judge.Judge(ctx, s)
	if err != nil {
		return Verdict{Reason: "undecided", Detail: "nobody decided about it: " + err.Error()}
	}
	return v
}

// forward writes a message in the one form that has no space and no line end in it:
// some who read lines also break them at a carriage return.
func (d *direction) forward(m jsonrpc.Message, line []byte) error {
	var out bytes.Buffer
	out.Grow(len(line) + 1)
	if err := json.Compact(&out, line); err != nil {
		return fmt.Errorf("writing a message of %s: %w", d.from, err)
	}
	out.WriteByte('\n')
	d.sender.asks(m.Asks)
	d.receiver.answered(m.Answers)
	return d.write(d.receiver, d.on, out.Bytes())
}

// long passes a line on that is too long to be looked at, or reads past it.
func (d *direction) long(ctx context.Context, in *lines, start []byte) error {
	v := d.ask(ctx, Said{FromServer: d.server, Unseen: fmt.Sprintf("a message is longer than %d bytes", MostLine)})
	if v.Allowed {
		d.receiver.mu.Lock()
		defer d.receiver.mu.Unlock()
		return ended(in.rest(start, func(piece []byte) error { _, err := d.on.Write(piece); return err }))
	}
	if err := ended(in.rest(start, func([]byte) error { return nil })); err != nil {
		return err
	}
	return d.refuse(jsonrpc.Message{}, false, v)
}

// ended takes the end of the input for the end of a line.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (d *direction) write(to *end, w io.Writer, line []byte) error {
	to.mu.Lock()
	defer to.mu.Unlock()
	_, err := w.Write(line)
	return err
}

// asks remembers what an end waits for.
func (e *end) asks(ids []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pending == nil {
		e.pending = map[string]struct{}{}
	}
	for _, id := range ids {
		if len(e.pending) < mostPending && len(id) <= mostID {
			e.pending[id] = struct{}{}
		}
	}
}

// mostID is the longest id that is remembered, in bytes.
const mostID = 256

// answered forgets what an end need not wait for any more, and returns what of it the
// end waited for.
func (e *end) answered(ids []string) (waited []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		if _, ok := e.pending[id]; ok {
			delete(e.pending, id)
			waited = append(waited, id)
		}
	}
	return waited
}
