package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
)

// Server is the name server. New makes one; Serve runs it. It is safe for
// concurrent use.
type Server struct {
	o        Options
	cache    *cache
	askings  *askings
	tunnels  *tunnels
	upstream *upstream
	near     *neighbours
	totals   totals
}

// New makes a name server. The error names what is missing.
func New(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o = o.orDefaults()
	s := &Server{o: o, askings: newAskings(o.Recorder, o.Limits), tunnels: newTunnels(o.Clock, o.Limits.Domains)}
	s.near = &neighbours{clock: o.Clock, addresses: net.InterfaceAddrs}
	s.upstream = &upstream{servers: o.Upstream, try: o.Limits.Try}
	s.cache = newCache(o.Clock, o.Limits.Cache, s.upstream.ask)
	return s, nil
}

// Serve answers on doors until ctx ends. It returns nil then, once nothing of it
// runs any more and the ends of all flows are recorded. It closes the doors.
func (s *Server) Serve(ctx context.Context, d *Doors) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, d.Close)
	defer stop()
	var all sync.WaitGroup
	errs := make(chan error, 2)
	all.Go(func() { errs <- s.serveUDP(ctx, d.udp); cancel() })
	all.Go(func() { errs <- s.serveTCP(ctx, d.tcp); cancel() })
	all.Go(func() { s.sweep(ctx) })
	all.Wait()
	s.askings.sweep(s.o.Clock.Now(), true)
	for range 2 {
		if err := <-errs; err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("answering questions on %s: %w", d.Addr(), err)
		}
	}
	return nil
}

// sweep records the ends of what nobody asks for any more.
func (s *Server) sweep(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.o.Clock.After(max(time.Second, s.o.Limits.Repeats/4)):
			s.askings.sweep(s.o.Clock.Now(), false)
		}
	}
}

// handle answers a message; nil means not at all.
func (s *Server) handle(ctx context.Context, msg []byte, from, to netip.AddrPort, tcp bool) []byte {
	q, err := readQuery(msg)
	bad := (*badQuery)(nil)
	switch {
	case errors.As(err, &bad):
		s.totals.bad.Add(1)
		q.tcp = tcp
		return bad.reply().pack(q)
	case err != nil:
		s.totals.dropped.Add(1)
		return nil
	}
	q.client, q.server, q.tcp = from, to, tcp
	q.program = s.caller(q)
	s.totals.questions.Add(1)
	ctx, cancel := context.WithTimeout(ctx, s.o.Limits.Resolve)
	defer cancel()
	return s.answer(ctx, q, len(msg))
}

func (s *Server) caller(q *query) policy.Program {
	switch {
	case s.o.Callers == nil:
		return policy.Program{}
	case q.tcp:
		return s.o.Callers.Caller(q.client, q.server)
	}
	return s.o.Callers.Datagram(q.client, q.server)
}

// answer judges a question, records that, and only then asks anybody.
func (s *Server) answer(ctx context.Context, q *query, size int) []byte {
	if r, ok := localhost(q); ok {
		return r.pack(q)
	}
	v := s.judge(q)
	flow, err := s.askings.decided(ctx, q, v)
	if err != nil && v.allowed() {
		s.o.Log.Error("dns: a decision was not recorded, so the question is denied", "error", err)
		v.decision = denial(egress.ReasonAuditUnavailable, "the decision could not be recorded, and nothing leaves unrecorded")
	}
	if !v.allowed() {
		s.totals.denied(v.decision.Reason)
		return s.refuse(q, v)
	}
	out := s.resolve(ctx, q, v)
	s.askings.count(flow, size, len(out))
	return out
}

// refuse tells a client that its question is denied.
func (s *Server) refuse(q *query, v verdict) []byte {
	if s.searched(v) {
		return refusal(v.decision, dnsmessage.RCodeNameError).pack(q)
	}
	return refusal(v.decision, dnsmessage.RCodeRefused).pack(q)
}

