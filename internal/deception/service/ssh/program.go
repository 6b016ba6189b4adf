package ssh

import (
	"context"
	"encoding/binary"

	"go.cordon.dev/cordon/internal/deception/service/door"
	"go.cordon.dev/cordon/internal/deception/service/ssh/sftp"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// program is what a channel runs: it returns the exit status, or the signal
// that killed it.
type program func(ctx context.Context) (status int, signal string)

// start opens the channel's window for a program, which begins once the client
// was told that it does.
func (ch *channel) start(run program) error {
	ctx, cancel := context.WithCancel(ch.ctx)
	ch.mu.Lock()
	ch.cancel, ch.ours = cancel, fullWindow
	ch.mu.Unlock()
	ch.pending = func() {
		defer cancel()
		defer ch.Close() // also when the program fails
		ch.finish(run(ctx))
	}
	return ch.conn.Write(wire.Message(msgWindowAdjust).Uint32(ch.remote).Uint32(fullWindow))
}

// begin runs the program that start has prepared, if any. Only the reader calls
// it.
func (ch *channel) begin() {
	if run := ch.pending; run != nil {
		ch.pending = nil
		ch.programs.Go(func() { _ = ch.tcp.Close() }, run)
	}
}

// finish tells the client how the program ended, in sshd's order: that depends
// on whether the client has ended its input before.
func (ch *channel) finish(status int, signal string) {
	exit := wire.Message(msgChannelRequest).Uint32(ch.remote)
	if signal == "" {
		exit = exit.Text("exit-status").Bool(false).Uint32(uint32(status & 0xff))
	} else {
		exit = exit.Text("exit-signal").Bool(false).Text(signal).Bool(false).Text("").Text("")
	}
	deaf := wire.Message(msgChannelRequest).Uint32(ch.remote).Text("eow@openssh.com").Bool(false)
	eof := wire.Message(msgChannelEOF).Uint32(ch.remote)
	messages := []wire.Packet{exit, deaf, eof}
	switch {
	case ch.inputEnded():
		messages = []wire.Packet{eof, exit}
	case !ch.openSSH():
		messages = []wire.Packet{exit, eof}
	}
	_ = ch.Close()
	for _, m := range messages {
		if ch.over() || ch.conn.WriteSlowly(m) != nil {
			return // the client is gone
		}
	}
	_ = ch.sendClose() // or it is gone now
}

// inputEnded reports whether the client has sent all that it will, and all of it
// was read.
func (ch *channel) inputEnded() bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.ended && len(ch.buffer) == 0
}

// over reports whether the client has closed the channel.
func (ch *channel) over() bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.gone
}

// run runs a shell or a command on the client's machine.
func (ch *channel) run(ctx context.Context, command string) (int, string) {
	l := door.Login{
		User: ch.user, Client: ch.session.Client(), Server: ch.session.Local(), Command: command,
		Terminal: ch.request.terminal, Env: ch.request.env, Session: ch.session,
		Stdin: ch, Stdout: stream{ch, false}, Stderr: stream{ch, true},
	}
	if l.Terminal == nil {
		return ch.machine.Run(ctx, l)
	}
	defer l.Record()()
	if command == "" {
		ch.greet(l.Stdout)
	}
	return ch.machine.Run(ctx, l)
}

// sftp serves the user's files.
func (ch *channel) sftp(ctx context.Context) (int, string) {
	leave := ch.machine.Enter()
	defer leave()
	files, err := ch.machine.View(ch.user)
	if err != nil {
		return 1, ""
	}
	serial := ch.persona.Derive("ssh: serial of the disk")
	return sftp.Serve(ctx, ch, stream{ch, false}, sftp.Options{
		Files: files, Session: ch.session, Now: ch.clock.Now, Zone: ch.zone(), Disk: ch.persona.Disk,
		Serial: binary.BigEndian.Uint64(serial[:]), Hold: ch.shares.lists.change, Turn: ch.shares.files.turn(ctx, ch.clock),
	}), ""
}
