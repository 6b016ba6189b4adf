package anchor

// Class is a class of bytes, such as the digits of base64. It is immutable and
// safe for use by many goroutines.
type Class struct {
	kernel Kernel
	member [256]bool
	table  classTable
}

// classTable is what vector kernels look up: for bytes below 0x80 which high
// halves a low half goes with, a bit for each, then the bit of each high half;
// and the same for the other bytes.
type classTable [4][16]byte

// NewClass makes the class of the bytes of members.
func NewClass(members string) *Class {
	c := &Class{kernel: Kernels()[0]}
	for i := range len(members) {
		b := members[i]
		c.member[b] = true
		c.table[b>>7*2][b&15] |= 1 << (b >> 4 & 7)
	}
	for high := range 16 {
		c.table[high>>3*2+1][high] = 1 << (high & 7)
	}
	return c
}

// With returns the same class, which looks with another kernel. It must be one
// of Kernels.
func (c *Class) With(k Kernel) *Class {
	other := *c
	other.kernel = k
	return &other
}

// Has says whether b belongs to the class.
func (c *Class) Has(b byte) bool { return c.member[b] }

// MaskBits is how many bytes a mask is about.
const MaskBits = wordBits

// Mask has a bit for each of the 64 bytes of text from i on, the lowest for the
// first: whether that belongs to the class. What lies behind the text does not.
func (c *Class) Mask(text []byte, i int) uint64 {
	rest := text[i:]
	if c.kernel == Portable {
		return c.maskPortable(rest[:min(wordBits, len(rest))])
	}
	var m [1]uint64
	if len(rest) >= wordBits {
		c.classify(rest[:wordBits], m[:])
		return m[0]
	}
	var t tail
	n := copy(t[:], rest)
	c.classify(t[:wordBits], m[:])
	return m[0] & (1<<n - 1)
}

func (c *Class) maskPortable(text []byte) (mask uint64) {
	for i, b := range text {
		if c.member[b] {
			mask |= 1 << i
		}
	}
	return mask
}
