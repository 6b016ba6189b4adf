package dns

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
)

// everything is allowed, nothing is recorded, and nobody is there to be asked.
type everything struct{}

func (everything) Decide(policy.Request) policy.Decision {
	return policy.Decision{Result: policy.Allow}
}
func (everything) Decided(context.Context, egress.Record) error { return nil }
func (everything) Ended(egress.Record)                          {}
func (everything) On() (bool, string)                           { return false, "" }

// Whatever comes, an answer is an answer to it: the same id and question, never
// larger than asked for, never without the mark of an answer.
func FuzzHandle(f *testing.F) {
	seed := func(m dnsmessage.Message) { f.Add(pack(m)) }
	q := dnsmessage.Question{Name: mustName("Api.Example."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	var opt dnsmessage.ResourceHeader
	_ = opt.SetEDNS0(4096, 0, true)
	seed(dnsmessage.Message{Header: dnsmessage.Header{ID: 1}, Questions: []dnsmessage.Question{q}})
	seed(dnsmessage.Message{Header: dnsmessage.Header{ID: 2, OpCode: 5}, Questions: []dnsmessage.Question{q, q}, Additionals: []dnsmessage.Resource{{Header: opt, Body: &dnsmessage.OPTResource{}}}})
	f.Add([]byte{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1})
	s, err := New(Options{Judge: everything{}, Recorder: everything{}, Switch: everything{}, Upstream: func() []netip.AddrPort { return nil }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		for _, tcp := range []bool{false, true} {
			out := s.handle(context.Background(), msg, netip.MustParseAddrPort("127.0.0.1:5353"), netip.MustParseAddrPort("127.0.0.1:53"), tcp)
			if out == nil {
				continue
			}
			var p dnsmessage.Parser
			h, err := p.Start(out)
			if err != nil || !h.Response || h.ID != uint16(msg[0])<<8|uint16(msg[1]) || len(out) > maxUDP {
				t.Fatalf("%x was answered with %x", msg, out)
			}
		}
	})
}

// An upstream's answer leads from the asked name to what was asked for, or nowhere.
func FuzzAnswer(f *testing.F) {
	a, err := newAsk(key{"api.example", dnsmessage.TypeA})
	if err != nil {
		f.Fatal(err)
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: a.id, Response: true}, Questions: []dnsmessage.Question{a.question}}
	m.Answers = []dnsmessage.Resource{
		{Header: dnsmessage.ResourceHeader{Name: a.question.Name, Class: dnsmessage.ClassINET}, Body: &dnsmessage.CNAMEResource{CNAME: mustName("b.example.")}},
		{Header: dnsmessage.ResourceHeader{Name: mustName("b.example."), Class: dnsmessage.ClassINET}, Body: &dnsmessage.AResource{}},
	}
	f.Add(pack(m)[2:])
	f.Fuzz(func(t *testing.T, rest []byte) {
		msg := append([]byte{byte(a.id >> 8), byte(a.id)}, rest...)
		got, err := a.read(msg)
		if err != nil {
			return
		}
		at := a.question.Name
		for _, r := range got.records {
			if !sameName(r.Header.Name, at) {
				t.Fatalf("%s does not follow from %s", r.Header.Name, at)
			}
			if c, ok := r.Body.(*dnsmessage.CNAMEResource); ok {
				at = c.CNAME
			} else if r.Header.Type != dnsmessage.TypeA {
				t.Fatalf("a record of type %v", r.Header.Type)
			}
		}
	})
}

// A name is worth something, and never more than its characters.
func FuzzData(f *testing.F) {
	f.Add("rr3---sn-4g5ednse.googlevideo.com")
	f.Add(strings.Repeat("a1b2", 15) + ".t.example.com")
	f.Fuzz(func(t *testing.T, name string) {
		for label := range strings.SplitSeq(name, ".") {
			if b := data(label); b < 0.5 || b > max(1, float64(len(label))) {
				t.Fatalf("%q is worth %f bytes", label, b)
			}
		}
		if domain, rest := domainOf(name); len(domain)+len(rest) > len(strings.ToLower(name)) {
			t.Fatalf("%q is %q below %q", name, rest, domain)
		}
	})
}
