package dlp

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// mostExpanded is how many times Limits.Whole may come out of a body.
const mostExpanded = 8

// mostWindow bounds the memory that a frame of zstd may ask for; RFC 9659 asks senders
// of HTTP to need no more.
const mostWindow = 8 << 20

// errCoding says that a body is not what its head says.
var errCoding = errors.New("it is not what its head says")

// unpacked looks at what an encoded body holds, by what its head says was done to it:
// whoever receives it undoes just that, also where the bytes alone do not tell. raw is
// what was found in them as they are, and is not told again. The error is ErrRefused
// when what it holds, or what of it cannot be looked at, may not leave.
func (m *Message) unpacked(body []byte, b Body, raw Verdict) error {
	most := int64(mostExpanded * m.i.o.Limits.Whole)
	if seenWhole(body, b.Codings, most) {
		return nil
	}
	inside := m.Stream(io.Discard, Body{Where: b.Where, Judge: func(v Verdict) bool {
		v = v.without(raw)
		return v.Clean() || b.Judge(v)
	}})
	n, err := undo(inside, body, b.Codings, most)
	if end := inside.Close(); errors.Is(end, ErrRefused) {
		return end
	}
	unseen := ""
	switch {
	case n > most:
		unseen = "it expands to more than may be looked at"
	case err != nil:
		unseen = fmt.Sprintf("it is not the %s that its head says", strings.Join(b.Codings, ", "))
	}
	if unseen != "" && !b.Judge(Verdict{Unseen: unseen}) {
		return ErrRefused
	}
	return nil
}

// seenWhole says whether the scanner has seen all there is already, where it looks for
// compressed data in the bytes: of gzip it has, when that is one member.
func seenWhole(body []byte, codings []string, most int64) bool {
	if len(codings) != 1 || codings[0] != "gzip" && codings[0] != "x-gzip" {
		return false
	}
	src := bytes.NewReader(body)
	z, err := gzip.NewReader(src)
	if err != nil {
		return false
	}
	z.Multistream(false)
	n, err := io.Copy(io.Discard, io.LimitReader(z, most+1))
	return err == nil && n <= most && src.Len() == 0
}

// undo writes what a body holds to dst, at most one byte more than most.
func undo(dst io.Writer, body []byte, codings []string, most int64) (n int64, err error) {
	from := io.Reader(bytes.NewReader(body))
	for _, coding := range slices.Backward(codings) {
		if from, err = decoder(coding, from); err != nil {
			return 0, err
		}
		if c, ok := from.(io.Closer); ok {
			defer c.Close() //nolint:errcheck // it was only read
		}
	}
	return io.Copy(dst, io.LimitReader(from, most+1))
}

// decoder undoes one coding (RFC 9110, 8.4.1).
func decoder(coding string, from io.Reader) (io.Reader, error) {
	switch coding {
	case "gzip", "x-gzip":
		return gzip.NewReader(from)
	case "deflate":
		return inflater(from)
	case "zstd":
		z, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(mostWindow))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	case "br":
		return brotli.NewReader(from), nil
	}
	return nil, errCoding
}

// inflater reads deflate with the head of zlib, as the standard has it, or without, as
// some send it and most who receive it know.
func inflater(from io.Reader) (io.Reader, error) {
	in := bufio.NewReader(from)
	head, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) < 2 || head[0]&0xf != 8 || head[0]>>4 > 7 || (int(head[0])<<8|int(head[1]))%31 != 0 {
		return ending{flate.NewReader(in), in}, nil
	}
	z, err := zlib.NewReader(in)
	return ending{z, in}, err
}

// ending fails when something stands behind the end of a stream: who receives it passes
// over that, or does not.
type ending struct {
	io.Reader
	in *bufio.Reader // reads no further than the stream
}

func (e ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		if _, more := e.in.Peek(1); !errors.Is(more, io.EOF) {
			return n, errCoding
		}
	}
	return n, err
}

// without leaves out what was told already.
func (v Verdict) without(told Verdict) Verdict {
	v.Findings = slices.DeleteFunc(slices.Clone(v.Findings), func(f Finding) bool {
		return slices.ContainsFunc(told.Findings, func(t Finding) bool {
			return t.Rule == f.Rule && t.Redacted == f.Redacted && t.Fingerprint == f.Fingerprint
		})
	})
	v.Files = slices.DeleteFunc(slices.Clone(v.Files), func(f File) bool {
		return slices.ContainsFunc(told.Files, func(t File) bool { return t.Name == f.Name && t.Kind == f.Kind })
	})
	return v
}
