package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/redact"
)

// EntryInbound is how a WebSocket comes in that somebody opens to a program here.
const EntryInbound Entry = "inbound"

// Admitter decides who may open a WebSocket to a program here. It is asked again
// about live ones when the policy changes.
type Admitter interface {
	Admit(v policy.Visit) policy.Decision
}

// Inbound is a door in front of a program that serves WebSockets.
type Inbound struct {
	Admitter Admitter       // Mandatory.
	To       netip.AddrPort // Mandatory. Where the program listens.
	Tokens   []Token        // Those who are known.
}

// ServeInbound takes on l whoever opens a WebSocket to a program, as Serve takes
// clients: requests for anything else are refused, Origin and token are judged, and
// what the program sends is searched for secrets. Of its records, BytesOut went to
// the program and BytesIn came from it.
func (g *Gateway) ServeInbound(ctx context.Context, l net.Listener, in Inbound) error {
	if in.Admitter == nil || !in.To.IsValid() {
		return errors.New("serving WebSockets from outside: Admitter or To is missing")
	}
	return g.serve(ctx, l, &door{serve: func(c *client) { c.serveInbound(&in) }})
}

// visit is one WebSocket from outside.
type visit struct {
	c       *client
	f       *flow
	h       *http1.Head
	in      *Inbound
	up      *upstream
	visitor policy.Visit
	subject string // who it is; empty: nobody knows
}

// serveInbound serves the one request of a connection.
func (c *client) serveInbound(in *Inbound) {
	if !c.awaitRequest() {
		return
	}
	var h http1.Head
	c.within(c.g.o.Limits.Head)
	err := c.r.Request(&h)
	if bad := (*http1.Error)(nil); errors.As(err, &bad) {
		c.turnDown(EntryInbound, denial(ReasonBadRequest, bad.Problem))
		c.answer(&http1.Head{Minor: 1, Close: true}, malformed(bad.Status, bad.Problem))
	}
	if err != nil {
		return
	}
	h.Close = true
	v := &visit{c: c, f: c.begin(EntryInbound), h: &h, in: in}
	cut := ""
	defer func() { v.f.end(cut) }()
	cut = v.serve()
}

func (v *visit) serve() (cut string) {
	if bad := v.understand(); bad != nil {
		return v.refuse(bad)
	}
	if d := v.admit(dlp.Verdict{}); !d.Allowed() {
		bad := denied(d)
		if d.Reason == policy.ReasonAuthentication {
			bad.status = http.StatusUnauthorized
		}
		return v.refuse(bad)
	}
	if bad := v.dial(); bad != nil {
		return v.refuse(bad)
	}
	defer v.c.detach(v.up)
	if d, ok := v.f.allow(); !ok {
		return v.refuse(recorded(d))
	}
	return v.open()
}

// understand finds out who wants what.
func (v *visit) understand() *failure {
	h := v.h
	if h.Target[0] != '/' {
		return malformed(http.StatusBadRequest, "the request names no path")
	}
	path := string(h.Target)
	r := policy.Request{
		Time: v.c.g.o.Clock.Now(), Host: v.in.To.Addr().String(), Port: v.in.To.Port(), Address: v.in.To.Addr(),
		Protocol: policy.WS, Method: h.Method, Path: link{path: path}.cleanPath(),
	}
	v.f.asks(r, redact.NewSecret("ws://"+v.in.To.String()+path))
	if h.Method != http.MethodGet || h.Minor != 1 || !http1.EqualFold(h.Upgrade, "websocket") || !h.Body.Empty() {
		bad := denied(denial(ReasonUnsupported, "this door is for WebSockets only"))
		bad.status = http.StatusUpgradeRequired
		return bad
	}
	v.subject = v.in.recognise(h)
	v.visitor = policy.Visit{Origins: fieldValues(h, "origin"), Known: func() bool { return v.subject != "" }}
	v.f.comes(v.visitor.Origins, v.subject)
	v.forward()
	return nil
}

// forward has the program told who comes, by fields that nobody else may write.
func (v *visit) forward() {
	h := v.h
	for i := range h.Fields {
		for _, name := range [...]string{"x-forwarded-for", "x-real-ip", "forwarded", "x-cordon-subject"} {
			if http1.Alike(h.Fields[i].Name, name) {
				h.Fields[i].Drop = true
			}
		}
	}
	h.Fields = append(h.Fields, http1.Field{Name: []byte("X-Forwarded-For"), Value: []byte(v.c.addr.Addr().String())})
	if v.subject != "" {
		h.Fields = append(h.Fields, http1.Field{Name: []byte("X-Cordon-Subject"), Value: []byte(v.subject)})
	}
}

