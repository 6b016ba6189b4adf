package app

import (
	"fmt"
	"net"
	"net/netip"

	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// blockList opens the list of what firewalls turn away.
func (n *node) blockList() (*respond.List, error) {
	own, err := ownAddresses()
	if err != nil {
		return nil, err
	}
	db := sqlstore.NewResponses(n.store)
	return respond.NewList(respond.ListDeps{
		Store: db, Operators: db, Node: n.name + "/respond", Own: own, Never: n.cfg.Spared(), Private: n.cfg.Respond.BlockPrivate, Log: n.log,
	})
}

// ownAddresses are those of this machine, as they are now.
func ownAddresses() ([]netip.Prefix, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("asking for the addresses of this machine: %w", err)
	}
	var out []netip.Prefix
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue // not of IP
		}
		ip := p.Addr().Unmap()
		out = append(out, netip.PrefixFrom(ip, ip.BitLen()))
	}
	return out, nil
}
