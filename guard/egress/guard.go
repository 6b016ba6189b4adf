package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/user"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Resolver finds the addresses of a name. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options of a Guard. All may be left out.
type Options struct {
	// Resolver finds addresses. If nil, net.DefaultResolver.
	Resolver Resolver
	// Dial connects to an address that was judged, given as IP:PORT. If nil, a
	// net.Dialer with a timeout of 30 seconds.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock that expiries and windows go by. If nil, time.Now.
	Now func() time.Time
	// Observe is told of every decision before anything is sent, on the goroutine
	// that asked. It must not block for long. If nil, nobody is told.
	Observe func(Decided)
	// Program is who asks. If zero, this process.
	Program policy.Program
	// Server is the control socket of a running Cordon, DATA/cordon.sock, which is
	// then asked about everything and records it; New is given no document. Nothing
	// leaves while it does not answer, and no answer is kept for later. If empty, the
	// policy is judged in the process itself.
	Server string
	// Conditions compiles the conditions of rules; package when has a compiler. If
	// nil, a policy with conditions is refused.
	Conditions policy.Compiler
}

// entry is what conditions are told of how a request came.
const entry = "library"

// Decided is a decision and what it was about.
type Decided struct {
	Request  policy.Request
	Decision policy.Decision
	Caller   Caller
	// Inbound marks a WebSocket that somebody opened to this program, from a page
	// of Origin; that is empty if it was none.
	Inbound bool
	Origin  string
}

// Guard judges what a program sends. It is safe for concurrent use.
type Guard struct {
	options Options
	current atomic.Pointer[held] // without a policy when a server has it
	judge   judge                // the server; nil: current
	edits   sync.Mutex           // one change of the policy at a time
	live    *connections
	report  *ledger
}

// held is a policy and the document it was read from.
type held struct {
	document []byte
	policy   *policy.Policy
}

// New reads a policy. Its error is that of policy.Parse. With Options.Server there
// is no document to give.
func New(document []byte, o Options) (*Guard, error) {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Program == (policy.Program{}) {
		o.Program = thisProgram()
	}
	g := &Guard{options: o, live: newConnections(), report: newLedger()}
	if o.Server != "" {
		return g.follow(o.Server, document)
	}
	if err := g.Replace(document); err != nil {
		return nil, err
	}
	return g, nil
}

// follow has a server judge.
func (g *Guard) follow(path string, document []byte) (*Guard, error) {
	if len(document) > 0 {
		return nil, errors.New("making a guard: give a policy or a server, not both")
	}
	g.current.Store(&held{})
	g.judge = newServer(path)
	return g, nil
}

// judges is who answers now.
func (g *Guard) judges() judge {
	if g.judge != nil {
		return g.judge
	}
	return g.current.Load()
}

// thisProgram is what a process knows of itself; what it cannot find out stays
// empty, and rules that ask for it do not apply.
func thisProgram() policy.Program {
	p := policy.Program{PID: os.Getpid(), Cmdline: strings.Join(os.Args, " ")}
	p.Exe, _ = os.Executable()
	p.Cwd, _ = os.Getwd()
	if u, err := user.Current(); err == nil {
		p.User = u.Username
	}
	return p
}

// Replace puts another policy in the place of the one that is held, and closes the
// connections that it does not allow. A document with an error changes nothing.
func (g *Guard) Replace(document []byte) error {
	g.edits.Lock()
	defer g.edits.Unlock()
	return g.replace(document)
}

func (g *Guard) replace(document []byte) error {
	if g.judge != nil {
		return errServed
	}
	p, err := policy.Parse(document, policy.WithConditions(g.options.Conditions))
	if err != nil {
		return fmt.Errorf("reading the policy: %w", err)
	}
	if err := countable(p); err != nil {
		return fmt.Errorf("reading the policy: %w", err)
	}
	g.current.Store(&held{document: document, policy: p})
	g.live.closeUnless(func(r policy.Request) bool {
		return p.Decide(g.asks(r)).Allowed()
	})
	return nil
}

// countable refuses budgets: a guard does not see what is sent once a connection is
// the program's, and a budget that nobody counts would be none.
func countable(p *policy.Policy) error {
	for _, r := range p.Rules() {
		if !r.Budget.IsZero() {
			return &policy.Error{Line: r.Line, Key: "data_budget", Problem: "is counted by the gateway only, not within a program", Hint: "send this program's traffic through the gateway, or remove it"}
		}
	}
	return nil
}

// Document returns the policy as text, with what Allow and Remove did to it.
func (g *Guard) Document() []byte { return append([]byte(nil), g.current.Load().document...) }

// Allow adds a rule for HOST, HOST:PORT, *.suffix or a CIDR, with a note why. It
// holds for this process; who wants to keep it stores Document.
func (g *Guard) Allow(target, why string) error {
	rule, err := policy.ParseTarget(target)
	if err != nil {
		return fmt.Errorf("allowing a destination: %w", err)
	}
	rule.Description = why
	return g.edit(policy.AddRule(rule))
}

// Remove removes the rules with this id, host or HOST:PORT, and closes the
// connections that nothing else allows.
func (g *Guard) Remove(target string) error { return g.edit(policy.RemoveRule(target)) }

func (g *Guard) edit(c policy.Change) error {
	g.edits.Lock()
	defer g.edits.Unlock()
	if g.judge != nil {
		return errServed
	}
	document, err := policy.Edit(g.current.Load().document, c)
	if err != nil {
		return fmt.Errorf("changing the policy: %w", err)
	}
	return g.replace(document)
}

// decide judges a request; the error is an *AccessDeniedError. A request is judged
// in steps: every denial is told, and of what is allowed the final step.
func (g *Guard) decide(r policy.Request, c Caller, final bool) error {
	r = g.asks(r)
	d := g.judges().decide(r, c, final)
	if final || !d.Allowed() {
		g.tell(Decided{Request: r, Decision: d, Caller: c})
	}
	if d.Allowed() {
		return nil
	}
	return &AccessDeniedError{
		Host: r.Host, Port: r.Port, Address: r.Address, Rule: d.RuleID, Reason: d.Reason,
		Detail: d.Detail, AllowCommand: d.AllowCommand, Caller: c,
	}
}

// asks fills in when and who.
func (g *Guard) asks(r policy.Request) policy.Request {
	r.Time, r.Program, r.Entry = g.options.Now(), g.options.Program, entry
	return r
}

func (g *Guard) tell(d Decided) {
	g.report.note(d)
	if g.options.Observe != nil {
		g.options.Observe(d)
	}
}

// AccessDeniedError says that a policy keeps a request in.
type AccessDeniedError struct {
	Host    string
	Port    uint16
	Address netip.Addr // the address that was refused, if it came to that
	Rule    string     // the rule that decided or came nearest; empty if none had a say
	Reason  policy.Reason
	Detail  string // one sentence for people
	// AllowCommand would allow it; empty if nothing may.
	AllowCommand string
	Caller       Caller
}

// Error says why, and what would allow it.
func (e *AccessDeniedError) Error() string {
	text := "network access denied: " + e.Detail
	if e.AllowCommand != "" {
		text += "; to allow it: " + e.AllowCommand
	}
	return text
}
