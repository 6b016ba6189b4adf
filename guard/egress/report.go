package egress

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Bounds of what a Guard remembers.
const (
	maxDestinations = 4096
	maxCallers      = 16 // of each destination
)

// Status is how a guard stands. Of a server's policy it has no settings and no rules.
type Status struct {
	policy.Settings
	Rules int
	// Unsupported is what the policy asks for in vain.
	Unsupported []policy.Unsupported
	// Allowed and Denied count decisions since the guard was made; WouldDeny
	// counts those of the allowed that strict mode would have denied.
	Allowed, Denied, WouldDeny uint64
	// Open is the number of connections.
	Open int
}

// Destination is what a program did at one HOST and port.
type Destination struct {
	Host                       string
	Port                       uint16
	Allowed, Denied, WouldDeny uint64
	First, Last                time.Time
	// Rule, Reason and AllowCommand are of the last decision.
	Rule         string
	Reason       policy.Reason
	AllowCommand string
	// Callers are up to 16 places of the program that went there.
	Callers []Caller
}

// Report lists destinations, the most often denied first.
type Report struct {
	Destinations []Destination
	// Forgotten counts decisions about destinations beyond the 4,096 that are
	// remembered.
	Forgotten uint64
}

// Status tells how the guard stands.
func (g *Guard) Status() Status {
	p := g.current.Load().policy
	s := Status{Settings: p.Settings(), Rules: len(p.Rules()), Unsupported: p.Unsupported(), Open: g.live.count()}
	s.Allowed, s.Denied, s.WouldDeny = g.report.totals()
	return s
}

// Report tells what was asked for since the guard was made.
func (g *Guard) Report() Report { return g.report.snapshot() }

// ledger remembers destinations.
type ledger struct {
	mu                     sync.Mutex
	known                  map[where]*Destination
	allowed, denied, would uint64
	forgotten              uint64
}

type where struct {
	host string
	port uint16
}

func newLedger() *ledger { return &ledger{known: map[where]*Destination{}} }

func (l *ledger) note(d Decided) {
	l.mu.Lock()
	defer l.mu.Unlock()
	count(d.Decision, &l.allowed, &l.denied, &l.would)
	at := where{d.Request.Host, d.Request.Port}
	known, ok := l.known[at]
	if !ok {
		if len(l.known) >= maxDestinations {
			l.forgotten++
			return
		}
		known = &Destination{Host: at.host, Port: at.port, First: d.Request.Time}
		l.known[at] = known
	}
	known.add(d)
}

func count(d policy.Decision, allowed, denied, would *uint64) {
	switch {
	case !d.Allowed():
		*denied++
	case d.Would == policy.Deny:
		*would++
		*allowed++
	default:
		*allowed++
	}
}

func (known *Destination) add(d Decided) {
	count(d.Decision, &known.Allowed, &known.Denied, &known.WouldDeny)
	known.Last = d.Request.Time
	known.Rule, known.Reason, known.AllowCommand = d.Decision.RuleID, d.Decision.Reason, d.Decision.AllowCommand
	if len(known.Callers) < maxCallers && d.Caller != (Caller{}) && !slices.Contains(known.Callers, d.Caller) {
		known.Callers = append(known.Callers, d.Caller)
	}
}

func (l *ledger) totals() (allowed, denied, would uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.allowed, l.denied, l.would
}

func (l *ledger) snapshot() Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := Report{Forgotten: l.forgotten}
	for _, d := range l.known {
		copied := *d
		copied.Callers = slices.Clone(d.Callers)
		r.Destinations = append(r.Destinations, copied)
	}
	slices.SortFunc(r.Destinations, func(a, b Destination) int {
		return cmp.Or(cmp.Compare(b.Denied, a.Denied), cmp.Compare(b.WouldDeny, a.WouldDeny), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port))
	})
	return r
}
