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

// However many clients try however many passwords on however many deckies, what is
// remembered is bounded; what was right stays right.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	all := &Tries{}
	a := Accept{Users: []string{"root"}, Passwords: []string{secret}, After: 1 << 20}
	one, other := New(servicetest.Persona(t, "one", "linux-server"), a, &Memory{Tries: all}), New(servicetest.Persona(t, "other", "linux-server"), Accept{Users: []string{"root"}, After: 2}, &Memory{Tries: all})
	if other.Judge(first, "root", "a") || !other.Judge(first, "root", "b") {
		t.Fatal("the second attempt is not the right one")
	}
	for i := range maxTried + maxClients { // eight passwords each
		one.Judge(address(i/8), "root", fmt.Sprint(i%8))
	}
	for i := range 2 * maxRefused {
		one.Judge(second, "root", fmt.Sprint("c", i))
	}
	held := 0
	for _, c := range all.clients.all {
		held += c.refused.Len()
	}
	if held != all.held || held > maxTried || all.clients.Len() > maxClients || all.of(one.memory, second).refused.Len() > maxRefused {
		t.Errorf("%d clients, %d passwords, counted as %d", all.clients.Len(), held, all.held)
	}
	if !other.Judge(second, "root", "b") {
		t.Error("what was right on another decky is forgotten")
	}
	for i := range 2 * maxClients {
		one.Judge(address(i), "root", secret)
	}
	if all.clients.Len() > maxClients || all.held > maxTried {
		t.Errorf("%d clients, %d passwords", all.clients.Len(), all.held)
	}
}

// A decky remembers so many passwords that were right and no more.
func TestWhatWasRightIsBounded(t *testing.T) {
	p := newTestPolicy(t, Accept{Users: []string{"root"}, After: 1})
	for i := range 2 * maxGranted {
		p.Judge(address(i), "root", fmt.Sprint(i))
	}
	if got := p.memory.granted.Len(); got != maxGranted {
		t.Errorf("%d are remembered", got)
	}
}

// What one decky refused another knows nothing of.
func TestDeckiesThatShareABoundShareNothingElse(t *testing.T) {
	all := &Tries{}
	who, a := servicetest.Persona(t, "one", "linux-server"), Accept{Users: []string{"root"}, After: 2}
	one, other := New(who, a, &Memory{Tries: all}), New(who, a, &Memory{Tries: all})
	if one.Judge(first, "root", "a") || other.Judge(first, "root", "b") {
		t.Error("an attempt at another decky counts")
	}
	if !other.Judge(first, "root", "a") {
		t.Error("what another decky refused is refused")
	}
}

func address(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
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
