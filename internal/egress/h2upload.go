package egress

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync/atomic"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
)

// upload is a request's body on its way.
type upload struct {
	done chan struct{}
	err  error // once done is closed
}

func (x *stream) startUpload(req *http.Request) {
	r, w := io.Pipe()
	req.Body, req.ContentLength = r, -1
	if x.h.Body.Kind == http1.Sized {
		req.ContentLength = x.h.Body.Length
	}
	req.Trailer = http.Header{}
	for name := range x.r.Trailer {
		req.Trailer[name] = nil
	}
	x.body = &upload{done: make(chan struct{})}
	given := context.AfterFunc(x.ctx, func() { _ = w.CloseWithError(context.Canceled) }) // whoever waits for more of it wakes
	go func() {
		defer close(x.body.done)
		defer given()
		x.body.err = x.upload(counted{paid{w, x}, &x.f.out}, req.Trailer)
		_ = w.CloseWithError(x.body.err) // always nil
	}()
}

// upload moves the body and its trailers, past whoever looks at them.
func (x *stream) upload(dst io.Writer, trailer http.Header) error {
	if x.message == nil {
		if _, err := io.Copy(dst, x.source()); err != nil {
			return err
		}
		return x.payTrailers(x.trailers(trailer))
	}
	if x.held != nil { // what was held was looked at
		return x.uploadHeld(dst, trailer)
	}
	sieve := x.sieve(dst, x.bodyKind())
	_, err := io.Copy(sieve, x.r.Body)
	if end := sieve.Close(); err == nil {
		err = end
	}
	if err != nil {
		return err
	}
	text := x.trailers(trailer)
	if len(text) == 0 {
		return nil
	}
	if err := (bodySieve{sieve, x.exchange}).Trailers(text); err != nil {
		return err
	}
	return x.payTrailers(text)
}

// source is where the body comes from.
func (x *stream) source() io.Reader {
	if x.held != nil {
		return bytes.NewReader(x.held.b)
	}
	return x.r.Body
}

// uploadHeld sends a body that was held and looked at, and the trailers behind it.
func (x *stream) uploadHeld(dst io.Writer, trailer http.Header) error {
	text := x.trailers(trailer)
	if len(text) > 0 {
		if v := x.message.Text("trailer", text); !v.Clean() && !x.mayLeave(v) {
			return dlp.ErrRefused
		}
	}
	if _, err := io.Copy(dst, x.source()); err != nil {
		return err
	}
	return x.payTrailers(text)
}

// payTrailers takes trailers from the budget of the stream's rule, and counts them:
// they leave with the end of the body.
func (x *stream) payTrailers(text []byte) error {
	_, err := counted{paid{io.Discard, x}, &x.f.out}.Write(text)
	return err
}

// trailers takes over what stands behind the body, and returns it as text.
func (x *stream) trailers(dst http.Header) []byte {
	var text bytes.Buffer
	for name, values := range x.r.Trailer {
		dst[name] = values
		for _, v := range values {
			_, _ = text.WriteString(name + ": " + v + "\r\n") // never fails
		}
	}
	return text.Bytes()
}

// endUpload ends what is left of the request's body, which nobody wants after the
// answer.
func (x *stream) endUpload() {
	if x.body == nil {
		return
	}
	x.stop()
	_ = x.r.Body.Close() // whoever reads it wakes
	<-x.body.done
}

// paid takes what is written through it from the budget of the stream's rule.
type paid struct {
	io.Writer
	x *stream
}

func (p paid) Write(b []byte) (n int, err error) {
	now := p.x.c.g.o.Clock.Now()
	granted, refused := p.x.f.afford(len(b))
	if granted > 0 {
		n, err = p.Writer.Write(b[:granted])
		p.x.f.refund(granted-n, now)
	}
	if err == nil && refused {
		p.x.halt()
		err = errSpent
	}
	return n, err
}

// counted counts what is written through it.
type counted struct {
	io.Writer
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n.Add(int64(n))
	return n, err
}
