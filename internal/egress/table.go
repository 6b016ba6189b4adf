package egress

import (
	"cmp"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// shards keep flows that begin and end at the same time out of each other's way.
const shards = 16

// table has every live flow. It needs no bound of its own: a client has its tunnel
// and one flow in it at a time, or maxStreams of HTTP/2, and clients are bounded.
type table struct {
	shard [shards]struct {
		mu    sync.Mutex
		flows map[*flow]struct{}
	}
}

func newTable() *table {
	t := &table{}
	for i := range t.shard {
		t.shard[i].flows = map[*flow]struct{}{}
	}
	return t
}

// of picks a flow's shard by the random end of its id.
func (t *table) of(f *flow) int { return int(f.id[len(f.id)-1]) % shards }

func (t *table) add(f *flow) {
	s := &t.shard[t.of(f)]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows[f] = struct{}{}
}

func (t *table) remove(f *flow) {
	s := &t.shard[t.of(f)]
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.flows, f)
}

func (t *table) all() (out []*flow) {
	for i := range t.shard {
		s := &t.shard[i]
		s.mu.Lock()
		for f := range s.flows {
			out = append(out, f)
		}
		s.mu.Unlock()
	}
	return out
}

// FlowInfo is a live flow, for people.
type FlowInfo struct {
	ID       string
	Entry    Entry
	Began    time.Time
	Client   netip.AddrPort // the program's end
	Local    netip.AddrPort // our end towards the origin; zero before it is reached
	Host     string
	Port     uint16
	Address  netip.Addr
	Protocol policy.Protocol
	TLS      bool
	Decision policy.Decision
	Program  policy.Program
	BytesOut int64 // towards the origin
	BytesIn  int64 // from it
}

// Flows lists live flows, the oldest first; limit 0 means all.
func (g *Gateway) Flows(limit int) []FlowInfo {
	all := g.flows.all()
	out := make([]FlowInfo, 0, len(all))
	for _, f := range all {
		out = append(out, f.info())
	}
	slices.SortFunc(out, func(a, b FlowInfo) int { return cmp.Compare(a.ID, b.ID) }) // ids grow with time
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}

func (f *flow) info() FlowInfo {
	r := f.record()
	f.mu.Lock()
	local := f.local
	f.mu.Unlock()
	return FlowInfo{
		ID: f.id, Entry: f.entry, Began: f.began, Client: r.Client, Local: local,
		Host: r.Host, Port: r.Port, Address: r.Address, Protocol: r.Protocol, TLS: r.TLS,
		Decision: r.Decision, Program: r.Program, BytesOut: f.out.Load(), BytesIn: f.in.Load(),
	}
}

// Stats are counts since the gateway was made, and what is there now.
type Stats struct {
	Clients    int // connected now
	Flows      int // live now
	TurnedAway int64
	Allowed    int64
	Denied     map[policy.Reason]int64
	BytesOut   int64 // towards origins, live flows included
	BytesIn    int64
}

// totals are the counts of what has ended.
type totals struct {
	turnedAway, allowed, out, in atomic.Int64

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
func (g *Gateway) Stats() Stats {
	s := Stats{TurnedAway: g.totals.turnedAway.Load(), Allowed: g.totals.allowed.Load(), BytesOut: g.totals.out.Load(), BytesIn: g.totals.in.Load(), Denied: map[policy.Reason]int64{}}
	live := g.flows.all()
	for _, f := range live {
		s.BytesOut += f.out.Load()
		s.BytesIn += f.in.Load()
	}
	s.Flows = len(live)
	g.mu.Lock()
	s.Clients = len(g.clients)
	g.mu.Unlock()
	g.totals.mu.Lock()
	defer g.totals.mu.Unlock()
	for r, n := range g.totals.reasons {
		s.Denied[r] = n
	}
	return s
}

// ring keeps the last denied records.
type ring struct {
	mu   sync.Mutex
	recs []Record
	next int
	full bool
}

func newRing(size int) *ring { return &ring{recs: make([]Record, size)} }

func (r *ring) add(rec Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recs[r.next] = rec
	r.next = (r.next + 1) % len(r.recs)
	r.full = r.full || r.next == 0
}

// Blocked lists what was denied last, the newest first; limit 0 means all that
// are kept.
func (g *Gateway) Blocked(limit int) []Record {
	r := g.blocked
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.next
	if r.full {
		n = len(r.recs)
	}
	if limit > 0 {
		n = min(n, limit)
	}
	out := make([]Record, n)
	for i := range out {
		out[i] = r.recs[(r.next-1-i+2*len(r.recs))%len(r.recs)]
	}
	return out
}
