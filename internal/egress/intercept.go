package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/sniff"
)

// The protocols that TLS agrees on (RFC 7301, 6) and the gateway reads.
const (
	alpnHTTP1 = "http/1.1"
	alpnHTTP2 = "h2"
)

// interception is what is known of a tunnel whose TLS the gateway has taken off.
type interception struct {
	g    *Gateway
	name string // whom the origin proved to be; in normal form
	alpn string // what both ends have agreed on; empty when on nothing
}

// serveTLS serves a client that speaks TLS: looks into it where the policy says so,
// and else lets it pass as it is.
func (t *tunnel) serveTLS(g sniff.Guess) (cut string) {
	d := t.judge(g)
	switch {
	case !d.Allowed():
		return t.refuse(d, g)
	case !d.Intercept:
		t.f.hide()
		return t.pass()
	case t.c.g.o.Authority == nil:
		return t.refuse(denial(ReasonUnsupported, "the policy wants TLS looked into, and this gateway has no certificate of its own"), g)
	case len(t.up.r.Buffered()) > 0:
		return t.refuse(denial(ReasonBadRequest, "the client speaks TLS, in which no server greets"), g)
	}
	if d := t.offers(g); !d.Allowed() {
		return t.refuse(d, g)
	}
	if !t.allow() {
		return t.drop()
	}
	return t.intercept(g)
}

// offers looks at the protocols that the origin will be offered, and judges the tunnel by
// what they hold: they may be any words, and leave before anything is encrypted. Like
// the labels of a host they are looked at together as well.
func (t *tunnel) offers(g sniff.Guess) policy.Decision {
	i := t.c.g.o.Inspector()
	if i == nil {
		return policy.Decision{Result: policy.Allow}
	}
	v := i.Name("protocols offered in TLS", strings.Join(offer(g.ALPN), ".")+".")
	if v.Clean() {
		return policy.Decision{Result: policy.Allow}
	}
	_, d := t.f.judgeFound(t.request(g), v)
	return d
}

// hide notes that nobody looks into what moves from here on.
func (f *flow) hide() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hidden = true
}

func (f *flow) unseen() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hidden
}

// intercept speaks TLS with the origin first, and then with the client as the origin
// has answered: what the client is told of the origin is true.
func (t *tunnel) intercept(g sniff.Guess) (cut string) {
	i := &interception{g: t.c.g, name: t.up.host}
	if g.Host != "" { // let pass by misfit
		named, err := newTarget(g.Host, t.up.port)
		if err != nil {
			return t.refuse(denial(ReasonBadRequest, "TLS names no host that there could be: "+err.Error()), g)
		}
		i.name = named.host
	}
	if bad := i.origin(t.c, t.f, t.up, offer(g.ALPN)); bad != nil {
		return t.unsecured(bad, g)
	}
	if why, err := i.client(t.c); err != nil {
		t.up.abort()
		if why != nil {
			return string(t.f.deny(*why).Reason)
		}
		return "the client did not finish TLS with the gateway"
	}
	t.tls = i
	if i.alpn == alpnHTTP2 {
		return t.serveHTTP2()
	}
	return t.run()
}

// unsecured ends a tunnel to whose origin there is no TLS.
func (t *tunnel) unsecured(bad *failure, g sniff.Guess) (cut string) {
	if bad.denied {
		return t.refuse(bad.decision, g)
	}
	_, _ = t.c.conn.Write([]byte(handshakeFailure)) // it has failed either way
	t.up.abort()
	t.c.linger()
	return bad.detail
}

// handshakeFailure is TLS's fatal alert 40 (RFC 8446, 6).
const handshakeFailure = "\x15\x03\x03\x00\x02\x02\x28"

// offer is what of a client's offer the origin is asked for: HTTP where it is among
// it, since that is read here, and else what the client wants.
func offer(alpn []string) []string {
	known := slices.DeleteFunc(slices.Clone(alpn), func(p string) bool { return p != alpnHTTP1 && p != alpnHTTP2 })
	if len(known) > 0 {
		return known
	}
	return alpn
}

// again speaks TLS on a further connection to the same origin, with one protocol.
func (i *interception) again(c *client, f *flow, up *upstream, alpn string) *failure {
	next := &interception{g: i.g, name: i.name}
	bad := next.origin(c, f, up, []string{alpn})
	if bad == nil && next.alpn != alpn && (next.alpn != "" || alpn != alpnHTTP1) {
		bad = unreachable(http.StatusBadGateway, "the origin agrees on another protocol than before")
	}
	if bad != nil {
		c.detach(up)
	}
	return bad
}

