package stdin

import (
	"bufio"
	"errors"
	"io"

	"go.cordon.dev/cordon/internal/leak/source"
)

// fragment is the most that is read of a line at once.
const fragment = source.PieceSize - source.PieceOverlap

// line is a line with its end, a part of one that is too long (open), or the
// end of the stream (err).
type line struct {
	text []byte
	open bool
	err  error
}

// pump reads the stream until it ends or the source is closed.
func (s *Source) pump() {
	in := bufio.NewReaderSize(s.in, 64<<10)
	for {
		l := next(in)
		if len(l.text) > 0 && !s.send(line{text: l.text, open: l.open}) {
			return
		}
		if l.err != nil {
			s.send(line{err: l.err})
			return
		}
	}
}

func (s *Source) send(l line) bool {
	select {
	case s.lines <- l:
		return true
	case <-s.closed:
		return false
	}
}

// next reads up to a line end, or as much as a fragment.
func next(in *bufio.Reader) line {
	var l line
	for {
		part, err := in.ReadSlice('\n')
		l.text = append(l.text, part...)
		switch {
		case !errors.Is(err, bufio.ErrBufferFull):
			l.err = err
			return l
		case len(l.text) >= fragment:
			l.open = true
			return l
		}
	}
}

var _ io.Closer = (*Source)(nil)
