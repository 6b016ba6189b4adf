package egress

import (
	"errors"
	"io"
	"net/http"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/http1"
	"go.cordon.dev/cordon/internal/egress/sniff"
)

// tunnel is a connection that was allowed by name and address, and of which
// nobody knows yet what it will carry. No byte moves before that is judged.
type tunnel struct {
	c  *client
	f  *flow
	up *upstream

	tls *interception // once TLS was taken off; nil before, and where nobody looks
}

// run carries the tunnel to its end, and says why it was cut, if it was.
func (t *tunnel) run() (cut string) {
	cut = t.converse()
	if why, ok := t.f.overspent(); ok {
		return why
	}
	return cut
}

func (t *tunnel) converse() (cut string) {
	t.await()
	switch {
	case len(t.c.r.Buffered()) > 0:
		return t.clientFirst()
	case len(t.up.r.Buffered()) > 0:
		return t.serverFirst()
	}
	// One of them ended the connection without a word.
	return t.carry(sniff.Guess{Protocol: policy.TCP})
}

// await waits until either end has said something, or has ended.
func (t *tunnel) await() {
	t.c.unhurried()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = t.up.r.Fill(sniff.MaxFirst) // an end shows again when bytes are moved
		_ = t.c.conn.SetReadDeadline(time.Now())
	}()
	if len(t.c.r.Buffered()) == 0 {
		_ = t.c.r.Fill(sniff.MaxFirst) // likewise
	}
	_ = t.up.conn.SetReadDeadline(time.Now())
	<-served
	_ = t.up.conn.SetReadDeadline(time.Time{})
	t.c.unhurried()
}

// clientFirst serves a client that speaks first.
func (t *tunnel) clientFirst() (cut string) {
	g, bad := t.firstBytes()
	if bad != nil {
		return t.refuse(*bad, g)
	}
	if g.HTTP2 {
		return t.clearHTTP2(g)
	}
	if g.Protocol == policy.HTTP && len(t.up.r.Buffered()) > 0 {
		return t.refuse(denial(ReasonBadRequest, "the client speaks a protocol in which no server greets"), g)
	}
	if g.Protocol == policy.HTTP {
		return t.serveHTTP()
	}
	if g.Asks != sniff.NoAsk {
		return t.servePostgres(g)
	}
	if g.TLS {
		return t.serveTLS(g)
	}
	return t.carry(g)
}

// firstBytes reads on until it is clear what the client speaks.
func (t *tunnel) firstBytes() (sniff.Guess, *policy.Decision) {
	t.c.within(t.c.g.o.Limits.Head)
	defer t.c.unhurried()
	for {
		g, v := sniff.Client(t.c.r.Buffered())
		switch v {
		case sniff.Known:
			return g, t.misfit(g)
		case sniff.Unknown:
			return sniff.Guess{Protocol: policy.TCP}, nil
		case sniff.Broken:
			return g, deny(ReasonBadRequest, "the first bytes begin like TLS and are no ClientHello")
		}
		err := t.c.r.Fill(sniff.MaxFirst)
		if errors.Is(err, io.EOF) {
			return sniff.Guess{Protocol: policy.TCP}, nil // no more will come
		}
		if err != nil {
			return g, deny(ReasonBadRequest, "the first bytes are too long or too slow to tell what they are")
		}
	}
}

func deny(why policy.Reason, detail string) *policy.Decision {
	d := denial(why, detail)
	return &d
}

// misfit says why what the client speaks may not go where the tunnel leads,
// whatever the rules; nil when it may.
func (t *tunnel) misfit(g sniff.Guess) *policy.Decision {
	if g.HTTP2 && t.tls != nil {
		return deny(ReasonUnsupported, "HTTP/2 that TLS has not agreed on is not served")
	}
	if t.tls != nil && g.TLS {
		return deny(ReasonUnsupported, "TLS within TLS cannot be looked into")
	}
	if g.Host == "" {
		return nil
	}
	if bad := t.f.nameHolds(g.Host); bad != nil {
		return &bad.decision
	}
	inner, err := newTarget(g.Host, t.up.port)
	if err != nil {
		return deny(ReasonBadRequest, "TLS names no host that there could be: "+err.Error())
	}
	if inner == t.up.target {
		return nil
	}
	return t.otherHost(inner, g)
}

