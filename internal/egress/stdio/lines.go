package stdio

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// MostLine is the longest line that is held and judged, in bytes, without its end.
const MostLine = 8 << 20

// lines reads lines that are held whole.
type lines struct {
	r    *bufio.Reader
	held []byte
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// keptLine is how much of a buffer is kept for the next line.
const keptLine = 1 << 20

// next returns a line without its end, which holds until the next call. whole is
// false when it is longer than MostLine: rest then has what follows. What stands
// before the end of the input is a line, too; after it comes io.EOF.
func (l *lines) next() (line []byte, whole bool, err error) {
	if cap(l.held) > keptLine {
		l.held = nil
	}
	l.held = l.held[:0]
	for {
		piece, err := l.r.ReadSlice('\n')
		l.held = append(l.held, piece...)
		ended := len(piece) > 0 && piece[len(piece)-1] == '\n'
		switch {
		case len(bytes.TrimSuffix(l.held, lineEnd)) > MostLine:
			return l.held, false, nil
		case ended:
			return l.held[:len(l.held)-1], true, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.held) > 0:
			return l.held, true, nil
		case err != nil:
			return nil, false, err
		}
	}
}

var lineEnd = []byte("\n")

// rest hands what follows of a line that is too long to each, up to its end and with
// that. The start of the line is what next returned.
func (l *lines) rest(start []byte, each func([]byte) error) error {
	for piece := start; ; {
		if err := each(piece); err != nil {
			return err
		}
		if len(piece) > 0 && piece[len(piece)-1] == '\n' {
			return nil
		}
		next, err := l.r.ReadSlice('\n')
		if len(next) == 0 && err != nil {
			return err
		}
		piece = next
	}
}
