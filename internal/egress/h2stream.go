package egress

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
)

// stream is a request of HTTP/2 and its answer: an exchange whose head is judged like
// that of HTTP/1, and whose body and answer go other ways.
type stream struct {
	*exchange
	s    *multiplex
	r    *http.Request
	ctx  context.Context
	stop context.CancelFunc
	body *upload // nil when there is none

	mu    sync.Mutex // answers of the origin come while others are given up
	w     http.ResponseWriter
	begun bool // the final answer has begun
}

func newStream(s *multiplex, w http.ResponseWriter, r *http.Request) *stream {
	x := &stream{exchange: s.t.c.exchange(headOf(r), s.in), s: s, w: w, r: r}
	x.ctx, x.stop = context.WithCancel(r.Context())
	x.halt = x.stop
	x.f.mu.Lock()
	x.f.stop = x.stop
	x.f.mu.Unlock()
	return x
}

// headOf is the head of a request as HTTP/1 has it, so that one code judges both.
// Names come in small letters, in which no rule knows a secret: long ones are shown to
// whoever looks once more, in capitals, and so are those of trailers.
func headOf(r *http.Request) *http1.Head {
	h := &http1.Head{Method: r.Method, Target: []byte(r.RequestURI), Minor: 1, Host: []byte(r.Host)}
	for name, values := range r.Header {
		if len(name) >= leastSecret {
			h.Fields = append(h.Fields, http1.NewField("trailer", strings.ToUpper(name)))
		}
		for _, v := range values {
			f := http1.NewField(name, v)
			if f.Kind == http1.Forwards {
				h.MaxForwards = f.Value
			}
			h.Fields = append(h.Fields, f)
		}
	}
	for name := range r.Trailer {
		h.Fields = append(h.Fields, http1.NewField("trailer", strings.ToUpper(name)))
	}
	switch {
	case r.ContentLength > 0:
		h.Body = http1.Body{Kind: http1.Sized, Length: r.ContentLength}
	case r.ContentLength < 0:
		h.Body.Kind = http1.Chunked
	}
	return h
}

// run carries the stream to its end. It reports whether the answer is whole: otherwise
// the stream is reset.
func (x *stream) run() (whole bool) {
	defer func() { x.f.end(x.cut) }()
	defer x.letGo()
	defer x.stop()
	if bad := x.admit(); bad != nil {
		return x.refuse(bad)
	}
	whole = x.transfer()
	x.endUpload()
	x.leaked()
	return whole
}

// admit says why the request may not go out; nil when it may, and that is recorded.
func (x *stream) admit() *failure {
	if bad := x.understand(); bad != nil {
		return bad
	}
	if d := x.overrides(); !d.Allowed() {
		return denied(d)
	}
	if d := x.inspectHead(); !d.Allowed() {
		return denied(d)
	}
	return x.readMCP(x.holdUpload)
}

// holdUpload reads the whole body, and has it sent from there.
func (x *stream) holdUpload() *failure {
	x.held = &hold{all: &x.c.g.held}
	_, err := io.Copy(x.held, x.r.Body)
	switch {
	case err == nil:
		x.h.Body = http1.Body{Kind: http1.Sized, Length: int64(len(x.held.b))}
		return nil
	case errors.Is(err, errMessageLong), errors.Is(err, errMessageRoom):
		return x.unheld(err)
	}
	return unreachable(http.StatusBadGateway, "the client's request broke off")
}

// transfer sends the request and passes the answer on.
func (x *stream) transfer() (whole bool) {
	out, bad := x.s.connection(x.exchange)
	if bad != nil {
		return x.refuse(bad)
	}
	if d, ok := x.f.allow(); !ok {
		return x.refuse(recorded(d))
	}
	req := x.outgoing()
	if req == nil {
		return x.unanswered()
	}
	got, err := out.RoundTrip(req)
	if err != nil && x.safe() && x.ctx.Err() == nil && !out.CanTakeNewRequest() { // it was closed meanwhile
		if out, bad = x.s.connection(x.exchange); bad != nil {
			return x.refuse(bad)
		}
		got, err = out.RoundTrip(req)
	}
	if err != nil {
		return x.unanswered()
	}
	defer func() { _ = got.Body.Close() }() // what is left of it nobody wants
	return x.pass(got)
}