// origin speaks TLS with the origin, which has to prove that it is who was asked for.
func (i *interception) origin(c *client, f *flow, up *upstream, alpn []string) *failure {
	ctx, cancel := context.WithTimeout(c.ctx, i.g.o.Limits.Dial)
	defer cancel()
	asked := false
	conn := tls.Client(up.conn, &tls.Config{
		ServerName: i.name, RootCAs: i.g.o.Roots, NextProtos: alpn, Time: i.g.o.Clock.Now, MinVersion: tls.VersionTLS12, DynamicRecordSizingDisabled: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			return nil, errNoCertificate
		},
	})
	err := conn.HandshakeContext(ctx)
	switch {
	case asked:
		return denied(denial(ReasonClientCertificate, "the origin asks for a certificate of the client, which the gateway cannot show; a rule for it may have intercept_tls: false"))
	case err != nil:
		return broken(err)
	}
	i.alpn = conn.ConnectionState().NegotiatedProtocol
	c.secure(up, conn)
	f.touch(i.g.o.Clock.Now())
	return nil
}

var errNoCertificate = errors.New("there is no certificate to show")

// broken says in words of the gateway's own why there is no TLS with an origin.
func broken(err error) *failure {
	bad := (*tls.CertificateVerificationError)(nil)
	if !errors.As(err, &bad) {
		return unreachable(http.StatusBadGateway, "the origin did not finish TLS with the gateway")
	}
	why := "does not hold"
	invalid, unknown, name := x509.CertificateInvalidError{}, x509.UnknownAuthorityError{}, x509.HostnameError{}
	switch {
	case errors.As(err, &name):
		why = "is for another host"
	case errors.As(err, &unknown):
		why = "is signed by nobody whom this machine trusts"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		why = "has expired, or is not valid yet"
	}
	return denied(denial(ReasonUpstreamCertificate, "the origin's certificate "+why))
}

// client speaks TLS with the client in the origin's place. When that fails, why is the
// denial that this is, or nil.
func (i *interception) client(c *client) (why *policy.Decision, err error) {
	leaf, err := i.g.o.Authority.Leaf(i.name)
	if err != nil {
		i.g.o.Log.Error("egress: there is no certificate for a host", "error", err)
		return deny(ReasonUnsupported, "the gateway could not make a certificate"), err
	}
	o := &tls.Config{Certificates: []tls.Certificate{*leaf}, SessionTicketsDisabled: true, MinVersion: tls.VersionTLS12, DynamicRecordSizingDisabled: true}
	if i.alpn != "" {
		o.NextProtos = []string{i.alpn}
	}
	ctx, cancel := context.WithTimeout(c.ctx, i.g.o.Limits.Head)
	defer cancel()
	raw := &unread{Conn: c.raw, r: c.r}
	conn := tls.Server(raw, o)
	if err := conn.HandshakeContext(ctx); err != nil {
		return mistrust(err, raw.alert()), err
	}
	c.speak(conn)
	return nil, nil
}

// mistrust is the denial that it is when a client gives up because of the gateway's
// certificate; nil when it gave up for something else. crypto/tls has no type for the
// alerts that say so, only words; and some clients (OpenSSL) say it in the clear where
// TLS 1.3 wants it encrypted, which crypto/tls cannot read.
func mistrust(err error, alert byte) *policy.Decision {
	said := (*net.OpError)(nil)
	told := errors.As(err, &said) && said.Op == "remote error" && strings.Contains(said.Err.Error(), "certificate")
	if !told && !slices.Contains(certificateAlerts[:], alert) {
		return nil
	}
	return deny(ReasonClientRefuses, "the client does not trust the gateway's certificate; give it that of cordon egress ca, or let a rule have intercept_tls: false")
}

// certificateAlerts are what TLS says of a certificate that is not believed (RFC 8446,
// 6.2): bad, unsupported, revoked, expired, unknown, and by an unknown authority.
var certificateAlerts = [...]byte{42, 43, 44, 45, 46, 48}

// wake ends a wait for bytes.
func wake(conn interface{ SetReadDeadline(time.Time) error }) { _ = conn.SetReadDeadline(time.Now()) }
