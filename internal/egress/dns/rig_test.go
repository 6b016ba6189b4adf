package dns

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/clock"
	"go.cordon.dev/cordon/internal/egress"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a name server with a policy, and one upstream that knows everything.
type world struct {
	t      *testing.T
	s      *Server
	doors  *Doors
	addr   netip.AddrPort
	up     *zone
	clock  *clock.Fake
	policy atomic.Pointer[policy.Policy]
	stopOn atomic.Pointer[string]

	mu      sync.Mutex
	decided []egress.Record
	ended   []egress.Record
	broken  error
}

// open makes a world; tune may change the options.
func open(t *testing.T, doc string, tune func(*Options)) *world {
	t.Helper()
	w := &world{t: t, up: newZone(t), clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	w.setPolicy(doc)
	o := Options{Judge: w, Recorder: w, Switch: w, Upstream: w.up.servers, Clock: w.clock}
	if tune != nil {
		tune(&o)
	}
	var err error
	if w.s, err = New(o); err != nil {
		t.Fatal(err)
	}
	d, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.doors, w.addr = d, d.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.s.Serve(ctx, d); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

func (w *world) setPolicy(doc string) {
	w.t.Helper()
	p, err := policy.Parse([]byte(doc))
	if err != nil {
		w.t.Fatal(err)
	}
	w.policy.Store(p)
}

func (w *world) Decide(r policy.Request) policy.Decision { return w.policy.Load().Decide(r) }

func (w *world) On() (bool, string) {
	if why := w.stopOn.Load(); why != nil {
		return true, *why
	}
	return false, ""
}

func (w *world) Decided(_ context.Context, r egress.Record) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decided = append(w.decided, r)
	return w.broken
}

func (w *world) Ended(r egress.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = append(w.ended, r)
}

func (w *world) records() (decided, ended []egress.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.decided), slices.Clone(w.ended)
}

// said is what a client was told.
type said struct {
	dnsmessage.Message
	code uint16 // of the extended error; 0: none
	text string
}

// addresses are those in the answer.
func (s said) addresses() (out []string) {
	for _, r := range s.Answers {
		if a := address(r.Body); a.IsValid() {
			out = append(out, a.String())
		}
	}
	return out
}

// ask asks by UDP with EDNS.
func (w *world) ask(name string, t dnsmessage.Type) said {
	w.t.Helper()
	return w.send("udp", packed(w.t, name, t, true))
}

// packed is a question as it is sent. name has no final dot.
func packed(t *testing.T, name string, kind dnsmessage.Type, edns bool) []byte {
	t.Helper()
	n, err := dnsmessage.NewName(name + ".")
	if err != nil {
		t.Fatal(err)
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 7, RecursionDesired: true}, Questions: []dnsmessage.Question{{Name: n, Type: kind, Class: dnsmessage.ClassINET}}}
	if edns {
		var h dnsmessage.ResourceHeader
		_ = h.SetEDNS0(4096, dnsmessage.RCodeSuccess, false)
		m.Additionals = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.OPTResource{}}}
	}
	msg, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// send sends a message and reads the answer.
func (w *world) send(network string, msg []byte) said {
	w.t.Helper()
	out := w.raw(network, msg)
	var s said
	if err := s.Unpack(out); err != nil {
		w.t.Fatalf("reading an answer: %v", err)
	}
	for _, r := range s.Additionals {
		opt, ok := r.Body.(*dnsmessage.OPTResource)
		if ok && len(opt.Options) > 0 && opt.Options[0].Code == optionError {
			s.code, s.text = binary.BigEndian.Uint16(opt.Options[0].Data), string(opt.Options[0].Data[2:])
		}
	}
	return s
}

func (w *world) raw(network string, msg []byte) []byte {
	w.t.Helper()
	c, err := net.Dial(network, w.addr.String())
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Minute)) // a test that hangs fails
	if network == "tcp" {
		if err := writeFrame(c, msg); err != nil {
			w.t.Fatal(err)
		}
		out, err := readFrame(c, maxTCP)
		if err != nil {
			w.t.Fatal(err)
		}
		return out
	}
	if _, err := c.Write(msg); err != nil {
		w.t.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	n, err := c.Read(buf)
	if err != nil {
		w.t.Fatal(err)
	}
	return buf[:n]
}

