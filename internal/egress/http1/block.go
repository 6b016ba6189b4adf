package http1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// block reads up to and with the empty line that ends a head, and marks it as
// used. Lines of requests end with CRLF; when lenient, a bare LF does too.
func (r *Reader) block(lenient bool) ([]byte, error) {
	if err := r.skipEmptyLine(); err != nil {
		return nil, err
	}
	return r.toEmptyLine(lenient)
}

func (r *Reader) toEmptyLine(lenient bool) ([]byte, error) {
	for scan, line := 0, 0; ; {
		var end int
		var err error
		if end, scan, line, err = findEnd(r.Buffered(), scan, line, lenient); err != nil {
			return nil, err
		}
		if end > 0 {
			b := r.Buffered()[:end]
			r.Discard(end)
			return b, nil
		}
		if err := r.more(); err != nil {
			return nil, err
		}
	}
}

// more reads on within a head.
func (r *Reader) more() error {
	if r.w-r.r >= MaxHead {
		return tooLarge()
	}
	err := r.Fill(MaxHead)
	switch {
	case errors.Is(err, ErrFull):
		return tooLarge()
	case errors.Is(err, ErrCrowded):
		return &Error{Status: http.StatusServiceUnavailable, Problem: "too many long heads come at a time; try again"}
	case errors.Is(err, io.EOF) && r.w > r.r:
		return fmt.Errorf("reading a head: %w", io.ErrUnexpectedEOF)
	}
	return err
}

func tooLarge() *Error {
	return &Error{http.StatusRequestHeaderFieldsTooLarge, fmt.Sprintf("the head is longer than %d bytes", MaxHead)}
}

// skipEmptyLine passes over one CRLF, which some clients send after a body
// (RFC 9112, 2.2).
func (r *Reader) skipEmptyLine() error {
	for r.w-r.r < 2 {
		if err := r.more(); err != nil {
			return err
		}
	}
	if b := r.Buffered(); b[0] == '\r' && b[1] == '\n' {
		r.Discard(2)
	}
	return nil
}

// findEnd looks for the empty line from scan on; line is where the current line
// began. It returns the length of the head, or 0 with where to go on.
func findEnd(b []byte, scan, line int, lenient bool) (end, nextScan, nextLine int, err error) {
	for {
		i := bytes.IndexByte(b[scan:], '\n')
		if i < 0 {
			return 0, len(b), line, nil
		}
		at := scan + i
		text := at
		if at > line && b[at-1] == '\r' {
			text--
		} else if !lenient {
			return 0, 0, 0, bad("a line ends with a bare LF")
		}
		if text == line {
			return at + 1, 0, 0, nil
		}
		scan, line = at+1, at+1
	}
}

// cutLine takes the first line, without its end. A bare CR within it is found
// by those who check its characters.
func cutLine(block []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(block, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}

// isToken reports whether b is a token (RFC 9110, 5.6.2).
func isToken(b []byte) bool {
	for _, c := range b {
		if !tokenChars[c] {
			return false
		}
	}
	return len(b) > 0
}

// tokenChars has true for the characters of a token.
var tokenChars = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		t[c] = true
	}
	return t
}()

// isText reports whether b has only what a field's value may have: tabs,
// spaces, what is visible, and bytes of other alphabets (RFC 9110, 5.5).
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
