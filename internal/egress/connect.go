package egress

import (
	"errors"
	"net/http"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/socks"
)

// connect serves HTTP's CONNECT.
func (x *exchange) connect() {
	t, bad := x.connectTarget()
	if bad != nil {
		x.refuse(bad)
		return
	}
	up, bad := x.f.open(t)
	if bad != nil {
		x.refuse(bad)
		return
	}
	defer x.c.detach(up)
	if _, err := x.c.conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_, _ = x.f.allow() // recorded or not, nothing moves
		x.cut = "the client has gone"
		return
	}
	x.cut = (&tunnel{c: x.c, f: x.f, up: up}).run()
}

// connectTarget reads where a tunnel is to lead. The Host field says nothing of
// it: it goes nowhere, and some clients (Node's http.request) name the proxy
// there.
func (x *exchange) connectTarget() (target, *failure) {
	t, err := parseAuthority(string(x.h.Target), 0)
	if err != nil {
		return t, malformed(http.StatusBadRequest, err.Error())
	}
	if bad := x.f.nameHolds(string(x.h.Target)); bad != nil {
		return t, bad
	}
	x.f.asks(policy.Request{Host: t.host, Port: t.port}, x.f.url)
	if !x.h.Body.Empty() {
		return t, malformed(http.StatusBadRequest, "CONNECT has no body")
	}
	return t, nil
}

// open judges a tunnel by its name and connects it.
func (f *flow) open(t target) (*upstream, *failure) {
	t, bad := f.named(t)
	if bad != nil {
		return nil, bad
	}
	r := policy.Request{Host: t.host, Port: t.port}
	if d := f.judge(r); !d.Allowed() {
		return nil, denied(d)
	}
	return f.reach(t, r)
}

// openNamed is open for a target as the client wrote it.
func (f *flow) openNamed(t target, name string) (*upstream, *failure) {
	if bad := f.nameHolds(name); bad != nil {
		return nil, bad
	}
	return f.open(t)
}

// serveSOCKS serves SOCKS5's CONNECT.
func (c *client) serveSOCKS() {
	c.within(c.g.o.Limits.Head)
	f := c.begin(EntrySOCKS)
	cut := ""
	defer func() { f.end(cut) }()
	asked, err := socks.Handshake(socksConn{c})
	c.hasAsked()
	if bad := (*socks.Error)(nil); errors.As(err, &bad) {
		f.deny(denial(socksReason(bad), bad.Problem))
		c.linger()
	}
	if err != nil {
		return
	}
	cut = c.tunnelSOCKS(f, asked)
}

func socksReason(e *socks.Error) policy.Reason {
	if e.Command || e == socks.ErrMethod {
		return ReasonUnsupported
	}
	return ReasonBadRequest
}

// socksConn reads through the client's buffer and writes past it.
type socksConn struct{ *client }

func (s socksConn) Read(p []byte) (int, error)  { return s.r.Read(p) }
func (s socksConn) Write(p []byte) (int, error) { return s.conn.Write(p) }

func (c *client) tunnelSOCKS(f *flow, asked socks.Request) (cut string) {
	t, err := newTarget(asked.Host, asked.Port)
	if err != nil || asked.Port == 0 {
		f.deny(denial(ReasonBadRequest, "the SOCKS request names no host and port"))
		return c.refuseSOCKS(socks.NotAllowed)
	}
	up, bad := f.openNamed(t, asked.Host)
	switch {
	case bad == nil:
	case bad.denied:
		f.deny(bad.decision)
		return c.refuseSOCKS(socks.NotAllowed)
	default:
		if _, ok := f.allow(); !ok {
			return c.refuseSOCKS(socks.NotAllowed)
		}
		c.refuseSOCKS(unreachedReply(bad))
		return bad.detail
	}
	defer c.detach(up)
	if socks.Answer(c.conn, socks.Granted) != nil {
		_, _ = f.allow() // recorded or not, nothing moves
		return "the client has gone"
	}
	return (&tunnel{c: c, f: f, up: up}).run()
}

func unreachedReply(bad *failure) socks.Reply {
	if bad.status == http.StatusGatewayTimeout {
		return socks.TimedOut
	}
	return socks.HostUnreachable
}

func (c *client) refuseSOCKS(code socks.Reply) (cut string) {
	if socks.Answer(c.conn, code) == nil {
		c.linger()
	}
	return ""
}

func (c *client) refuseSOCKS4() {
	c.turnDown(EntrySOCKS, denial(ReasonUnsupported, "SOCKS4 is not served; SOCKS5 is"))
	if socks.Answer4(c.conn) == nil {
		c.linger()
	}
}
