package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress/budget"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

// Judge decides. It is asked several times about one flow, with more known each
// time, and again about live flows when the policy changes.
type Judge interface {
	Decide(r policy.Request) policy.Decision
}

// Recorder keeps what was decided.
type Recorder interface {
	// Decided returns when the decision is kept as durably as the mode asks for.
	// Its error denies the flow.
	Decided(ctx context.Context, r Record) error
	// Ended is told once of every allowed flow, with its final counts.
	Ended(r Record)
}

// Switch is the kill switch. On says why, in words for people.
type Switch interface {
	On() (on bool, reason string)
}

// Resolver looks names up. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Callers knows which program is at the other end of a connection from this
// machine.
type Callers interface {
	// Caller is asked with the client's and the gateway's end. What is not known
	// stays empty.
	Caller(client, gateway netip.AddrPort) policy.Program
}

// Authority makes the certificates with which the gateway answers in the place of
// hosts whose TLS it looks into.
type Authority interface {
	// Leaf is for exactly this name or address.
	Leaf(host string) (*tls.Certificate, error)
}

// Options are the parts of a Gateway.
type Options struct {
	Judge    Judge    // Mandatory.
	Recorder Recorder // Mandatory.
	Switch   Switch   // Mandatory.
	Resolver Resolver // If nil, the system's.
	Names    Names    // If nil, every address is what it is.
	Callers  Callers  // If nil, programs are not known. Asked once for each connection of a client.
	// Dial connects to one judged address. If nil, the system does.
	Dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	// Own are Cordon's other doors on this machine, which nobody reaches through
	// the gateway. The listeners given to Serve are known by themselves.
	Own []netip.AddrPort
	// Inspector says who looks at what is sent, now: it is asked for each request.
	// Nil, or if it returns nil, nobody does.
	Inspector func() *dlp.Inspector
	// Authority is asked where a policy wants TLS looked into. If nil, such flows are
	// denied.
	Authority Authority
	// Roots sign the certificates of origins whose TLS is looked into. If nil, the
	// system's do.
	Roots *x509.CertPool
	// Budgets keeps account of rules with a data_budget. If nil, a restart forgets.
	Budgets *budget.Book
	Clock   clock.Clock  // If nil, the machine's.
	Log     *slog.Logger // If nil, discards.
	Limits  Limits
}

// Limits bound what the gateway spends. Each that is zero is Defaults'.
type Limits struct {
	Clients int // connections of clients at a time; more are closed at once
	Blocked int // denied decisions kept for Blocked
	Heads   int // bytes that clients' heads hold together, beyond 4 KB each

	Head    time.Duration // for a client to send a whole head or greeting
	Idle    time.Duration // for a client to begin its next request
	Resolve time.Duration // for a look-up
	Dial    time.Duration // for all connection attempts of a flow together
	Answer  time.Duration // for an HTTP request to move no byte either way
	Stall   time.Duration // for a tunnel to move no byte either way
	Drain   time.Duration // for flows to end by themselves on a stop
}

// Defaults are the limits of a gateway that is told none.
func Defaults() Limits {
	return Limits{
		Clients: 10_000, Blocked: 1_000, Heads: 64 << 20,
		Head: 10 * time.Second, Idle: 2 * time.Minute, Resolve: 5 * time.Second,
		Dial: 10 * time.Second, Answer: 15 * time.Minute, Stall: 2 * time.Hour, Drain: 2 * time.Second,
	}
}

func (l Limits) orDefaults() Limits {
	d := Defaults()
	for _, n := range [...][2]*int{{&l.Clients, &d.Clients}, {&l.Blocked, &d.Blocked}, {&l.Heads, &d.Heads}} {
		if *n[0] <= 0 {
			*n[0] = *n[1]
		}
	}
	for _, t := range [...][2]*time.Duration{{&l.Head, &d.Head}, {&l.Idle, &d.Idle}, {&l.Resolve, &d.Resolve}, {&l.Dial, &d.Dial}, {&l.Answer, &d.Answer}, {&l.Stall, &d.Stall}, {&l.Drain, &d.Drain}} {
		if *t[0] <= 0 {
			*t[0] = *t[1]
		}
	}
	return l
}

func (o Options) check() error {
	switch {
	case o.Judge == nil:
		return errors.New("making the gateway: Judge is missing")
	case o.Recorder == nil:
		return errors.New("making the gateway: Recorder is missing")
	case o.Switch == nil:
		return errors.New("making the gateway: Switch is missing")
	}
	return nil
}

func (o Options) orDefaults() Options {
	o.Limits = o.Limits.orDefaults()
	if o.Inspector == nil {
		o.Inspector = func() *dlp.Inspector { return nil }
	}
	if o.Budgets == nil {
		o.Budgets = budget.New()
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Dial == nil {
		o.Dial = dialSystem
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
