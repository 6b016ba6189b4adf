package file

import (
	"bufio"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"go.cordon.dev/cordon/internal/leak/source"
)

// maxUnpacked bounds what is read of one compressed file, in bytes: a small
// file can unpack to any size.
const maxUnpacked = 64 << 30

// kept is how much an archive remembers before the place last asked for.
const kept = source.PieceOverlap + endSize

var (
	errTorn   = errors.New("it ends early: it is being written, or its writing was cut off")
	errTooBig = fmt.Errorf("it unpacks to more than %d bytes", int64(maxUnpacked))
)

// archive reads a compressed file as if it were a plain one, forwards: what
// lies more than kept before the last place asked for is gone.
type archive struct {
	file *diskFile
	pack packing
	in   io.Reader
	buf  []byte // what was unpacked, from base on
	base int64
	err  error // why there is no more: io.EOF at the end
	most int64
}

func newArchive(f *diskFile, pack packing) *archive {
	a := &archive{file: f, pack: pack, most: maxUnpacked}
	a.begin()
	return a
}

func (a *archive) begin() {
	raw := bufio.NewReaderSize(a.file, 64<<10)
	if a.pack == bzipped {
		a.in = bzip2.NewReader(raw)
		return
	}
	unzip, err := gzip.NewReader(raw)
	if err != nil {
		a.err = torn(err)
		return
	}
	a.in = unzip
}

// rewind goes back to the beginning.
func (a *archive) rewind() {
	a.in, a.buf, a.base, a.err = nil, a.buf[:0], 0, a.file.rewind()
	if a.err == nil {
		a.begin()
	}
}

func torn(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errTorn
	}
	return err
}

// ReadAt implements io.ReaderAt for places that do not go back further than
// kept. At the end it returns io.EOF, or what is wrong there.
func (a *archive) ReadAt(p []byte, at int64) (int, error) {
	if at < a.base {
		return 0, errors.New("reading a compressed file backwards")
	}
	a.unpackTo(at, at+int64(len(p)))
	n := 0
	if have := a.base + int64(len(a.buf)); at < have {
		n = copy(p, a.buf[at-a.base:])
	}
	if n < len(p) {
		return n, a.err
	}
	return n, nil
}

// unpackTo unpacks up to a place and forgets what lies far before from.
func (a *archive) unpackTo(from, to int64) {
	piece := make([]byte, 64<<10)
	for a.err == nil && a.base+int64(len(a.buf)) < to {
		if drop := min(from, a.base+int64(len(a.buf))) - kept - a.base; drop > source.PieceSize {
			a.buf = append(a.buf[:0], a.buf[drop:]...)
			a.base += drop
		}
		n, err := a.in.Read(piece)
		a.buf = append(a.buf, piece[:n]...)
		switch {
		case err == nil && a.base+int64(len(a.buf)) > a.most:
			a.err = errTooBig
		case errors.Is(err, io.EOF):
			a.err = io.EOF
		case err != nil:
			a.err = torn(err)
		}
	}
}
