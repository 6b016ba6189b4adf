package httpx

import (
	"container/list"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"go.cordon.dev/cordon/internal/clock"
)

// maxLimiterKeys is how many keys a limiter remembers by default.
const maxLimiterKeys = 10_000

// LimiterOptions are the settings of a limiter.
type LimiterOptions struct {
	Every   time.Duration // Mandatory. One more is allowed each time this passes.
	Burst   int           // Mandatory. How many may come at once.
	MaxKeys int           // How many keys are remembered; the one not seen for longest is forgotten first. If 0, 10,000.
	Clock   clock.Clock   // If nil, the machine's.
}

// Limiter is a token bucket per key. It is safe for concurrent use.
type Limiter struct {
	options LimiterOptions

	mu      sync.Mutex
	buckets map[string]*list.Element // of *bucket
	recent  *list.List               // the latest seen first
}

type bucket struct {
	key    string
	tokens *rate.Limiter
}

// NewLimiter makes a limiter.
func NewLimiter(o LimiterOptions) *Limiter {
	if o.MaxKeys == 0 {
		o.MaxKeys = maxLimiterKeys
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	return &Limiter{options: o, buckets: map[string]*list.Element{}, recent: list.New()}
}

// Allow takes a token from key's bucket. When there is none it returns false
// and how long until there is one.
func (l *Limiter) Allow(key string) (ok bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.options.Clock.Now()
	r := l.bucket(key).tokens.ReserveN(now, 1)
	if !r.OK() {
		return false, math.MaxInt64 // a burst of nothing: never
	}
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return false, wait
	}
	return true, 0
}

func (l *Limiter) bucket(key string) *bucket {
	if e, ok := l.buckets[key]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*bucket)
	}
	if l.recent.Len() >= l.options.MaxKeys {
		oldest := l.recent.Back()
		delete(l.buckets, l.recent.Remove(oldest).(*bucket).key)
	}
	b := &bucket{key: key, tokens: rate.NewLimiter(rate.Every(l.options.Every), l.options.Burst)}
	l.buckets[key] = l.recent.PushFront(b)
	return b
}

// RetryAfter writes a wait as whole seconds, at least one.
func RetryAfter(wait time.Duration) string {
	seconds := max(1, int64(math.Ceil(wait.Seconds())))
	return strconv.FormatInt(seconds, 10)
}

// ClientKey tells clients apart by address. An IPv6 client is its /64, because
// one machine has all of its addresses (RFC 6177).
func ClientKey(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return clientHost(r)
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
