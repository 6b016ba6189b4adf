package anchor

// Many literals may be known by one window: "token" stands in dozens. Which of them
// a place can have is then told by a few more of the bytes around it, each of which
// allows some: what is left is mostly none or one.

const (
	narrowFrom   = 4  // entries of a slot that are worth narrowing down
	narrowMost   = 64 // of a slot that are narrowed down, one bit each
	narrowPlaces = 3
	narrowKinds  = 32  // of bytes: their lowest bits, in which the two cases of a letter agree
	narrowLow    = -15 // where the first place can be, seen from the window's first byte,
	narrowHigh   = 11  // and the last
	settled      = 0.1 // what an entry that a place was chosen for counts at the next choice
)

// narrow tells which entries of a slot some bytes around a window allow.
type narrow struct {
	at      [narrowPlaces]uint8 // seen from narrowLow
	allowed [narrowPlaces][narrowKinds]uint64
}

// newNarrow chooses the places at which most literals say what stands there.
func newNarrow(literals []string, entries []entry) (n narrow) {
	entries = entries[:min(len(entries), narrowMost)]
	var weights [narrowMost]float64
	for i := range entries {
		weights[i] = 1
	}
	for k := range n.at {
		at := bestPlace(literals, entries, &weights)
		n.at[k] = uint8(at - narrowLow)
		n.fill(k, at, literals, entries)
	}
	return n
}

// bestPlace is the place with the most weight, which the literals that have a byte
// there lose.
func bestPlace(literals []string, entries []entry, weights *[narrowMost]float64) (best int8) {
	most := -1.0
	for at := int8(narrowLow); at <= narrowHigh; at++ {
		sum := 0.0
		for i, e := range entries {
			if _, ok := byteOf(literals[e.literal], e, at); ok && (at < 0 || at >= windowSize-1) {
				sum += weights[i]
			}
		}
		if sum > most {
			best, most = at, sum
		}
	}
	for i, e := range entries {
		if _, ok := byteOf(literals[e.literal], e, best); ok {
			weights[i] *= settled
		}
	}
	return best
}

// byteOf is the byte of a literal that stands so far from its window's first.
func byteOf(literal string, e entry, at int8) (c byte, ok bool) {
	i := int(e.at) + int(at)
	if i < 0 || i >= len(literal) {
		return 0, false
	}
	return literal[i], true
}

func (n *narrow) fill(k int, at int8, literals []string, entries []entry) {
	for i, e := range entries {
		c, ok := byteOf(literals[e.literal], e, at)
		for kind := range n.allowed[k] {
			if !ok || int(c)%narrowKinds == kind {
				n.allowed[k][kind] |= 1 << i
			}
		}
	}
}

// among has a bit for each entry that the text around a window allows.
func (n *narrow) among(around *[narrowHigh - narrowLow + 1]byte) uint64 {
	return n.allowed[0][around[n.at[0]]%narrowKinds] & n.allowed[1][around[n.at[1]]%narrowKinds] & n.allowed[2][around[n.at[2]]%narrowKinds]
}
