package auth

import (
	"container/list"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"go.cordon.dev/cordon/internal/clock"
)

// TooManyError says that somebody guesses too fast.
type TooManyError struct {
	RetryAfter time.Duration
}

// Error implements error.
func (e *TooManyError) Error() string {
	return fmt.Sprintf("too many attempts; try again in %d seconds", int(e.RetryAfter.Seconds())+1)
}

// The speed of guessing: an address may try one name five times and then once
// in 30 seconds, and all names together 30 times and then once in 5 seconds.
// There is no limit per name alone: it would let anyone lock anyone out.
const (
	pairBurst    = 5
	pairEvery    = 30 * time.Second
	addrBurst    = 30
	addrEvery    = 5 * time.Second
	throttleKeys = 10_000
)

// throttle slows down guessing.
type throttle struct {
	clock clock.Clock
	pairs buckets
	addrs buckets
}

func newThrottle(c clock.Clock) *throttle {
	return &throttle{
		clock: c,
		pairs: buckets{limit: rate.Every(pairEvery), burst: pairBurst, most: throttleKeys},
		addrs: buckets{limit: rate.Every(addrEvery), burst: addrBurst, most: throttleKeys},
	}
}

// take counts an attempt; it returns a *TooManyError when it is one too many.
func (t *throttle) take(name, addr string) error {
	now, network := t.clock.Now(), network(addr)
	if wait := t.addrs.take(network, now); wait > 0 {
		return &TooManyError{wait}
	}
	if wait := t.pairs.take(network+" "+name, now); wait > 0 {
		return &TooManyError{wait}
	}
	return nil
}

// forgive forgets the failures of a name from an address after it got in.
func (t *throttle) forgive(name, addr string) { t.pairs.drop(network(addr) + " " + name) }

// network is what one party can be assumed to hold: an IPv4 address, or an
// IPv6 /64.
func network(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return addr
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, _ := ip.Prefix(64)
	return p.String()
}

// buckets are token buckets by key; the least recently used are forgotten when
// there are too many.
type buckets struct {
	mu    sync.Mutex
	limit rate.Limit
	burst int
	most  int
	byKey map[string]*list.Element
	order list.List // front: used last
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

// take returns how long to wait; 0 when the attempt is allowed.
func (b *buckets) take(key string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.get(key).ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now) // who is refused does not push the time further away
	}
	return wait
}

func (b *buckets) get(key string) *rate.Limiter {
	if e, ok := b.byKey[key]; ok {
		b.order.MoveToFront(e)
		return e.Value.(*bucket).limiter
	}
	if b.byKey == nil {
		b.byKey = map[string]*list.Element{}
	}
	if len(b.byKey) >= b.most {
		b.remove(b.order.Back())
	}
	l := rate.NewLimiter(b.limit, b.burst)
	b.byKey[key] = b.order.PushFront(&bucket{key, l})
	return l
}

func (b *buckets) drop(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e, ok := b.byKey[key]; ok {
		b.remove(e)
	}
}

func (b *buckets) remove(e *list.Element) {
	b.order.Remove(e)
	delete(b.byKey, e.Value.(*bucket).key)
}
