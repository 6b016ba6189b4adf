package anchor

// kernels lists NEON: every processor of this architecture has it.
func kernels() []Kernel { return []Kernel{NEON} }

// fill marks in words the places of text at which some bucket allows what stands
// there. It reads 64 bytes for each word and overhang more.
func (s *Set) fill(text []byte, words []mark) {
	text = text[:len(words)*wordBits+overhang]
	if s.kernel == NEON {
		fillNEON((*[28][16]byte)(s.tables), text, words)
		return
	}
	fillPortable(s.pairs, text, words)
}

//go:noescape
func fillNEON(t *[28][16]byte, text []byte, words []mark)

// classify marks in words the bytes of text that belong to the class, 64 for each
// word. The kernel must be one with vectors.
func (c *Class) classify(text []byte, words []uint64) {
	classifyNEON((*[4][16]byte)(&c.table), text[:len(words)*wordBits], words)
}

//go:noescape
func classifyNEON(t *[4][16]byte, text []byte, words []uint64)

// sift clears the marks at which the text has a hash that no window has.
func (s *Set) sift(text []byte, words []mark) { s.index.siftPlain(text, words) }
