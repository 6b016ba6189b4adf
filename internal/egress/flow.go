package egress

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/id"
	"go.cordon.dev/cordon/internal/redact"
)

// flow is one thing that a client wants outside, from the asking to the end. It
// stands in the table from before it is judged, so that a kill switch or a new
// policy that comes meanwhile either finds it there or is found by its judging.
type flow struct {
	id     string
	client *client
	entry  Entry
	began  time.Time
	url    redact.Secret

	mu       sync.Mutex
	request  policy.Request         // as it was judged last
	decision policy.Decision        // the last answer
	local    netip.AddrPort         // our end towards the origin
	findings []dlp.Finding          // in what was to be sent
	words    string                 // what else is to be said of it
	origin   string                 // of a page that comes in
	subject  string                 // who comes in
	admit    func() policy.Decision // judges again who comes in; nil for what goes out

	recorded bool // allowed, and that is recorded: its end will be
	out, in  atomic.Int64
	spent    atomic.Pointer[policy.Decision] // why no more of it may leave; nil: more may

	within *flow  // the tunnel it is in; nil outside of one
	stop   func() // ends this flow alone; nil: what cuts it cuts its client. Under mu
	halted string // why stop was called; under mu
	hidden bool   // TLS moves that nobody looks into; under mu
	blind  bool   // messages move that nobody looks at; under mu

	quiet time.Duration // without a byte after which it is cut
	seen  int64         // out+in when the watch over stalls looked last; under mu
	moved time.Time     // when that last changed; under mu
}

// begin puts a new flow into the table. Whoever begins one ends it.
func (c *client) begin(e Entry) *flow {
	now := c.g.o.Clock.Now()
	f := &flow{id: id.New(), client: c, entry: e, began: now, moved: now, quiet: c.g.o.Limits.Stall}
	if e == EntryHTTP {
		f.quiet = c.g.o.Limits.Answer
	}
	c.g.flows.add(f)
	return f
}

// denial is a decision of the gateway's own that no rule can change.
func denial(why policy.Reason, detail string) policy.Decision {
	return policy.Decision{Result: policy.Deny, Reason: why, Detail: detail}
}

// judge asks the kill switch and the Judge. It neither records nor counts.
func (f *flow) judge(r policy.Request) policy.Decision {
	g := f.client.g
	r.Time, r.Program, r.Entry = g.o.Clock.Now(), f.client.caller(), string(f.entry)
	r.Intercepts = g.o.Authority != nil
	f.mu.Lock()
	f.request = r // before the Judge is asked: see flow
	f.mu.Unlock()
	d := g.decide(r)
	f.mu.Lock()
	f.decision = d
	f.mu.Unlock()
	return d
}

func (g *Gateway) decide(r policy.Request) policy.Decision {
	if on, reason := g.o.Switch.On(); on {
		return denial(policy.ReasonKillSwitch, "the kill switch is on: "+reason)
	}
	return g.withinBudget(r, g.o.Judge.Decide(r))
}

// again judges a live flow once more, as it was judged last.
func (f *flow) again() policy.Decision {
	f.mu.Lock()
	r, admit := f.request, f.admit
	f.mu.Unlock()
	if admit != nil {
		return admit()
	}
	if r.Host == "" { // not judged yet
		return policy.Decision{Result: policy.Allow}
	}
	r.Time, r.Spent = f.client.g.o.Clock.Now(), ""
	return f.client.g.decide(r)
}

// deny records that the flow was denied and returns the denial. That it could
// not be recorded changes nothing for the client.
func (f *flow) deny(d policy.Decision) policy.Decision {
	g := f.client.g
	f.mu.Lock()
	f.decision = d
	f.mu.Unlock()
	r := f.record()
	g.totals.denied(d.Reason)
	g.blocked.add(r)
	if err := g.o.Recorder.Decided(f.client.ctx, r); err != nil {
		g.o.Log.Error("egress: a denied decision was not recorded", "flow", f.id, "error", err)
	}
	return d
}

// turnDown records a denial of what never became a request.
func (c *client) turnDown(e Entry, d policy.Decision) {
	f := c.begin(e)
	defer f.end("")
	f.deny(d)
}

// allow records that the flow is allowed, once; nothing of it moves before. When
// that fails the flow is denied.
func (f *flow) allow() (policy.Decision, bool) {
	g := f.client.g
	r := f.record()
	if f.recorded { // and a second try has come to nothing
		return r.Decision, true
	}
	if err := g.o.Recorder.Decided(f.client.ctx, r); err != nil {
		g.o.Log.Error("egress: a decision was not recorded, so the flow is denied", "flow", f.id, "error", err)
		return f.deny(denial(ReasonAuditUnavailable, "the decision could not be recorded, and nothing leaves unrecorded")), false
	}
	f.recorded = true
	g.totals.allowed.Add(1)
	return r.Decision, true
}

// tried records that the flow is allowed, of one that came no further.
func (f *flow) tried() (policy.Decision, bool) { return f.allow() }

// asks notes what is asked for, as far as it is known before anybody judges.
func (f *flow) asks(r policy.Request, url redact.Secret) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.request, f.url = r, url
}

// says notes in words what is asked for; they hold no secret.
func (f *flow) says(words string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words = words
}

// quietFor changes how long the flow may move no byte.
func (f *flow) quietFor(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.quiet = d
}

// end takes the flow out of the table and tells of its end.
func (f *flow) end(cut string) {
	g := f.client.g
	g.flows.remove(f)
	g.totals.out.Add(f.out.Load())
	g.totals.in.Add(f.in.Load())
	if !f.recorded {
		return
	}
	if why := f.why(); why != "" {
		cut = why
	}
	r := f.record()
	r.Time = g.o.Clock.Now()
	r.BytesOut, r.BytesIn = f.out.Load(), f.in.Load()
	r.Took, r.Cut = r.Time.Sub(f.began), cut
	g.o.Recorder.Ended(r)
}

// why says why the gateway cut the flow; empty when it did not.
func (f *flow) why() string {
	f.mu.Lock()
	halted := f.halted
	f.mu.Unlock()
	return cmp.Or(halted, f.client.why())
}

// sever ends the flow, and with it all of its client that cannot be told apart.
func (f *flow) sever(why string) {
	f.mu.Lock()
	stop := f.stop
	if stop != nil {
		f.halted = why
	}
	f.mu.Unlock()
	if stop == nil {
		f.client.sever(why)
		return
	}
	stop()
}

// touch notes that something has moved within the flow.
func (f *flow) touch(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.moved = now
}

// record is the flow as it is now.
func (f *flow) record() Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := f.request
	r := Record{
		Flow: f.id, Time: q.Time, Entry: f.entry, Client: f.client.addr, Decision: f.decision,
		Host: q.Host, Port: q.Port, Address: q.Address, Protocol: q.Protocol, TLS: q.TLS, Method: q.Method,
		URL: f.url, Origin: f.origin, Subject: f.subject, Program: q.Program, Findings: slices.Clone(f.findings),
	}
	if f.words != "" {
		r.Decision.Detail += "; " + f.words
	}
	if r.Time.IsZero() { // denied before anybody could be asked
		r.Time, r.Program = f.began, f.client.caller()
	}
	return r
}

// reached notes where the flow goes out.
func (f *flow) reached(up *upstream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.local = addrPort(up.conn.LocalAddr())
}
