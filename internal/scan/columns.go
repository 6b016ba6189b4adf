package scan

import (
	"bytes"
	"encoding/binary"
	"io"

	"go.cordon.dev/cordon/detect"
)

// Region is where a finding stands as editors count: columns from 1, in UTF-16
// code units, the last one behind the end.
type Region struct {
	StartColumn, EndLine, EndColumn int
}

const (
	// columnWindow is how much of a stream is kept to count columns in. The
	// scanner tells a finding before it has read that much further.
	columnWindow = 3 << 19
	columnBuffer = 2 * columnWindow
)

// columns counts columns in the bytes that were read last.
type columns struct {
	buf  []byte
	base int64 // offset of buf[0] in the input
	at   int   // the place in buf whose column is known
	unit int   // code units of its line before at
	used int   // bytes of buf that hold something of the input
}

// place is where a finding stands. Findings come in the order of their places, so
// that a line of any length is counted once.
func (c *columns) place(f detect.Finding) Region {
	from, to := int(f.Start-c.base), int(f.End-c.base)
	if from < 0 || to > len(c.buf) || from > to {
		return Region{f.Column, f.Line, f.Column + int(f.End-f.Start)}
	}
	start := c.column(from)
	text := c.buf[from:to]
	last := bytes.LastIndexByte(text, '\n')
	if last < 0 {
		return Region{start, f.Line, start + units(text)}
	}
	return Region{start, f.Line + bytes.Count(text, []byte{'\n'}), units(text[last+1:]) + 1}
}

func (c *columns) column(at int) int {
	if at < c.at { // findings may overlap
		if i := bytes.LastIndexByte(c.buf[:at], '\n'); i >= 0 {
			return units(c.buf[i+1:at]) + 1
		}
		return c.unit - units(c.buf[at:c.at]) + 1
	}
	c.advance(at)
	return c.unit + 1
}

// advance moves the place whose column is known.
func (c *columns) advance(at int) {
	between := c.buf[c.at:at]
	if i := bytes.LastIndexByte(between, '\n'); i >= 0 {
		between, c.unit = between[i+1:], 0
	}
	c.unit += units(between)
	c.at = at
}

// units counts the UTF-16 code units of UTF-8 by its first bytes. Of what is no
// UTF-8, bytes that look like the middle of a character count nothing.
func units(b []byte) (n int) {
	const beyondASCII = 0x8080808080808080
	for len(b) > 0 {
		if len(b) >= 8 && binary.LittleEndian.Uint64(b)&beyondASCII == 0 {
			n, b = n+8, b[8:]
			continue
		}
		switch c := b[0]; {
		case c >= 0xf0:
			n += 2
		case c&0xc0 != 0x80:
			n++
		}
		b = b[1:]
	}
	return n
}

// through keeps what is read of r.
func (c *columns) through(r io.Reader) io.Reader { return &kept{r, c} }

type kept struct {
	r    io.Reader
	into *columns
}

func (k *kept) Read(p []byte) (int, error) {
	n, err := k.r.Read(p[:min(len(p), columnWindow)])
	k.into.add(p[:n])
	return n, err
}

// add takes more of the stream, and lets go of what is far behind.
func (c *columns) add(b []byte) {
	if len(c.buf)+len(b) > columnBuffer {
		drop := len(c.buf) - columnWindow
		c.advance(max(c.at, drop))
		n := copy(c.buf, c.buf[drop:])
		c.buf, c.base, c.at = c.buf[:n], c.base+int64(drop), c.at-drop
	}
	c.buf = append(c.buf, b...)
	c.used = max(c.used, len(c.buf))
}

// forget wipes what was kept.
func (c *columns) forget() {
	clear(c.buf[:c.used])
	*c = columns{buf: c.buf[:0]}
}
