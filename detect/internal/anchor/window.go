package anchor

import "slices"

// window is what a literal is known by: some of its bytes, case folded.
type window struct {
	bytes   [windowSize]byte
	size    uint8 // how many of the bytes count; all others may be anything
	at      uint8 // of the literal's byte that is the window's first
	bucket  uint8 // none until it is dealt
	literal int32
}

// none is the bucket of a window that has none yet.
const none = buckets

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
	w := window{size: uint8(size), at: uint8(at), bucket: none}
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
	known  map[uint64]candidate // by the window's key
	buffer []window
}

// candidate is a window that a literal could be known by.
type candidate struct {
	wanted float64 // how many literals have it
	share  float64 // of the places of a text; 0 until it is wanted
	users  int     // how many literals are known by it
}

// What a window costs beside the share of places where it stands and is looked
// up, in the same unit: another one makes a kernel mark some more places; a
// literal that joins one is compared at each of its places. Both were measured.
const (
	costOfWindow  = 1e-5
	costOfJoining = 0.15
)

// choose returns a window for every literal that is not empty, in their order:
// that which it has in a layout, if it has one.
func choose(literals []string, like Layout) []window {
	windows := make([]window, 0, len(literals))
	var order []int // windows that are still to be chosen
	for id, literal := range literals {
		if literal == "" {
			continue
		}
		w, ok := like[literal].window(literal)
		if !ok {
			order = append(order, len(windows))
		}
		w.literal = int32(id)
		windows = append(windows, w)
	}
	if len(order) > 0 {
		chooseSome(windows, order, literals)
	}
	return windows
}

// chooseSome chooses those of the windows that order lists, beside the others.
func chooseSome(windows []window, order []int, literals []string) {
	c := chooser{known: make(map[uint64]candidate, len(windows)+16*len(order))}
	for _, w := range windows {
		if w.size > 0 {
			c.use(w, 1)
		}
	}
	literal := func(i int) string { return literals[windows[i].literal] }
	for _, i := range order {
		c.count(literal(i))
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(literal(a)) - len(literal(b)) }) // the shortest have the least choice
	for round := range rounds {
		for _, i := range order {
			if round > 0 {
				c.use(windows[i], -1)
			}
			w := c.best(literal(i), round > 0)
			c.use(w, 1)
			w.literal = windows[i].literal
			windows[i] = w
		}
	}
}

// rounds is how often each literal chooses: first a window that others could have,
// too, then the best beside those that the others do have.
const rounds = 4

// use notes that so many more literals are known by a window.
func (c *chooser) use(w window, more int) {
	known := c.known[w.key()]
	known.users += more
	c.known[w.key()] = known
}

func (c *chooser) count(literal string) {
	c.buffer = windowsOf(literal, c.buffer[:0])
	for _, w := range c.buffer {
		known := c.known[w.key()]
		if known.wanted++; known.share == 0 {
			known.share = shareOf(literal[w.at : w.at+w.size])
		}
		c.known[w.key()] = known
	}
}

func (c *chooser) best(literal string, settled bool) window {
	c.buffer = windowsOf(literal, c.buffer[:0])
	best, least := c.buffer[0], c.cost(c.buffer[0], settled)
	for _, w := range c.buffer[1:] {
		if cost := c.cost(w, settled); cost < least {
			best, least = w, cost
		}
	}
	return best
}

// cost is that of a literal at a window. Until all have chosen, one that no literal
// has is counted in shares, one for each that could have it; then every window is,
// one for each that has it.
func (c *chooser) cost(w window, settled bool) float64 {
	known := c.known[w.key()]
	switch {
	case settled:
		return (known.share+costOfWindow)/float64(known.users+1) + known.share*costOfJoining
	case known.users > 0:
		return known.share * costOfJoining
	}
	return (known.share + costOfWindow) / known.wanted
}
