package syslog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// MaxLine bounds a message, in bytes. A web server's line, of which a client
// fills three headers with bytes that are escaped, has about 100,000.
const MaxLine = 128 << 10

// maxCount bounds the digits of a frame's length.
const maxCount = 9

// framer cuts a stream into messages, as RFC 6587 has it: a number and a space
// before each, or a line end behind each.
type framer struct {
	r       *bufio.Reader
	tooLong uint64 // messages that were left out since it was last set to 0
}

// next returns the next message. With an error it may return what there was
// before the end.
func (f *framer) next() ([]byte, error) {
	for {
		n, digits, err := f.count()
		if err != nil {
			return nil, err
		}
		if digits == 0 {
			text, long, err := f.line()
			if long {
				f.tooLong++
			}
			if !long || err != nil {
				return text, err
			}
			continue
		}
		if _, err := f.r.Discard(digits + 1); err != nil {
			return nil, err
		}
		if n <= MaxLine {
			return f.counted(n)
		}
		f.tooLong++
		if _, err := f.r.Discard(n); err != nil {
			return nil, err
		}
	}
}

// count reads how long the next message is; no digits when that is not said. A
// line may begin with a digit: behind a count there is a space, and then the
// priority.
func (f *framer) count() (n, digits int, err error) {
	for {
		b, err := f.r.Peek(digits + 1)
		if err != nil {
			return 0, 0, ignored(err, digits)
		}
		c := b[digits]
		if c >= '0' && c <= '9' && digits < maxCount && (digits > 0 || c != '0') {
			n, digits = 10*n+int(c-'0'), digits+1
			continue
		}
		if c != ' ' || digits == 0 {
			return 0, 0, nil
		}
		b, err = f.r.Peek(digits + 2)
		if err != nil || b[digits+1] != '<' {
			return 0, 0, nil
		}
		return n, digits, nil
	}
}

// ignored is the error of looking ahead: what lies before the end is a line.
func ignored(err error, before int) error {
	if before > 0 {
		return nil
	}
	return err
}

// counted reads a message whose length is known. One that was cut off is none.
func (f *framer) counted(n int) ([]byte, error) {
	text := make([]byte, n)
	if _, err := io.ReadFull(f.r, text); err != nil {
		return nil, err
	}
	return text, nil
}

// line reads up to a line end; long says that it was too long, and is left out.
func (f *framer) line() (text []byte, long bool, err error) {
	for {
		part, err := f.r.ReadSlice('\n')
		if long = long || len(text)+len(part) > MaxLine+1; long {
			text = nil
		} else {
			text = append(text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(text, "\r\n\x00"), long, err
		}
	}
}
