package anchor

import (
	"cmp"
	"slices"
)

// buckets is how many there are. The first half is for long windows, the others
// for short ones.
const buckets = 32

// shape is what a window is, or some windows together allow: for each place the
// low halves of bytes, and for each pair of places their high halves together.
type shape struct {
	low  [windowSize]uint16
	high [windowSize / 2]uint16
}

// bucket is the shape of all its windows, and the share of places it allows.
type bucket struct {
	shape
	share float64
}

// anything allows every half.
const anything = 1<<16 - 1

// highOf reduces a byte to the two bits of its high half that say something of
// ASCII without case: 4 and 6, as bits 0 and 2.
func highOf(c byte) byte { return c >> 4 & 5 }

func (w window) shape() shape {
	s := shape{high: [...]uint16{w.highs(0), w.highs(2)}}
	for i := range windowSize {
		s.low[i] = anything
		if i < int(w.size) {
			s.low[i] = 1 << (w.bytes[i] & 15)
		}
	}
	return s
}

// highs returns the pairs of high halves that a window has at i and i+1; the
// second half is that of the first, moved up by one bit.
func (w window) highs(i int) uint16 {
	var set uint16
	for pair := range 16 {
		first, second := byte(pair&5), byte(pair>>1&5)
		if (i >= int(w.size) || first == highOf(w.bytes[i])) && (i+1 >= int(w.size) || second == highOf(w.bytes[i+1])) {
			set |= 1 << pair
		}
	}
	return set
}

// with returns the bucket extended by a shape.
func (b bucket) with(s shape, text *halves) bucket {
	b.join(s)
	b.share = b.estimate(text)
	return b
}

// join makes a shape allow what another one does.
func (s *shape) join(other shape) {
	for i := range s.low {
		s.low[i] |= other.low[i]
	}
	for i := range s.high {
		s.high[i] |= other.high[i]
	}
}

// estimate returns at which share of places the shape may allow what stands there.
func (s *shape) estimate(text *halves) float64 {
	product := 1.0
	for i, high := range s.high {
		var first, second [6]float64
		for _, h := range [...]int{0, 1, 4, 5} {
			first[h], second[h] = text.share(h, s.low[2*i]), text.share(h, s.low[2*i+1])
		}
		sum := 0.0
		for pair := range 16 {
			if high>>pair&1 != 0 {
				sum += first[pair&5] * second[pair>>1&5]
			}
		}
		product *= sum
	}
	return product
}

// halves knows the share of the bytes of a text that have a high half and one of
// a set of low halves; the set is looked up in two parts.
type halves [6][2][256]float64

func newHalves() *halves {
	var t halves
	var chances [6][16]float64
	for c := byte(' '); c <= 0x7f; c++ {
		if fold(c) == c {
			chances[highOf(c)][c&15] += chance(alone[kindOf(c)])
		}
	}
	for h, low := range chances {
		for set := range 256 {
			for i := range 8 {
				if set>>i&1 != 0 {
					t[h][0][set] += low[i]
					t[h][1][set] += low[8+i]
				}
			}
		}
	}
	return &t
}

func (t *halves) share(high int, low uint16) float64 {
	return t[high][0][low&255] + t[high][1][low>>8]
}

// deal puts each window that has no bucket where it makes a bucket allow the least
// more, beginning with those that are found most.
func deal(windows []window) [buckets]bucket {
	var all [buckets]bucket
	var order []int
	for i, w := range windows {
		if w.bucket == none {
			order = append(order, i)
		} else {
			all[w.bucket].join(w.shape())
		}
	}
	if len(order) > 0 {
		dealSome(&all, windows, order)
	}
	return all
}

// dealSome deals those of the windows that order lists, beside the others.
func dealSome(all *[buckets]bucket, windows []window, order []int) {
	text := newHalves()
	home := make(map[uint64]uint8, len(windows))
	for _, w := range windows {
		if w.bucket != none {
			home[w.key()] = w.bucket
		}
	}
	for i := range all {
		all[i].share = all[i].estimate(text)
	}
	share := make([]float64, len(windows))
	for _, i := range order {
		share[i] = shareOf(string(windows[i].bytes[:windows[i].size]))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(share[b], share[a]) })
	for _, i := range order {
		w := &windows[i]
		b, ok := home[w.key()]
		if !ok {
			b = cheapest(all[:], *w, text)
			all[b] = all[b].with(w.shape(), text)
			home[w.key()] = b
		}
		w.bucket = b
	}
}

// cheapest returns the bucket that a window makes allow the least more.
func cheapest(all []bucket, w window, text *halves) uint8 {
	from := 0
	if !w.long() {
		from = buckets / 2
	}
	best, least, s := from, 2.0, w.shape()
	for i := from; i < from+buckets/2; i++ {
		if more := all[i].with(s, text).share - all[i].share; more < least {
			best, least = i, more
		}
	}
	return uint8(best)
}
