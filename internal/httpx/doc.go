// Package httpx is what every HTTP door of Cordon has in common: a server with
// timeouts and an orderly end, the middleware around all handlers, problem
// answers (RFC 9457), a rate limiter, the control socket, and for calls that
// go out a dialer that cannot be led to this machine's own network.
//
// A door is built as
//
//	srv := httpx.NewServer(httpx.ServerOptions{Handler: httpx.Wrap(api, httpx.WrapOptions{Log: log}), Log: log})
//	err := srv.Serve(ctx, listener)
//
// To add middleware, write a func(http.Handler) http.Handler and give it its
// place in Wrap.
//
// Level 1: it may import L0.
package httpx
