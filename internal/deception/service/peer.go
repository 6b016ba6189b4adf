package service

import "net/netip"

// Peer is what counts as one attacker: an IPv4 address, or the /64 that one
// customer has of IPv6.
func Peer(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
