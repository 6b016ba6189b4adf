//go:build !amd64 && !arm64

package anchor

func kernels() []Kernel { return nil }

func (s *Set) fill(text []byte, words []mark) { fillPortable(s.pairs, text, words) }

// classify is for kernels with vectors, of which there are none.
func (c *Class) classify([]byte, []uint64) {}

// sift clears the marks at which the text has a hash that no window has.
func (s *Set) sift(text []byte, words []mark) { s.index.siftPlain(text, words) }
