package dns

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"go.cordon.dev/cordon/internal/clock"
)

// Whose answers are good for no time hears which of the names that he knows is asked:
// that gets out no more than new names do. What there is to choose from, and how fast.
func TestTheOrderOfKnownNamesIsNoWayOut(t *testing.T) {
	for names, each := range map[int]time.Duration{4: 100 * time.Millisecond, 16: 50 * time.Millisecond, 256: 50 * time.Millisecond, 1000: 10 * time.Millisecond} {
		now := clock.NewFake(time.Now())
		d, r := newTunnels(now, 16), rand.New(rand.NewPCG(5, 6))
		ask := func(i int, heard bool) bool {
			return d.see(netip.MustParseAddr("127.0.0.1"), fmt.Sprintf("n%d.t.example.com", i), dnsmessage.TypeA, heard) == ""
		}
		for i := range names {
			ask(i, true)
			now.Advance(time.Second)
		}
		passed, began := 0, now.Now()
		for range 20_000 {
			if ask(r.IntN(names), true) {
				passed++
			}
			now.Advance(each)
		}
		leaked := float64(passed) * math.Log2(float64(names)) / 8
		most := mostAgain * (1 + float64(now.Now().Sub(began))/float64(window))
		t.Logf("%4d names: %5.0f bytes left in %v", names, leaked, now.Now().Sub(began))
		if leaked > 1.2*most {
			t.Errorf("%d names: %.0f bytes left, more than %.0f", names, leaked, most)
		}
		if !ask(0, false) {
			t.Errorf("%d names: one that the cache answers is denied", names)
		}
	}
}

// Who was stopped for the order goes on as soon as there is room: he asks for nothing
// that is not known.
func TestAskingAgainGoesOnWhenThereIsRoom(t *testing.T) {
	now := clock.NewFake(time.Now())
	d := newTunnels(now, 16)
	ask := func(i int) bool {
		return d.see(netip.MustParseAddr("127.0.0.1"), fmt.Sprintf("n%d.example.com", i*i%97), dnsmessage.TypeA, true) == ""
	}
	i := 0
	for ; ask(i); i++ {
		if i > 100_000 {
			t.Fatal("it is never stopped")
		}
	}
	for range 100 {
		now.Advance(time.Second)
		ask(i)
	}
	now.Advance(window / 10)
	if !ask(i) {
		t.Error("it is still stopped a minute later")
	}
}

// Programs that ask again and again, each for ten minutes with answers that are good
// for no time, or for a few seconds.
func TestAskingAgainIsNoTunnel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, row := range []struct {
		name string
		n    int
		make func(i int) (string, dnsmessage.Type)
	}{
		{"one host, both families of addresses, every second", 1200, func(i int) (string, dnsmessage.Type) {
			return "api.example.com", [...]dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}[i%2]
		}},
		{"three hosts in any order, three times a second", 1800, func(int) (string, dnsmessage.Type) {
			return fmt.Sprintf("%c.example.com", 'a'+r.IntN(3)), dnsmessage.TypeA
		}},
		{"30 databases that are looked at every 5 seconds", 3600, func(i int) (string, dnsmessage.Type) {
			return fmt.Sprintf("orders-%d.c9akciq32rng.eu-west-1.rds.amazonaws.com", i%30), dnsmessage.TypeA
		}},
		{"12 databases in any order, every 5 seconds", 1440, func(int) (string, dnsmessage.Type) {
			return fmt.Sprintf("orders-%d.c9akciq32rng.eu-west-1.rds.amazonaws.com", r.IntN(12)), dnsmessage.TypeA
		}},
		{"100 hosts in any order, every minute", 1000, func(int) (string, dnsmessage.Type) {
			return fmt.Sprintf("shop%d.example.com", r.IntN(100)), dnsmessage.TypeA
		}},
		{"services of the network's own, a hundred times a second", 60_000, func(int) (string, dnsmessage.Type) {
			return fmt.Sprintf("web%d.service.consul", r.IntN(50)), dnsmessage.TypeSRV
		}},
	} {
		now := clock.NewFake(time.Now())
		d := newTunnels(now, 64)
		for i := range row.n {
			name, kind := row.make(i)
			if why := d.see(netip.MustParseAddr("127.0.0.1"), name, kind, true); why != "" {
				t.Errorf("%s: number %d, %s: %s", row.name, i, name, why)
				break
			}
			now.Advance(window / time.Duration(row.n))
		}
	}
}

// Whoever can have a domain can have its name servers.
func TestWhichDomainsSomebodyCanHave(t *testing.T) {
	for name, want := range map[string]bool{
		"example.com": true, "a.co.uk": true, "user.github.io": true, "example.xn--p1ai": true,
		"service.consul": false, "svc.cluster.local": false, "db.internal": false, "localhost": false,
	} {
		if got := delegated(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// The same by the server: an answer that is good for no time is good for a second, what
// the upstream hears counts, and what the cache answers does not.
func TestAnswersThatAreGoodForNoTime(t *testing.T) {
	w := open(t, "allowlist: {rules: [{host: '*.example.com'}]}\n", nil)
	for i := range 64 {
		w.up.address(fmt.Sprintf("n%d.example.com", i), "203.0.113.1")
	}
	w.up.twisted(func(_ string, m dnsmessage.Message) []byte {
		m = w.up.fill(m, strings.ToLower(strings.TrimSuffix(m.Questions[0].Name.String(), ".")))
		for i := range m.Answers {
			m.Answers[i].Header.TTL = 0
		}
		return pack(m)
	})
	r := rand.New(rand.NewPCG(9, 10))
	stopped := 0
	for range 10_000 {
		got := w.ask(fmt.Sprintf("n%d.example.com", r.IntN(64)), dnsmessage.TypeA)
		switch {
		case strings.Contains(got.text, "dns_tunnel"):
			stopped++
		case len(got.addresses()) != 1 || got.Answers[0].Header.TTL != 0:
			t.Fatalf("%v", got.GoString())
		}
		w.clock.Advance(20 * time.Millisecond)
		if stopped == 1 {
			break
		}
	}
	heard := len(w.up.heard())
	if stopped == 0 || heard < 1500 || heard > 3500 {
		t.Fatalf("stopped %d, the upstream heard %d questions", stopped, heard)
	}
	w.clock.Advance(time.Minute)
	for range 500 { // the first is heard, and the others are not
		if got := w.ask("n0.example.com", dnsmessage.TypeA); len(got.addresses()) != 1 {
			t.Fatal(got.text)
		}
	}
	if again := len(w.up.heard()); again != heard+1 {
		t.Errorf("the upstream heard %d more", again-heard)
	}
}
