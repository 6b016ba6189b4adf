package anomaly

import (
	"hash/maphash"
	"time"
)

// mostKnown is how many ids of records are remembered.
const mostKnown = 65_536

// recent remembers the ids of the latest records by their hashes, so that what a
// sender sends again, in whatever batches, counts once.
type recent struct {
	seed  maphash.Seed
	known map[uint64]struct{}
	order []uint64
	next  int // the oldest, when order is full
}

func newRecent() *recent {
	return &recent{seed: maphash.MakeSeed(), known: map[uint64]struct{}{}}
}

// add reports whether an id is new.
func (r *recent) add(name string) bool {
	h := maphash.String(r.seed, name)
	if _, ok := r.known[h]; ok {
		return false
	}
	r.known[h] = struct{}{}
	if len(r.order) < mostKnown {
		r.order = append(r.order, h)
		return true
	}
	delete(r.known, r.order[r.next])
	r.order[r.next] = h
	r.next = (r.next + 1) % mostKnown
	return true
}

// budget bounds how many episodes open in a minute.
type budget struct {
	most  int
	since time.Time // when the minute began
	taken int
}

func (b *budget) take(now time.Time) bool {
	if passed := now.Sub(b.since); passed >= time.Minute || passed < 0 {
		b.since, b.taken = now, 0
	}
	if b.taken >= b.most {
		return false
	}
	b.taken++
	return true
}
