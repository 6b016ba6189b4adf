package dns

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress"
	"go.cordon.dev/cordon/internal/egress/dlp"
)

// Callers knows which program of this machine asks.
type Callers interface {
	// Caller is asked about a TCP connection, Datagram about a UDP socket, with the
	// client's and the server's end. What is not known stays empty.
	Caller(client, server netip.AddrPort) policy.Program
	Datagram(client, server netip.AddrPort) policy.Program
}

// Options are the parts of a Server.
type Options struct {
	Judge    egress.Judge    // Mandatory.
	Recorder egress.Recorder // Mandatory.
	Switch   egress.Switch   // Mandatory.
	// Upstream are the name servers that are asked, now: it is called for every
	// question that the cache cannot answer. Mandatory.
	Upstream func() []netip.AddrPort
	Callers  Callers // If nil, programs are not known.
	// Inspector says who looks for secrets in names, now. Nil, or if it returns nil,
	// nobody does.
	Inspector func() *dlp.Inspector
	// Synthetic gives each name an address of its own. If nil, programs get the real
	// ones.
	Synthetic *Synthetic
	Clock     clock.Clock  // If nil, the machine's.
	Log       *slog.Logger // If nil, discards.
	Limits    Limits
}

// Limits bound what the server spends. Each that is zero is Defaults'.
type Limits struct {
	Questions   int           // by UDP, that are worked on at a time; more are dropped, and the client asks again
	Connections int           // of TCP at a time; more are closed at once
	Cache       int           // bytes of answers that are kept
	Askings     int           // of names by programs that are kept as one record
	Repeats     time.Duration // for how long the same question is one record
	Domains     int           // of clients that are watched for tunnelling
	Try         time.Duration // for an upstream server to answer
	Resolve     time.Duration // for all of them together
	Idle        time.Duration // for a connection to ask its next question
}

// Defaults are the limits of a server that is told none.
func Defaults() Limits {
	return Limits{
		Questions: 512, Connections: 256, Cache: 16 << 20, Askings: 8192, Repeats: time.Minute, Domains: 4096,
		Try: 1500 * time.Millisecond, Resolve: 4500 * time.Millisecond, Idle: 10 * time.Second,
	}
}

func (l Limits) orDefaults() Limits {
	d := Defaults()
	for _, n := range [...][2]*int{{&l.Questions, &d.Questions}, {&l.Connections, &d.Connections}, {&l.Cache, &d.Cache}, {&l.Askings, &d.Askings}, {&l.Domains, &d.Domains}} {
		if *n[0] <= 0 {
			*n[0] = *n[1]
		}
	}
	for _, t := range [...][2]*time.Duration{{&l.Repeats, &d.Repeats}, {&l.Try, &d.Try}, {&l.Resolve, &d.Resolve}, {&l.Idle, &d.Idle}} {
		if *t[0] <= 0 {
			*t[0] = *t[1]
		}
	}
	return l
}

func (o Options) check() error {
	switch {
	case o.Judge == nil:
		return errors.New("making the name server: Judge is missing")
	case o.Recorder == nil:
		return errors.New("making the name server: Recorder is missing")
	case o.Switch == nil:
		return errors.New("making the name server: Switch is missing")
	case o.Upstream == nil:
		return errors.New("making the name server: Upstream is missing")
	}
	return nil
}

func (o Options) orDefaults() Options {
	o.Limits = o.Limits.orDefaults()
	if o.Inspector == nil {
		o.Inspector = func() *dlp.Inspector { return nil }
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
