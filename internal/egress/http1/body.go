package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	maxChunkLine = 1 << 10 // bytes of a chunk's size with its extensions
	maxTrailers  = 32
	bulkFrom     = 256 << 10 // bytes from which on Bulk is worth its start
)

// Mover moves one body from a reader to a writer, bytes as they come: it keeps
// nothing back when the reader has nothing more to give.
type Mover struct {
	Dst  *bufio.Writer
	Src  *Reader
	Body Body
	// Plain leaves out the framing of a chunked body, for a receiver that knows
	// HTTP/1.0 only; its trailers are then lost.
	Plain bool
	// Bulk, unless nil, moves n bytes of a long body past both buffers, which
	// are empty then.
	Bulk func(n int64) error

	tail *bufio.Writer // unless nil, trailers go here instead: see Sift
}

// Move moves the whole body. The error is *Error when its framing is refused,
// io.ErrUnexpectedEOF when it ends early, or that of a connection. Move does
// not flush what it wrote last.
func (m Mover) Move() error {
	defer m.Src.Rest()
	switch m.Body.Kind {
	case Sized:
		return m.sized(m.Body.Length)
	case Chunked:
		return m.chunked()
	case ToClose:
		return m.toClose()
	}
	return nil
}

func (m Mover) sized(n int64) error {
	for n > 0 {
		if len(m.Src.Buffered()) == 0 {
			if n >= bulkFrom && m.Bulk != nil {
				return m.bulk(n)
			}
			if err := m.refill(n); err != nil {
				return early(err)
			}
		}
		b := m.Src.Buffered()
		b = b[:min(n, int64(len(b)))]
		if _, err := m.Dst.Write(b); err != nil {
			return fmt.Errorf("passing a body on: %w", err)
		}
		m.Src.Discard(len(b))
		n -= int64(len(b))
	}
	return nil
}

// refill sends on what there is and waits for more, of which n bytes are wanted.
func (m Mover) refill(n int64) error {
	if err := m.Dst.Flush(); err != nil {
		return fmt.Errorf("passing a body on: %w", err)
	}
	if n > smallBuffer {
		m.Src.bulk()
	}
	return m.Src.Fill(bulkBuffer)
}

func (m Mover) bulk(n int64) error {
	if err := m.Dst.Flush(); err != nil {
		return fmt.Errorf("passing a body on: %w", err)
	}
	return early(m.Bulk(n))
}

// early says of an end that came within a body that it did.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (m Mover) toClose() error {
	for {
		b := m.Src.Buffered()
		if _, err := m.Dst.Write(b); err != nil {
			return fmt.Errorf("passing a body on: %w", err)
		}
		m.Src.Discard(len(b))
		err := m.refill(bulkBuffer)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (m Mover) chunked() error {
	for {
		size, err := m.chunkSize()
		if err != nil {
			return err
		}
		if size == 0 {
			return m.trailers()
		}
		m.frame(strconv.FormatInt(size, 16))
		if err := m.sized(size); err != nil {
			return err
		}
		if err := m.chunkEnd(); err != nil {
			return err
		}
		m.frame("")
	}
}

// frame writes a line of the framing; an error of it comes back at the next
// write.
func (m Mover) frame(line string) {
	if !m.Plain {
		_, _ = m.Dst.WriteString(line)
		_, _ = m.Dst.WriteString("\r\n")
	}
}

// chunkSize reads a line of hexadecimal digits. Extensions are for one hop
// (RFC 9112, 7.1.1): they are read over.
func (m Mover) chunkSize() (int64, error) {
	line, err := m.line()
	if err != nil {
		return 0, err
	}
	var n int64
	i := 0
	for ; i < len(line) && i < 15; i++ {
		d := hexDigit(line[i])
		if d < 0 {
			break
		}
		n = n<<4 | int64(d)
	}
	if i == 0 || i == 15 || i < len(line) && line[i] != ';' && line[i] != ' ' && line[i] != '\t' {
		return 0, bad("a chunk's size is no number of 1 to 14 hexadecimal digits")
	}
	if rest := line[i:]; !isText(rest) || len(rest) > 0 && !extension(rest) {
		return 0, bad("a chunk's extension is malformed")
	}
	return n, nil
}

// extension reports whether rest is optional white space and a semicolon.
func extension(rest []byte) bool {
	for _, c := range rest {
		if c != ' ' && c != '\t' {
			return c == ';'
		}
	}
	return false
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (m Mover) chunkEnd() error {
	for len(m.Src.Buffered()) < 2 {
		if err := m.wait(); err != nil {
			return err
		}
	}
	if b := m.Src.Buffered(); b[0] != '\r' || b[1] != '\n' {
		return bad("a chunk is longer than it says")
	}
	m.Src.Discard(2)
	return nil
}

// wait sends on what there is and reads more behind what is buffered.
func (m Mover) wait() error {
	if err := m.Dst.Flush(); err != nil {
		return fmt.Errorf("passing a body on: %w", err)
	}
	return early(m.Src.Fill(bulkBuffer))
}

// line reads one short line that ends with CRLF.
func (m Mover) line() ([]byte, error) {
	for scan := 0; ; {
		b := m.Src.Buffered()
		for ; scan < len(b); scan++ {
			if b[scan] != '\n' {
				continue
			}
			if scan == 0 || b[scan-1] != '\r' {
				return nil, bad("a chunk's line ends with a bare LF")
			}
			if scan > maxChunkLine {
				return nil, longLine()
			}
			m.Src.Discard(scan + 1)
			return b[:scan-1], nil
		}
		if len(b) > maxChunkLine {
			return nil, longLine()
		}
		if err := m.wait(); err != nil {
			return nil, err
		}
	}
}

func longLine() *Error { return bad("a chunk's line is longer than %d bytes", maxChunkLine) }

// trailers passes on the fields behind the last chunk. None of them may say
// what only a head may (RFC 9110, 6.5.1).
func (m Mover) trailers() error {
	if err := m.flushBefore(); err != nil {
		return err
	}
	block, err := m.Src.toEmptyLine(false)
	if err != nil {
		return early(err)
	}
	var h Head
	if err := h.fields(block, maxTrailers); err != nil {
		return err
	}
	for _, f := range h.Fields {
		if essential(f.Name) {
			return bad("a trailer says what only a head may")
		}
	}
	if m.tail != nil {
		writeTrailers(m.tail, h.Fields)
		return nil
	}
	m.frame("0")
	if !m.Plain {
		writeTrailers(m.Dst, h.Fields)
	}
	m.frame("")
	return nil
}

// flushBefore sends on what there is if the trailers have not come yet.
func (m Mover) flushBefore() error {
	if len(m.Src.Buffered()) >= 2 {
		return nil
	}
	if err := m.Dst.Flush(); err != nil {
		return fmt.Errorf("passing a body on: %w", err)
	}
	return nil
}
