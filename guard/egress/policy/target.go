package policy

import "net/netip"

// target is where a request wants to go, as far as its host and address say.
type target struct {
	literal bool       // the host is an address
	local   bool       // the host is a name of this machine
	addr    netip.Addr // the host's or the one to be dialed; invalid before a name was resolved
	space   space
	stretch netip.Prefix // the block of special-purpose space that addr lies in
}

// targetOf reads host and address. ok is false when the host has not the form that
// NormalHost gives, or the address cannot be the host's.
func targetOf(r *Request) (t target, ok bool) {
	dialed := r.Address.Unmap().WithZone("")
	if r.Host == "" {
		t.literal, t.addr = true, dialed
	} else {
		if t.addr, ok = isNormal(r.Host); !ok {
			return t, false
		}
		t.literal = t.addr.IsValid()
		t.local = localName(r.Host)
	}
	switch {
	case t.literal && dialed.IsValid() && dialed != t.addr:
		return t, false
	case !t.literal:
		t.addr = dialed
	}
	return t.settle(r.Host)
}

// settle finds the space.
func (t target) settle(host string) (target, bool) {
	switch {
	case metadataNames[host]:
		t.space = forbidden
	case t.addr.IsValid():
		t.space, t.stretch = locate(t.addr)
	case t.local:
		t.space = loopback
	case t.literal:
		return t, false // neither host nor address
	}
	return t, !t.local || t.space == loopback || t.space == forbidden
}

// addresses are those that rules for addresses are asked about: a name of this machine stands for until it was
// resolved.
func (t *target) addresses() (list [2]netip.Addr, n int) {
	if t.addr.IsValid() {
		return [2]netip.Addr{t.addr}, 1
	}
	if t.local {
		return [2]netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, 2
	}
	return list, 0
}
