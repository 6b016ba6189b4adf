package door

import (
	"io"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Record makes the session keep a record of the login's terminal, of which
// Stdout is the only output. The caller calls done at its end.
func (l *Login) Record() (done func()) {
	screen := l.Session.Screen(l.Terminal.Columns, l.Terminal.Rows)
	shown := recorded{l.Stdout, screen}
	terminal := *l.Terminal
	resized, ended := make(chan [2]uint32, 1), make(chan struct{})
	go pass(terminal.Resized, resized, screen, ended)
	terminal.Resized = resized
	l.Terminal, l.Stdin, l.Stdout, l.Stderr = &terminal, typed{l.Stdin, screen}, shown, shown
	return func() { close(ended) }
}

// pass records changes of the window's size on their way to the program.
func pass(from <-chan [2]uint32, to chan [2]uint32, screen *service.Screen, ended <-chan struct{}) {
	for {
		select {
		case size := <-from:
			screen.Resize(int(size[0]), int(size[1]))
			select {
			case <-to:
			default:
			}
			to <- size
		case <-ended:
			return
		}
	}
}

// typed and recorded keep a record of the terminal.
type typed struct {
	io.ReadCloser
	screen *service.Screen
}

func (t typed) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
	if n > 0 {
		t.screen.Input(b[:n])
	}
	return n, err
}

type recorded struct {
	io.Writer
	screen *service.Screen
}

func (r recorded) Write(b []byte) (int, error) {
	r.screen.Output(b)
	return r.Writer.Write(b)
}
