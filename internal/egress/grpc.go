package egress

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"go.cordon.dev/cordon/internal/egress/dlp"
)

// grpcPrefix is what stands before each message of gRPC: whether it is compressed, and
// its length as four bytes, the highest first. In gRPC-Web the highest bit of the first
// byte marks trailers.
const grpcPrefix = 5

// messages passes the body of a call on message by message, each once it was looked at
// whole; what is longer than an inspector holds is for the judge to say.
type messages struct {
	call     *dlp.Message // whose messages they are
	dst      io.Writer
	encoding string // of compressed ones
	judge    func(dlp.Verdict) bool

	prefix [grpcPrefix]byte
	have   int // bytes of prefix
	left   int64
	now    *dlp.Stream // the message that is being read; nil: none is
	out    *prefixed   // where it goes
	seam   []byte      // its prefix and what follows, until that was looked at; nil: it was
	rest   *dlp.Stream // what has stopped to look like messages
}

func newMessages(call *dlp.Message, dst io.Writer, encoding string, judge func(dlp.Verdict) bool) *messages {
	return &messages{call: call, dst: dst, encoding: encoding, judge: judge}
}

// Write takes a piece of the body, cut anywhere.
func (m *messages) Write(p []byte) (int, error) {
	for taken := 0; taken < len(p); {
		n, err := m.take(p[taken:])
		if err != nil {
			return taken, err
		}
		taken += n
	}
	return len(p), nil
}

// take takes some bytes: of a prefix, of the message behind it, or of what is none.
func (m *messages) take(p []byte) (n int, err error) {
	switch {
	case m.rest != nil:
		return m.rest.Write(p)
	case m.now == nil:
		n = copy(m.prefix[m.have:], p)
		if m.have += n; m.have == grpcPrefix {
			err = m.begin()
		}
		return n, err
	}
	n = int(min(int64(len(p)), m.left))
	if err := m.join(p[:n]); err != nil {
		return 0, err
	}
	if _, err := m.now.Write(p[:n]); err != nil {
		return 0, err
	}
	if m.left -= int64(n); m.left == 0 {
		err = m.end()
	}
	return n, err
}

// begin reads a prefix. What is none is looked at as a body like any other.
func (m *messages) begin() error {
	m.have = 0
	flags := m.prefix[0]
	if flags&^0x80 > 1 {
		m.rest = m.call.Next().Stream(m.dst, dlp.Body{Judge: m.judge})
		_, err := m.rest.Write(m.prefix[:])
		return err
	}
	if flags&1 == 1 && !m.readable() && !m.judge(dlp.Verdict{Unseen: "a message is compressed in a way that cannot be looked into"}) {
		return dlp.ErrRefused
	}
	m.left = int64(binary.BigEndian.Uint32(m.prefix[1:]))
	m.seam = append([]byte(nil), m.prefix[:]...)
	m.out = &prefixed{dst: m.dst, prefix: m.prefix[:]}
	m.now = m.call.Next().Stream(m.out, dlp.Body{Where: "message", Encoded: true, Codings: m.codings(flags), Judge: m.judge})
	if m.left == 0 {
		return m.end()
	}
	return nil
}

func (m *messages) readable() bool {
	switch m.encoding {
	case "gzip", "deflate", "zstd", "identity":
		return true
	}
	return false
}

// codings are what was done to a message with such flags.
func (m *messages) codings(flags byte) []string {
	if flags&1 == 0 || m.encoding == "identity" || !m.readable() {
		return nil
	}
	return []string{m.encoding}
}

// join looks at a prefix and the first bytes behind it as one text: who says that a
// body is of gRPC could begin a secret in what stands there for a length.
func (m *messages) join(p []byte) error {
	if m.seam == nil {
		return nil
	}
	m.seam = append(m.seam, p[:min(len(p), trailSize-len(m.seam))]...)
	if len(m.seam) < trailSize {
		return nil
	}
	return m.lookAtSeam()
}

// lookAtSeam judges what join put together. What is refused is thrown away.
func (m *messages) lookAtSeam() error {
	v := m.call.Alone("message", bytes.TrimLeft(m.seam, "\x00"))
	m.seam = nil
	if v.Clean() || m.judge(v) {
		return nil
	}
	m.out.dst = io.Discard
	_ = m.now.Close() // for what it holds; the refusal is the error
	m.now = nil
	return dlp.ErrRefused
}

// end passes a message on.
func (m *messages) end() error {
	if m.seam != nil {
		if err := m.lookAtSeam(); err != nil {
			return err
		}
	}
	s := m.now
	m.now = nil
	if err := s.Close(); err != nil {
		return err
	}
	return m.out.Flush()
}

// Close passes on what is left, of a body that may have been cut short.
func (m *messages) Close() error {
	switch {
	case m.rest != nil:
		return m.rest.Close()
	case m.now != nil:
		return m.end()
	case m.have > 0:
		if _, err := m.dst.Write(m.prefix[:m.have]); err != nil {
			return fmt.Errorf("passing a body on: %w", err)
		}
	}
	return nil
}

// prefixed writes a prefix before the first byte.
type prefixed struct {
	dst    io.Writer
	prefix []byte // nil once it was written
}

func (w *prefixed) Write(p []byte) (int, error) {
	if w.prefix != nil {
		if _, err := w.dst.Write(w.prefix); err != nil {
			return 0, err
		}
		w.prefix = nil
	}
	if len(p) == 0 {
		return 0, nil
	}
	return w.dst.Write(p)
}

// Flush sends what was written, and the prefix of a message without a byte.
func (w *prefixed) Flush() error {
	if w.prefix != nil {
		if _, err := w.Write(nil); err != nil {
			return fmt.Errorf("passing a body on: %w", err)
		}
	}
	if f, ok := w.dst.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}
