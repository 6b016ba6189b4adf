package dns

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

func TestOnlyNeighboursAreAnswered(t *testing.T) {
	c := clock.NewFake(time.Now())
	mine := []net.Addr{&net.IPNet{IP: net.ParseIP("203.0.113.1"), Mask: net.CIDRMask(24, 32)}}
	n := &neighbours{clock: c, addresses: func() ([]net.Addr, error) { return mine, nil }}
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "::ffff:192.168.0.7": true, "fe80::1%eth0": true, "fd00::5": true, "100.64.0.9": true,
		"203.0.113.1": true, "203.0.113.2": false, "8.8.8.8": false, "2001:db8::1": false, "0.0.0.0": false,
	} {
		if n.has(netip.MustParseAddr(addr)) != want {
			t.Errorf("%s is answered: %t", addr, !want)
		}
	}
	mine = nil
	c.Advance(lookEvery)
	if n.has(netip.MustParseAddr("203.0.113.1")) {
		t.Error("an address that the machine had is still answered")
	}
}
