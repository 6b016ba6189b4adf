package incident

import "testing"

// Whom an address stands for: a translator's network is all of IPv4, a 6to4 network one
// machine.
func TestAddressKeys(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "::ffff:203.0.113.9": "203.0.113.9", "64:ff9b::203.0.113.9": "203.0.113.9", "2002:cb00:7109:5::1": "203.0.113.9",
		"2001:db8:0:1::7": "2001:db8:0:1::/64", "fe80::1%eth0": "fe80::/64",
		"64:ff9b::127.0.0.1": "", "2002:7f00:1::1": "", "127.0.0.1": "", "::1": "", "0.0.0.0": "", "x": "",
	} {
		if k, ok := AddressKey(address); k.Value != want && ok || ok != (want != "") {
			t.Errorf("%s is of %q, %t; want %q", address, k.Value, ok, want)
		}
	}
}

// What is no name of a host is none, so that nobody writes to a terminal by way of one.
func TestHostKeys(t *testing.T) {
	for host, want := range map[string]string{
		"Evil.Example.": "evil.example", "[2001:db8::7]": "2001:db8::7", "bücher.example": "bücher.example", "xn--bcher-kva.example": "xn--bcher-kva.example", "_dmarc.evil.example": "_dmarc.evil.example",
		"evil\x1b[2J.example": "", "evil\u202e.example": "", "evil\u2028.example": "", "evil\x7f.example": "", "evil\u0085.example": "", "a\u00a0b.example": "", "evil.example\x00": "", "\xff.example": "",
		"a b.example": "", "localhost": "", "a.localhost": "", "127.0.0.1": "",
	} {
		if k, ok := HostKey(host); ok != (want != "") || ok && k.Value != want {
			t.Errorf("%q is %q, %t; want %q", host, k.Value, ok, want)
		}
	}
}
