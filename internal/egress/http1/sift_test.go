package http1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hoarder holds everything back until it is closed, and keeps what it saw.
type hoarder struct {
	dst      io.Writer
	saw      bytes.Buffer
	trailers string
	refuse   error
}

func (h *hoarder) Write(p []byte) (int, error) {
	if h.refuse != nil {
		return 0, h.refuse
	}
	return h.saw.Write(p)
}

func (h *hoarder) Close() error {
	if h.refuse != nil {
		return h.refuse
	}
	_, err := h.dst.Write(h.saw.Bytes())
	return err
}

func (h *hoarder) Trailers(fields []byte) error { h.trailers = string(fields); return nil }

// chunks writes a body in chunks of these sizes.
func chunks(body string, sizes []int, trailers string) string {
	var b strings.Builder
	for _, n := range sizes {
		n = min(n, len(body))
		if n > 0 {
			fmt.Fprintf(&b, "%x;ext=1\r\n%s\r\n", n, body[:n])
			body = body[n:]
		}
	}
	if body != "" {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(body), body)
	}
	return b.String() + "0\r\n" + trailers + "\r\n"
}

func TestASieveSeesTheBodyAndNoChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringN(0, 300, 2000).Draw(t, "body")
		trailers := rapid.SampledFrom([]string{"", "X-A: 1\r\n", "X-A: 1\r\nX-B: two\r\n"}).Draw(t, "trailers")
		in := chunks(body, rapid.SliceOfN(rapid.IntRange(1, 300), 0, 6).Draw(t, "sizes"), trailers)
		var out bytes.Buffer
		var h *hoarder
		m := Mover{Dst: bufio.NewWriter(&out), Src: NewReader(strings.NewReader(in)), Body: Body{Kind: Chunked}}
		err := m.Sift(func(dst io.Writer) Sieve { h = &hoarder{dst: dst}; return h })
		if err = errors.Join(err, m.Dst.Flush()); err != nil {
			t.Fatal(err)
		}
		if want := chunks(body, nil, trailers); out.String() != want || h.saw.String() != body || h.trailers != trailers {
			t.Fatalf("out %q, want %q; saw %q, trailers %q", out.String(), want, h.saw.String(), h.trailers)
		}
	})
}

func TestABodyOfKnownLengthIsSifted(t *testing.T) {
	var out bytes.Buffer
	m := Mover{Dst: bufio.NewWriter(&out), Src: NewReader(strings.NewReader("hello, and more")), Body: Body{Kind: Sized, Length: 5}}
	err := m.Sift(func(dst io.Writer) Sieve { return &hoarder{dst: dst} })
	if err = errors.Join(err, m.Dst.Flush()); err != nil || out.String() != "hello" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestASieveEndsABody(t *testing.T) {
	refused := errors.New("refused")
	for _, body := range []Body{{Kind: Chunked}, {Kind: Sized, Length: 5}} {
		var out bytes.Buffer
		m := Mover{Dst: bufio.NewWriter(&out), Src: NewReader(strings.NewReader("5\r\nhello\r\n0\r\n\r\n")), Body: body}
		err := m.Sift(func(dst io.Writer) Sieve { return &hoarder{dst: dst, refuse: refused} })
		_ = m.Dst.Flush()
		if !errors.Is(err, refused) || out.Len() > 0 {
			t.Errorf("%v, sent %q", err, out.String())
		}
	}
}
