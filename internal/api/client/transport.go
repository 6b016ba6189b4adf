package client

import (
	"context"
	"io"
	"net"
	"net/http"
)

// LocalURL is the base URL where the transport alone decides who is reached:
// over the control socket and within the process.
const LocalURL = "http://localhost"

// OverSocket returns an HTTP client that reaches a server through its control
// socket.
func OverSocket(path string) *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}
}

// OverHandler returns an HTTP client that calls a handler in this process. The
// answer is there as it is written. Close its body, or read it to its end: the
// handler has ended then.
func OverHandler(h http.Handler) *http.Client { return &http.Client{Transport: inProcess{h}} }

type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(ctx)
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	body, w := io.Pipe()
	a := &answer{header: http.Header{}, w: w, began: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		defer cancel()
		a.serve(t.handler, in)
	}()
	<-a.began // at the latest when the handler has ended
	return a.response(r, &answerBody{body, cancel, a.ended}), nil
}

// answer hands on what a handler writes.
type answer struct {
	header http.Header
	sent   http.Header
	status int
	w      *io.PipeWriter
	began  chan struct{} // closed when status and header are there
	ended  chan struct{} // closed when the handler has ended
}

// serve runs the handler. A panic cuts the answer off, as a server does.
func (a *answer) serve(h http.Handler, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			a.WriteHeader(http.StatusInternalServerError)
			_ = a.w.CloseWithError(io.ErrUnexpectedEOF) // never fails
		}
	}()
	h.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	_ = a.w.Close() // never fails
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
		close(a.began)
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.w.Write(b)
}

// Flush implements http.Flusher: nothing is held back.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

func (a *answer) response(r *http.Request, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: body, ContentLength: -1, Request: r,
	}
}

// answerBody ends the handler when it is closed.
type answerBody struct {
	*io.PipeReader
	cancel context.CancelFunc
	ended  chan struct{}
}

// Close implements io.Closer. It returns when the handler has ended.
func (b *answerBody) Close() error {
	err := b.PipeReader.Close()
	b.cancel()
	<-b.ended
	return err
}
