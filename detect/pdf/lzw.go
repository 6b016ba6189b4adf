package pdf

import (
	"bufio"
	"errors"
	"io"
)

var errLZW = errors.New("its LZW data is corrupt")

// lzw decodes the LZW of PDF (7.4.4), which is that of TIFF: codes of 9 to 12
// bits, the highest bit first. The library's compress/lzw reads another one: it
// makes codes longer at another point.
type lzw struct {
	r      *bufio.Reader
	early  bool // codes grow one code earlier than they must
	begun  bool
	bits   uint32
	have   uint
	width  uint
	next   int // the next code that is made
	last   int // the code before, -1 after a clear
	prefix [4096]uint16
	suffix [4096]byte
	buf    [4096]byte
	left   []byte
	err    error
}

const (
	lzwClear = 256
	lzwEnd   = 257
)

func (z *lzw) Read(p []byte) (int, error) {
	if !z.begun {
		z.begun = true
		z.clear()
	}
	for len(z.left) == 0 && z.err == nil {
		z.err = z.step()
	}
	n := copy(p, z.left)
	z.left = z.left[n:]
	if n == 0 && len(p) > 0 {
		return 0, z.err
	}
	return n, nil
}

func (z *lzw) clear() { z.width, z.next, z.last = 9, lzwEnd+1, -1 }

// step reads one code.
func (z *lzw) step() error {
	for z.have < z.width {
		c, err := z.r.ReadByte()
		if err != nil {
			return io.EOF // many programs leave out the end code
		}
		z.bits, z.have = z.bits<<8|uint32(c), z.have+8
	}
	z.have -= z.width
	code := int(z.bits >> z.have & (1<<z.width - 1))
	switch {
	case code == lzwClear:
		z.clear()
		return nil
	case code == lzwEnd:
		return io.EOF
	case code > z.next || code == z.next && z.last < 0:
		return errLZW
	}
	z.emit(code)
	return nil
}

// emit puts out what a code stands for, and makes the next code.
func (z *lzw) emit(code int) {
	at, c := len(z.buf), code
	if code == z.next { // the code that is being made: the last, and its first byte again
		at--
		c = z.last
	}
	for c > lzwEnd && at > 1 {
		at--
		z.buf[at] = z.suffix[c]
		c = int(z.prefix[c])
	}
	at--
	z.buf[at] = byte(c)
	if code == z.next {
		z.buf[len(z.buf)-1] = byte(c)
	}
	z.left = z.buf[at:]
	if z.last >= 0 && z.next < 4096 {
		z.prefix[z.next], z.suffix[z.next] = uint16(z.last), byte(c)
		z.next++
	}
	z.last = code
	z.grow()
}

func (z *lzw) grow() {
	at := z.next
	if z.early {
		at++
	}
	for z.width < 12 && at >= 1<<z.width {
		z.width++
	}
}
