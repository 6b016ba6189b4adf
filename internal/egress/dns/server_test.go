package dns

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress"
)

const rules = `
mode: strict
allowlist:
  rules:
    - {host: api.example, ports: [443], protocols: [https]}
    - {host: "*.wild.example"}
    - {host: db.example, addresses: [10.0.0.0/8]}
    - {host: mail.example}
denylist: {rules: [{host: tracker.example}]}
`

// Each row is a question, what the upstream knows, and what the client is told.
func TestAnswers(t *testing.T) {
	w := open(t, rules, nil)
	w.up.address("api.example", "203.0.113.1", "2001:db8::1")
	w.up.address("evil.example", "203.0.113.66")
	w.up.address("db.example", "10.0.0.5", "192.168.0.5", "203.0.113.5")
	w.up.address("inside.wild.example", "10.0.0.9", "127.0.0.1")
	w.up.address("half.wild.example", "10.0.0.9", "203.0.113.9")
	w.up.address("meta.wild.example", "169.254.169.254")
	w.up.address("mapped.wild.example", "::ffff:169.254.169.254")
	w.up.address("elsewhere.example", "203.0.113.7")
	w.up.alias("www.wild.example", "elsewhere.example")
	w.up.alias("ads.wild.example", "tracker.example")
	w.up.address("tracker.example", "203.0.113.8")
	w.up.put("mail.example", dnsmessage.TypeMX, &dnsmessage.MXResource{Pref: 5, MX: mustName("mx.mail.example.")})
	w.up.put("_imaps._tcp.mail.example", dnsmessage.TypeSRV, &dnsmessage.SRVResource{Port: 993, Target: mustName("imap.mail.example.")})
	w.up.put("mail.example", dnsmessage.TypeTXT, &dnsmessage.TXTResource{TXT: []string{"v=spf1 -all"}})
	const refused, none = dnsmessage.RCodeRefused, dnsmessage.RCodeNameError
	for _, row := range []struct {
		name  string
		t     dnsmessage.Type
		rcode dnsmessage.RCode
		want  string // addresses, or a part of the explanation
	}{
		{"api.example", dnsmessage.TypeA, 0, "203.0.113.1"},
		{"api.example", dnsmessage.TypeAAAA, 0, "2001:db8::1"},
		{"ApI.eXample", dnsmessage.TypeA, 0, "203.0.113.1"},
		{"api.example", dnsmessage.TypeMX, 0, ""},
		{"evil.example", dnsmessage.TypeA, refused, `default_policy; cordon egress add evil.example "why"`},
		{"evil.example", dnsmessage.TypeTXT, refused, "default_policy"},
		{"x.api.example", dnsmessage.TypeA, refused, "default_policy"},
		{"tracker.example", dnsmessage.TypeA, refused, "denylist"},
		{"none.wild.example", dnsmessage.TypeA, none, ""},
		{"www.wild.example", dnsmessage.TypeA, 0, "203.0.113.7"},
		{"ads.wild.example", dnsmessage.TypeA, refused, "denylist"},
		{"db.example", dnsmessage.TypeA, 0, "10.0.0.5 203.0.113.5"},
		{"inside.wild.example", dnsmessage.TypeA, refused, "private_address"},
		{"half.wild.example", dnsmessage.TypeA, 0, "203.0.113.9"},
		{"meta.wild.example", dnsmessage.TypeA, refused, "metadata_address"},
		{"mapped.wild.example", dnsmessage.TypeAAAA, refused, "metadata_address"},
		{"metadata.google.internal", dnsmessage.TypeA, refused, "metadata_address"},
		{"4.3.2.1.in-addr.arpa", dnsmessage.TypePTR, refused, "default_policy"},
		{"_imaps._tcp.mail.example", dnsmessage.TypeSRV, 0, ""},
		{"_imaps._tcp.evil.example", dnsmessage.TypeSRV, refused, "default_policy"},
		{"1.2.3.4", dnsmessage.TypeA, refused, "about an address"},
		{"0x7f000001", dnsmessage.TypeA, refused, "about an address"},
		{"a b.wild.example", dnsmessage.TypeA, refused, "no host"},
		{"evil.example\x00.wild.example", dnsmessage.TypeA, refused, "no host"},
		{"\uff41pi.example", dnsmessage.TypeA, refused, "another host"}, // a full-width a
		{"localhost", dnsmessage.TypeA, 0, "127.0.0.1"},
		{"x.localhost", dnsmessage.TypeAAAA, 0, "::1"},
		{"api.example.svc.cluster.local", dnsmessage.TypeA, none, "default_policy"},
	} {
		got := w.ask(row.name, row.t)
		text := strings.Join(got.addresses(), " ") + got.text
		if got.RCode != row.rcode || !strings.Contains(text, row.want) || row.want == "" && text != "" {
			t.Errorf("%s %v: %v %q, want %v %q", row.name, row.t, got.RCode, text, row.rcode, row.want)
		}
		if got.RCode == refused && got.code != codeBlocked {
			t.Errorf("%s: extended error %d", row.name, got.code)
		}
		if got.ID != 7 || !got.RecursionAvailable || got.Questions[0].Name.String() != row.name+"." {
			t.Errorf("%s: the answer is not to the question: %v", row.name, got.Questions)
		}
	}
	for _, heard := range w.up.heard() {
		if strings.Contains(heard, "evil") || strings.Contains(heard, "internal") || heard == "tracker.example" || strings.Contains(heard, "arpa") || strings.Contains(heard, "localhost") {
			t.Errorf("the upstream was asked for %s", heard)
		}
	}
}

