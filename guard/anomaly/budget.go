package anomaly

import (
	"sync"
	"time"
)

// budget bounds how many episodes are told of in a minute.
type budget struct {
	most int

	mu    sync.Mutex
	since time.Time // when the minute began
	taken int
	left  int // episodes that were not told of
}

// take asks for one episode to be told.
func (b *budget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	if b.taken < b.most {
		b.taken++
		return true
	}
	b.left++
	return false
}

// again asks for one that was refused, and is in the digest already.
func (b *budget) again(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn(now); b.taken >= b.most {
		return false
	}
	b.taken++
	return true
}

// miss notes an episode that cannot be told.
func (b *budget) miss(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	b.left++
}

// rest is how many were not told of in a minute that has ended.
func (b *budget) rest(now time.Time) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.since) < time.Minute && !now.Before(b.since) {
		return 0
	}
	n, b.left = b.left, 0
	return n
}

// turn begins a new minute when the last is over; a clock that was set back begins one,
// too.
func (b *budget) turn(now time.Time) {
	if now.Sub(b.since) >= time.Minute || now.Before(b.since) {
		b.since, b.taken = now, 0
	}
}
