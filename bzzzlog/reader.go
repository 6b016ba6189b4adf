package bzzzlog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Reader reads a log line by line.
type Reader struct {
	in     *bufio.Reader
	limits Limits
	line   []byte
	number int
}

// NewReader reads the log in r.
func NewReader(r io.Reader, l Limits) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 64<<10), limits: l.withDefaults()}
}

// LineError is a line that is no entry. The next Read goes on behind it.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap implements errors.Is.
func (e *LineError) Unwrap() error { return e.Err }

// Read returns the next entry, valid until the next call; empty lines are
// passed over. A bad line is a *LineError, after which reading can go on: an
// over-long one is ErrTooLarge, one at the end without a line end ErrTorn. At
// the end it is io.EOF.
func (r *Reader) Read() (Entry, error) {
	for {
		r.number++
		line, err := r.next()
		switch {
		case errors.Is(err, ErrTooLarge), errors.Is(err, ErrTorn):
			return Entry{}, &LineError{r.number, err}
		case err != nil:
			return Entry{}, err
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		e, err := ParseEntry(line, r.limits)
		if err != nil {
			return Entry{}, &LineError{r.number, err}
		}
		return e, nil
	}
}

// next reads one line without keeping more of it than the limit.
func (r *Reader) next() ([]byte, error) {
	r.line = r.line[:0]
	size := 0
	for {
		part, err := r.in.ReadSlice('\n')
		size += len(part)
		if size <= r.limits.MaxBytes+1 {
			r.line = append(r.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && size > 0:
			return nil, ErrTorn
		case err != nil:
			return nil, err
		case size > r.limits.MaxBytes+1:
			return nil, fmt.Errorf("%w: line of %d bytes, the limit is %d", ErrTooLarge, size, r.limits.MaxBytes)
		}
		return r.line, nil
	}
}
