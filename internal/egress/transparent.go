package egress

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/egress/sniff"
)

// firstWord is how long the door waits for a client to say whom it wants before it
// takes it for one that lets the server speak first.
const firstWord = 500 * time.Millisecond

// ServeTransparent is Serve for connections that the kernel redirected to l: their
// clients know of no proxy and speak to whom they dialed. Each is a tunnel to there.
// Its host is the name for which its address was given (Options.Names), or the one
// that its first bytes name, if that leads to the address; else the address itself.
// It fails at once where the kernel does not tell where a connection led.
func (g *Gateway) ServeTransparent(ctx context.Context, l net.Listener) error {
	if err := canRedirect(); err != nil {
		_ = l.Close()
		return err
	}
	return g.serve(ctx, l, &door{serve: (*client).serveTransparent})
}

// serveTransparent serves a connection that was meant for somebody else.
func (c *client) serveTransparent() {
	to, err := c.g.original(c.conn)
	if err == nil && c.g.o.Callers != nil { // the client's socket is connected to there; asked before anybody lists the flow
		c.asked.Do(func() { c.program = c.g.o.Callers.Caller(c.addr, to) })
	}
	f := c.begin(EntryTransparent)
	cut := ""
	defer func() { f.end(cut) }()
	if err != nil {
		f.deny(denial(ReasonUnsupported, "the connection was not redirected by the kernel: "+err.Error()))
		abort(c.conn)
		return
	}
	t := target{to.Addr().String(), to.Port()}
	f.asks(policy.Request{Host: t.host, Port: t.port}, f.url)
	up, bad := c.openOriginal(f, t)
	if bad != nil {
		cut = c.turnAway(f, bad)
		return
	}
	defer c.detach(up)
	cut = (&tunnel{c: c, f: f, up: up}).run()
}

// openOriginal connects to where a connection led.
func (c *client) openOriginal(f *flow, t target) (*upstream, *failure) {
	named, bad := f.named(t)
	switch {
	case bad != nil:
		return nil, bad
	case named != t:
		return f.open(named)
	}
	return c.openAddress(f, t)
}

// isOurs reports whether the client is this very program.
func (c *client) isOurs() bool {
	if c.caller().PID == os.Getpid() {
		return true
	}
	return slices.ContainsFunc(c.g.flows.all(), func(f *flow) bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.local.IsValid() && f.local == c.addr
	})
}

// openAddress connects to the address itself, and to no other, whatever name the
// first bytes tell.
func (c *client) openAddress(f *flow, t target) (*upstream, *failure) {
	a, _ := t.literal()
	bare := policy.Request{Host: t.host, Port: t.port, Address: a}
	name, told := c.toldName(t.port)
	if c.isOurs() { // by now it is known where our own connections begin
		return nil, denied(denial(ReasonLoop, "the gateway's own connection was redirected to it; leave its user out of the rules of the packet filter"))
	}
	if !told {
		if d := f.judgeAddress(bare); !d.Allowed() {
			return nil, denied(d)
		}
		return f.dial(t, bare, []netip.Addr{a})
	}
	if bad := f.nameHolds(name.host); bad != nil {
		return nil, bad
	}
	r := policy.Request{Host: name.host, Port: t.port, Address: a}
	byName := f.judgeAddress(r)
	there := byName.Allowed() && f.leadsTo(name, a)
	byAddress := f.judgeAddress(bare)
	switch {
	case there:
		return f.dial(name, r, []netip.Addr{a})
	case byAddress.Allowed():
		up, bad := f.dial(t, bare, []netip.Addr{a})
		if bad == nil && byName.Allowed() {
			up.alias = name.host
		}
		return up, bad
	case byName.Allowed():
		return nil, denied(denial(ReasonHostMismatch, "the connection names "+name.host+", which does not lead to "+t.host))
	}
	f.asks(r, f.url)
	return nil, denied(byName)
}

// leadsTo reports whether a name has the address: anybody can tell any name.
func (f *flow) leadsTo(name target, a netip.Addr) bool {
	found, bad := f.resolve(name)
	return bad == nil && slices.Contains(found, a)
}

// toldName is the host that a client's first bytes name, by TLS or by HTTP.
func (c *client) toldName(port uint16) (t target, told bool) {
	c.within(firstWord)
	defer c.unhurried()
	for {
		b := c.r.Buffered()
		g, v := sniff.Client(b)
		if v == sniff.Known && g.Protocol == policy.HTTP && !g.HTTP2 {
			g.Host, v = sniff.HTTPHost(b)
		}
		if v == sniff.Known && g.Host != "" {
			t, err := newTarget(g.Host, port)
			_, literal := t.literal()
			return t, err == nil && !literal
		}
		if v != sniff.More && len(b) > 0 || c.r.Fill(sniff.MaxFirst) != nil {
			return target{}, false
		}
	}
}

// turnAway tells a client, in the language that it began to speak, that it does not
// get where it wants.
func (c *client) turnAway(f *flow, bad *failure) (cut string) {
	if bad.denied {
		f.deny(bad.decision)
	} else if _, ok := f.tried(); ok {
		cut = bad.detail
	}
	if len(c.r.Buffered()) == 0 {
		c.within(firstWord)
		_ = c.r.Fill(sniff.MaxFirst) // who says nothing is told nothing
	}
	g, _ := sniff.Client(c.r.Buffered())
	switch {
	case g.Protocol == policy.HTTP && !g.HTTP2 && len(c.r.Buffered()) > 0:
		c.answer(&http1.Head{Method: http.MethodGet, Minor: 1, Close: true}, bad)
		c.linger()
	case g.TLS:
		_, _ = fmt.Fprint(c.conn, accessDenied) // refused either way
		c.linger()
	default:
		abort(c.conn)
	}
	return cut
}
