package anchor

import "golang.org/x/sys/cpu"

func kernels() []Kernel {
	if !cpu.X86.HasBMI1 {
		return nil
	}
	var all []Kernel
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW {
		all = append(all, AVX512)
	}
	if cpu.X86.HasAVX2 {
		all = append(all, AVX2)
	}
	return all
}

// fill marks in words the places of text at which some bucket allows what stands
// there. It reads 64 bytes for each word and overhang more.
func (s *Set) fill(text []byte, words []mark) {
	text = text[:len(words)*wordBits+overhang]
	switch s.kernel {
	case AVX512:
		fillAVX512((*[28][16]byte)(s.tables), text, words)
	case AVX2:
		fillAVX2((*[28][16]byte)(s.tables), text, words)
	default:
		fillPortable(s.pairs, text, words)
	}
}

// sift clears the marks at which the text has a hash that no window has.
func (s *Set) sift(text []byte, words []mark) {
	if s.kernel == Portable {
		s.index.siftPlain(text, words)
		return
	}
	siftBMI((*[1024]uint64)(&s.index.bits), text[:len(words)*wordBits+overhang], words, s.index.short.mask)
}

//go:noescape
func siftBMI(bits *[1024]uint64, text []byte, words []mark, short uint32)

//go:noescape
func fillAVX2(t *[28][16]byte, text []byte, words []mark)

//go:noescape
func fillAVX512(t *[28][16]byte, text []byte, words []mark)

// classify marks in words the bytes of text that belong to the class, 64 for each
// word. The kernel must be one with vectors.
func (c *Class) classify(text []byte, words []uint64) {
	text = text[:len(words)*wordBits]
	if c.kernel == AVX512 {
		classifyAVX512((*[4][16]byte)(&c.table), text, words)
		return
	}
	classifyAVX2((*[4][16]byte)(&c.table), text, words)
}

//go:noescape
func classifyAVX2(t *[4][16]byte, text []byte, words []uint64)

//go:noescape
func classifyAVX512(t *[4][16]byte, text []byte, words []uint64)
