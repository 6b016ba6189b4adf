package document

import (
	"errors"
	"io"
)

const (
	windowSize = 64 << 10
	// lookAhead is how much of a document a lexer sees at once. A name, a
	// character reference or a control word is far shorter.
	lookAhead = 4 << 10
)

// window is the part of the input that is looked at.
type window struct {
	r   io.Reader
	buf []byte
	at  int
	err error
}

// ahead gives what comes next: at least lookAhead bytes, or all there are.
func (w *window) ahead() []byte {
	if len(w.buf)-w.at < lookAhead && w.err == nil {
		w.fill()
	}
	return w.buf[w.at:]
}

func (w *window) fill() {
	if w.buf == nil {
		w.buf = make([]byte, 0, windowSize)
	}
	w.buf = w.buf[:copy(w.buf[:cap(w.buf)], w.buf[w.at:])]
	w.at = 0
	for idle := 0; len(w.buf) < lookAhead && w.err == nil; idle++ {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf, w.err = w.buf[:len(w.buf)+n], err
		if n > 0 {
			idle = 0
		}
		if idle == 100 && err == nil {
			w.err = io.ErrNoProgress
		}
	}
}

// take moves on by n of the bytes that ahead gave.
func (w *window) take(n int) []byte {
	b := w.buf[w.at : w.at+n]
	w.at += n
	return b
}

// end is why there is nothing ahead.
func (w *window) end() error {
	if w.err == nil {
		return errors.New("nothing was looked for")
	}
	return w.err
}
