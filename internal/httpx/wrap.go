package httpx

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/redact"
)

// RequestIDHeader carries the correlation id of a request, both ways.
const RequestIDHeader = "X-Request-Id"

// DefaultMaxBody bounds a request's body in bytes.
const DefaultMaxBody = 1 << 20

// The deadlines of a request: for its body to arrive, and for the client to
// take each piece of the answer.
const (
	bodyTimeout  = 30 * time.Second
	writeTimeout = 30 * time.Second
)

// WrapOptions are the parts of the middleware.
type WrapOptions struct {
	Log     *slog.Logger // If nil, discards.
	MaxBody int64        // Bytes of a request's body. If 0, DefaultMaxBody.
	// Observe is told of every answer; route is what SetRoute was given, empty
	// when nothing was. If nil, nobody is.
	Observe func(route string, status int, took time.Duration)
	// Proxies are trusted to say whom they pass on. If none, nobody is.
	Proxies []netip.Prefix
	// Allow is who is let in. If none, everybody.
	Allow []netip.Prefix
}

// Wrap puts a handler behind everything that all requests pass: a correlation
// id, the access log, recovery from panics, security headers and limits.
func Wrap(h http.Handler, o WrapOptions) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	h = limitBody(h, o.MaxBody)
	h = Allow(h, o.Allow)
	h = secure(h)
	h = recoverPanics(h, o.Log)
	h = logAccess(h, o)
	return BehindProxies(correlate(h), o.Proxies)
}

// correlate gives the request a correlation id: the client's, if it sent one
// of our form, else a new one.
func correlate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rid := r.Header.Get(RequestIDHeader)
		if id.Check(rid) != nil {
			rid = id.New()
		}
		w.Header().Set(RequestIDHeader, rid)
		next.ServeHTTP(w, r.WithContext(event.WithCorrelation(r.Context(), rid)))
	})
}

// logAccess writes one line per request. It leaves out the query, which may
// hold what people searched for, and all headers, which hold credentials.
func logAccess(next http.Handler, o WrapOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, route := time.Now(), ""
		r = r.WithContext(context.WithValue(r.Context(), routeKey{}, &route))
		rec := newRecorder(w)
		defer func() {
			if o.Observe != nil {
				o.Observe(route, rec.status, time.Since(began))
			}
			o.Log.Log(r.Context(), accessLevel(r.Method, rec.status), "request", "method", r.Method, "path", r.URL.Path, "status", rec.status,
				"bytes", rec.bytes, "took_ms", time.Since(began).Milliseconds(), "client", clientHost(r))
		}()
		defer rec.finish()
		next.ServeHTTP(rec, r)
	})
}

// accessLevel keeps what went well and changed nothing, such as the polls of
// dashboards and probes, out of a log of normal level.
func accessLevel(method string, status int) slog.Level {
	read := method == http.MethodGet || method == http.MethodHead
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelWarn
	case read && status < http.StatusBadRequest:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

func clientHost(r *http.Request) string {
	if _, ok := PeerOf(r.Context()); ok {
		return "local"
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// recoverPanics answers a panic with a problem that tells the client nothing
// but the request's id, and logs where it was.
func recoverPanics(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // the server knows it: the connection is cut
			}
			log.ErrorContext(r.Context(), "handler panicked", "method", r.Method, "path", r.URL.Path,
				"panic", redact.Panic(p), "stack", redact.Stack())
			if rec, ok := w.(*recorder); ok && rec.began {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			NewProblem(http.StatusInternalServerError,
				"an internal error; the server's log has it under request id "+event.Correlation(r.Context())).Write(w)
		}()
		next.ServeHTTP(w, r)
	})
}

// limitBody bounds a request's body in size and time. What is read beyond the
// size is an *http.MaxBytesError.
func limitBody(next http.Handler, size int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > size {
			NewProblem(http.StatusRequestEntityTooLarge, "the request body is larger than this server takes").Write(w)
			return
		}
		if r.ContentLength != 0 {
			// A deadline only where a body is due: elsewhere it would end a stream.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // a test's recorder has none
			r.Body = http.MaxBytesReader(w, r.Body, size)
		}
		next.ServeHTTP(w, r)
	})
}
