package respond

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// outermost sorts networks and leaves out those that lie within another: a set of
// intervals must not overlap.
func outermost(all []netip.Prefix) []netip.Prefix {
	slices.SortFunc(all, netip.Prefix.Compare)
	var out []netip.Prefix
	for _, p := range all {
		if n := len(out); n == 0 || !out[n-1].Overlaps(p) {
			out = append(out, p)
		}
	}
	return out
}

// Plain is the list with a line for each address or network.
func Plain(all []netip.Prefix) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(Name(p) + "\n")
	}
	return b.String()
}

// NFT is the list as input of nft -f: the sets blocked4 and blocked6 of the table inet
// cordon, which are filled anew in one transaction (nft(8), SETS). What is done with
// them is a rule of the firewall's owner.
func NFT(all []netip.Prefix) string {
	var b strings.Builder
	b.WriteString("# Cordon's block list. A rule that uses it: ip saddr @blocked4 drop\nadd table inet cordon\n")
	for _, set := range []struct {
		name, kind string
		six        bool
	}{{"blocked4", "ipv4_addr", false}, {"blocked6", "ipv6_addr", true}} {
		fmt.Fprintf(&b, "add set inet cordon %s { type %s; flags interval; }\nflush set inet cordon %s\n", set.name, set.kind, set.name)
		var names []string
		for _, p := range all {
			if p.Addr().Is6() == set.six {
				names = append(names, Name(p))
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(&b, "add element inet cordon %s { %s }\n", set.name, strings.Join(names, ", "))
		}
	}
	return b.String()
}