func TestQuestionsThatAreNotServed(t *testing.T) {
	w := open(t, "mode: strict\ndefault_policy: allow\n", nil)
	plain := func(change func(*dnsmessage.Message)) []byte {
		m := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{{Name: mustName("api.example."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}}
		change(&m)
		return pack(m)
	}
	opt := func(ttl uint32) dnsmessage.Resource {
		return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: mustName("."), Class: 4096, TTL: ttl}, Body: &dnsmessage.OPTResource{}}
	}
	loop := append([]byte{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, 0xc0, 12, 0, 1, 0, 1)
	for _, row := range []struct {
		name string
		msg  []byte
		want dnsmessage.RCode
	}{
		{"ANY", plain(func(m *dnsmessage.Message) { m.Questions[0].Type = 255 }), dnsmessage.RCodeRefused},
		{"AXFR", plain(func(m *dnsmessage.Message) { m.Questions[0].Type = 252 }), dnsmessage.RCodeRefused},
		{"TKEY", plain(func(m *dnsmessage.Message) { m.Questions[0].Type = 249 }), dnsmessage.RCodeRefused},
		{"OPT", plain(func(m *dnsmessage.Message) { m.Questions[0].Type = 41 }), dnsmessage.RCodeRefused},
		{"CHAOS", plain(func(m *dnsmessage.Message) { m.Questions[0].Class = dnsmessage.ClassCHAOS }), dnsmessage.RCodeRefused},
		{"two questions", plain(func(m *dnsmessage.Message) { m.Questions = append(m.Questions, m.Questions[0]) }), dnsmessage.RCodeFormatError},
		{"no question", plain(func(m *dnsmessage.Message) { m.Questions = nil }), dnsmessage.RCodeFormatError},
		{"an update", plain(func(m *dnsmessage.Message) { m.OpCode = 5 }), dnsmessage.RCodeNotImplemented},
		{"two EDNS records", plain(func(m *dnsmessage.Message) { m.Additionals = []dnsmessage.Resource{opt(0), opt(0)} }), dnsmessage.RCodeFormatError},
		{"EDNS of tomorrow", plain(func(m *dnsmessage.Message) { m.Additionals = []dnsmessage.Resource{opt(1 << 16)} }), dnsmessage.RCode(0)}, // BADVERS has 16, of which 1 is in EDNS
		{"an answer in the question", plain(func(m *dnsmessage.Message) {
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: mustName("api.example."), Class: 1}, Body: &dnsmessage.AResource{}}}
		}), dnsmessage.RCodeFormatError},
		{"a name that leads to itself", loop, dnsmessage.RCodeFormatError},
		{"a label that is too long", append([]byte{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, 0x7f, 'a', 0, 0, 1, 0, 1), dnsmessage.RCodeFormatError},
		{"a question cut off", plain(func(*dnsmessage.Message) {})[:20], dnsmessage.RCodeFormatError},
		{"a question twice as long as its name", append(plain(func(*dnsmessage.Message) {})[:12], 0), dnsmessage.RCodeFormatError},
	} {
		for _, network := range []string{"udp", "tcp"} {
			got := w.send(network, row.msg)
			if got.RCode != row.want || len(got.Answers) > 0 || got.ID != 7 || !got.Response {
				t.Errorf("%s by %s: %v", row.name, network, got.GoString())
			}
		}
	}
	if heard := w.up.heard(); len(heard) > 0 {
		t.Errorf("the upstream was asked for %v", heard)
	}
}

