package app

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"go.cordon.dev/cordon/internal/audit"
	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/respond/playbook"
	"go.cordon.dev/cordon/internal/sqlstore"
)

// openResponse opens the block list and reads the playbooks.
func (n *node) openResponse(context.Context) (_ stopFunc, err error) {
	own, err := ownAddresses()
	if err != nil {
		return nil, err
	}
	db, name := sqlstore.NewResponses(n.store), n.name+"/respond"
	n.blocks, err = respond.NewList(respond.ListDeps{
		Store: db, Operators: db, Node: name, Own: own, Never: n.cfg.Spared(), Private: n.cfg.Respond.BlockPrivate, Log: n.log,
	})
	if err != nil {
		return nil, err
	}
	if n.playbooks, err = readPlaybooks(n.cfg.Respond.Playbooks); err != nil {
		return nil, err
	}
	n.answers, err = respond.NewPlaybooks(respond.PlaybooksDeps{
		Store: db, Blocks: n.blocks, Switch: n, Secrets: db, Node: name, All: n.playbooks.all,
	})
	return nil, err
}

// startResponse registers the reactor that answers events by playbooks. One node of a
// cluster runs it.
func (n *node) startResponse(context.Context) (stopFunc, error) {
	wake, leave := n.wakes.gather()
	db := sqlstore.NewResponses(n.store)
	r, err := respond.NewReactor(respond.ReactorDeps{
		Log: db, Store: db, Blocks: n.blocks, Switch: n, Secrets: db, Node: n.name + "/respond", Playbooks: n.playbooks.all, Wake: wake, Logger: n.log,
	})
	if err != nil {
		leave()
		return nil, err
	}
	n.reactor = r
	return func(context.Context) error { leave(); return nil }, n.add("respond", n.leased("respond", r.Run, nil))
}

// StopEgress implements respond.Switch, on this node.
func (n *node) StopEgress(ctx context.Context, by audit.Entry) error {
	if n.egress == nil {
		return respond.ErrNoEgress
	}
	return n.TurnKillSwitch(ctx, true, by)
}

// ResumeEgress implements respond.Switch, on this node.
func (n *node) ResumeEgress(ctx context.Context, reason string, by audit.Entry) (other string, err error) {
	if n.egress == nil {
		return "", respond.ErrNoEgress
	}
	switch s := n.egress.kill.State(); {
	case !s.On:
		return "", nil
	case s.Reason != reason:
		return s.Reason, nil
	}
	return "", n.TurnKillSwitch(ctx, false, by)
}

// readPlaybooks reads the playbooks of some files; an id may be taken once in all.
func readPlaybooks(files []string) (documents[*playbook.Playbook], error) {
	in := map[string]string{}
	return readDocuments("playbooks", files, playbook.MaxDocument, func(file string, text []byte) ([]*playbook.Playbook, error) {
		some, err := playbook.Parse(text)
		for _, p := range some {
			if other, taken := in[p.ID]; taken {
				return nil, fmt.Errorf("%s is taken by one of %s", p.ID, other)
			}
			in[p.ID] = file
		}
		return some, err
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
