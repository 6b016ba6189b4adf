package egress

import (
	"net/netip"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Names knows addresses that were given in the place of a name's own.
type Names interface {
	// NameOf returns the name that an address stands for. ours says that the address
	// is such a one; the name is empty if it stands for none any more.
	NameOf(a netip.Addr) (name string, ours bool)
}

// ReasonStaleAddress is of an address that stood for a name.
const ReasonStaleAddress policy.Reason = "stale_address"

// named turns an address that stands for a name into that name. Everything that
// follows is about the name: the address leads nowhere.
func (f *flow) named(t target) (target, *failure) {
	names := f.client.g.o.Names
	a, literal := t.literal()
	if names == nil || !literal {
		return t, nil
	}
	name, ours := names.NameOf(a)
	switch {
	case !ours:
		return t, nil
	case name == "":
		return t, denied(denial(ReasonStaleAddress, "the address stands for no name any more; ask Cordon's name server again"))
	}
	t.host = name
	f.asks(policy.Request{Host: t.host, Port: t.port}, f.url)
	return t, nil
}
