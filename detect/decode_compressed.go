package detect

import (
	"bytes"
	"compress/bzip2"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// inflater is a compressed form that is known by its first bytes.
type inflater struct {
	name, magic string
	// size is how many bytes of b, which begins with the magic, are read, and
	// whether it is that form at all.
	size func(b []byte) (int, bool)
	open func(r io.Reader) (io.Reader, error)
}

const (
	gzipMagic = "\x1f\x8b\x08"     // RFC 1952, section 2.3.1, with the only method
	zstdMagic = "\x28\xb5\x2f\xfd" // RFC 8878, section 3.1.1
	zipMagic  = "PK\x03\x04"       // PKWARE's APPNOTE.TXT, section 4.3.7
)

var inflaters = []inflater{
	{"gzip", gzipMagic, wholeRest, newGzip},
	{"zstd", zstdMagic, zstdFrame, newZstd},
	{"zip", zipMagic, wholeRest, nil}, // its entries are read one by one: decode_zip.go
	{"bzip2", "BZh", wholeRest, func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
}

func wholeRest(b []byte) (int, bool) { return len(b), true }

// zlibHeader checks the two bytes of RFC 1950, section 2.2: deflate, a window
// of 32 KiB as all writers use, no dictionary, and the check bits.
func zlibHeader(b []byte) bool {
	return len(b) > 2 && b[0] == 0x78 && b[1]&0x20 == 0 && (int(b[0])<<8|int(b[1]))%31 == 0
}

// newGzip reads one member. Of a head that Go's library does not take, for its length or
// its checksum, it reads past, as others do who are sent such a member.
func newGzip(r io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(r)
	if err == nil {
		z.Multistream(false)
		return z, nil
	}
	src, ok := r.(*bytes.Reader)
	if !ok || !errors.Is(err, gzip.ErrHeader) {
		return nil, err
	}
	src.Seek(0, io.SeekStart) //nolint:errcheck // to the start there is always a way
	if !pastGzipHead(src) || !inflates(src) {
		return nil, err
	}
	return flate.NewReader(src), nil
}

// inflates reports whether what follows is deflate for as long as a guess takes: behind
// a mark that only looks like one of gzip it is not. Nothing is taken of it.
func inflates(r *bytes.Reader) bool {
	left := r.Len()
	out, err := io.ReadAll(io.LimitReader(flate.NewReader(r), guessed))
	clear(out)
	r.Seek(int64(r.Len()-left), io.SeekCurrent) //nolint:errcheck // back there is always a way
	return err == nil && len(out) >= leastInflated
}

// leastInflated is how many bytes come out of what inflates: noise does for a few.
const leastInflated = 16

// The flags of a member's head (RFC 1952, 2.3.1).
const (
	gzipHeadSum  = 1 << 1
	gzipExtra    = 1 << 2
	gzipName     = 1 << 3
	gzipComment  = 1 << 4
	gzipReserved = 0xe0
)

// pastGzipHead reads a member's head, and reports whether it is whole.
func pastGzipHead(r *bytes.Reader) bool {
	var head [10]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || head[3]&gzipReserved != 0 {
		return false
	}
	flags := head[3]
	if flags&gzipExtra != 0 {
		var size [2]byte
		if _, err := io.ReadFull(r, size[:]); err != nil || !skip(r, int(binary.LittleEndian.Uint16(size[:]))) {
			return false
		}
	}
	for _, text := range [...]byte{gzipName, gzipComment} {
		if flags&text != 0 && !pastNUL(r) {
			return false
		}
	}
	return flags&gzipHeadSum == 0 || skip(r, 2)
}

func skip(r *bytes.Reader, n int) bool {
	whole := r.Len() >= n
	r.Seek(int64(n), io.SeekCurrent) //nolint:errcheck // forwards there is always a way
	return whole
}

func pastNUL(r *bytes.Reader) bool {
	for {
		switch b, err := r.ReadByte(); {
		case err != nil:
			return false
		case b == 0:
			return true
		}
	}
}

func newZlib(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }

func newFlate(r io.Reader) (io.Reader, error) { return flate.NewReader(r), nil }

// maxWindow bounds the memory of a zstd frame; RFC 8878, section 3.1.1.1.2, asks
// decoders to take this much.
const maxWindow = 8 << 20

func newZstd(r io.Reader) (io.Reader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// zstdFrame measures a frame by its headers: RFC 8878, section 3.1.1. Of one
// that is cut off it gives what there is.
func zstdFrame(b []byte) (int, bool) {
	if len(b) < 6 {
		return 0, false
	}
	flags := b[4]
	if flags&8 != 0 { // reserved
		return 0, false
	}
	single := flags>>5&1 == 1
	at := 5 + [4]int{0, 1, 2, 4}[flags&3] + [4]int{0, 2, 4, 8}[flags>>6]
	if !single || flags>>6 == 0 { // a window's size, or a size of one byte
		at++
	}
	for last := false; !last; {
		if at+3 > len(b) {
			return len(b), true
		}
		head := int(b[at]) | int(b[at+1])<<8 | int(b[at+2])<<16
		size := head >> 3
		switch head >> 1 & 3 {
		case 1: // one byte, repeated
			size = 1
		case 3:
			return 0, false
		}
		last = head&1 == 1
		at += 3 + size
	}
	if flags&4 != 0 { // a checksum
		at += 4
	}
	return min(at, len(b)), true
}

// start looks at what can only be told at the start of a text: zlib data, whose
// two bytes occur everywhere, and forms with no mark of their own.
func (w *sweep) start() {
	if zlibHeader(w.text) {
		w.pass(w.unpack(0, 0, len(w.reach()), "zlib", newZlib))
		return
	}
	if !w.l.inPlace && !w.uu(0) {
		w.bare85()
	}
	if w.l.inPlace || packedMagic(w.text) || readable(w.text[:min(len(w.text), sampleSize)]) {
		return
	}
	if p := w.s.guess.packed(w.text, len(w.reach())); p != nil {
		w.pass(w.unpack(0, 0, len(w.reach()), p.name, p.open))
	}
}

// packed looks for compressed data whose mark is at i.
func (w *sweep) packed(i int) {
	switch w.text[i] {
	case '!':
		w.section(i - 1)
	case '\x1f':
		w.unpackAt(i, &inflaters[0])
	case '\x28':
		w.unpackAt(i, &inflaters[1])
	case '\x03':
		w.zip(i - 2)
	}
}

// section shows the text of a CDATA section as it stands between its tags.
func (w *sweep) section(i int) {
	if i >= 0 && i >= w.done[sectionMark] && bytes.HasPrefix(w.text[i:], []byte(cdataOpen)) {
		w.markedStretch(i, &cdata)
	}
}

// bzip2 looks for data whose first block's mark, the digits of pi, holds the & at i.
func (w *sweep) bzip2(i int) {
	if i >= 7 && bytes.HasPrefix(w.text[i:], []byte("&SY")) && bytes.Equal(w.text[i-2:i], []byte("AY")) {
		w.unpackAt(i-7, &inflaters[3])
	}
}

// unpackAt scans what the data at i holds if it is a inflater's.
func (w *sweep) unpackAt(i int, p *inflater) {
	if i < w.lo || i >= w.hi || i < w.done[packedMark] || !bytes.HasPrefix(w.text[i:], []byte(p.magic)) {
		return
	}
	if size, ok := p.size(w.reach()[i:]); ok {
		w.pass(w.unpack(i, i, i+size, p.name, p.open))
	}
}

// pass leaves out the marks before end, where compressed data was.
func (w *sweep) pass(end int) {
	for k := range w.done {
		w.done[k] = max(w.done[k], end)
	}
}

// unpack scans what the compressed data in text[data:limit] holds and returns
// where it ended, or 0 if it is none; what it belongs to begins at from. What
// came out before the budget or the data ended is scanned, and the rest is noted.
func (w *sweep) unpack(from, data, limit int, name string, open func(io.Reader) (io.Reader, error)) int {
	src := bytes.NewReader(w.reach()[data:limit])
	z, err := open(src)
	if err != nil {
		return 0
	}
	if c, ok := z.(io.Closer); ok {
		defer c.Close()
	}
	w.lend(limit)
	if !w.s.allowed(w.l, from, limit, 0) {
		return from + 1
	}
	child := w.s.layers.take()
	out := bytes.NewBuffer(child.text)
	_, err = out.ReadFrom(io.LimitReader(z, w.s.budget+1))
	end := limit - src.Len()
	switch {
	case int64(out.Len()) > w.s.budget:
		out.Truncate(int(w.s.budget))
		w.s.note(w.l, from, end, ReasonBudget)
	case torn(name, err) && out.Len() >= leastRead(name):
		w.s.note(w.l, from, end, ReasonUndecodable)
	}
	w.s.spend(int64(out.Len()))
	child.text = out.Bytes()
	w.s.descend(child, w.l, name, &piece{from, end})
	return end
}

// span is the origin of what was decoded as a whole.
func (p *piece) span(int, int) (from, to int) { return p.from, p.to }

// torn reports whether an error is one of compressed data. Of what has no mark, and
// was only guessed to be some, an end that comes early may be: text had come out of
// it. Anything else says that the guess was wrong, as it is of one digest in fifty.
func torn(name string, err error) bool {
	if name == "deflate" || name == "brotli" {
		return errors.Is(err, io.ErrUnexpectedEOF)
	}
	return err != nil
}

// leastRead is how much has to come out of corrupt data for it to be taken for
// what its mark says at all.
func leastRead(name string) int {
	switch name {
	case "zlib":
		return 1
	case "deflate", "brotli":
		return guessed
	}
	return 0
}

// zip scans the entry of a ZIP archive whose header begins at i. Entries that
// are stored as they are were seen with the text around them.
func (w *sweep) zip(i int) {
	const header = 30
	if i < w.lo || i >= w.hi || i < w.done[packedMark] || i+header > len(w.text) || !bytes.HasPrefix(w.text[i:], []byte(zipMagic)) {
		return
	}
	w.listed(i)
	h := w.text[i:]
	flags, method := binary.LittleEndian.Uint16(h[6:]), binary.LittleEndian.Uint16(h[8:])
	size := int(binary.LittleEndian.Uint32(h[18:]))
	data := i + header + int(binary.LittleEndian.Uint16(h[26:])) + int(binary.LittleEndian.Uint16(h[28:]))
	const encrypted, deferred = 1, 8
	switch {
	case data > len(w.text):
		return
	case method == 0 && flags&encrypted == 0:
		return
	case flags&encrypted != 0 || method != 8:
		w.s.note(w.l, i, min(len(w.reach()), data+size), ReasonUnreadable)
		return
	}
	limit := len(w.reach())
	if flags&deferred == 0 { // the size is known
		limit = min(limit, data+size)
	}
	w.pass(w.unpack(i, data, limit, "zip", newFlate))
}
