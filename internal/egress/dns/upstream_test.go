package dns

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// What an upstream, or somebody in its place, may do to an answer.
func TestUpstreamsThatLie(t *testing.T) {
	const nobody = "Cordon: " // answers in time
	forged := netip.MustParseAddr("203.0.113.66")
	honest := func(w *world, m dnsmessage.Message) dnsmessage.Message { return w.up.fill(m, "api.example") }
	with := func(m dnsmessage.Message, name string, a netip.Addr) dnsmessage.Message {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: mustName(name), Class: dnsmessage.ClassINET, TTL: 60}, Body: &dnsmessage.AResource{A: a.As4()}})
		return m
	}
	for _, row := range []struct {
		name  string
		twist func(w *world, network string, m dnsmessage.Message) []byte
		want  string // address, or what is said
	}{
		{"another id", func(w *world, n string, m dnsmessage.Message) []byte { m = honest(w, m); m.ID++; return pack(m) }, nobody},
		{"another name", func(w *world, n string, m dnsmessage.Message) []byte {
			m = honest(w, m)
			m.Questions[0].Name = mustName("evil.example.")
			return pack(m)
		}, nobody},
		{"a question in return", func(w *world, n string, m dnsmessage.Message) []byte { return pack(m) }, nobody},
		{"another spelling by UDP", func(w *world, n string, m dnsmessage.Message) []byte {
			m = honest(w, m)
			if n == "udp" {
				m.Questions[0].Name = otherCase(m.Questions[0].Name)
				m.Answers[0].Body = &dnsmessage.AResource{A: forged.As4()}
			}
			return pack(m)
		}, "203.0.113.1"},
		{"cut short by UDP", func(w *world, n string, m dnsmessage.Message) []byte {
			m = honest(w, m)
			m.Truncated = n == "udp"
			return pack(m)
		}, "203.0.113.1"},
		{"an address of somebody else along with it", func(w *world, n string, m dnsmessage.Message) []byte {
			return pack(with(honest(w, m), "other.example.", forged))
		}, "203.0.113.1"},
		{"refused", func(w *world, n string, m dnsmessage.Message) []byte {
			m.Response, m.RCode = true, dnsmessage.RCodeRefused
			return pack(m)
		}, "answered Refused"},
		{"rubbish behind the head", func(w *world, n string, m dnsmessage.Message) []byte {
			m = honest(w, m)
			return pack(m)[:len(pack(m))-3]
		}, "reading the answer"},
		{"aliases in a circle", func(w *world, n string, m dnsmessage.Message) []byte {
			m.Response = true
			for _, c := range [][2]string{{"api.example.", "b.example."}, {"b.example.", "api.example."}} {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: mustName(c[0]), Class: dnsmessage.ClassINET}, Body: &dnsmessage.CNAMEResource{CNAME: mustName(c[1])}})
			}
			return pack(m)
		}, ""},
		{"silence", func(*world, string, dnsmessage.Message) []byte { return nil }, nobody},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := open(t, rules, func(o *Options) {
				if o.Limits.Try, o.Limits.Resolve = time.Minute, time.Minute; row.want == nobody {
					o.Limits.Try, o.Limits.Resolve = 50*time.Millisecond, 80*time.Millisecond
				}
			})
			w.up.address("api.example", "203.0.113.1")
			w.up.twisted(func(n string, m dnsmessage.Message) []byte { return row.twist(w, n, m) })
			got := w.ask("api.example", dnsmessage.TypeA)
			if text := strings.Join(got.addresses(), " ") + got.text; !strings.Contains(text, row.want) || strings.Contains(text, forged.String()) {
				t.Errorf("%v %s", got.RCode, text)
			}
		})
	}
}

func otherCase(n dnsmessage.Name) dnsmessage.Name {
	s := n.String()
	if s == strings.ToLower(s) {
		return mustName(strings.ToUpper(s))
	}
	return mustName(strings.ToLower(s))
}

// The second server is asked when the first one is not there.
func TestAServerThatIsAway(t *testing.T) {
	gone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = gone.Close() }() // open and silent
	var w *world
	w = open(t, rules, func(o *Options) {
		up := o.Upstream
		o.Upstream = func() []netip.AddrPort { return append([]netip.AddrPort{addrPort(gone.LocalAddr())}, up()...) }
		o.Limits.Try = time.Second
	})
	w.up.address("api.example", "203.0.113.1")
	if got := w.ask("api.example", dnsmessage.TypeA); len(got.addresses()) != 1 {
		t.Errorf("%v %s", got.RCode, got.text)
	}
}

func TestQuestionsGoOutUnlikeEachOther(t *testing.T) {
	w := open(t, rules, func(o *Options) { o.Limits.Cache = 1 }) // nothing is kept
	w.up.address("api.example", "203.0.113.1")
	var ids, names []string
	w.up.twisted(func(_ string, m dnsmessage.Message) []byte {
		ids = append(ids, string([]byte{byte(m.ID >> 8), byte(m.ID)}))
		names = append(names, m.Questions[0].Name.String())
		return pack(w.up.fill(m, "api.example"))
	})
	for range 16 {
		w.ask("api.example", dnsmessage.TypeA)
	}
	w.up.mu.Lock() // what they were put in under
	defer w.up.mu.Unlock()
	for what, all := range map[string][]string{"ids": ids, "spellings": names} {
		slices.Sort(all)
		if n := len(slices.Compact(slices.Clone(all))); n < 12 {
			t.Errorf("of 16 questions only %d have different %s", n, what)
		}
	}
}

func TestTheNameServersOfTheSystem(t *testing.T) {
	got := parseConf("# nameserver 9.9.9.1\nsearch corp.example\nnameserver 9.9.9.9\n nameserver 127.0.0.1 \nnameserver x\nnameserver fe80::1%eth0\nnameserver 1.1.1.1\noptions ndots:5\n")
	want := []string{"9.9.9.9:53", "127.0.0.1:53", "[fe80::1%eth0]:53"}
	for i, s := range got {
		if i >= len(want) || s.String() != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	left := without(got, []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:53"), netip.MustParseAddrPort("127.0.0.1:8453")})
	if len(left) != 2 || left[0].String() != "9.9.9.9:53" {
		t.Errorf("it would ask itself: %v", left)
	}
}

// The gateway's own look-ups go by the same cache, and are not judged again.
func TestResolver(t *testing.T) {
	w := open(t, "mode: strict\n", nil)
	w.up.address("api.example", "203.0.113.1", "2001:db8::1")
	for range 3 {
		got, err := w.s.Resolver().LookupNetIP(t.Context(), "ip", "api.example.")
		if err != nil || len(got) != 2 {
			t.Fatalf("%v %v", got, err)
		}
	}
	if heard := w.up.heard(); len(heard) != 2 {
		t.Errorf("the upstream was asked %v", heard)
	}
	if _, err := w.s.Resolver().LookupNetIP(t.Context(), "ip", "none.example."); err == nil || !strings.Contains(err.Error(), "no such host") {
		t.Errorf("a name that is none: %v", err)
	}
	var local atomic.Int32
	if got, err := w.s.Resolver().LookupNetIP(t.Context(), "ip", "localhost"); err == nil {
		local.Add(int32(len(got)))
	}
	if local.Load() == 0 {
		t.Error("the system's files are not asked")
	}
}
