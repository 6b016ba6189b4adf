package respond

import (
	"net/netip"
	"slices"
	"time"
)

// Why an address is left out, for people.
const (
	shieldedOwn      = "it is of this machine or network: its own, loopback, link-local, multicast or reserved"
	shieldedPrivate  = "it is of a private network, and respond.block_private is off"
	shieldedNever    = "respond.never or api.trusted_proxies of the configuration keeps it"
	shieldedOperator = "an operator has a session from there, or used an API key within seven days"
)

// operatorsFor is how long the address of an API key's use counts as an operator's.
const operatorsFor = 7 * 24 * time.Hour

// operator6 is the part of an operator's IPv6 address that stays: the rest changes
// every day (RFC 8981).
const operator6 = 64

// shield is whom the block list must not reach.
type shield struct {
	own, private, never, operators []netip.Prefix
}

func newShield(d ListDeps, operators []netip.Addr) shield {
	s := shield{own: append(reserved(), d.Own...), never: d.Never}
	if !d.Private {
		s.private = private()
	}
	for _, a := range operators {
		a = a.Unmap().WithZone("")
		if p, err := a.Prefix(min(a.BitLen(), operator6)); err == nil {
			s.operators = append(s.operators, p)
		}
	}
	return s
}

// why says why a network, or a part of it, must not be blocked; empty if it may.
func (s shield) why(p netip.Prefix) string {
	overlaps := func(other netip.Prefix) bool { return other.Overlaps(p) }
	switch {
	case slices.ContainsFunc(s.own, overlaps):
		return shieldedOwn
	case slices.ContainsFunc(s.private, overlaps):
		return shieldedPrivate
	case slices.ContainsFunc(s.never, overlaps):
		return shieldedNever
	case slices.ContainsFunc(s.operators, overlaps):
		return shieldedOperator
	}
	return ""
}

// reserved are the addresses that are nobody's out there (RFC 6890).
func reserved() []netip.Prefix {
	return prefixes("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "fe80::/10", "ff00::/8")
}

// private are the networks of houses, companies and carriers (RFC 1918, 4193, 6598).
func private() []netip.Prefix {
	return prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
}

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for k, s := range all {
		out[k] = netip.MustParsePrefix(s)
	}
	return out
}
