package ssh

import (
	"context"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/ssh/transport"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// What a session keeps of the client's environment. sshd bounds the number alone,
// and a program with more than the kernel takes then does not start.
const (
	maxEnv      = 128      // variables
	maxEnvBytes = 64 << 10 // of all together
)

// request is what a client asked for before it asks for a program.
type request struct {
	terminal *door.Terminal
	resized  chan [2]uint32
	env      []string
	envBytes int // of env
	x11      bool
}

// before are the requests that sshd hears until a program runs.
func before() map[string]func(*channel, *wire.Reader) (bool, error) {
	return map[string]func(*channel, *wire.Reader) (bool, error){
		"shell": (*channel).shell, "exec": (*channel).exec, "subsystem": (*channel).subsystem,
		"pty-req": (*channel).pty, "env": (*channel).setEnv,
		"x11-req": (*channel).x11, "auth-agent-req@openssh.com": (*channel).agent,
	}
}

func (c *connection) channelRequest(r *wire.Reader) error {
	id, name, wantsReply := r.Uint32(), r.CString(), r.Bool()
	if !r.OK() {
		return transport.ErrMalformed
	}
	ch := c.channels[id]
	if ch == nil {
		return c.conn.Disconnect("server_input_channel_req: unknown channel %d", id)
	}
	ok, err := ch.dispatch(name, r)
	if err != nil {
		return err
	}
	defer ch.begin()
	if !wantsReply {
		return nil
	}
	number := byte(msgChannelFailure)
	if ok {
		number = msgChannelSuccess
	}
	return c.conn.Write(wire.Message(number).Uint32(ch.remote))
}

func (ch *channel) dispatch(name string, r *wire.Reader) (bool, error) {
	if f := before()[name]; f != nil && !ch.running() {
		return f(ch, r)
	}
	switch name {
	case "window-change":
		return ch.windowChange(r)
	case "signal":
		r.CString()
		return false, nil // sshd signals only what it has forked itself
	case "eow@openssh.com":
		return false, nil
	}
	return false, nil
}

func (ch *channel) pty(r *wire.Reader) (bool, error) {
	if ch.request.terminal != nil {
		return false, ch.conn.Disconnect("Protocol error: you already have a pty.")
	}
	term, columns, rows := r.CString(), r.Uint32(), r.Uint32()
	r.Uint32() // pixels
	r.Uint32()
	modes := append([]byte(nil), r.String()...)
	if !r.End() {
		return false, transport.ErrMalformed
	}
	ch.request.resized = make(chan [2]uint32, 1)
	ch.request.terminal = &door.Terminal{Term: term, Columns: size(columns), Rows: size(rows), Modes: modes, Resized: ch.request.resized}
	return true, nil
}

// size is a window's, in characters, as the kernel keeps it: 16 bits.
func size(n uint32) int { return int(uint16(n)) }

func (ch *channel) windowChange(r *wire.Reader) (bool, error) {
	columns, rows := r.Uint32(), r.Uint32()
	r.Uint32()
	r.Uint32()
	if !r.End() {
		return false, transport.ErrMalformed
	}
	if ch.request.resized != nil {
		select {
		case <-ch.request.resized: // nobody looked at the last one
		default:
		}
		ch.request.resized <- [2]uint32{uint32(size(columns)), uint32(size(rows))}
	}
	return true, nil
}

// setEnv takes what Debian's AcceptEnv takes.
func (ch *channel) setEnv(r *wire.Reader) (bool, error) {
	name, value := r.CString(), r.CString()
	if !r.End() {
		return false, transport.ErrMalformed
	}
	if len(ch.request.env) > maxEnv || name != "LANG" && !strings.HasPrefix(name, "LC_") {
		return false, nil
	}
	v := name + "=" + value
	if ch.request.envBytes+len(v) > maxEnvBytes {
		return false, nil
	}
	ch.request.env, ch.request.envBytes = append(ch.request.env, v), ch.request.envBytes+len(v)
	return true, nil
}

// x11 fails as on a server without a screen, where xauth is not installed.
func (ch *channel) x11(r *wire.Reader) (bool, error) {
	r.Bool()
	protocol, cookie, screen := r.CString(), r.CString(), r.Uint32()
	if !r.End() {
		return false, transport.ErrMalformed
	}
	ch.forward("x11", field("protocol", protocol), field("cookie", cookie), field("screen", number(screen)))
	return false, ch.debug("No xauth program; cannot forward X11.")
}

func (ch *channel) agent(r *wire.Reader) (bool, error) {
	if !r.End() {
		return false, transport.ErrMalformed
	}
	ch.forward("agent")
	return false, nil
}

func (ch *channel) shell(r *wire.Reader) (bool, error) {
	if !r.End() {
		return false, transport.ErrMalformed
	}
	return true, ch.start(func(ctx context.Context) (int, string) { return ch.run(ctx, "") })
}

func (ch *channel) exec(r *wire.Reader) (bool, error) {
	command := r.CString()
	if !r.End() {
		return false, transport.ErrMalformed
	}
	ch.session.Record(service.Command, nil, field("kind", "exec"), field("line", command))
	return true, ch.start(func(ctx context.Context) (int, string) { return ch.run(ctx, command) })
}

// subsystem runs the one that Debian configures.
func (ch *channel) subsystem(r *wire.Reader) (bool, error) {
	name := r.CString()
	if !r.End() {
		return false, transport.ErrMalformed
	}
	ch.session.Record(service.Command, nil, field("kind", "subsystem"), field("line", name))
	if name != "sftp" {
		return false, nil
	}
	return true, ch.start(ch.sftp)
}

func field(name, value string) service.Field { return service.Field{Name: name, Value: value} }