// resolve answers a question that is allowed.
func (s *Server) resolve(ctx context.Context, q *query, v verdict) []byte {
	a, err := s.cache.get(ctx, q.key())
	if err != nil {
		s.totals.failed.Add(1)
		s.o.Log.Debug("dns: nobody answered", "error", err)
		return failed("Cordon: " + err.Error()).pack(q)
	}
	records, no := s.filter(v, a)
	if no != nil {
		s.totals.denied(no.decision.Reason)
		if _, err := s.askings.decided(ctx, q, *no); err != nil {
			s.o.Log.Error("dns: a denied decision was not recorded", "error", err)
		}
		return refusal(no.decision, dnsmessage.RCodeRefused).pack(q)
	}
	s.totals.allowed.Add(1)
	r := reply{rcode: a.rcode, answers: aged(records, a, q, s.o.Clock.Now())}
	if len(records) == 0 {
		r.soa = a.soa
	}
	if err := s.synthesize(&r, q); err != nil {
		s.o.Log.Warn("dns: a name got no address", "error", err)
		return failed("Cordon: " + err.Error()).pack(q)
	}
	return r.pack(q)
}

// synthesize puts the name's own address in the place of the real ones.
func (s *Server) synthesize(r *reply, q *query) error {
	t := q.question.Type
	if s.o.Synthetic == nil || t != dnsmessage.TypeA && t != dnsmessage.TypeAAAA || !hasAddress(r.answers) {
		return nil
	}
	a, ok, err := s.o.Synthetic.of(q.key().name, t == dnsmessage.TypeA)
	r.answers = nil
	if err != nil || !ok {
		return err
	}
	r.answers = []dnsmessage.Resource{addressRecord(q, a, SyntheticTTL)}
	return nil
}

func hasAddress(records []dnsmessage.Resource) bool {
	for _, r := range records {
		if address(r.Body).IsValid() {
			return true
		}
	}
	return false
}

func addressRecord(q *query, a netip.Addr, ttl time.Duration) dnsmessage.Resource {
	h := dnsmessage.ResourceHeader{Name: q.question.Name, Class: dnsmessage.ClassINET, TTL: uint32(ttl / time.Second)}
	if a.Is4() {
		h.Type = dnsmessage.TypeA
		return dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}}
	}
	h.Type = dnsmessage.TypeAAAA
	return dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}}
}

// localhost answers for this machine, of which no name server is asked (RFC 6761,
// 6.3).
func localhost(q *query) (r reply, ok bool) {
	if name := q.key().name; name != "localhost" && !strings.HasSuffix(name, ".localhost") {
		return r, false
	}
	switch q.question.Type {
	case dnsmessage.TypeA:
		r.answers = []dnsmessage.Resource{addressRecord(q, netip.AddrFrom4([4]byte{127, 0, 0, 1}), time.Hour)}
	case dnsmessage.TypeAAAA:
		r.answers = []dnsmessage.Resource{addressRecord(q, netip.IPv6Loopback(), time.Hour)}
	}
	return r, true
}

// Stats are counts since the server was made.
type Stats struct {
	Questions int64
	Allowed   int64
	Denied    map[policy.Reason]int64
	Bad       int64 // that could not be read, or are of a kind that is not served
	Dropped   int64 // that got no answer, because there were too many or they were none
	Failed    int64 // that nobody could answer
	Cached    int64 // that the cache answered
}

type totals struct {
	questions, allowed, bad, dropped, failed atomic.Int64

	mu      sync.Mutex
	reasons map[policy.Reason]int64
}

func (t *totals) denied(r policy.Reason) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reasons == nil {
		t.reasons = map[policy.Reason]int64{}
	}
	t.reasons[r]++
}

// Stats counts.
func (s *Server) Stats() Stats {
	t := &s.totals
	out := Stats{
		Questions: t.questions.Load(), Allowed: t.allowed.Load(), Bad: t.bad.Load(), Dropped: t.dropped.Load(),
		Failed: t.failed.Load(), Cached: s.cache.hit(), Denied: map[policy.Reason]int64{},
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for r, n := range t.reasons {
		out.Denied[r] = n
	}
	return out
}
