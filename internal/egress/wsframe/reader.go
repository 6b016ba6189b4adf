package wsframe

import (
	"bufio"
	"errors"
	"io"
)

// Reader reads the frames that one end sends. It is for one goroutine.
type Reader struct {
	Sequence
	src  *bufio.Reader
	h    Header
	left int64 // of the payload
}

// NewReader reads from src what an end sends that is held to s. Its buffer is 4 KB.
func NewReader(src io.Reader, s Sequence) *Reader {
	return &Reader{Sequence: s, src: bufio.NewReader(src)}
}

// Next reads the head of the next frame, once the payload of the one before was
// read. The error is io.EOF when the end stopped between two frames,
// io.ErrUnexpectedEOF when within one, *Error when a frame breaks a rule, or that
// of src.
func (r *Reader) Next() (Header, error) {
	for n := 2; ; n++ {
		b, err := r.src.Peek(n)
		h, size, bad := Parse(b)
		switch {
		case bad != nil:
			return h, bad
		case size > 0:
			_, _ = r.src.Discard(size) // they are there
			r.h, r.left = h, h.Length
			return h, r.Check(h)
		case errors.Is(err, io.EOF) && len(b) > 0:
			return h, io.ErrUnexpectedEOF
		case err != nil:
			return h, err
		}
	}
}

// Read reads the payload of the frame whose head Next returned, without its mask.
// Its error is io.EOF at the end of the payload.
func (r *Reader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	if r.h.Masked {
		Mask(r.h.Key, r.h.Length-r.left, p[:n])
	}
	r.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Left is how much of the payload was not read yet.
func (r *Reader) Left() int64 { return r.left }

// Drain throws away what comes behind a Close, until src ends: a receiver may
// (RFC 6455, 1.4).
func (r *Reader) Drain() error {
	_, err := r.src.WriteTo(io.Discard)
	return err
}
