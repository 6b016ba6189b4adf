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