// zone is an upstream name server: it answers what it was told, and that there is no
// such name to everything else.
type zone struct {
	doors *Doors

	mu    sync.Mutex
	names map[key][]dnsmessage.ResourceBody
	asked []string
	twist func(network string, q dnsmessage.Message) []byte // answers in its place, if not nil; nil: not at all
}

func newZone(t *testing.T) *zone {
	d, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	z := &zone{doors: d, names: map[key][]dnsmessage.ResourceBody{}}
	var all sync.WaitGroup
	all.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := d.udp.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if out := z.answer("udp", buf[:n]); out != nil {
				_, _ = d.udp.WriteToUDPAddrPort(out, from)
			}
		}
	})
	all.Go(func() {
		for {
			c, err := d.tcp.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer func() { _ = c.Close() }()
				frames(c, time.Minute, func(msg []byte) []byte { return z.answer("tcp", msg) })
			})
		}
	})
	t.Cleanup(func() { d.Close(); all.Wait() })
	return z
}

func (z *zone) servers() []netip.AddrPort { return []netip.AddrPort{z.doors.Addr()} }

func (z *zone) answer(network string, msg []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(msg) != nil || len(m.Questions) != 1 {
		return nil
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	name := strings.ToLower(strings.TrimSuffix(m.Questions[0].Name.String(), "."))
	z.asked = append(z.asked, name)
	if z.twist != nil {
		return z.twist(network, m)
	}
	return pack(z.fill(m, name))
}

// fill makes the honest answer.
func (z *zone) fill(m dnsmessage.Message, name string) dnsmessage.Message {
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	bodies, known := z.names[key{name, q.Type}]
	for _, b := range bodies {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 300}, Body: b})
	}
	if alias := z.names[key{name, dnsmessage.TypeCNAME}]; len(alias) > 0 && q.Type != dnsmessage.TypeCNAME {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 300}, Body: alias[0]})
		to := alias[0].(*dnsmessage.CNAMEResource).CNAME
		for _, b := range z.names[key{strings.ToLower(strings.TrimSuffix(to.String(), ".")), q.Type}] {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: to, Class: dnsmessage.ClassINET, TTL: 20}, Body: b})
		}
		known = true
	}
	if !known && !z.has(name) {
		m.RCode = dnsmessage.RCodeNameError
	}
	if len(m.Answers) == 0 {
		soa := &dnsmessage.SOAResource{NS: mustName("ns.example."), MBox: mustName("x.example."), MinTTL: 60}
		m.Authorities = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: mustName("example."), Class: dnsmessage.ClassINET, TTL: 900}, Body: soa}}
	}
	return m
}

func (z *zone) has(name string) bool {
	for k := range z.names {
		if k.name == name {
			return true
		}
	}
	return false
}

func pack(m dnsmessage.Message) []byte {
	out, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return out
}

func mustName(s string) dnsmessage.Name {
	n, err := dnsmessage.NewName(s)
	if err != nil {
		panic(err)
	}
	return n
}

// put gives a name records.
func (z *zone) put(name string, t dnsmessage.Type, bodies ...dnsmessage.ResourceBody) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.names[key{name, t}] = bodies
}

// address gives a name its addresses.
func (z *zone) address(name string, addrs ...string) {
	var a4, a6 []dnsmessage.ResourceBody
	for _, s := range addrs {
		if a := netip.MustParseAddr(s); a.Is4() {
			a4 = append(a4, &dnsmessage.AResource{A: a.As4()})
		} else {
			a6 = append(a6, &dnsmessage.AAAAResource{AAAA: a.As16()})
		}
	}
	z.put(name, dnsmessage.TypeA, a4...)
	z.put(name, dnsmessage.TypeAAAA, a6...)
}

func (z *zone) alias(name, to string) {
	z.put(name, dnsmessage.TypeCNAME, &dnsmessage.CNAMEResource{CNAME: mustName(to + ".")})
}

// heard are the names that the upstream was asked for.
func (z *zone) heard() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return slices.Clone(z.asked)
}

// twisted makes the upstream answer differently.
func (z *zone) twisted(f func(network string, q dnsmessage.Message) []byte) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.twist = f
}
