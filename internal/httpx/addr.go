package httpx

import "net/netip"

// private is the kind that SafeDialer.AllowPrivate lets through.
const private = "private"

// span is a range of addresses that is not the public Internet.
type span struct{ prefix, kind string }

// spans follows the IANA special-purpose address registries (RFC 6890 and its
// updates); the first that matches counts. IPv4-mapped addresses are judged as
// the IPv4 address they hold.
func spans() []span {
	return append(spans4(), spans6()...)
}

func spans4() []span {
	return []span{
		{"169.254.169.254/32", "a cloud's metadata service"},
		{"168.63.129.16/32", "a cloud's metadata service"},   // Azure's wire server, a public address
		{"100.100.100.200/32", "a cloud's metadata service"}, // Alibaba, in the shared range
		{"192.0.0.192/32", "a cloud's metadata service"},     // Oracle
		{"0.0.0.0/8", "unspecified"},
		{"10.0.0.0/8", private},
		{"100.64.0.0/10", private}, // carrier-grade NAT, RFC 6598
		{"127.0.0.0/8", private},
		{"169.254.0.0/16", "link-local"},
		{"172.16.0.0/12", private},
		{"192.0.0.0/24", "reserved"},
		{"192.0.2.0/24", "for documentation"},
		{"192.88.99.0/24", "a 6to4 relay"},
		{"192.168.0.0/16", private},
		{"198.18.0.0/15", "for benchmarks"},
		{"198.51.100.0/24", "for documentation"},
		{"203.0.113.0/24", "for documentation"},
		{"224.0.0.0/4", "multicast"},
		{"240.0.0.0/4", "reserved"}, // and broadcast
	}
}

func spans6() []span {
	return []span{
		{"fd00:ec2::254/128", "a cloud's metadata service"}, // AWS
		{"fd20:ce::254/128", "a cloud's metadata service"},  // Google Cloud
		{"::/128", "unspecified"},
		{"::1/128", private},
		{"fc00::/7", private},
		{"fe80::/10", "link-local"},
		{"ff00::/8", "multicast"},
		{"64:ff9b::/96", "a NAT64 translation"}, // holds any IPv4 address, RFC 6052
		{"64:ff9b:1::/48", "a NAT64 translation"},
		{"2001::/23", "reserved"}, // Teredo among them, which holds an IPv4 address
		{"2001:db8::/32", "for documentation"},
		{"2002::/16", "a 6to4 translation"}, // holds an IPv4 address, RFC 3056
		{"3fff::/20", "for documentation"},
		{"2000::/3", ""}, // the global unicast space in use: public
		{"::/0", "reserved"},
	}
}

// classify names the kind of an address; empty for a public one.
func classify(a netip.Addr) string {
	if !a.IsValid() {
		return "invalid"
	}
	for _, s := range spans() {
		if netip.MustParsePrefix(s.prefix).Contains(a) {
			return s.kind
		}
	}
	return ""
}
