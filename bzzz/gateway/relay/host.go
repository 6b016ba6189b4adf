package relay

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

func newHost(o Options, s *sides) (host.Host, error) {
	resources, err := newResources(o.MaxPeers)
	if err != nil {
		return nil, err
	}
	h, err := libp2p.New(
		libp2p.NoListenAddrs, libp2p.Identity(o.Identity), libp2p.UserAgent("bzzz-gateway/"+o.Version),
		libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New), libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(), libp2p.ResourceManager(resources), libp2p.ConnectionGater(s), libp2p.DisableMetrics(),
		libp2p.AddrsFactory(func([]ma.Multiaddr) []ma.Multiaddr { return nil }), // one side is not told of the other's address
	)
	if err != nil {
		return nil, fmt.Errorf("making the host: %w", err)
	}
	h.Network().Notify(s.bundle())
	return h, nil
}

// newResources bounds connections and streams; nodes may all come from one
// address, behind a NAT.
func newResources(peers int) (network.ResourceManager, error) {
	n := rcmgr.LimitVal(2*peers + 16)
	limits := rcmgr.ResourceLimits{Conns: n, ConnsInbound: n, ConnsOutbound: 1, Streams: 16 * n, StreamsInbound: 8 * n, StreamsOutbound: 8 * n, FD: n}
	config := rcmgr.PartialLimitConfig{System: limits, Transient: limits}.Build(rcmgr.DefaultLimits.AutoScale())
	perAddress := func(bits int) rcmgr.ConnLimitPerSubnet {
		return rcmgr.ConnLimitPerSubnet{PrefixLength: bits, ConnCount: int(n)}
	}
	m, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(config), rcmgr.WithMetricsDisabled(),
		rcmgr.WithLimitPerSubnet([]rcmgr.ConnLimitPerSubnet{perAddress(32)}, []rcmgr.ConnLimitPerSubnet{perAddress(56)}))
	if err != nil {
		return nil, fmt.Errorf("bounding connections: %w", err)
	}
	return m, nil
}

// listener is one side's address.
type listener struct {
	side    string
	address ma.Multiaddr
	ip      net.IP
	port    int
}

// connected is a peer that is there.
type connected struct {
	side    string
	address string
	since   time.Time
	conns   int
}

// sides knows who is on which. It is the host's gatekeeper too: it lets in so
// many peers and has the host dial nobody.
type sides struct {
	max int

	mu        sync.RWMutex
	listeners []listener
	peers     map[peer.ID]*connected
	refused   int64
}

func newSides(max int) *sides { return &sides{max: max, peers: map[peer.ID]*connected{}} }

// listen opens both listeners. Which is whose is known by the ports they got.
func (s *sides) listen(h host.Host, o Options) error {
	for _, l := range []struct{ side, text string }{{"a", o.ListenA}, {"b", o.ListenB}} {
		address, err := ma.NewMultiaddr(l.text)
		if err != nil {
			return fmt.Errorf("listener %s: %w", l.side, err)
		}
		before := len(h.Network().ListenAddresses())
		if err := h.Network().Listen(address); err != nil {
			return fmt.Errorf("listener %s: %w", l.side, err)
		}
		if len(h.Network().ListenAddresses()) != before+1 {
			return fmt.Errorf("listener %s: no address of its own", l.side)
		}
		if err := s.learn(l.side, h.Network().ListenAddresses()); err != nil {
			return fmt.Errorf("listener %s: %w", l.side, err)
		}
	}
	return nil
}

func (s *sides) learn(side string, all []ma.Multiaddr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range all {
		if s.listener(address) != nil {
			continue
		}
		tcp, err := manet.ToNetAddr(address)
		a, ok := tcp.(*net.TCPAddr)
		if err != nil || !ok {
			return errors.New("it is no TCP address")
		}
		s.listeners = append(s.listeners, listener{side, address, a.IP, a.Port})
	}
	return nil
}

func (s *sides) listener(local ma.Multiaddr) *listener {
	addr, err := manet.ToNetAddr(local)
	a, ok := addr.(*net.TCPAddr)
	if err != nil || !ok {
		return nil
	}
	for i, l := range s.listeners {
		if l.port == a.Port && (l.ip.IsUnspecified() || l.ip.Equal(a.IP)) {
			return &s.listeners[i]
		}
	}
	return nil
}

// of returns the side a peer is on; empty when it is not connected.
func (s *sides) of(p peer.ID) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if c := s.peers[p]; c != nil {
		return c.side
	}
	return ""
}

func (s *sides) bundle() *network.NotifyBundle {
	return &network.NotifyBundle{ConnectedF: s.came, DisconnectedF: s.went}
}

func (s *sides) came(_ network.Network, c network.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.peers[c.RemotePeer()]; known != nil {
		known.conns++
		return
	}
	side := ""
	if l := s.listener(c.LocalMultiaddr()); l != nil {
		side = l.side
	}
	s.peers[c.RemotePeer()] = &connected{side: side, address: c.RemoteMultiaddr().String(), since: time.Now(), conns: 1}
}

func (s *sides) went(_ network.Network, c network.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.peers[c.RemotePeer()]
	if known == nil {
		return
	}
	if known.conns--; known.conns == 0 {
		delete(s.peers, c.RemotePeer())
	}
}

// InterceptPeerDial implements connmgr.ConnectionGater: the gateway dials nobody.
func (*sides) InterceptPeerDial(peer.ID) bool { return false }

// InterceptAddrDial implements connmgr.ConnectionGater.
func (*sides) InterceptAddrDial(peer.ID, ma.Multiaddr) bool { return false }

// InterceptAccept implements connmgr.ConnectionGater.
func (*sides) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured implements connmgr.ConnectionGater: one peer too many is
// turned away.
func (s *sides) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peers[p] != nil || len(s.peers) < s.max {
		return true
	}
	s.refused++
	return false
}

// InterceptUpgraded implements connmgr.ConnectionGater.
func (*sides) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }
