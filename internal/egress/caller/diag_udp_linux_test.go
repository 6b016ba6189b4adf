package caller

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
)

// A question by UDP comes from a socket that is connected, or from one that is bound
// only.
func TestWhoAsksByUDP(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		server, err := net.ListenPacket("udp", address)
		if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) { // no IPv6 here
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = server.Close() }()
		here := server.LocalAddr().(*net.UDPAddr).AddrPort()
		connected, err := net.Dial("udp", here.String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = connected.Close() }()
		bound, err := net.ListenPacket("udp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = bound.Close() }()
		for name, from := range map[string]netip.AddrPort{
			"connected": connected.LocalAddr().(*net.UDPAddr).AddrPort(),
			"bound":     netip.AddrPortFrom(here.Addr(), bound.LocalAddr().(*net.UDPAddr).AddrPort().Port()),
		} {
			if p := New().Datagram(from, here); p.PID != os.Getpid() {
				t.Errorf("%s, %s: %+v", address, name, p)
			}
		}
		elsewhere := netip.AddrPortFrom(here.Addr(), 9)
		if p := New().Datagram(connected.LocalAddr().(*net.UDPAddr).AddrPort(), elsewhere); p.PID != os.Getpid() {
			t.Errorf("%s, connected to somebody else: %+v", address, p)
		}
		if p := New().Datagram(netip.AddrPortFrom(here.Addr(), 1), here); p.PID != 0 {
			t.Errorf("nobody's socket is %+v", p)
		}
	}
}