// outgoing is the request as the origin gets it, and starts its body on its way. Nil:
// its rule's data_budget does not reach even for its head.
func (x *stream) outgoing() *http.Request {
	trace := &httptrace.ClientTrace{Got1xxResponse: x.interim}
	req := (&http.Request{
		Method: x.h.Method, URL: &url.URL{Scheme: "https", Host: x.hostField(), Opaque: "//" + x.hostField() + x.path}, Host: x.hostField(),
		Header: http.Header{}, Proto: "HTTP/2.0", ProtoMajor: 2,
	}).WithContext(httptrace.WithClientTrace(x.ctx, trace))
	req.Header["User-Agent"] = nil // none of ours
	size := len(x.h.Method) + len(x.path)
	for _, f := range x.h.Fields {
		size += len(f.Name) + len(f.Value)
		if name := string(f.Name); passed(f) {
			req.Header[name] = append(req.Header[name], string(f.Value))
		}
	}
	req.Header.Add("Via", "2.0 "+x.c.g.via)
	if granted, refused := x.f.afford(size); refused {
		x.f.refund(granted)
		return nil
	}
	x.f.out.Add(int64(size))
	if !x.h.Body.Empty() {
		x.startUpload(req)
	}
	return req
}

// passed reports whether a field of a request goes on to the origin. Of what is for
// one hop only HTTP/2 has but one thing left: that trailers are welcome.
func passed(f http1.Field) bool {
	switch f.Kind {
	case http1.Other:
		return !http1.EqualFold(f.Name, "trailer") // said by what follows
	case http1.Via, http1.Forwards, http1.Method, http1.Path:
		return true
	}
	return http1.EqualFold(f.Name, "te") && http1.EqualFold(f.Value, "trailers")
}

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
		_, err := io.Copy(dst, x.source())
		x.trailers(trailer)
		return err
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
	if text := x.trailers(trailer); len(text) > 0 {
		return bodySieve{sieve, x.exchange}.Trailers(text)
	}
	return nil
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
	if text := x.trailers(trailer); len(text) > 0 {
		if v := x.message.Text("trailer", text); !v.Clean() && !x.mayLeave(v) {
			return dlp.ErrRefused
		}
	}
	_, err := io.Copy(dst, x.source())
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
	granted, refused := p.x.f.afford(len(b))
	if granted > 0 {
		n, err = p.Writer.Write(b[:granted])
		p.x.f.refund(granted - n)
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

// unanswered tells the client that no answer came.
func (x *stream) unanswered() (whole bool) {
	gone := x.r.Context().Err() != nil || x.f.why() != ""
	x.endUpload()
	if d := x.refusal(); d != nil {
		x.leak.Store(nil) // told here
		x.f.spent.Store(nil)
		return x.refuse(denied(*d))
	}
	if gone {
		x.cut = "the client gave it up"
		return false
	}
	x.cut = "the origin ended the stream without an answer"
	return x.reply(unreachable(http.StatusBadGateway, x.cut))
}

// interim passes on an answer that is not the final one. That the client may go on
// sending it was told by the gateway itself.
func (x *stream) interim(code int, fields textproto.MIMEHeader) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.begun || code == http.StatusContinue {
		return nil
	}
	h := x.w.Header()
	for name, values := range fields {
		h[name] = values
	}
	x.w.WriteHeader(code)
	clear(h)
	return nil
}

// begin lets nobody else answer.
func (x *stream) begin() http.Header {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.begun = true
	h := x.w.Header()
	h["Date"], h["Content-Type"] = nil, nil // none of ours
	return h
}

// pass passes the final answer on.
func (x *stream) pass(got *http.Response) (whole bool) {
	h := x.begin()
	size := 0
	for name, values := range got.Header {
		if k := http1.NewField(name, "").Kind; k == http1.Other || k == http1.Length || k == http1.Via || k == http1.Method || k == http1.Path {
			h[name] = values
			size += len(name) + len(strings.Join(values, ""))
		}
	}
	h.Add("Via", "2.0 "+x.c.g.via)
	x.f.in.Add(int64(size))
	x.w.WriteHeader(got.StatusCode)
	if err := x.download(got.Body, got.ContentLength != 0); err != nil {
		x.cut = "the answer broke off"
		return false
	}
	for name, values := range got.Trailer {
		h[http.TrailerPrefix+name] = values
	}
	return true
}

// download moves the answer's body, bytes as they come. Of an answer without one
// nothing is sent before its end, since some of gRPC are a head alone.
func (x *stream) download(body io.Reader, some bool) error {
	flush := http.NewResponseController(x.w).Flush
	if some {
		if err := flush(); err != nil {
			return err
		}
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		x.f.in.Add(int64(n))
		if n > 0 {
			if _, err := x.w.Write(buf[:n]); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// refuse records why the request does not go on, and tells the client.
func (x *stream) refuse(bad *failure) (whole bool) { return x.reply(x.settle(bad)) }
