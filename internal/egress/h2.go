package egress

import (
	"context"
	"io"
	"log"
	"net"
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

// multiplex is HTTP/2 in a tunnel whose TLS was taken off, or that has none: one
// connection of the client and one to the origin, or several after each other when an
// origin sends us on.
type multiplex struct {
	t  *tunnel
	in *place

	all sync.WaitGroup // streams

	mu       sync.Mutex
	over     bool // no further stream
	up       *upstream
	out      *http2.ClientConn // over up
	renewing *renewal          // nil while nobody makes another connection
}

// renewal is the making of another connection to the origin, for which one stream
// works and others wait.
type renewal struct {
	done chan struct{}
	bad  *failure // why there is none; set before done is closed
}

// serveHTTP2 serves the streams of a client, each a flow of its own.
func (t *tunnel) serveHTTP2() (cut string) {
	s := &multiplex{t: t, in: &place{target: t.up.target, alias: t.up.alias, f: t.f, tls: t.tls}, up: t.up}
	var err error
	if s.out, err = s.leave(t.up); err != nil {
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
	srv.ServeConn(s.client(), &http2.ServeConnOpts{
		Context: c.ctx, Handler: http.HandlerFunc(s.take),
		BaseConfig: &http.Server{MaxHeaderBytes: http1.MaxHead, ErrorLog: log.New(io.Discard, "", 0)},
	})
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.all.Wait()
	_ = s.out.Close() // and with it the goroutine that reads from the origin
}

// client is the connection on which the client speaks.
func (s *multiplex) client() net.Conn {
	if s.t.tls != nil {
		return s.t.c.conn
	}
	return startAgain(s.t.c.conn, s.t.c.r)
}

// leave makes a connection on which streams go out by up.
func (s *multiplex) leave(up *upstream) (*http2.ClientConn, error) {
	base := &http.Transport{DisableCompression: true, HTTP2: &http.HTTP2Config{MaxReceiveBufferPerConnection: connectionBuffer, MaxReceiveBufferPerStream: streamBuffer}}
	t, err := http2.ConfigureTransports(base)
	if err != nil {
		return nil, err
	}
	t.DisableCompression, t.MaxHeaderListSize = true, http1.MaxHead
	conn := up.conn
	if s.t.tls == nil {
		conn = startAgain(conn, up.r)
	}
	return t.NewClientConn(given{conn, s.t.c, up})
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
// judged. Who waits for one holds up nobody who needs none.
func (s *multiplex) connection(ctx context.Context, x *exchange) (*http2.ClientConn, *failure) {
	for {
		up, out, r, mine := s.current()
		if r == nil {
			return s.judged(x, up, out)
		}
		if mine {
			return s.renew(x, r)
		}
		select {
		case <-ctx.Done():
			return nil, unreachable(http.StatusBadGateway, "the client gave it up")
		case <-r.done:
		}
		if r.bad != nil && !r.bad.denied { // a denial is that of another request
			again := *r.bad
			return nil, &again
		}
	}
}

// current is the connection that takes requests, or else the making of another, which
// is the caller's to do if nobody has begun it.
func (s *multiplex) current() (up *upstream, out *http2.ClientConn, r *renewal, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.CanTakeNewRequest() {
		return s.up, s.out, nil, false
	}
	if mine = s.renewing == nil; mine {
		s.renewing = &renewal{done: make(chan struct{})}
	}
	return nil, nil, s.renewing, mine
}

// judged gives a request a connection that is there.
func (s *multiplex) judged(x *exchange, up *upstream, out *http2.ClientConn) (*http2.ClientConn, *failure) {
	x.request.Address = up.addr
	if d := x.f.judge(x.request); !d.Allowed() {
		return nil, denied(d)
	}
	x.f.reached(up)
	return out, nil
}

// renew makes another connection to the origin. Whether it succeeds or not, those who
// wait go on.
func (s *multiplex) renew(x *exchange, r *renewal) (out *http2.ClientConn, bad *failure) {
	up, bad := x.f.reach(x.target, x.request)
	if bad == nil && s.in.tls != nil {
		bad = s.in.tls.again(s.t.c, x.f, up, alpnHTTP2)
	}
	if bad == nil {
		var err error
		if out, err = s.leave(up); err != nil { // and the one before stays, to be ended with the client
			bad = unreachable(http.StatusBadGateway, "the origin does not speak the HTTP/2 that it agreed on")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if bad == nil {
		s.out.SetDoNotReuse() // it ends with its last stream
		s.up, s.out = up, out
	}
	s.renewing, r.bad = nil, bad
	close(r.done)
	return out, bad
}
