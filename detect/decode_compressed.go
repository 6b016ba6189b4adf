package detect

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
)

const gzipMagic = "\x1f\x8b\x08" // RFC 1952, section 2.3.1, with the only method

// compressed says whether b begins like gzip or zlib data.
func compressed(b []byte) bool { return bytes.HasPrefix(b, []byte(gzipMagic)) || zlibHeader(b) }

// zlibHeader checks the two bytes of RFC 1950, section 2.2: deflate, a window
// of 32 KiB as all writers use, no dictionary, and the check bits.
func zlibHeader(b []byte) bool {
	return len(b) > 2 && b[0] == 0x78 && b[1]&0x20 == 0 && (int(b[0])<<8|int(b[1]))%31 == 0
}

// peelCompressed inflates gzip data anywhere in text[lo:hi], and zlib data at
// the start of a text, since its two bytes occur everywhere.
func (s *session) peelCompressed(l *layer, lo, hi int) {
	if atStart := l.parent != nil || s.view.base == 0; atStart && lo == 0 && zlibHeader(l.text) {
		s.inflate(l, 0, "zlib", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) })
	}
	for at := lo; at < hi; {
		i := bytes.Index(l.text[at:hi], []byte(gzipMagic))
		if i < 0 {
			return
		}
		at += i + max(1, s.inflate(l, at+i, "gzip", newGzip))
	}
}

func newGzip(r io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(r)
	if err == nil {
		z.Multistream(false)
	}
	return z, err
}

// inflate scans what the compressed data at l.text[at:] holds and returns its
// length, 0 if there is none. What was inflated before the budget or the data
// ended is scanned, and the rest is noted.
func (s *session) inflate(l *layer, at int, name string, open func(io.Reader) (io.Reader, error)) int {
	src := bytes.NewReader(l.text[at:])
	z, err := open(src)
	if err != nil {
		return 0
	}
	if !s.allowed(l, at, len(l.text), 0) {
		return len(gzipMagic)
	}
	var out bytes.Buffer
	_, err = out.ReadFrom(io.LimitReader(z, s.budget+1))
	end := len(l.text) - src.Len()
	switch {
	case int64(out.Len()) > s.budget:
		out.Truncate(int(s.budget))
		s.note(l, at, end, ReasonBudget)
	case err != nil && (name == "gzip" || out.Len() > 0):
		s.note(l, at, end, ReasonUndecodable)
	}
	s.spend(int64(out.Len()))
	s.descend(&layer{text: out.Bytes(), parent: l, name: name, span: func(int, int) (int, int) { return at, end }})
	return end - at
}
