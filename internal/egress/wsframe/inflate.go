package wsframe

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
)

// windowSize is how far back DEFLATE refers (RFC 1951, 2).
const windowSize = 32 << 10

// ErrLost is the error of messages that refer to one that could not be inflated.
var ErrLost = errors.New("it refers to a message that could not be inflated")

// Inflater inflates the messages of one end of a connection. It is for one
// goroutine. Between messages it holds a window of up to 32 KB, if there is
// takeover, and nothing else.
type Inflater struct {
	takeover bool
	window   []byte // the end of what was inflated so far
	lost     bool
}

// NewInflater makes one. With takeover, a message may refer to those before it.
func NewInflater(takeover bool) *Inflater { return &Inflater{takeover: takeover} }

// decompressors are kept for the next message of anybody: each has 40 KB.
var decompressors = sync.Pool{New: func() any { return &decompressor{fr: flate.NewReader(bytes.NewReader(nil))} }}

type decompressor struct {
	fr  io.ReadCloser
	src source
	buf [8 << 10]byte
}

// ending is what a sender left out behind a message (RFC 7692, 7.2.2), and an empty
// last block, so that the end shows.
const ending = "\x00\x00\xff\xff\x01\x00\x00\xff\xff"

// source is a message and its ending, byte by byte: what is not used shows.
type source struct {
	message []byte
	ending  string
}

func (s *source) ReadByte() (b byte, err error) {
	switch {
	case len(s.message) > 0:
		b, s.message = s.message[0], s.message[1:]
	case len(s.ending) > 0:
		b, s.ending = s.ending[0], s.ending[1:]
	default:
		return 0, io.EOF
	}
	return b, nil
}

func (s *source) Read(p []byte) (n int, err error) {
	n = copy(p, s.message)
	s.message = s.message[n:]
	more := copy(p[n:], s.ending)
	s.ending = s.ending[more:]
	if n+more == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n + more, nil
}

// over reports whether all was used, or what is left says nothing more: a sender
// may end a message with a last block and a byte of zero (RFC 7692, 7.2.3.4).
// Receivers differ on what comes behind one.
func (s *source) over() bool {
	return len(s.message) == 0 && s.ending == "" || s.ending == ending && (len(s.message) == 0 || bytes.Equal(s.message, []byte{0}))
}

// Message inflates a whole message into dst. The error is *Error when the message
// is no DEFLATE, ErrLost, or that of dst; after one, whatever refers to the message
// is lost.
func (i *Inflater) Message(dst io.Writer, message []byte) error {
	if i.lost {
		return ErrLost
	}
	d := decompressors.Get().(*decompressor)
	defer d.rest()
	d.src = source{message, ending}
	if err := d.fr.(flate.Resetter).Reset(&d.src, i.window); err != nil {
		return fmt.Errorf("beginning to inflate: %w", err)
	}
	err := i.copy(dst, d)
	i.lost = err != nil && i.takeover
	return err
}

// Lose says that a message was let pass without being inflated.
func (i *Inflater) Lose() { i.lost = i.takeover }

func (i *Inflater) copy(dst io.Writer, d *decompressor) error {
	for {
		n, err := d.fr.Read(d.buf[:])
		i.remember(d.buf[:n])
		if _, bad := dst.Write(d.buf[:n]); bad != nil {
			return bad
		}
		switch {
		case err == io.EOF && d.src.over():
			return nil
		case err == io.EOF:
			return &Error{CodeData, "a compressed message goes on behind its last block"}
		case err != nil:
			return &Error{CodeData, "a compressed message cannot be inflated"}
		}
	}
}

// remember keeps the end of what was inflated for messages that refer to it.
func (i *Inflater) remember(b []byte) {
	if !i.takeover {
		return
	}
	if over := len(i.window) + len(b) - windowSize; over > 0 {
		i.window = i.window[:copy(i.window, i.window[over:])]
	}
	i.window = append(i.window, b...)
}

// rest clears what was inflated, and keeps the tables.
func (d *decompressor) rest() {
	clear(d.buf[:])
	d.src = source{}
	decompressors.Put(d)
}
