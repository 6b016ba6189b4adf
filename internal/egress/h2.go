package egress

import (
	"io"
	"log"
	"net/http"
	"sync"

	"golang.org/x/net/http2"

	"go.cordon.dev/cordon/internal/egress/http1"
)

// What HTTP/2 may cost: the streams that a client may have open, and the bytes that
// lie here because the other end does not read.
const (
	maxStreams       = 128
	streamBuffer     = 512 << 10
	connectionBuffer = 2 << 20
)

// multiplex is HTTP/2 in a tunnel whose TLS was taken off: one connection of the client
// and one to the origin, or several after each other when an origin sends us on.
type multiplex struct {
	t  *tunnel
	in *place

	all sync.WaitGroup // streams

	mu   sync.Mutex
	over bool // no further stream
	up   *upstream
	out  *http2.ClientConn // over up
}

// serveHTTP2 serves the streams of a client, each a flow of its own.
func (t *tunnel) serveHTTP2() (cut string) {
	s := &multiplex{t: t, in: &place{target: t.up.target, f: t.f, tls: t.tls}}
	if err := s.leave(t.up); err != nil {
		t.drop()
		return "the origin does not speak the HTTP/2 that it agreed on"
	}
	t.c.mu.Lock()
	t.c.restStreams()
	t.c.mu.Unlock()
	s.serve()
	return ""
}

// serve returns when the client's connection has ended, and all streams with it.
func (s *multiplex) serve() {
	c := s.t.c
	srv := &http2.Server{MaxConcurrentStreams: maxStreams, MaxReadFrameSize: 64 << 10, IdleTimeout: c.g.o.Limits.Idle, MaxUploadBufferPerStream: streamBuffer, MaxUploadBufferPerConnection: connectionBuffer}
	srv.ServeConn(c.conn, &http2.ServeConnOpts{
		Context: c.ctx, Handler: http.HandlerFunc(s.take),
		BaseConfig: &http.Server{MaxHeaderBytes: http1.MaxHead, ErrorLog: log.New(io.Discard, "", 0)},
	})
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.all.Wait()
	_ = s.out.Close() // and with it the goroutine that reads from the origin
}

// leave makes up the connection on which streams go out.
func (s *multiplex) leave(up *upstream) error {
	base := &http.Transport{DisableCompression: true, HTTP2: &http.HTTP2Config{MaxReceiveBufferPerConnection: connectionBuffer, MaxReceiveBufferPerStream: streamBuffer}}
	t, err := http2.ConfigureTransports(base)
	if err != nil {
		return err
	}
	t.DisableCompression, t.MaxHeaderListSize = true, http1.MaxHead
	out, err := t.NewClientConn(given{up.conn, s.t.c, up})
	if err != nil {
		return err // and the one before stays, to be ended with the client
	}
	s.up, s.out = up, out
	return nil
}

// take serves one stream, unless the session is over.
func (s *multiplex) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	s.all.Add(1)
	s.mu.Unlock()
	defer s.all.Done()
	if !s.t.c.openStream() {
		panic(http.ErrAbortHandler) // resets the stream: the gateway stops
	}
	defer s.t.c.closeStream()
	if !newStream(s, w, r).run() {
		panic(http.ErrAbortHandler)
	}
}

// connection finds or makes the connection for a request, once its address was
// judged.
func (s *multiplex) connection(x *exchange) (*http2.ClientConn, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.CanTakeNewRequest() {
		x.request.Address = s.up.addr
		if d := x.f.judge(x.request); !d.Allowed() {
			return nil, denied(d)
		}
		x.f.reached(s.up)
		return s.out, nil
	}
	up, bad := x.f.reach(x.target, x.request)
	if bad == nil {
		bad = s.in.tls.again(s.t.c, x.f, up, alpnHTTP2)
	}
	if bad != nil {
		return nil, bad
	}
	s.out.SetDoNotReuse() // it ends with its last stream
	if err := s.leave(up); err != nil {
		return nil, unreachable(http.StatusBadGateway, "the origin does not speak the HTTP/2 that it agreed on")
	}
	return s.out, nil
}
