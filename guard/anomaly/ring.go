package anomaly

import (
	"math"
	"time"
)

// slots is how many parts a window is counted in.
const slots = 16

// ring counts events in the newest slots parts of time. What it counts is never
// too high, and lacks at most the oldest part.
type ring struct{ counts [slots]uint16 }

// tick is a part of time. It has all bits of one, so that no time that somebody forges
// wraps around to the future.
type tick int64

// tickAt numbers the part that t lies in.
func tickAt(t time.Time, part time.Duration) tick {
	n := t.UnixNano()
	q := n / int64(part)
	if n%int64(part) < 0 {
		q--
	}
	return tick(q)
}

// since is how many parts t is behind now; negative when it lies ahead.
func (t tick) since(now tick) int { return int(now - t) }

// add counts one event at a part, where newest is the newest that the ring knows. It
// returns the newest now, and false when the event is too old to count.
func (r *ring) add(newest, at tick) (tick, bool) {
	ahead := newest.since(at)
	if ahead <= -slots {
		return newest, false
	}
	if ahead > 0 {
		r.forget(newest, ahead)
		newest = at
	}
	if c := &r.counts[uint64(at)%slots]; *c < math.MaxUint16 {
		*c++
	}
	return newest, true
}

// forget empties the parts that n new ones take the place of.
func (r *ring) forget(newest tick, n int) {
	if n >= slots {
		r.counts = [slots]uint16{}
		return
	}
	for i := range n {
		r.counts[uint64(newest+tick(i)+1)%slots] = 0
	}
}

// sum is how many events lie in the window that ends with now.
func (r *ring) sum(newest, now tick) (n int) {
	ahead := newest.since(now)
	if ahead >= slots {
		return 0
	}
	for i := range r.counts {
		n += int(r.counts[i])
	}
	for i := range max(ahead, 0) { // behind now by a whole window
		n -= int(r.counts[uint64(newest+tick(i)+1)%slots])
	}
	return n
}
