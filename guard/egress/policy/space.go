package policy

import "net/netip"

// space is the kind of place an address lies in.
type space uint8

// The spaces, from the least to the most guarded.
const (
	public    space = iota
	reserved        // nobody's: "this network", multicast, class E
	private         // RFC 1918, RFC 4193, RFC 6598 and their like
	loopback        // this machine
	forbidden       // metadata services and link-local space: denied in every mode
)

// block is a stretch of addresses that is not public.
type block struct {
	prefix netip.Prefix
	space  space
}

func mustBlock(prefix string, s space) block { return block{netip.MustParsePrefix(prefix), s} }

// The blocks follow IANA's special-purpose address registries (RFC 6890), and, for
// the forbidden ones, what the clouds document about their metadata services.
// Single addresses stand before the blocks they lie in. Space for documentation
// is left out: nobody lives there.
var (
	blocks4 = []block{
		mustBlock("169.254.0.0/16", forbidden),     // link-local: nearly every cloud's 169.254.169.254
		mustBlock("168.63.129.16/32", forbidden),   // Azure's WireServer
		mustBlock("100.100.100.200/32", forbidden), // Alibaba Cloud
		mustBlock("192.0.0.192/32", forbidden),     // Oracle Cloud
		mustBlock("127.0.0.0/8", loopback),
		mustBlock("10.0.0.0/8", private),
		mustBlock("172.16.0.0/12", private),
		mustBlock("192.168.0.0/16", private),
		mustBlock("100.64.0.0/10", private), // carrier-grade NAT, RFC 6598
		mustBlock("192.0.0.0/24", reserved),
		mustBlock("198.18.0.0/15", private), // benchmarks, RFC 2544
		mustBlock("0.0.0.0/8", reserved),    // Linux dials itself
		mustBlock("224.0.0.0/4", reserved),
		mustBlock("240.0.0.0/4", reserved),
	}
	blocks6 = []block{
		mustBlock("fe80::/10", forbidden),
		mustBlock("fd00:ec2::/32", forbidden),          // AWS
		mustBlock("fd20:ce::254/128", forbidden),       // Google Cloud
		mustBlock("fd00:42::42/128", forbidden),        // Scaleway
		mustBlock("fd00:c1::a9fe:a9fe/128", forbidden), // Oracle Cloud
		mustBlock("::1/128", loopback),
		mustBlock("::/128", reserved),
		mustBlock("fc00::/7", private),
		mustBlock("fec0::/10", private),      // site-local, RFC 3879
		mustBlock("64:ff9b:1::/48", private), // local NAT64, RFC 8215
		mustBlock("100::/64", reserved),      // discarded, RFC 6666
		mustBlock("ff00::/8", reserved),
	}
	// tunnels are the forms of IPv6 that carry IPv4 somebody else unpacks.
	tunnels = [...]netip.Prefix{
		localNAT64: netip.MustParsePrefix("64:ff9b:1::/48"),  // RFC 8215
		sixToFour:  netip.MustParsePrefix("2002::/16"),       // RFC 3056
		teredo:     netip.MustParsePrefix("2001::/32"),       // RFC 4380
		nat64:      netip.MustParsePrefix("64:ff9b::/96"),    // RFC 6052
		translated: netip.MustParsePrefix("::ffff:0:0:0/96"), // RFC 7915
		compatible: netip.MustParsePrefix("::/96"),           // RFC 4291
	}
)

// The places of the forms in tunnels.
const (
	localNAT64 = iota
	sixToFour
	teredo
	nat64
	translated
	compatible
)

// metadataNames are names that only metadata services have. Most resolve to
// addresses that are forbidden anyhow; a name is refused before anybody resolves it.
var metadataNames = map[string]bool{
	"metadata":                          true,
	"metadata.google.internal":          true,
	"metadata.goog":                     true,
	"metadata.azure.internal":           true,
	"metadata.tencentyun.com":           true,
	"metadata.platformequinix.com":      true,
	"api.metadata.cloud.ibm.com":        true,
	"instance-data":                     true,
	"instance-data.ec2.internal":        true,
	"rancher-metadata":                  true,
	"rancher-metadata.rancher.internal": true,
}

// locate says which space an address lies in and the block that makes it so. An
// address that carries IPv4 inside lies in the more guarded of both spaces; its
// block is then that of the outer form.
func locate(a netip.Addr) (space, netip.Prefix) {
	a = a.Unmap()
	if a.Is4() {
		return find(blocks4, a)
	}
	worst, where := find(blocks6, a)
	inner, n := carried(a)
	for _, c := range inner[:n] {
		if s, _ := find(blocks4, c.v4); s > worst {
			worst, where = s, c.form
		}
	}
	return worst, where
}

func find(blocks []block, a netip.Addr) (space, netip.Prefix) {
	for i := range blocks {
		if blocks[i].prefix.Contains(a) {
			return blocks[i].space, blocks[i].prefix
		}
	}
	return public, netip.Prefix{}
}

// cargo is an IPv4 address inside one of IPv6, and the prefix of the form that
// carries it.
type cargo struct {
	form netip.Prefix
	v4   netip.Addr
}

// carried returns every IPv4 address that somebody on the way could read out of an
// address of IPv6. A form has room for one or two, and each of them for ISATAP
// (RFC 5214) in its interface part.
func carried(a netip.Addr) (inner [3]cargo, n int) {
	b := a.As16()
	if b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
		form, _ := a.Prefix(96)
		inner[0], n = cargo{form, netip.AddrFrom4([4]byte(b[12:16]))}, 1
	}
	for i := range tunnels {
		if tunnels[i].Contains(a) {
			two := unpacked(i, b)
			inner[n], inner[n+1] = cargo{tunnels[i], two[0]}, cargo{tunnels[i], two[1]}
			return inner, n + 2
		}
	}
	return inner, n
}

// unpacked reads the two addresses that the i-th form of tunnels has room for; a
// form with room for one has it twice. RFC 6052 has several places for one, Teredo
// hides the client's behind a complement.
func unpacked(i int, b [16]byte) [2]netip.Addr {
	last := netip.AddrFrom4([4]byte(b[12:16]))
	switch i {
	case localNAT64:
		return [2]netip.Addr{last, netip.AddrFrom4([4]byte{b[6], b[7], b[9], b[10]})}
	case sixToFour:
		first := netip.AddrFrom4([4]byte(b[2:6]))
		return [2]netip.Addr{first, first}
	case teredo:
		return [2]netip.Addr{netip.AddrFrom4([4]byte(b[4:8])), netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})}
	}
	return [2]netip.Addr{last, last}
}

// localName reports whether a name means this machine (RFC 6761, section 6.3).
func localName(host string) bool {
	const local = "localhost"
	n := len(host) - len(local)
	return n >= 0 && host[n:] == local && (n == 0 || host[n-1] == '.')
}
