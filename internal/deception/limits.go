package deception

import (
	"net/netip"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/deception/service"
)

// Limits bound what clients cost. Zero fields are the defaults.
type Limits struct {
	Clients int           // of all deckies together, at a time; default 8192
	PerHost int           // of one address (of a /64 in IPv6), at a time; default 256
	Stay    time.Duration // of one connection; default 12 hours
}

func (l Limits) filled() Limits {
	if l.Clients <= 0 {
		l.Clients = 8192
	}
	if l.PerHost <= 0 {
		l.PerHost = 256
	}
	if l.Stay <= 0 {
		l.Stay = 12 * time.Hour
	}
	return l
}

// crowd counts who is there. One host cannot keep the others out.
type crowd struct {
	limits Limits

	mu  sync.Mutex
	all int
	by  map[netip.Prefix]int
}

func newCrowd(l Limits) *crowd { return &crowd{limits: l, by: map[netip.Prefix]int{}} }

// enter reports whether one more client of an address may come in, and counts it.
func (c *crowd) enter(a netip.Addr) bool {
	h := service.Peer(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.limits.Clients || c.by[h] >= c.limits.PerHost {
		return false
	}
	c.all++
	c.by[h]++
	return true
}

func (c *crowd) leave(a netip.Addr) {
	h := service.Peer(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.by[h]--; c.by[h] <= 0 {
		delete(c.by, h)
	}
}
