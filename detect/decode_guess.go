package detect

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
)

// Two compressed forms say nothing of themselves: deflate without a header
// (RFC 1951) and brotli (RFC 7932). Whether data is one is seen by trying: what
// comes out first has to be text.

const (
	guessed    = 256 // bytes that have to come out as text, or all there are
	leastGuess = 40  // bytes of data that are tried
	headSize   = 512 // bytes of it that suffice for those
)

// guesser tries data. Its zero value is ready; what it needs it makes once.
type guesser struct {
	in      bytes.Reader
	deflate io.ReadCloser
	brotli  *brotli.Reader
	data    [headSize + 3]byte
	out     [guessed]byte
}

// packed returns how to read data of so many bytes that begins with b, or nil.
func (g *guesser) packed(b []byte, size int) *inflater {
	switch {
	case len(b) < leastGuess || utf8.Valid(b[:leastGuess-utf8.UTFMax]):
		return nil
	case g.deflated(b):
		return &inflater{name: "deflate", open: newFlate}
	case brotliHead(b, size) && g.brotlied(b):
		return &inflater{name: "brotli", open: func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }}
	}
	return nil
}

func (g *guesser) deflated(b []byte) bool {
	switch kind := b[0] >> 1 & 3; { // of the first block (RFC 1951, 3.2.3)
	case kind == 3: // none
		return false
	case kind == 0 && binary.LittleEndian.Uint16(b[1:]) != ^binary.LittleEndian.Uint16(b[3:]): // stored, of a length said twice
		return false
	}
	g.in.Reset(b)
	if g.deflate == nil {
		g.deflate = flate.NewReader(&g.in)
	} else if err := g.deflate.(flate.Resetter).Reset(&g.in, nil); err != nil {
		return false
	}
	return g.gives(g.deflate)
}

// brotliHead reads the first bits of a stream (RFC 7932, sections 9.1 and 9.2):
// it has to be one block, of a length that its compressed size makes likely.
// Nothing else tells brotli from noise at a price worth paying.
func brotliHead(b []byte, size int) bool {
	const fewest, most = 2, 100 // text per two bytes, and per byte, of data
	v := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32
	switch {
	case v&1 == 0: // a window of 16 bits
		v >>= 1
	case v&0xf != 1:
		v >>= 4
	case v&0x7f != 0x11:
		v >>= 7
	default: // a large window, which is an extension
		return false
	}
	if last, empty := v&1, v>>1&1; last == 0 || empty == 1 {
		return false
	}
	nibbles := v >> 2 & 3
	if nibbles == 3 { // no data
		return false
	}
	length := int(v>>4&(1<<(16+4*nibbles)-1)) + 1
	return length*fewest >= size && length <= size*most
}

func (g *guesser) brotlied(b []byte) bool {
	g.in.Reset(b)
	if g.brotli == nil {
		g.brotli = brotli.NewReader(&g.in)
	} else if err := g.brotli.Reset(&g.in); err != nil {
		return false
	}
	return g.gives(g.brotli)
}

// tarHead says whether b begins like an archive of tar (POSIX, pax): a name with zeros
// behind it, and the mode of a file in octal digits.
func tarHead(b []byte) bool {
	const mode, uid = 100, 108
	return len(b) > uid && seen(b[0]) && octal(b[mode]) && octal(b[uid-2]) && (b[uid-1] == 0 || b[uid-1] == ' ') && (b[mode-1] == 0 || seen(b[mode-1]))
}

// gives says whether text comes out of r, which read g.in, and nothing is wrong
// with it so far.
func (g *guesser) gives(r io.Reader) bool {
	n, err := io.ReadFull(r, g.out[:])
	defer clear(g.out[:n])
	g.in.Reset(nil) // keeps nothing of the input
	return (err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) && n >= leastGuess/2 && (readable(g.out[:n]) || tarHead(g.out[:n]))
}
