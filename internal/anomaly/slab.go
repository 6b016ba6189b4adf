package anomaly

import (
	"hash/maphash"
	"slices"
	"sync/atomic"
	"time"

	guard "go.cordon.dev/cordon/guard/anomaly"
	"go.cordon.dev/cordon/internal/anomaly/rule"
	"go.cordon.dev/cordon/internal/event"
)

// What a rule remembers of its keys: so many bytes at most, of so many keys at most
// and at least. ways is how many keys share a place.
const (
	mostMemory = 2 << 20
	cellSize   = 16
	mostKeys   = 8_192
	leastKeys  = 256
	ways       = 8
)

// cell is something that is remembered of a key, and when it was; a mark of 0: nothing.
type cell struct {
	mark uint64
	at   int64 // Unix nanoseconds
}

// slab remembers some cells of each key in memory that is fixed when it is made. When a
// key comes for which there is no room, another that shares its place goes: one whose
// window has run out, else the one of which least is remembered.
type slab struct {
	seed    maphash.Seed
	window  int64
	size    int // cells of a key
	keys    []slot
	cells   []cell
	evicted atomic.Int64
}

// slot is a key.
type slot struct {
	tag    uint64 // its hash; 0 is free
	newest int64
	live   int // cells, when it was last looked at
}

func newSlab(size int, window time.Duration) *slab {
	n := min(max(mostMemory/(cellSize*size), leastKeys), mostKeys) / ways * ways
	return &slab{seed: maphash.MakeSeed(), window: int64(window), size: size, keys: make([]slot, n), cells: make([]cell, n*size)}
}

func (s *slab) lost() int64 { return s.evicted.Load() }

// of returns the cells of a key, for something that happened at a time; none when that
// is older than the key's window.
func (s *slab) of(key guard.Key, at int64) (*slot, []cell) {
	tag := maphash.Comparable(s.seed, key) | 1
	first := int(tag>>1%uint64(len(s.keys)/ways)) * ways
	k := first + s.find(s.keys[first:first+ways], tag, at)
	known, cells := &s.keys[k], s.cells[k*s.size:(k+1)*s.size]
	if known.tag != tag {
		if known.tag != 0 && at-known.newest < s.window {
			s.evicted.Add(1)
		}
		*known = slot{tag: tag, newest: at}
		clear(cells)
	}
	if known.newest-at >= s.window {
		return nil, nil
	}
	known.newest = max(known.newest, at)
	return known, cells
}

// find is where a key is, or who goes for it.
func (s *slab) find(place []slot, tag uint64, at int64) int {
	if k := slices.IndexFunc(place, func(o slot) bool { return o.tag == tag }); k >= 0 {
		return k
	}
	out := 0
	for k, o := range place {
		if o.tag == 0 || at-o.newest >= s.window {
			return k
		}
		if best := place[out]; o.live < best.live || o.live == best.live && o.newest < best.newest {
			out = k
		}
	}
	return out
}

// values remembers which values of a field a key had, and when each was last seen.
type values struct {
	*slab
	of rule.Field
}

func newValues(r *rule.Rule) values { return values{newSlab(r.Count, r.Window), r.Of} }

// add implements recall: it counts the different values within the window.
func (v values) add(key guard.Key, _ uint8, r *event.SecurityRecord, at time.Time) (n int, enough bool) {
	text := v.of.Text(r)
	if text == "" { // it does not say
		return 0, false
	}
	now := at.UnixNano()
	slot, cells := v.slab.of(key, now)
	if slot == nil {
		return 0, false
	}
	put(cells, cell{maphash.String(v.seed, text) | 1, now}, slot.newest-v.window)
	for _, c := range cells {
		if c.mark != 0 && c.at > slot.newest-v.window {
			n++
		}
	}
	slot.live = n
	return n, n == len(cells)
}

// put remembers that a value was seen: where it is, else in place of one that is too
// old, else of the oldest.
func put(cells []cell, seen cell, over int64) {
	into := 0
	for k, c := range cells {
		if c.mark == seen.mark {
			cells[k].at = max(c.at, seen.at)
			return
		}
		if c.mark == 0 || c.at <= over {
			c.at = over // all of them are as good
		}
		if best := cells[into]; best.mark != 0 && c.at < best.at {
			into = k
		}
	}
	cells[into] = seen
}

// chains remembers how far each key has come in a sequence: for each record of it, the
// latest time at which what leads up to that record began.
type chains struct {
	*slab
	steps []uint8 // of each record of the sequence: the bit of its step
}

func newChains(r *rule.Rule) chains {
	c := chains{slab: newSlab(r.Count, r.Window)}
	for i, s := range r.Steps {
		c.steps = append(c.steps, slices.Repeat([]uint8{1 << i}, s.Count)...)
	}
	return c
}

// add implements recall. The last record is looked at first: one record is not two.
func (c chains) add(key guard.Key, steps uint8, _ *event.SecurityRecord, at time.Time) (n int, enough bool) {
	now := at.UnixNano()
	slot, cells := c.slab.of(key, now)
	if slot == nil {
		return 0, false
	}
	for i := len(cells) - 1; i >= 0; i-- {
		if steps&c.steps[i] == 0 {
			continue
		}
		began := now
		if i > 0 {
			before := cells[i-1]
			if before.mark == 0 || now-before.at >= c.window {
				continue
			}
			began = before.at
		}
		if cells[i].mark == 0 {
			slot.live++
		}
		cells[i] = cell{1, max(began, cells[i].at)}
		n, enough = max(n, i+1), enough || i == len(cells)-1
	}
	return n, enough
}
