package http1

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
)

// Sieve looks at a body on its way. It may hold bytes back, but neither change nor
// reorder them.
type Sieve interface {
	io.Writer
	// Close passes on what is held back.
	Close() error
	// Trailers is shown the fields behind the body, which go out when it returns
	// nil.
	Trailers(fields []byte) error
}

// Sift moves the whole body as Move does, through a sieve: what comes out of it, at
// dst, is framed anew, so that the sieve sees the body and none of its chunks. The
// errors are those of Move and of the sieve.
func (m Mover) Sift(sieve func(dst io.Writer) Sieve) error {
	s := sieve(framer{m})
	var trailers bytes.Buffer
	inner := Mover{Dst: bufio.NewWriter(s), Src: m.Src, Body: m.Body, Plain: true, tail: bufio.NewWriter(&trailers)}
	err := inner.Move()
	if err == nil {
		err = inner.Dst.Flush()
	}
	if end := s.Close(); err == nil {
		err = end
	}
	if err != nil || m.Body.Kind != Chunked {
		return err
	}
	return m.finish(s, inner.tail, &trailers)
}

// finish writes the last chunk and the trailers.
func (m Mover) finish(s Sieve, tail *bufio.Writer, trailers *bytes.Buffer) error {
	if err := tail.Flush(); err != nil {
		return err
	}
	if trailers.Len() > 0 {
		if err := s.Trailers(trailers.Bytes()); err != nil {
			return err
		}
	}
	m.frame("0")
	if !m.Plain {
		_, _ = m.Dst.Write(trailers.Bytes()) // comes back from Flush
	}
	m.frame("")
	return nil
}

// framer frames what is written to it as the body says.
type framer struct{ m Mover }

func (f framer) Write(p []byte) (int, error) {
	chunked := f.m.Body.Kind == Chunked && !f.m.Plain
	if len(p) == 0 {
		return 0, nil // an empty chunk would be the last
	}
	if chunked {
		f.m.frame(strconv.FormatInt(int64(len(p)), 16))
	}
	n, err := f.m.Dst.Write(p)
	if chunked {
		f.m.frame("")
	}
	return n, err
}

// Flush sends what was written.
func (f framer) Flush() error { return f.m.Dst.Flush() }
