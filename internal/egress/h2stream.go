package egress

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

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
		if len(name) >= dlp.LeastSecret {
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
	defer x.silence()
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
	defer context.AfterFunc(x.ctx, func() { _ = x.r.Body.Close() })() // wakes who reads it
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
	out, bad := x.s.connection(x.ctx, x.exchange)
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
		if out, bad = x.s.connection(x.ctx, x.exchange); bad != nil {
			return x.refuse(bad)
		}
		got, err = out.RoundTrip(req)
	}
	if err != nil {
		return x.unanswered()
	}
	defer func() { _ = got.Body.Close() }() // what is left of it nobody wants
	if got.StatusCode < http.StatusOK || got.StatusCode > mostStatus {
		x.endUpload()
		x.cut = "the origin's answer cannot be passed on: the status is not three digits"
		return x.reply(unreachable(http.StatusBadGateway, x.cut))
	}
	return x.pass(got)
}

// mostStatus is the largest number of three digits: what reads HTTP/2 takes any number,
// what writes it none beyond.
const mostStatus = 999

// outgoing is the request as the origin gets it, and starts its body on its way. Nil:
// its rule's data_budget does not reach even for its head.
func (x *stream) outgoing() *http.Request {
	scheme := "https"
	if !x.secure() {
		scheme = "http"
	}
	trace := &httptrace.ClientTrace{Got1xxResponse: x.interim}
	req := (&http.Request{
		Method: x.h.Method, URL: &url.URL{Scheme: scheme, Host: x.hostField(), Opaque: "//" + x.hostField() + x.path}, Host: x.hostField(),
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
	now := x.c.g.o.Clock.Now()
	if granted, refused := x.f.afford(size); refused {
		x.f.refund(granted, now)
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

// silence lets nobody answer any more: the writer is not there after the handler.
func (x *stream) silence() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.begun = true
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
