package relay

import (
	"cmp"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"

	"go.cordon.dev/cordon/bzzz/gateway/report"
	"go.cordon.dev/cordon/bzzz/inspect"
)

// maxListed is how many peers, and topics, a state lists.
const maxListed = 200

// State is how the relay is now; reports are not its business.
func (r *Relay) State(state string) report.State {
	there := r.sides.list()
	r.tally.keep(func(p peer.ID) bool { return slices.ContainsFunc(there, func(c named) bool { return c.id == p }) })
	s := report.State{
		GatewayID: r.opts.Name, State: state, Version: r.opts.Version, Listeners: r.Listeners(),
		Peers: []report.Peer{}, PeersTotal: len(there), Topics: []report.Topic{},
		Relayed: r.tally.relayed.Load(), Withheld: r.tally.withheld.Load(), NotScanned: r.tally.notScanned.Load(),
	}
	for _, p := range there[:min(len(there), maxListed)] {
		c := r.tally.of(p.id)
		s.Peers = append(s.Peers, report.Peer{
			PeerID: p.id.String(), Side: p.side, Address: p.address, Agent: r.agent(p.id),
			ConnectedAt: p.since.UTC(), Received: c.received, Withheld: c.withheld,
		})
	}
	names, refused := r.topics.names()
	slices.Sort(names)
	s.TopicsTotal, s.Dropped = len(names), r.tally.dropped.Load()+refused
	for _, name := range names[:min(len(names), maxListed)] {
		s.Topics = append(s.Topics, r.topic(name))
	}
	return s
}

func (r *Relay) topic(name string) report.Topic {
	c := r.tally.in(name)
	t := report.Topic{Name: inspect.Visible(name, maxName), Relayed: c.received - c.withheld, Withheld: c.withheld}
	for _, p := range r.ps.ListPeers(name) {
		switch r.sides.of(p) {
		case "a":
			t.PeersA++
		case "b":
			t.PeersB++
		}
	}
	return t
}

// agent is what a peer calls its program; the peer's own words.
func (r *Relay) agent(p peer.ID) string {
	v, err := r.host.Peerstore().Get(p, "AgentVersion")
	text, ok := v.(string)
	if err != nil || !ok {
		return ""
	}
	return inspect.Visible(text, 128)
}

// Listeners says where nodes connect: the addresses with the gateway's peer id.
func (r *Relay) Listeners() []report.Listener {
	id := r.host.ID().String()
	var out []report.Listener
	r.sides.mu.RLock()
	defer r.sides.mu.RUnlock()
	for _, l := range r.sides.listeners {
		out = append(out, report.Listener{Side: l.side, Addresses: []string{l.address.String() + "/p2p/" + id}, PeerID: id})
	}
	return out
}

// NoticeTopic is where this gateway tells senders.
func (r *Relay) NoticeTopic() string { return r.notices.name }

// named is a connected peer with its id.
type named struct {
	id peer.ID
	connected
}

// list returns who is there, who came first first.
func (s *sides) list() []named {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []named
	for id, c := range s.peers {
		out = append(out, named{id, *c})
	}
	slices.SortFunc(out, func(a, b named) int { return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.id, b.id)) })
	return out
}
