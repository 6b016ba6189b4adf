package anchor

// Kernel is a way of marking the places of a text where literals may stand. All
// find the same, at different speed.
type Kernel uint8

// The kernels. Portable works everywhere.
const (
	Portable Kernel = iota
	AVX2
	AVX512
	NEON
)

// String returns the name of a kernel, such as "avx2".
func (k Kernel) String() string {
	return [...]string{"portable", "avx2", "avx512", "neon"}[k]
}

// Kernels lists those that this machine can run, the fastest first.
func Kernels() []Kernel { return append(kernels(), Portable) }

const (
	wordBits  = 64 // places that one word of marks stands for
	overhang  = 3  // bytes that a window reaches beyond its first
	blockSize = 64 // in words
)

// mark is what is marked of 64 places: those where long windows may stand, and
// those where short ones may. The lowest bit stands for the first place.
type mark struct{ long, short uint64 }

// marks are those of a block.
type marks [blockSize]mark

// tail is the end of a text, with zeros behind it for kernels to read.
type tail [2*wordBits + overhang]byte
