package shell

import (
	"bytes"
	"context"
	"io"
	"sync"
	"unicode/utf8"

	"go.cordon.dev/cordon/internal/deception/shell/vfs"
)

// Terminal is a login's pseudo-terminal: its name, its size and its line
// discipline. Term, Columns and Rows are set before the login and read by Size
// after it began. Its methods are safe for concurrent use.
type Terminal struct {
	Term          string
	Columns, Rows int

	mu     sync.Mutex
	raw    bool   // keys go to the program as they are
	editor bool   // the shell's editor has the keys, ^C too
	silent bool   // what is typed is not shown
	line   []byte // what was typed of a line
	showMu sync.Mutex
}

// endOfInput in the input is ^D at the beginning of a line.
const endOfInput = 4

// Size is the terminal's size in characters.
func (t *Terminal) Size() (columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Columns, t.Rows
}

// Resize changes the size, as the client's window does.
func (t *Terminal) Resize(columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Columns, t.Rows = columns, rows
}

// Raw makes keys go to the program at once and unseen, without those that end
// it when all is set; restore brings back what was.
func (t *Terminal) Raw() (restore func()) {
	return t.change(func() { t.raw, t.silent = true, true })
}

// Silent keeps what is typed from being shown, as for a password.
func (t *Terminal) Silent() (restore func()) { return t.change(func() { t.silent = true }) }

func (t *Terminal) change(fn func()) (restore func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	raw, silent, editor := t.raw, t.silent, t.editor
	fn()
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.raw, t.silent, t.editor = raw, silent, editor
	}
}

func (t *Terminal) isRaw() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.raw
}

// quiet is Silent of a login that may have no terminal.
func (l *login) quiet() (restore func()) {
	if l.Terminal == nil {
		return func() {}
	}
	return l.Terminal.Silent()
}

// show writes to the terminal; a line feed begins the next line.
func (l *login) show(b []byte) error {
	t := l.Terminal
	t.showMu.Lock()
	defer t.showMu.Unlock()
	_, err := l.Stdout.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return err
}

// typed takes keys: for the editor and programs that ask as they are, for
// others line by line.
func (l *login) typed(b []byte) {
	for _, c := range b {
		l.key(c)
	}
}

func (l *login) key(c byte) {
	t := l.Terminal
	t.mu.Lock()
	raw, editor := t.raw, t.editor
	t.mu.Unlock()
	if editor {
		_, _ = l.input.write(l.ctx, []byte{c})
		return
	}
	if s := keySignal(c); s != 0 {
		l.interrupt(c, s)
		return
	}
	if raw {
		_, _ = l.input.write(l.ctx, []byte{c})
		return
	}
	l.edit(c)
}

func keySignal(c byte) Signal {
	switch c {
	case 3:
		return SIGINT
	case 28:
		return SIGQUIT
	}
	return 0
}

// interrupt sends a signal to what runs in the foreground.
func (l *login) interrupt(c byte, s Signal) {
	l.echo([]byte{'^', c + '@'})
	l.Terminal.mu.Lock()
	l.Terminal.line = nil
	l.Terminal.mu.Unlock()
	if fg := int(l.fg.Load()); fg != 0 && l.signalGroup(fg, s) {
		return
	}
	l.interruptShell()
}

// mostTyped is how long a line the terminal holds, as Linux has it.
const mostTyped = 4095

// edit is the line discipline of a terminal that is not raw.
func (l *login) edit(c byte) {
	t := l.Terminal
	t.mu.Lock()
	line := t.line
	var echo, deliver []byte
	switch c {
	case '\r', '\n':
		deliver, echo, t.line = append(line, '\n'), []byte("\n"), nil
	case endOfInput:
		deliver, t.line = line, nil
		if len(line) == 0 {
			deliver = []byte{endOfInput}
		}
	case 127, 8:
		if len(line) > 0 {
			_, n := utf8.DecodeLastRune(line)
			t.line, echo = line[:len(line)-n], []byte("\b \b")
		}
	case 21:
		echo, t.line = bytes.Repeat([]byte("\b \b"), utf8.RuneCount(line)), nil
	case 23:
		kept := bytes.TrimRight(line, " ")
		kept = kept[:bytes.LastIndexByte(kept, ' ')+1]
		echo = bytes.Repeat([]byte("\b \b"), utf8.RuneCount(line[len(kept):]))
		t.line = kept
	default:
		if len(line) < mostTyped {
			t.line, echo = append(line, c), shown(c)
		}
	}
	silent := t.silent
	t.mu.Unlock()
	if !silent || bytes.Equal(echo, []byte("\n")) && !silent {
		l.echo(echo)
	}
	if len(deliver) > 0 {
		_, _ = l.input.write(l.ctx, deliver)
	}
}

func shown(c byte) []byte {
	if c < ' ' && c != '\t' {
		return []byte{'^', c + '@'}
	}
	return []byte{c}
}

func (l *login) echo(b []byte) {
	if len(b) > 0 && l.show(b) != nil {
		l.end(SIGHUP)
	}
}

// readLine reads from a terminal: at most one line, and nothing at ^D.
func (p *pipe) readLine(ctx context.Context, b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.wait(ctx, func() bool { return len(p.buf) > 0 || p.closed }); err != nil {
		return 0, err
	}
	if len(p.buf) == 0 {
		return 0, io.EOF
	}
	if p.buf[0] == endOfInput {
		p.buf = p.buf[1:]
		return 0, io.EOF
	}
	n := len(p.buf)
	if i := bytes.IndexByte(p.buf, '\n'); i >= 0 {
		n = i + 1
	}
	n = copy(b, p.buf[:n])
	if p.buf = p.buf[n:]; len(p.buf) == 0 {
		p.buf = nil
	}
	p.wake.Broadcast()
	return n, nil
}

// ttyStream is the terminal as programs have it.
type ttyStream struct{ l *login }

func (s ttyStream) read(ctx context.Context, b []byte) (int, error) {
	l := s.l
	l.pump.Do(func() { l.all.Go(l.receive) })
	if l.Terminal.isRaw() {
		return l.input.read(ctx, b)
	}
	return l.input.readLine(ctx, b)
}

func (s ttyStream) write(_ context.Context, b []byte) (int, error) {
	l := s.l
	if l.output.Add(int64(len(b))) > l.m.limits.Output {
		l.end(SIGKILL)
		return 0, vfs.EINTR
	}
	if err := l.show(b); err != nil {
		l.end(SIGHUP)
		return 0, vfs.EPIPE
	}
	return len(b), nil
}

func (ttyStream) close() error { return nil }
