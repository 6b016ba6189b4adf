package pdf

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"
)

var errNoZlib = errors.New("its compressed data does not begin as it should")

// maxFilters is how many filters one stream may go through.
const maxFilters = 8

// decoder is the content of a stream, through its filters (7.4). Those of images
// are left on: what they compress is pictures.
func (f *File) decoder(o *object, d dict) (io.Reader, error) {
	var r io.Reader = bytes.NewReader(f.data[o.body:o.bodyEnd])
	limited := false
	filters, params := f.list(d["Filter"]), f.list(d["DecodeParms"])
	if len(filters) > maxFilters {
		return nil, fmt.Errorf("it has more than %d filters", maxFilters)
	}
	for i, v := range filters {
		n, _ := f.resolve(v).(name)
		var param dict
		if i < len(params) {
			param = f.dict(params[i])
		}
		next, err := f.filter(n, param, r)
		if err != nil {
			return nil, err
		}
		if next == nil {
			break
		}
		r, limited = f.limit(next), true
	}
	if !limited {
		r = f.limit(r)
	}
	return r, nil
}

// list is a value as a list: one stands for itself.
func (f *File) list(v value) array {
	switch v := f.resolve(v).(type) {
	case nil:
		return nil
	case array:
		return v
	default:
		return array{v}
	}
}

// filter decodes what r encodes; nil for a picture.
func (f *File) filter(n name, param dict, r io.Reader) (io.Reader, error) {
	switch n {
	case "FlateDecode", "Fl":
		z, err := inflate(r)
		if err != nil {
			return nil, err
		}
		return predicted(z, param)
	case "LZWDecode", "LZW":
		early, ok := param["EarlyChange"].(float64)
		return predicted(&lzw{r: bufio.NewReader(r), early: !ok || early != 0}, param)
	case "ASCIIHexDecode", "AHx":
		return &hexReader{r: bufio.NewReader(r)}, nil
	case "ASCII85Decode", "A85":
		return ascii85.NewDecoder(&upTo{r: bufio.NewReader(r)}), nil
	case "RunLengthDecode", "RL":
		return &runs{r: bufio.NewReader(r)}, nil
	case "DCTDecode", "DCT", "JPXDecode", "CCITTFaxDecode", "CCF", "JBIG2Decode":
		return nil, nil
	case "Crypt":
		return nil, ErrEncrypted
	}
	return nil, fmt.Errorf("its filter %.40q is not known", string(n))
}

// inflate reads zlib data without its checksum, which some programs get wrong.
func inflate(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(2)
	if err != nil || head[0]&15 != 8 || (int(head[0])<<8|int(head[1]))%31 != 0 || head[1]&0x20 != 0 {
		return nil, errNoZlib
	}
	_, _ = b.Discard(2)
	return flate.NewReader(b), nil
}

// decoded is the content of a stream in memory, up to most bytes of it. What came
// out before an error is good.
func (f *File) decoded(o *object, d dict, most int) ([]byte, error) {
	r, err := f.decoder(o, d)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = out.ReadFrom(io.LimitReader(r, int64(most)+1))
	if out.Len() > most {
		out.Truncate(most)
		err = errLarge
	}
	return out.Bytes(), err
}

// upTo reads ASCII base 85 up to its end mark, ~>, without the mark that some
// programs begin it with.
type upTo struct {
	r     *bufio.Reader
	begun bool
	done  bool
}

func (u *upTo) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		if b, _ := u.r.Peek(2); string(b) == "<~" {
			_, _ = u.r.Discard(2)
		}
	}
	if u.done {
		return 0, io.EOF
	}
	n, err := u.r.Read(p)
	if i := bytes.IndexByte(p[:n], '~'); i >= 0 {
		u.done = true
		return i, io.EOF
	}
	return n, err
}

// hexReader decodes hexadecimal digits up to >.
type hexReader struct {
	r    *bufio.Reader
	done bool
}

func (h *hexReader) Read(p []byte) (n int, err error) {
	for n < len(p) && !h.done {
		high, err := h.digit()
		if err != nil {
			return n, err
		}
		low, err := h.digit()
		if err != nil && err != io.EOF {
			return n, err
		}
		p[n] = high<<4 | low
		n++
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// digit is the next digit; what is none is passed.
func (h *hexReader) digit() (byte, error) {
	for !h.done {
		c, err := h.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if n, ok := digit(c); ok {
			return n, nil
		}
		h.done = c == '>'
	}
	return 0, io.EOF
}

// runs decodes runs of equal bytes (7.4.5).
type runs struct {
	r    *bufio.Reader
	left []byte
	buf  [128]byte
	err  error
}

func (u *runs) Read(p []byte) (int, error) {
	for len(u.left) == 0 && u.err == nil {
		u.err = u.fill()
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	if n == 0 && len(p) > 0 {
		return 0, u.err
	}
	return n, nil
}

// fill reads a run: so many bytes as they are, or one that is repeated.
func (u *runs) fill() error {
	c, err := u.r.ReadByte()
	switch {
	case err != nil:
		return err
	case c == 128:
		return io.EOF
	case c < 128:
		n, err := io.ReadFull(u.r, u.buf[:int(c)+1])
		u.left = u.buf[:n]
		return err
	}
	b, err := u.r.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	u.left = u.buf[:257-int(c)]
	for i := range u.left {
		u.left[i] = b
	}
	return nil
}
