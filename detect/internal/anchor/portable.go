package anchor

import "encoding/binary"

// fillPortable marks the places at which some bucket allows what stands there.
func fillPortable(t *pairTable, text []byte, words []mark) {
	for i := range words {
		words[i] = t.mark((*[wordBits + overhang]byte)(text[i*wordBits:]))
	}
}

// mark marks 64 places. A cell holds the buckets of two bytes as the first of a
// window, and as the last; one place's first have to meet the last of the place
// two on.
func (t *pairTable) mark(b *[wordBits + overhang]byte) mark {
	var m mark
	c0, c1 := t[binary.LittleEndian.Uint16(b[0:])], t[binary.LittleEndian.Uint16(b[1:])]
	for i := 0; i < wordBits; i += 2 {
		c2 := t[uint16(b[i+2])|uint16(b[i+3])<<8]
		c3 := t[uint16(b[i+3])|uint16(b[i+4])<<8]
		if x, y := c0&(c2>>pairBuckets), c1&(c3>>pairBuckets); x|y != 0 {
			m.long |= (bit(x&longBuckets) | bit(y&longBuckets)<<1) << i
			m.short |= (bit(x&^longBuckets) | bit(y&^longBuckets)<<1) << i
		}
		c0, c1 = c2, c3
	}
	return m
}

// longBuckets are the buckets of long windows in a cell of a pairTable.
const longBuckets = 1<<(pairBuckets/2) - 1

// bit is 1 unless x is 0.
func bit(x uint32) uint64 {
	if x != 0 {
		return 1
	}
	return 0
}
