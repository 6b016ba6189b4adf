package http1

import (
	"errors"
	"io"
	"os"
	"sync"
)

const (
	smallBuffer = 4 << 10
	bulkBuffer  = 64 << 10
)

// ErrFull is the error of Fill when the buffer has reached its limit.
var ErrFull = errors.New("the buffer is full")

// buffers holds the big buffers, which only bodies in flight need; smalls those
// that every connection begins with.
var (
	buffers = sync.Pool{New: func() any { b := make([]byte, bulkBuffer); return &b }}
	smalls  = sync.Pool{New: func() any { b := make([]byte, smallBuffer); return &b }}
)

// Reader buffers one side of a connection. An idle one holds a small buffer
// only. It is not safe for concurrent use.
type Reader struct {
	src  io.Reader
	buf  []byte
	r, w int
	big  *[]byte // from buffers, when buf is that
	lent *[]byte // from smalls, when buf is that

	broken error

	shared *Allowance // nil: nobody counts
	took   int        // of it, for buf
}

// NewReader reads from src.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// Buffered is what was read and not yet used. It is valid until the next call.
func (r *Reader) Buffered() []byte { return r.buf[r.r:r.w] }

// Discard drops n buffered bytes.
func (r *Reader) Discard(n int) { r.r += n }

// Unread puts bytes before what is buffered.
func (r *Reader) Unread(p []byte) {
	if len(p) == 0 {
		return
	}
	rest := append(append(make([]byte, 0, len(p)+r.w-r.r), p...), r.Buffered()...)
	r.release()
	r.giveBack()
	r.buf, r.r, r.w = rest, 0, len(rest)
}

// Fill reads once, behind what is buffered; the buffer grows up to limit bytes.
func (r *Reader) Fill(limit int) error {
	if r.r == r.w {
		r.r, r.w = 0, 0
	}
	if err := r.room(limit); err != nil {
		return err
	}
	n, err := r.src.Read(r.buf[r.w:])
	r.w += n
	r.note(err)
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// note remembers an error that the source does not tell a second time.
func (r *Reader) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrDeadlineExceeded) {
		r.broken = err
	}
}

// Broken is the error that the source broke with while it was read, such as a
// reset: after it a socket looks as if it had ended well. Nil when it did not.
func (r *Reader) Broken() error { return r.broken }

// room makes the buffer have space for reading.
func (r *Reader) room(limit int) error {
	switch {
	case r.buf == nil:
		r.lent = smalls.Get().(*[]byte)
		r.buf = *r.lent
	case r.w < len(r.buf):
	case r.r > 0:
		r.w = copy(r.buf, r.Buffered())
		r.r = 0
	case len(r.buf) >= limit:
		return ErrFull
	default:
		size := min(2*len(r.buf), max(limit, smallBuffer))
		if !r.shared.take(size - len(r.buf)) {
			return ErrCrowded
		}
		r.took += size - len(r.buf)
		grown := make([]byte, size)
		n := copy(grown, r.Buffered())
		r.release()
		r.buf, r.r, r.w = grown, 0, n
	}
	return nil
}

// Read implements io.Reader: first what is buffered, then the source itself.
func (r *Reader) Read(p []byte) (int, error) {
	if r.r < r.w {
		n := copy(p, r.Buffered())
		r.r += n
		return n, nil
	}
	return r.src.Read(p)
}

// bulk takes a big buffer if nothing is buffered, for a long body.
func (r *Reader) bulk() {
	if r.big == nil && r.r == r.w {
		r.giveBack()
		r.big, r.lent = buffers.Get().(*[]byte), nil
		r.buf, r.r, r.w = *r.big, 0, 0
	}
}

// Rest gives buffers back when nothing is buffered: the connection goes idle.
func (r *Reader) Rest() {
	if r.r == r.w && len(r.buf) != smallBuffer {
		r.release()
		r.giveBack()
		r.buf, r.r, r.w = nil, 0, 0
	}
}

// Release gives every buffer back when nothing is buffered. Nobody may use what
// was read before, a Head and its fields, any more.
func (r *Reader) Release() {
	if r.r != r.w {
		return
	}
	if r.lent != nil {
		smalls.Put(r.lent)
	}
	r.release()
	r.giveBack()
	r.buf, r.r, r.w = nil, 0, 0
}

// release gives a big buffer back. A small one is left to whoever still uses what
// lies in it.
func (r *Reader) release() {
	if r.big != nil {
		buffers.Put(r.big)
		r.big, r.buf = nil, nil
	}
	r.lent = nil
}
