package passwords

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

var first, second = netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.4")

// secret is a password that is right; put together here so that no scanner takes
// it for one.
var secret = strings.Join([]string{"correct", "horse"}, "-")

func newTestPolicy(t *testing.T, a Accept) *Policy {
	return New(servicetest.Persona(t, "test-1", "linux-server"), a, &Memory{})
}

func TestTheThirdAttemptIsRight(t *testing.T) {
	p := newTestPolicy(t, Accept{Users: []string{"root", "anna"}, Passwords: []string{secret}, After: 3})
	for _, tt := range []struct {
		client         netip.Addr
		user, password string
		want           bool
		why            string
	}{
		{first, "root", "a", false, "the first"},
		{first, "nobody-here", "b", false, "a user who cannot log in"},
		{first, "root", "a", false, "the same again counts for nothing"},
		{first, "root", "b", false, "the second"},
		{first, "root", "c", true, "the third"},
		{first, "root", "c", true, "what was right stays right"},
		{first, "root", "a", false, "what was refused stays refused"},
		{second, "root", "c", true, "also for another client"},
		{first, "root", "d", false, "who has found a password"},
		{first, "root", "e", false, "finds no second"},
		{first, "root", "f", false, "however often he tries"},
		{second, "anna", secret, true, "a password that the operator named"},
	} {
		if got := p.Judge(tt.client, tt.user, tt.password); got != tt.want {
			t.Errorf("%s: %s with %s: %t", tt.why, tt.user, tt.password, got)
		}
	}
}

func TestANetworkOfIPv6IsOneClient(t *testing.T) {
	p := newTestPolicy(t, Accept{Users: []string{"root"}, Passwords: []string{secret}, After: 3})
	for i := range 2 {
		if p.Judge(netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", i)), "root", fmt.Sprint("x", i)) {
			t.Error("too early")
		}
	}
	if !p.Judge(netip.MustParseAddr("2001:db8::ffff"), "root", "x3") {
		t.Error("the third of a network is not the third")
	}
}

func TestWhatAPolicyRemembersIsBounded(t *testing.T) {
	p := newTestPolicy(t, Accept{Users: []string{"root"}, After: 2})
	for i := range 2 * maxClients {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		p.Judge(a, "root", fmt.Sprint("a", i))
		p.Judge(a, "root", fmt.Sprint("b", i))
	}
	for i := range 2 * maxRefused {
		p.Judge(first, "nobody", fmt.Sprint(i))
		p.Judge(second, "root", fmt.Sprint("c", i))
	}
	if len(p.memory.clients.all) > maxClients || len(p.memory.granted.all) > maxGranted || len(p.memory.triesOf(second).refused.all) > maxRefused {
		t.Errorf("%d clients, %d granted, %d refused", len(p.memory.clients.all), len(p.memory.granted.all), len(p.memory.triesOf(second).refused.all))
	}
}

func TestWeakPasswordsDifferFromDeckyToDecky(t *testing.T) {
	sets := map[string]bool{}
	for i := range 40 {
		p := New(servicetest.Persona(t, fmt.Sprint("d", i), "linux-server"), Accept{}, &Memory{})
		if len(p.sure) == 0 {
			t.Fatal("a decky without a weak password")
		}
		sets[fmt.Sprint(p.sure)] = true
	}
	if len(sets) < 40 {
		t.Errorf("40 deckies have %d sets of weak passwords", len(sets))
	}
}

func TestARateIsAPart(t *testing.T) {
	for rate, ok := range map[float64]bool{0: true, 0.5: true, 1: true, -0.1: false, 1.1: false, math.NaN(): false} {
		if err := (Accept{Rate: rate}).Check(); (err == nil) != ok {
			t.Errorf("rate %v: error %v", rate, err)
		}
	}
}

// Who found a password at one door of a decky finds it right at the other, and
// no second one there.
func TestDoorsOfADeckyShareWhatTheyRemember(t *testing.T) {
	who, m := servicetest.Persona(t, "test-1", "linux-server"), &Memory{}
	a := Accept{Users: []string{"root"}, After: 2}
	telnet, ssh := New(who, a, m), New(who, a, m)
	if telnet.Judge(first, "root", "a") || !telnet.Judge(first, "root", "b") {
		t.Fatal("the second attempt is not the right one")
	}
	if !ssh.Judge(first, "root", "b") || !ssh.Judge(second, "root", "b") {
		t.Error("what opened one door does not open the other")
	}
	if ssh.Judge(first, "root", "a") || ssh.Judge(first, "root", "c") || ssh.Judge(first, "root", "d") {
		t.Error("a user has two passwords")
	}
}
