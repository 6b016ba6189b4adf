package telnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/door"
)

// patience is how long a client may take nothing of what it is sent.
const patience = 15 * time.Minute

// visit is one client's connection. Its reader and the programs on its terminal
// meet at the lock.
type visit struct {
	*server
	session *service.Session
	conn    net.Conn
	machine door.Machine
	name    string // of the terminal: pts/0
	resized chan [2]uint32
	input   *io.PipeReader // what the shell reads
	feed    *io.PipeWriter

	mu      sync.Mutex
	link    *link
	tty     tty
	changed chan struct{} // holds something when a line was typed
}

func newVisit(s *server, conn net.Conn, session *service.Session) *visit {
	v := &visit{
		server: s, session: session, conn: conn, link: newLink(), tty: tty{newline: true},
		resized: make(chan [2]uint32, 1), changed: make(chan struct{}, 1),
	}
	v.input, v.feed = io.Pipe()
	return v
}

var errLogout = errors.New("the client logged out")

// negotiate settles the options, before there is a terminal.
func (v *visit) negotiate() error {
	v.link.begin()
	b := make([]byte, 8<<10)
	for !v.link.terminal {
		if err := v.flush(); err != nil {
			return err
		}
		if v.link.over {
			return errLogout
		}
		n, err := v.conn.Read(b)
		if err != nil {
			return err
		}
		v.hear(b[:n])
	}
	return nil
}

// receive takes what the client sends until it is gone or nobody listens.
func (v *visit) receive() {
	b := make([]byte, 8<<10)
	for {
		n, err := v.conn.Read(b)
		if err != nil {
			return
		}
		keys, over := v.take(b[:n])
		if len(keys) > 0 {
			if _, err := v.feed.Write(keys); err != nil {
				return
			}
		}
		if over {
			return
		}
	}
}

// take gives the terminal what was typed, and returns what is for the shell.
func (v *visit) take(b []byte) (keys []byte, over bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	typed := v.hear(b)
	if v.tty.raw {
		keys = typed
	}
	return keys, v.flush() != nil || v.link.over
}

// hear takes what the client sent, and returns what it typed. The caller holds the
// lock.
func (v *visit) hear(b []byte) (typed []byte) {
	binary := v.link.mine[optBinary].want
	v.link.feed(b)
	if on := v.link.mine[optBinary].want; on != binary {
		v.tty.newline = !on
	}
	v.window()
	typed, v.link.typed = v.link.typed, nil
	if !v.link.terminal {
		return nil // there is nothing yet to type at
	}
	for _, c := range typed {
		v.key(c)
	}
	return typed
}

// key takes one typed byte. Where it becomes a signal, what was to be shown is
// thrown away, which telnetd tells the client.
func (v *visit) key(c byte) {
	if v.tty.raw {
		if c == keyInterrupt || c == keyQuit || c == keySuspend {
			v.link.reply(iac, dm)
		}
		return
	}
	v.tty.key(c)
	if v.tty.flushed {
		v.link.reply(iac, dm)
		v.tty.flushed = false
	}
	v.link.show(v.tty.shown)
	v.tty.shown = nil
	if len(v.tty.lines) > 0 {
		v.wake()
	}
}

// window tells the shell of another size; of those that nobody takes only the
// last is kept. The caller holds the lock.
func (v *visit) window() {
	if !v.link.resized {
		return
	}
	v.link.resized = false
	select {
	case <-v.resized:
	default:
	}
	v.resized <- [2]uint32{uint32(v.link.columns), uint32(v.link.rows)}
}

func (v *visit) wake() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// flush sends what there is to send. The caller holds the lock.
func (v *visit) flush() error {
	b := v.link.answer()
	if len(b) == 0 {
		return nil
	}
	_ = v.conn.SetWriteDeadline(time.Now().Add(patience))
	_, err := v.conn.Write(b)
	return err
}

// print shows what login writes.
func (v *visit) print(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tty.print([]byte(text))
	v.link.show(v.tty.shown)
	v.tty.shown = nil
	_ = v.flush() // the reader notices when the client is gone
}

// Write shows what the shell writes, which has made its line feeds already.
func (v *visit) Write(b []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.link.show(b)
	if err := v.flush(); err != nil {
		return 0, err
	}
	return len(b), nil
}

// line waits for a line; one without a line feed was ended by ^D.
func (v *visit) line(ctx context.Context, late <-chan time.Time) (line string, err error) {
	for {
		if line, found := v.typedLine(); found {
			return line, nil
		}
		select {
		case <-v.changed:
		case <-late:
			return "", errLate
		case <-ctx.Done():
			return "", errGone
		}
	}
}

func (v *visit) typedLine() (line string, found bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.tty.lines) == 0 {
		return "", false
	}
	line, v.tty.lines = string(v.tty.lines[0]), v.tty.lines[1:]
	return line, true
}

// shellInput is what the shell reads: what was typed before it began, too. The
// caller holds the lock.
func (v *visit) shellInput() io.ReadCloser {
	v.tty.raw = true
	early := append(bytes.Join(v.tty.lines, nil), v.tty.line...)
	v.tty.forget()
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(early), v.input), v.input}
}