// otherHost judges a name inside that is not the one outside. Where an address
// was asked for, the name adds to it, and only what speaks against the name
// itself counts. Where a name was, another one is denied, unless the policy
// lets pass what no rule speaks of.
func (t *tunnel) otherHost(inner target, g sniff.Guess) *policy.Decision {
	r := policy.Request{Host: inner.host, Port: inner.port, Address: t.up.addr, Protocol: g.Protocol, TLS: g.TLS, Program: t.c.caller(), Time: t.c.g.o.Clock.Now(), Entry: string(t.f.entry)}
	d := t.c.g.decide(r)
	if _, literal := t.up.literal(); literal {
		switch d.Reason {
		case policy.ReasonDenylist, policy.ReasonMetadataAddress, policy.ReasonBadHost, policy.ReasonKillSwitch:
			if !d.Allowed() {
				return &d
			}
		}
		return nil
	}
	if d.Allowed() && (d.Default || d.Would == policy.Deny) {
		return nil
	}
	return deny(ReasonHostMismatch, "the tunnel is for "+t.up.host+", and TLS inside it names "+inner.host)
}

// judge asks about what is spoken.
func (t *tunnel) judge(g sniff.Guess) policy.Decision { return t.f.judge(t.request(g)) }

// request is what the policy is asked about.
func (t *tunnel) request(g sniff.Guess) policy.Request {
	r := policy.Request{Host: t.up.host, Port: t.up.port, Address: t.up.addr, Protocol: g.Protocol, TLS: g.TLS || t.tls != nil}
	if g.Protocol == policy.TLS {
		r.Protocol = behindTLS(g.ALPN, t.up.port)
	}
	return r
}

// behindTLS names what TLS hides, by what the client offers or, where that is no
// protocol of the web, by the port that is registered for it with TLS from the first
// byte. A word that nobody knows says nothing: servers pass over it.
func behindTLS(alpn []string, port uint16) policy.Protocol {
	web := false
	for _, p := range alpn {
		switch p {
		case "postgresql":
			return policy.Postgres
		case "dot": // RFC 7858, 3.1
			return policy.DNS
		case "h2", "http/1.1", "http/1.0":
			web = true
		}
	}
	if web {
		return policy.TLS
	}
	switch port {
	case 6379, 6380:
		return policy.Redis
	case 27017, 27018, 27019:
		return policy.MongoDB
	case 465:
		return policy.SMTP
	case 853:
		return policy.DNS
	}
	return policy.TLS
}

// carry judges and records what is spoken, and then moves bytes both ways.
func (t *tunnel) carry(g sniff.Guess) (cut string) {
	if d := t.judge(g); !d.Allowed() {
		return t.refuse(d, g)
	}
	return t.pass()
}

// pass moves bytes both ways once that is recorded.
func (t *tunnel) pass() (cut string) {
	if !t.allow() {
		return t.drop()
	}
	return t.c.splice(t.up, t.f)
}

// allow records that the tunnel is allowed, once.
func (t *tunnel) allow() bool {
	if t.f.recorded {
		return true
	}
	_, ok := t.f.allow()
	return ok
}

// serveHTTP reads the requests inside the tunnel one by one, each a flow of its
// own: what was judged of the first says nothing of the second. Inside TLS the tunnel
// was judged as that: a rule for wss alone speaks of none of HTTP yet.
func (t *tunnel) serveHTTP() (cut string) {
	g := sniff.Guess{Protocol: policy.HTTP}
	if t.tls == nil {
		if d := t.judge(g); !d.Allowed() {
			return t.refuse(d, g)
		}
	}
	if !t.allow() {
		return t.drop()
	}
	t.c.rest(t.up)
	t.c.serveHTTP(&place{target: t.up.target, alias: t.up.alias, f: t.f, tls: t.tls})
	return ""
}

// refuse records a denial and tells the client in its own language.
func (t *tunnel) refuse(d policy.Decision, g sniff.Guess) (cut string) {
	d = t.f.deny(d)
	switch {
	case g.Protocol == policy.HTTP && !g.HTTP2:
		bad := denied(d)
		t.up.abort()
		t.c.answer(&http1.Head{Method: http.MethodGet, Minor: 1, Close: true}, bad)
	case g.HTTP2:
		_, _ = t.c.conn.Write(goAway(d)) // refused either way
		t.up.abort()
		t.c.linger()
	case g.TLS:
		_, _ = t.c.conn.Write([]byte(accessDenied)) // refused either way
		t.up.abort()
		t.c.linger()
	default:
		t.drop()
	}
	return string(d.Reason)
}

// accessDenied is TLS's fatal alert 49 (RFC 8446, 6).
const accessDenied = "\x15\x03\x03\x00\x02\x02\x31"

// drop ends the tunnel at once, outside first.
func (t *tunnel) drop() string {
	t.up.abort()
	abort(t.c.conn)
	return ""
}
