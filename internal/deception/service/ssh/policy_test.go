package ssh

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

var first, second = netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("198.51.100.4")

func newTestPolicy(t *testing.T, a accept) *policy {
	return newPolicy(servicetest.Persona(t, "test-1", "linux-server"), a)
}

func TestTheThirdAttemptIsRight(t *testing.T) {
	p := newTestPolicy(t, accept{Users: []string{"root", "anna"}, Passwords: []string{secret}, After: 3})
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
		if got := p.judge(tt.client, tt.user, tt.password); got != tt.want {
			t.Errorf("%s: %s with %s: %t", tt.why, tt.user, tt.password, got)
		}
	}
}

func TestANetworkOfIPv6IsOneClient(t *testing.T) {
	p := newTestPolicy(t, accept{Users: []string{"root"}, Passwords: []string{secret}, After: 3})
	for i := range 2 {
		if p.judge(netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", i)), "root", fmt.Sprint("x", i)) {
			t.Error("too early")
		}
	}
	if !p.judge(netip.MustParseAddr("2001:db8::ffff"), "root", "x3") {
		t.Error("the third of a network is not the third")
	}
}

func TestWhatAPolicyRemembersIsBounded(t *testing.T) {
	p := newTestPolicy(t, accept{Users: []string{"root"}, After: 2})
	for i := range 2 * maxClients {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		p.judge(a, "root", fmt.Sprint("a", i))
		p.judge(a, "root", fmt.Sprint("b", i))
	}
	for i := range 2 * maxRefused {
		p.judge(first, "nobody", fmt.Sprint(i))
		p.judge(second, "root", fmt.Sprint("c", i))
	}
	if len(p.clients.all) > maxClients || len(p.granted.all) > maxGranted || len(p.triesOf(second).refused.all) > maxRefused {
		t.Errorf("%d clients, %d granted, %d refused", len(p.clients.all), len(p.granted.all), len(p.triesOf(second).refused.all))
	}
}

func TestWeakPasswordsDifferFromDeckyToDecky(t *testing.T) {
	sets := map[string]bool{}
	for i := range 40 {
		p := newPolicy(servicetest.Persona(t, fmt.Sprint("d", i), "linux-server"), accept{})
		if len(p.sure) == 0 {
			t.Fatal("a decky without a weak password")
		}
		sets[fmt.Sprint(p.sure)] = true
	}
	if len(sets) < 40 {
		t.Errorf("40 deckies have %d sets of weak passwords", len(sets))
	}
}

func TestStartups(t *testing.T) {
	s, err := parseStartups("10:30:100")
	if err != nil {
		t.Fatal(err)
	}
	at := func(n int) func(int) int { return func(int) int { return n } }
	for _, tt := range []struct {
		n, draw int
		want    bool
	}{{9, 0, false}, {10, 29, true}, {10, 30, false}, {55, 64, true}, {55, 65, false}, {100, 99, true}} {
		if got := s.drops(tt.n, at(tt.draw)); got != tt.want {
			t.Errorf("%d log in, %d is drawn: %t", tt.n, tt.draw, got)
		}
	}
}

func TestBadConfigurationsAreNamed(t *testing.T) {
	for key, value := range map[string]any{
		"methods": []string{"hope"}, "forwarding": "yes", "patch": 99, "max_auth_tries": 0, "max_sessions": -1, "max_startups": "many",
		"accept": map[string]any{"rate": 2}, "login_grace_time": "0s",
	} {
		if _, err := Kind(nil).New(servicetest.Setup(t, service.Config{key: value})); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: error %v", key, err)
		}
	}
}