// admit judges the visit by what is known of it and what was found in what the
// program would send.
func (v *visit) admit(found dlp.Verdict) policy.Decision {
	r := v.f.found(policy.Request{}, found)
	asked := v.visitor
	asked.Secrets, asked.Unseen = r.Secrets, r.Unseen
	d := v.c.g.admit(v.in.Admitter, asked)
	if !found.Clean() && (d.Reason == policy.ReasonLeak || d.Reason == policy.ReasonNotScanned) {
		d.Detail += ": " + found.String()
	}
	v.f.admitted(d, func() policy.Decision { return v.c.g.admit(v.in.Admitter, asked) })
	return d
}

func (g *Gateway) admit(a Admitter, v policy.Visit) policy.Decision {
	if on, reason := g.o.Switch.On(); on {
		return denial(policy.ReasonKillSwitch, "the kill switch is on: "+reason)
	}
	return a.Admit(v)
}

// dial connects to the program.
func (v *visit) dial() *failure {
	ctx, cancel := context.WithTimeout(v.c.ctx, v.c.g.o.Limits.Dial)
	defer cancel()
	conn, err := v.c.g.o.Dial(ctx, v.in.To)
	if err != nil {
		return unreachable(http.StatusBadGateway, "the program does not listen")
	}
	up := newUpstream(target{v.in.To.Addr().String(), v.in.To.Port()}, v.in.To.Addr(), conn)
	up.flow = v.f
	if !v.c.attach(up) {
		return unreachable(http.StatusBadGateway, "the flow was cut while it was being connected")
	}
	v.up = up
	v.f.reached(up)
	return nil
}

// open has the program open the WebSocket, and carries it.
func (v *visit) open() (cut string) {
	up, c := v.up, v.c
	http1.WriteRequest(up.w, v.h, http1.Outgoing{Target: string(v.h.Target), Host: string(v.h.Host), Via: c.g.via, Upgrade: true})
	_ = up.w.Flush() // an error shows when the answer is read
	_ = up.conn.SetReadDeadline(time.Now().Add(c.g.o.Limits.Dial))
	var a http1.Head
	err := up.r.Answer(&a, http.MethodGet)
	if err != nil || a.Status != http.StatusSwitchingProtocols || !http1.EqualFold(a.Upgrade, "websocket") {
		bad := unreachable(http.StatusBadGateway, "the program did not open the WebSocket")
		c.answer(v.h, bad)
		return bad.detail
	}
	_ = up.conn.SetReadDeadline(time.Time{})
	carry, bad := v.carrier(&a)
	if bad != nil {
		return v.refuse(bad)
	}
	http1.WriteAnswer(c.w, &a, http1.Back{Via: c.g.via, Minor: 1, Upgrade: true})
	if c.w.Flush() != nil {
		return ""
	}
	c.unhurried()
	v.f.quietFor(c.g.o.Limits.Stall)
	return carry()
}

// carrier is exchange.messages for the other direction: what the program says is what
// leaves.
func (v *visit) carrier(a *http1.Head) (carry func() string, bad *failure) {
	spliced := func() string { return v.c.splice(v.up, v.f) }
	i := v.c.g.o.Inspector()
	if i == nil {
		v.f.passUnseen()
		return spliced, nil
	}
	s := newSocket(v.f, i, v.up.end(), v.c.end())
	s.sender = "inbound\x00" + v.up.addr.String()
	s.judge = v.admit
	looked, err := s.agree(v.h, a)
	switch {
	case err != nil:
		return nil, denied(s.denied)
	case !looked:
		return spliced, nil
	}
	return s.run, nil
}

// refuse records why the visit ends and says so.
func (v *visit) refuse(bad *failure) (cut string) {
	switch {
	case !bad.denied:
		cut = bad.detail
		if d, ok := v.f.allow(); !ok {
			bad = recorded(d)
		}
	case !bad.recorded:
		bad.decision = v.f.deny(bad.decision)
	}
	v.c.answer(v.h, bad)
	return cut
}