// What is no question gets no answer: two servers would answer each other for ever.
func TestAnswersAreNotAnswered(t *testing.T) {
	w := open(t, rules, nil)
	for name, msg := range map[string][]byte{
		"an answer": pack(dnsmessage.Message{Header: dnsmessage.Header{ID: 7, Response: true}}), "three bytes": {1, 2, 3}, "nothing": {},
	} {
		c, err := net.Dial("udp", w.addr.String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write(msg)
		_, _ = c.Write(packed(t, "api.example", dnsmessage.TypeA, false)) // answered after it would have been
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		buf := make([]byte, 512)
		n, err := c.Read(buf)
		var m dnsmessage.Message
		if err != nil || m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			t.Errorf("%s was answered: %x %v", name, buf[:n], err)
		}
		_ = c.Close()
	}
}

// A socket that fails for good is tried now and then, not without a pause; once it is
// well again, so is the server.
func TestASocketThatFailsIsNotTriedWithoutAPause(t *testing.T) {
	w := open(t, rules, nil)
	w.up.address("api.example", "203.0.113.1")
	eventually(t, "the sweeper to sleep", func() bool { return w.clock.Waiting() == 1 })
	if err := w.doors.udp.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a pause", func() bool { return w.clock.Waiting() == 2 })
	before := w.s.Stats().Dropped
	w.clock.Advance(breath)
	eventually(t, "the next pause", func() bool { return w.clock.Waiting() == 2 })
	if got := w.s.Stats().Dropped - before; got != 1 {
		t.Errorf("it was read %d times between two pauses", got)
	}
	if err := w.doors.udp.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(breath)
	if got := w.ask("api.example", dnsmessage.TypeA); len(got.addresses()) != 1 {
		t.Errorf("afterwards: %v", got.GoString())
	}
}

