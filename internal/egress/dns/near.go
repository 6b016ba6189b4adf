package dns

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/clock"
)

// neighbours are the clients that are near enough to be answered: those of private
// space, and this machine under all its addresses. Who answers the whole world helps
// to flood whom he is told to answer.
type neighbours struct {
	clock     clock.Clock
	addresses func() ([]net.Addr, error)

	mu     sync.Mutex
	looked time.Time
	own    map[netip.Addr]bool
}

// lookEvery is how often the machine's addresses are looked at.
const lookEvery = 5 * time.Second

func (n *neighbours) has(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10).Contains(a) {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := n.clock.Now(); n.own == nil || now.Sub(n.looked) >= lookEvery {
		n.looked, n.own = now, n.look()
	}
	return n.own[a]
}

// look lists the machine's addresses; none if that fails.
func (n *neighbours) look() map[netip.Addr]bool {
	own := map[netip.Addr]bool{}
	all, err := n.addresses()
	if err != nil {
		return own
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own[p.Addr().Unmap()] = true
		}
	}
	return own
}
