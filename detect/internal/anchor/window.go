package anchor

import "slices"

// window is what a literal is known by: some of its bytes, case folded.
type window struct {
	bytes   [windowSize]byte
	size    uint8 // how many of the bytes count; all others may be anything
	at      uint8 // of the literal's byte that is the window's first
	literal int32
}

const (
	windowSize  = 4
	leastWindow = 3  // shorter only if the literal is
	maxAt       = 15 // how far into a literal its window may begin
)

// fold maps the two cases of a letter to one byte. It maps some other bytes to
// one, too, which is fine for looking for places but not for comparing.
func fold(c byte) byte { return c | 0x20 }

// windowAt returns the window of so many bytes at literal[at].
func windowAt(literal string, at, size int) window {
	w := window{size: uint8(size), at: uint8(at)}
	for i := range size {
		w.bytes[i] = fold(literal[at+i])
	}
	return w
}

// windowsOf lists the windows that a literal could be known by.
func windowsOf(literal string, out []window) []window {
	for size := min(windowSize, len(literal)); size > 0 && (size >= leastWindow || size == len(literal)); size-- {
		for at := 0; at <= maxAt && at+size <= len(literal); at++ {
			out = append(out, windowAt(literal, at, size))
		}
	}
	return out
}

// long says whether a window has all the bytes that one can have.
func (w window) long() bool { return w.size == windowSize }

// folded returns all four bytes of a window as one little-endian number.
func (w window) folded() uint32 {
	b := w.bytes
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// key is what windows of the same bytes have in common.
func (w window) key() uint64 { return uint64(w.folded()) | uint64(w.size)<<32 }

// chooser finds few and rare windows for many literals: the fewer there are, the
// better a kernel tells them from other text.
type chooser struct {
	wanted map[uint64]float64 // window -> how many literals have it
	share  map[uint64]float64
	chosen map[uint64]bool
	buffer []window
}

// What a window costs beside the share of places where it stands and is looked
// up, in the same unit: another one makes a kernel mark some more places; a
// literal that joins one is compared at each of its places. Both were measured.
const (
	costOfWindow  = 1e-6
	costOfJoining = 0.02
)

// choose returns a window for every literal that is not empty.
func choose(literals []string) []window {
	c := chooser{wanted: map[uint64]float64{}, share: map[uint64]float64{}, chosen: map[uint64]bool{}}
	var order []int32 // the shortest have the least choice
	for id, literal := range literals {
		if literal != "" {
			order = append(order, int32(id))
			c.count(literal)
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return len(literals[a]) - len(literals[b]) })
	windows := make([]window, len(order))
	for i, id := range order {
		windows[i] = c.best(literals[id])
		windows[i].literal = id
	}
	return windows
}

func (c *chooser) count(literal string) {
	c.buffer = windowsOf(literal, c.buffer[:0])
	for _, w := range c.buffer {
		key := w.key()
		c.wanted[key]++
		if c.wanted[key] == 1 {
			c.share[key] = shareOf(literal[w.at : w.at+w.size])
		}
	}
}

func (c *chooser) best(literal string) window {
	c.buffer = windowsOf(literal, c.buffer[:0])
	best, least := c.buffer[0], c.cost(c.buffer[0])
	for _, w := range c.buffer[1:] {
		if cost := c.cost(w); cost < least {
			best, least = w, cost
		}
	}
	c.chosen[best.key()] = true
	return best
}

// cost counts a new window in shares, one for each literal that could have it.
func (c *chooser) cost(w window) float64 {
	key := w.key()
	if c.chosen[key] {
		return c.share[key] * costOfJoining
	}
	return (c.share[key] + costOfWindow) / c.wanted[key]
}
