package http

import "math"

// maxBody is client_max_body_size, and how much of a body is kept.
const maxBody = 1 << 20

// body takes a request's body apart as it comes: a number of bytes, or chunks.
// It keeps the first maxBody bytes of what it carries.
type body struct {
	chunks bool
	left   int64 // of the body, or of the chunk
	done   bool
	bad    bool // it is not what chunks look like
	step   chunkStep
	kept   []byte
	size   int64 // of what it carried so far
}

// chunkStep takes a byte of what surrounds the data of chunks. It returns what
// takes the next one, nil for a byte that may not stand there.
type chunkStep func(*body, byte) chunkStep

// expect begins a body.
func (b *body) expect(length int64, chunked bool) {
	b.chunks, b.left, b.done = chunked, max(length, 0), length <= 0 && !chunked
	b.step = sizeStart
}

// feed takes what came and returns how much of it belongs to the body.
func (b *body) feed(p []byte) (used int) {
	for used < len(p) && !b.done && !b.bad {
		if b.chunks && b.step != nil {
			b.step = b.step(b, p[used])
			used++
			continue
		}
		n := int(min(int64(len(p)-used), b.left))
		b.keep(p[used : used+n])
		used += n
		if b.left -= int64(n); b.left == 0 {
			b.done, b.step = !b.chunks, dataEnd
		}
	}
	return used
}

func (b *body) keep(p []byte) {
	b.size += int64(len(p))
	b.kept = append(b.kept, p[:min(len(p), maxBody-len(b.kept))]...)
}

// refuse ends a body that is none.
func (b *body) refuse() chunkStep {
	b.bad = true
	return nil
}

// data begins a chunk's, or what follows the last chunk.
func (b *body) data() chunkStep {
	if b.left == 0 {
		return trailer
	}
	return nil
}

func sizeStart(b *body, c byte) chunkStep {
	if b.left = 0; hexValue(c) < 0 {
		return b.refuse()
	}
	return inSize(b, c)
}

func inSize(b *body, c byte) chunkStep {
	if b.left > math.MaxInt64>>4 {
		return b.refuse()
	}
	if v := hexValue(c); v >= 0 {
		b.left = b.left<<4 | v
		return inSize
	}
	switch c {
	case ';', ' ', '\t':
		return inExtension
	case '\r', '\n':
		return inExtension(b, c)
	}
	return b.refuse()
}

func inExtension(b *body, c byte) chunkStep {
	switch c {
	case '\r':
		return afterExtension
	case '\n':
		return b.data()
	}
	return inExtension
}

func afterExtension(b *body, c byte) chunkStep {
	if c != '\n' {
		return b.refuse()
	}
	return b.data()
}

func dataEnd(b *body, c byte) chunkStep {
	switch c {
	case '\r':
		return afterData
	case '\n':
		return sizeStart
	}
	return b.refuse()
}

func afterData(b *body, c byte) chunkStep {
	if c != '\n' {
		return b.refuse()
	}
	return sizeStart
}

// trailer is the beginning of a line behind the last chunk.
func trailer(b *body, c byte) chunkStep {
	switch c {
	case '\r':
		return trailerEnd
	case '\n':
		b.done = true
		return trailer
	}
	return inTrailer
}

func inTrailer(_ *body, c byte) chunkStep {
	switch c {
	case '\r':
		return afterTrailer
	case '\n':
		return trailer
	}
	return inTrailer
}

func afterTrailer(b *body, c byte) chunkStep {
	if c != '\n' {
		return b.refuse()
	}
	return trailer
}

func trailerEnd(b *body, c byte) chunkStep {
	if c != '\n' {
		return b.refuse()
	}
	b.done = true
	return trailer
}

func hexValue(c byte) int64 {
	switch {
	case isDigit(c):
		return int64(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int64(c|0x20-'a') + 10
	}
	return -1
}
