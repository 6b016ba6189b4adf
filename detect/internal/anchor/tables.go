package anchor

// tables is what vector kernels look up, each row once for every sixteen bytes.
// There are four planes of eight buckets, a bit each: two for long windows, which
// are those of four bytes, and two for short ones.
type tables [planes*planeRows + windowSize][16]byte

// The rows of tables. A plane has those of low halves and then those of high
// halves; after the planes, a row for each byte of a window says what is kept of
// it before its low half is looked up.
const (
	planes    = 4
	planeRows = windowSize + windowSize/2
	maskRow   = planes * planeRows
)

// ofASCII keeps bit 7 of a byte beside its low half. Lookups give nothing where
// it is set.
const ofASCII = 0x8f

func newTables(all *[buckets]bucket, windows []window) *tables {
	var t tables
	for i, b := range all {
		t.add(b.shape, i/8*planeRows, 1<<(i%8))
	}
	for i := range windowSize {
		mask := maskOf(windows, i)
		for j := range t[maskRow+i] {
			t[maskRow+i][j] = mask
		}
	}
	return &t
}

func (t *tables) add(s shape, plane int, bit byte) {
	for half := range 16 {
		for i, set := range s.low {
			if set>>half&1 != 0 {
				t[plane+i][half] |= bit
			}
		}
		for i, set := range s.high {
			if set>>half&1 != 0 {
				t[plane+windowSize+i][half] |= bit
			}
		}
	}
}

// maskOf tells whether bytes beyond ASCII may stand at place i of a window. Behind
// short ones they may, but kernels don't look there.
func maskOf(windows []window, i int) byte {
	for _, w := range windows {
		if i >= int(w.size) && i < windowSize-1 || i < int(w.size) && w.bytes[i] >= 0x80 {
			return 0x0f
		}
	}
	return ofASCII
}

// pairTable tells the portable kernel in which buckets a window may have two
// bytes, little-endian, at places 0 and 1 (the low half of a cell) and at places
// 2 and 3 (the high half). It has half as many buckets: eight for long windows,
// in the low bits of each half, and eight for short ones.
type pairTable [1 << 16]uint32

const pairBuckets = buckets / 2

func newPairTable(windows []window) *pairTable {
	t := new(pairTable)
	for _, w := range windows {
		t.add(w, 0, 1<<(w.bucket/2))
		t.add(w, 2, 1<<(w.bucket/2+pairBuckets))
	}
	return t
}

func (t *pairTable) add(w window, i int, bit uint32) {
	for _, first := range w.allowed(i) {
		for _, second := range w.allowed(i + 1) {
			t[uint16(first)|uint16(second)<<8] |= bit
		}
	}
}

// allowed lists the bytes that may stand at place i of a window.
func (w window) allowed(i int) []byte {
	var out []byte
	for c := range 256 {
		if i >= int(w.size) || fold(byte(c)) == w.bytes[i] {
			out = append(out, byte(c))
		}
	}
	return out
}