func TestTheSwitchAndTheModes(t *testing.T) {
	w := open(t, rules, nil)
	w.up.address("api.example", "203.0.113.1")
	w.up.address("evil.example", "203.0.113.66")
	w.up.address("meta.example", "169.254.169.254")
	if got := w.ask("api.example", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeSuccess {
		t.Fatal(got.GoString())
	}
	why := "an incident"
	w.stopOn.Store(&why)
	if got := w.ask("api.example", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeRefused || !strings.Contains(got.text, "kill_switch") {
		t.Errorf("the cache answers under the kill switch: %v %s", got.RCode, got.text)
	}
	w.stopOn.Store(nil)
	w.setPolicy(rules + "dns: {enabled: false}\n")
	if got := w.ask("api.example", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeRefused || got.code != codeForbidden {
		t.Errorf("dns.enabled is false: %v %s", got.RCode, got.text)
	}
	w.setPolicy("mode: audit\n")
	if got := w.ask("evil.example", dnsmessage.TypeA); len(got.addresses()) != 1 {
		t.Errorf("audit: %v %s", got.RCode, got.text)
	}
	if got := w.ask("meta.example", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeRefused {
		t.Errorf("audit opens the floor: %v", got.addresses())
	}
	decided, _ := w.records()
	i := slices.IndexFunc(decided, func(r egress.Record) bool { return r.Host == "evil.example" })
	if i < 0 || decided[i].Decision.Would != policy.Deny || decided[i].Entry != egress.EntryDNS || decided[i].Protocol != policy.DNS {
		t.Errorf("audit notes %+v", decided)
	}
}

// One program that asks for one name again and again is one flow.
func TestRepeatsAreOneRecord(t *testing.T) {
	w := open(t, rules, nil)
	w.up.address("api.example", "203.0.113.1")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { w.ask("api.example", dnsmessage.TypeA); w.ask("evil.example", dnsmessage.TypeAAAA) })
	}
	all.Wait()
	decided, ended := w.records()
	if len(decided) != 2 || len(ended) != 0 || len(w.up.heard()) != 1 {
		t.Fatalf("decided %d, ended %d, upstream asked %v", len(decided), len(ended), w.up.heard())
	}
	w.clock.Advance(2 * time.Minute)
	w.ask("api.example", dnsmessage.TypeA)
	eventually(t, "the end of the first", func() bool { _, ended := w.records(); return len(ended) == 1 })
	decided, ended = w.records()
	if len(decided) != 3 || decided[2].Flow == decided[0].Flow {
		t.Errorf("a minute later it is no new flow: %+v", decided)
	}
	question := len(packed(t, "api.example", dnsmessage.TypeA, true))
	if e := ended[0]; e.Host != "api.example" || e.BytesOut != int64(20*question) || e.BytesIn <= e.BytesOut || e.Took < time.Minute {
		t.Errorf("the end is %+v", e)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

func TestNothingIsAskedUnrecorded(t *testing.T) {
	w := open(t, rules, nil)
	w.up.address("api.example", "203.0.113.1")
	w.mu.Lock()
	w.broken = errors.New("disk full")
	w.mu.Unlock()
	if got := w.ask("api.example", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeRefused || !strings.Contains(got.text, "audit_unavailable") || len(w.up.heard()) > 0 {
		t.Fatalf("%v %s, upstream asked %v", got.RCode, got.text, w.up.heard())
	}
	w.mu.Lock()
	w.broken = nil
	w.mu.Unlock()
	if got := w.ask("api.example", dnsmessage.TypeA); len(got.addresses()) != 1 {
		t.Errorf("once it can be recorded: %v %s", got.RCode, got.text)
	}
}

func TestLongAnswersGoByTCP(t *testing.T) {
	w := open(t, rules, nil)
	var many []dnsmessage.ResourceBody
	for i := range 60 {
		many = append(many, &dnsmessage.TXTResource{TXT: []string{fmt.Sprintf("record %d %s", i, strings.Repeat("x", 40))}})
	}
	w.up.put("mail.example", dnsmessage.TypeTXT, many...)
	w.up.address("api.example", "203.0.113.1")
	got := w.ask("mail.example", dnsmessage.TypeTXT)
	if !got.Truncated || len(got.Answers) != 0 {
		t.Errorf("by UDP: truncated %t, %d answers", got.Truncated, len(got.Answers))
	}
	if got = w.send("tcp", packed(t, "mail.example", dnsmessage.TypeTXT, true)); got.Truncated || len(got.Answers) != 60 {
		t.Errorf("by TCP: truncated %t, %d answers", got.Truncated, len(got.Answers))
	}
	if n := len(w.raw("udp", packed(t, "evil.example", dnsmessage.TypeA, false))); n > plainUDP {
		t.Errorf("%d bytes to a client without EDNS", n)
	}
}

func TestTimesToLive(t *testing.T) {
	w := open(t, rules, nil)
	w.up.address("api.example", "203.0.113.1")
	w.ask("api.example", dnsmessage.TypeA)
	w.clock.Advance(100 * time.Second)
	if ttl := w.ask("api.example", dnsmessage.TypeA).Answers[0].Header.TTL; ttl != 200 {
		t.Errorf("after 100 of 300 seconds %d are left", ttl)
	}
	w.clock.Advance(201 * time.Second)
	w.up.address("api.example", "203.0.113.2")
	if got := w.ask("api.example", dnsmessage.TypeA).addresses(); !slices.Equal(got, []string{"203.0.113.2"}) {
		t.Errorf("after its time: %v", got)
	}
	w.ask("none.wild.example", dnsmessage.TypeA)
	w.up.address("none.wild.example", "203.0.113.3")
	if got := w.ask("none.wild.example", dnsmessage.TypeA); got.RCode != dnsmessage.RCodeNameError || len(got.Authorities) != 1 {
		t.Errorf("that there is no such name was not kept: %v", got.GoString())
	}
	w.clock.Advance(61 * time.Second)
	if got := w.ask("none.wild.example", dnsmessage.TypeA); len(got.addresses()) != 1 {
		t.Errorf("after the minute that its zone says: %v", got.RCode)
	}
}
