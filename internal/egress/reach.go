package egress

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
)

// maxAddresses bounds how many addresses of one name are judged.
const maxAddresses = 32

// upstream is a connection to an origin. It counts for the flow that uses it.
type upstream struct {
	target
	alias   string // a name that requests may have for it, by which nothing is judged; empty: none
	conn    net.Conn
	addr    netip.Addr
	r       *http1.Reader
	w       *bufio.Writer
	flow    *flow // who uses it; set while nobody reads or writes
	used    bool  // has answered a request: its origin may close it at any time
	resting bool  // open and not in use; under client.mu
}

func newUpstream(t target, a netip.Addr, conn net.Conn) *upstream {
	up := &upstream{target: t, addr: a, conn: conn}
	up.r, up.w = http1.NewReader(countedReader{up}), newWriter(countedWriter{up})
	return up
}

func (u *upstream) abort() { abort(u.conn) }

type countedReader struct{ *upstream }

func (c countedReader) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	c.flow.in.Add(int64(n))
	return n, err
}

type countedWriter struct{ *upstream }

func (c countedWriter) Write(p []byte) (int, error) {
	n, err := c.outlet(c.flow).Write(p)
	c.flow.out.Add(int64(n))
	return n, err
}

// failure is why a flow does not go on: a denial, or an origin that cannot be
// reached.
type failure struct {
	denied   bool
	recorded bool            // of a denial: the flow was told already
	decision policy.Decision // of a denial
	status   int             // HTTP: what the client is told
	detail   string
}

func denied(d policy.Decision) *failure {
	return &failure{denied: true, decision: d, status: http.StatusForbidden, detail: d.Detail}
}

// recorded is a denial that the flow gave itself.
func recorded(d policy.Decision) *failure {
	bad := denied(d)
	bad.recorded = true
	return bad
}

func malformed(status int, detail string) *failure {
	return &failure{denied: true, decision: denial(ReasonBadRequest, detail), status: status, detail: detail}
}

func unreachable(status int, detail string) *failure { return &failure{status: status, detail: detail} }

// reach resolves the request's host once, judges every address, and connects to
// one of those that are allowed, to nothing else.
func (f *flow) reach(t target, r policy.Request) (*upstream, *failure) {
	allowed, bad := f.addresses(t, r)
	if bad != nil {
		return nil, bad
	}
	return f.dial(t, r, allowed)
}

// addresses returns those that may be dialed.
func (f *flow) addresses(t target, r policy.Request) ([]netip.Addr, *failure) {
	found, bad := f.resolve(t)
	if bad != nil {
		return nil, bad
	}
	var allowed []netip.Addr
	var last policy.Decision
	for _, a := range found {
		r.Address = a
		if d := f.judgeAddress(r); d.Allowed() {
			allowed = append(allowed, a)
		} else {
			last = d
		}
	}
	if len(allowed) == 0 {
		return nil, denied(last)
	}
	return allowed, nil
}

func (f *flow) judgeAddress(r policy.Request) policy.Decision {
	d := f.judge(r)
	if d.Allowed() && f.client.g.leadsBack(netip.AddrPortFrom(r.Address, r.Port)) {
		return denial(ReasonLoop, "the address is one of Cordon's own doors")
	}
	return d
}

// resolve is the one look-up of a flow.
func (f *flow) resolve(t target) ([]netip.Addr, *failure) {
	if a, ok := t.literal(); ok {
		return []netip.Addr{a}, nil
	}
	g := f.client.g
	ctx, cancel := context.WithTimeout(f.client.ctx, g.o.Limits.Resolve)
	defer cancel()
	name := t.host
	if strings.Contains(name, ".") {
		name += "." // exactly the name that was judged, no search list
	}
	found, err := g.o.Resolver.LookupNetIP(ctx, "ip", name)
	if err != nil || len(found) == 0 {
		return nil, unreachable(http.StatusBadGateway, "the name "+t.host+" has no address, or cannot be looked up")
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found[:min(len(found), maxAddresses)], nil
}

// leadsBack reports whether an address is one of Cordon's own doors, under
// whatever local address.
func (g *Gateway) leadsBack(to netip.AddrPort) bool {
	g.mu.Lock()
	named := slices.ContainsFunc(g.own, func(o netip.AddrPort) bool { return o.Port() == to.Port() })
	g.mu.Unlock()
	if !named {
		return false
	}
	a := to.Addr().Unmap().WithZone("")
	return a.IsLoopback() || a.IsUnspecified() || isLocal(a)
}

// isLocal reports whether this machine has the address, also when it cannot be
// said.
func isLocal(a netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	return err != nil || slices.ContainsFunc(all, func(n net.Addr) bool {
		p, err := netip.ParsePrefix(n.String())
		return err == nil && p.Addr().Unmap() == a
	})
}

// dial connects to one of the addresses.
func (f *flow) dial(t target, r policy.Request, allowed []netip.Addr) (*upstream, *failure) {
	g := f.client.g
	ctx, cancel := context.WithTimeout(f.client.ctx, g.o.Limits.Dial)
	defer cancel()
	conn, a, err := race(ctx, g.o.Dial, allowed, t.port)
	switch {
	case err != nil && ctx.Err() != nil && f.client.ctx.Err() == nil:
		return nil, unreachable(http.StatusGatewayTimeout, fmt.Sprintf("%s did not answer within %v", t, g.o.Limits.Dial))
	case err != nil:
		return nil, unreachable(http.StatusBadGateway, t.String()+" cannot be reached")
	}
	up := newUpstream(t, a, conn)
	up.flow = f
	if !f.client.attach(up) {
		return nil, unreachable(http.StatusBadGateway, "the flow was cut while it was being connected")
	}
	r.Address = a
	if d := f.judge(r); !d.Allowed() { // the policy changed meanwhile
		f.client.detach(up)
		return nil, denied(d)
	}
	f.reached(up)
	return up, nil
}
