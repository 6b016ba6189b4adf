package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Transport is an http.RoundTripper that judges every request, those that follow
// a redirect included: with URL and method before a connection is looked for, and
// with the address once there is one.
type Transport struct {
	guard *Guard
	base  *http.Transport
}

// Transport returns a RoundTripper that works like base (if nil, like
// http.DefaultTransport), except that it dials through the guard. It uses no
// proxy: through one, the guard would not see where a request goes.
func (g *Guard) Transport(base *http.Transport) *Transport {
	if base == nil {
		base, _ = http.DefaultTransport.(*http.Transport)
	}
	if base == nil {
		base = &http.Transport{ForceAttemptHTTP2: true}
	}
	base = base.Clone()
	base.Proxy, base.Dial, base.DialTLS, base.DialTLSContext = nil, nil, nil, nil
	base.DialContext = g.dialForHTTP
	return &Transport{guard: g, base: base}
}

// dialForHTTP connects for requests that are judged one by one: which of them the
// connection will carry, and so what is spoken, is not known here.
func (g *Guard) dialForHTTP(ctx context.Context, network, address string) (net.Conn, error) {
	return g.dial(ctx, network, address, policy.Request{}, false)
}

// CloseIdleConnections closes connections that are kept for later.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// RoundTrip sends a request if the policy allows it. The error is then an
// *AccessDeniedError, which http.Client wraps.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	caller := callerIn(req.Context())
	r, err := requestOf(req)
	if err == nil {
		err = t.judge(req, r, caller)
	}
	if err != nil {
		closeBody(req)
		return nil, err
	}
	return t.send(req, r, caller)
}

// judge asks about the host of the URL, and about the Host header when it names
// another: a server may answer for both.
func (t *Transport) judge(req *http.Request, r policy.Request, caller Caller) error {
	if err := t.guard.decide(r, caller, false); err != nil || req.Host == "" || req.Host == req.URL.Host {
		return err
	}
	u := &url.URL{Host: req.Host}
	host, err := policy.NormalHost(u.Hostname())
	if err != nil {
		return errors.New("sending a request: its Host header is no host")
	}
	if host == r.Host {
		return nil
	}
	r.Host = host
	return t.guard.decide(r, caller, false)
}

// send hands the request on. Once it has a connection, new or kept, it is judged
// with the address at the other end, before a byte of it is written.
func (t *Transport) send(req *http.Request, r policy.Request, caller Caller) (*http.Response, error) {
	var denial atomic.Pointer[AccessDeniedError]
	ctx := httptrace.WithClientTrace(withCaller(req.Context(), caller), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			var denied *AccessDeniedError
			if err := t.judgeAt(info.Conn, r, caller); errors.As(err, &denied) {
				denial.Store(denied)
				_ = info.Conn.Close()
			}
		},
	})
	resp, err := t.base.RoundTrip(req.WithContext(ctx))
	if denied := denial.Load(); denied != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, denied
	}
	return resp, err
}

func (t *Transport) judgeAt(conn net.Conn, r policy.Request, caller Caller) error {
	remote, ok := remoteOf(conn)
	if !ok {
		remote = netip.AddrPort{} // the host alone is judged
	}
	r.Address = remote.Addr()
	return t.guard.decide(r, caller, true)
}

// requestOf reads what a policy wants to know of a request.
func requestOf(req *http.Request) (policy.Request, error) {
	var r policy.Request
	if req.URL == nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return r, errors.New("sending a request: its URL is neither http nor https")
	}
	host, err := policy.NormalHost(req.URL.Hostname())
	if err != nil {
		return r, errors.New("sending a request: " + err.Error())
	}
	r = policy.Request{Host: host, Protocol: policy.HTTP, Port: 80, Method: req.Method, TLS: req.URL.Scheme == "https"}
	if r.TLS {
		r.Protocol, r.Port = policy.HTTPS, 443
	}
	if asksForWebSocket(req.Header) {
		r.Protocol = policy.WS // with TLS, the same as WSS
	}
	if p := req.URL.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return r, errors.New("sending a request: the port of its URL is none")
		}
		r.Port = uint16(n)
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	r.Path, _ = policy.CleanPath(pathOf(req.URL))
	return r, nil
}

// pathOf is the path as it will stand in the request line.
func pathOf(u *url.URL) string {
	if p := u.EscapedPath(); u.Opaque == "" && p != "" {
		return p
	}
	if u.Opaque != "" {
		return "" // what it names is not clear
	}
	return "/"
}

func asksForWebSocket(h http.Header) bool {
	for _, v := range h.Values("Upgrade") {
		if strings.Contains(strings.ToLower(v), "websocket") {
			return true
		}
	}
	return h.Get("Sec-Websocket-Key") != ""
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
