package httpx

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSafeDialerJudgesAddresses(t *testing.T) {
	const public, onlyPrivate, never = "public", "private", "never"
	cases := map[string]string{
		"8.8.8.8": public, "1.1.1.1": public, "172.15.255.255": public, "172.32.0.0": public, "100.63.255.255": public,
		"100.128.0.0": public, "169.253.255.255": public, "11.0.0.0": public, "223.255.255.255": public,
		"2606:4700:4700::1111": public, "2a00:1450:4001::1": public, "2400::1": public,

		"127.0.0.1": onlyPrivate, "127.255.255.254": onlyPrivate, "::1": onlyPrivate,
		"10.0.0.1": onlyPrivate, "172.16.0.1": onlyPrivate, "172.31.255.255": onlyPrivate, "192.168.1.1": onlyPrivate,
		"100.64.0.1": onlyPrivate, "100.127.255.255": onlyPrivate,
		"fc00::1": onlyPrivate, "fdff::1": onlyPrivate, "::ffff:127.0.0.1": onlyPrivate, "::ffff:10.0.0.1": onlyPrivate,

		"0.0.0.0": never, "0.1.2.3": never, "::": never,
		"169.254.169.254": never, "169.254.0.1": never, "fe80::1": never, "fe80::1%eth0": never, "febf::1": never,
		"168.63.129.16": never, "100.100.100.200": never, "192.0.0.192": never, "fd00:ec2::254": never, "fd20:ce::254": never,
		"::ffff:169.254.169.254": never, "::ffff:0.0.0.0": never,
		"224.0.0.1": never, "239.255.255.255": never, "ff02::1": never,
		"240.0.0.1": never, "255.255.255.255": never, "192.0.0.1": never, "198.18.0.1": never,
		"192.0.2.1": never, "198.51.100.1": never, "203.0.113.1": never, "2001:db8::1": never, "3fff::1": never,
		"64:ff9b::7f00:1": never, "64:ff9b::808:808": never, "64:ff9b:1::1": never,
		"2002:7f00:1::1": never, "2001::1": never, "::7f00:1": never, "100::1": never, "fec0::1": never, "4000::1": never,
	}
	for text, kind := range cases {
		a := netip.MustParseAddr(text)
		strict, loose := SafeDialer{}.CheckAddr(a), SafeDialer{AllowPrivate: true}.CheckAddr(a)
		if (strict == nil) != (kind == public) {
			t.Errorf("%s is %s, but is judged %v", text, kind, strict)
		}
		if (loose == nil) != (kind != never) {
			t.Errorf("%s is %s, but with AllowPrivate is judged %v", text, kind, loose)
		}
		if strict != nil && !errors.Is(strict, ErrForbidden) {
			t.Errorf("%s: error %v is not ErrForbidden", text, strict)
		}
		if kind == onlyPrivate && !strings.Contains(strict.Error(), "allow_private") {
			t.Errorf("%s: error %v does not say how to permit it", text, strict)
		}
	}
}

// TestOwnNetworkIsNeverPublic compares the table with what net/netip knows.
func TestOwnNetworkIsNeverPublic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "v6")))
		if rapid.Bool().Draw(t, "is4") {
			a = netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")))
		}
		own := a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || !a.IsGlobalUnicast()
		if own && (SafeDialer{}).CheckAddr(a) == nil {
			t.Fatalf("%s passes", a)
		}
		if a.Is4() && (SafeDialer{}.CheckAddr(a) == nil) != (SafeDialer{}.CheckAddr(netip.AddrFrom16(a.As16())) == nil) {
			t.Fatalf("%s is judged otherwise when mapped into IPv6", a)
		}
	})
}

func TestControlRefusesWhatIsNotTCPToAnAddress(t *testing.T) {
	for _, c := range [][2]string{{"udp4", "8.8.8.8:53"}, {"unix", "/run/x.sock"}, {"tcp", "8.8.8.8:80"}, {"tcp4", "example.org:80"}, {"tcp4", "8.8.8.8"}, {"tcp4", ""}} {
		if err := (SafeDialer{AllowPrivate: true}).Control(c[0], c[1], nil); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s to %q: %v", c[0], c[1], err)
		}
	}
	if err := (SafeDialer{}).Control("tcp6", "[2606:4700:4700::1111]:443", nil); err != nil {
		t.Errorf("a public address: %v", err)
	}
}

// Datagrams go where streams may go, when they are wanted.
func TestControlLetsDatagramsThroughThatAreWanted(t *testing.T) {
	for address, want := range map[string]bool{"8.8.8.8:514": true, "[2606:4700:4700::1111]:514": true, "127.0.0.1:514": false, "169.254.169.254:514": false} {
		network := "udp4"
		if address[0] == '[' {
			network = "udp6"
		}
		if err := (SafeDialer{Datagrams: true}).Control(network, address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A name is judged by where it leads, at the moment of connecting, however the
// address is spelled.
func TestNamesAreJudgedWhenConnecting(t *testing.T) {
	reached := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		conn, err := SafeDialer{}.DialContext(context.Background(), "tcp", net.JoinHostPort(strings.Trim(host, "[]"), port))
		if err == nil {
			t.Errorf("%s: connected", host)
			_ = conn.Close()
		}
	}
	client := &http.Client{Transport: &http.Transport{DialContext: SafeDialer{}.DialContext}}
	resp, err := client.Get("http://localhost:" + port + "/")
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, ErrForbidden) || reached {
		t.Errorf("error %v, reached %t; want ErrForbidden", err, reached)
	}
	loose := &http.Transport{DialContext: SafeDialer{AllowPrivate: true}.DialContext}
	defer loose.CloseIdleConnections()
	resp, err = (&http.Client{Transport: loose}).Get(srv.URL)
	if err != nil || !reached {
		t.Fatalf("with AllowPrivate: %v, reached %t", err, reached)
	}
	_ = resp.Body.Close()
}
