package detect

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ScanReader is Scan for a stream of any size, a single endless line included,
// in a little over 1 MiB of memory. It finds what Scan would find in the same
// bytes. ctx is looked at between reads; an error of r or ctx is returned with
// the report of what was scanned until then, in which the end is noted as not
// scanned.
func (s *Scanner) ScanReader(ctx context.Context, r io.Reader, emit func(Finding) bool) (Report, error) {
	w := s.newWalk(emit)
	defer s.done(w)
	in := &segments{ctx: ctx, r: r, buf: w.sess.buf[:0]}
	defer func() { w.sess.buf = in.forget() }()
	for {
		v, err := in.next()
		w.segment(v)
		if err != nil {
			w.report.note(NotScanned{Start: w.report.Bytes, End: w.report.Bytes, Reason: ReasonReadError})
			return w.report, fmt.Errorf("reading input: %w", err)
		}
		if v.last || w.stopped {
			return w.finish(w.report.Bytes), nil
		}
	}
}

// segments cuts a stream into the views that Scan would take of the whole.
type segments struct {
	ctx  context.Context
	r    io.Reader
	buf  []byte
	base int64 // offset of buf[0]
	lo   int   // start of the next segment in buf
	eof  bool
	used int // bytes of buf that hold something of the stream
}

// firstRead is how much is made room for before it is known that there is more.
const firstRead = 64 << 10

// next returns the next view; after an error it is the last.
func (g *segments) next() (view, error) {
	g.shift()
	err := g.fill(g.lo + segmentSize + margin)
	hi := min(len(g.buf), g.lo+segmentSize)
	v := view{text: g.buf, base: g.base, lo: g.lo, hi: hi, last: err != nil || g.eof && hi == len(g.buf)}
	g.lo = hi
	return v, err
}

// shift drops what lies more than a margin before the next segment.
func (g *segments) shift() {
	if drop := g.lo - margin; drop > 0 {
		n := copy(g.buf, g.buf[drop:])
		g.buf = g.buf[:n]
		g.base += int64(drop)
		g.lo = margin
	}
}

// fill reads until buf holds size bytes or the stream ends.
func (g *segments) fill(size int) error {
	for idle := 0; len(g.buf) < size && !g.eof; {
		if err := g.ctx.Err(); err != nil {
			return err
		}
		g.grow(size)
		n, err := g.r.Read(g.buf[len(g.buf):min(size, cap(g.buf))])
		g.buf = g.buf[:len(g.buf)+n]
		g.used = max(g.used, len(g.buf))
		switch {
		case errors.Is(err, io.EOF):
			g.eof = true
		case err != nil:
			return err
		case n > 0:
			idle = 0
		case idle >= 100:
			return io.ErrNoProgress
		default:
			idle++
		}
	}
	return nil
}

// grow makes room for more, twice as much each time, up to size bytes.
func (g *segments) grow(size int) {
	if len(g.buf) < cap(g.buf) {
		return
	}
	larger := make([]byte, len(g.buf), max(firstRead, min(2*cap(g.buf), max(size, segmentSize+2*margin))))
	copy(larger, g.buf)
	g.forget()
	g.buf, g.used = larger, len(larger)
}

// forget wipes what was read and returns the buffer.
func (g *segments) forget() []byte {
	clear(g.buf[:g.used])
	return g.buf[:0]
}
