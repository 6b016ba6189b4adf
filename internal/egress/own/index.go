package own

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math/bits"
)

const (
	// window is how many characters of a secret are enough to know it by.
	window = 12
	// mostWindows bounds what is learned: 3 MB of memory.
	mostWindows = 1 << 16
	// mostFound bounds what is found in one text.
	mostFound = 64
	// filterBits is how many bits of the filter there are for each window: one of
	// so many places of an ordinary text is looked up.
	filterBits = 64
)

// keys are made anew for each process.
type keys struct {
	confirm [32]byte
	in, out [256]uint64 // what a byte adds to the hash, and what is taken away before the twelfth after it
}

// newKeys draws them. Bytes that differ only in the case of a letter, or in which
// alphabet of base64 they belong to, are the same.
func newKeys() (*keys, error) {
	k := &keys{}
	if _, err := rand.Read(k.confirm[:]); err != nil {
		return nil, fmt.Errorf("drawing a key: %w", err)
	}
	var raw [8 * 256]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return nil, fmt.Errorf("drawing a key: %w", err)
	}
	for i := range k.in {
		k.in[i] = binary.LittleEndian.Uint64(raw[8*int(folded(byte(i))):])
		k.out[i] = bits.RotateLeft64(k.in[i], window-1)
	}
	return k, nil
}

func folded(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c | 0x20
	case c == '-':
		return '+'
	case c == '_':
		return '/'
	}
	return c
}

// index finds windows that were learned. It never changes.
type index struct {
	keys    *keys
	filter  []uint64
	shift   uint
	windows map[uint64]known
	sources []string
}

// known is a window.
type known struct {
	mac    [8]byte // the first bytes of its HMAC
	source uint16
}

// newIndex makes one of windows; sources are where they come from.
func newIndex(k *keys, windows map[uint64]known, sources []string) *index {
	log := max(12, bits.Len(uint(filterBits*len(windows))))
	x := &index{keys: k, filter: make([]uint64, 1<<(log-6)), shift: uint(64 - log), windows: windows, sources: sources}
	for h := range windows {
		bit := h >> x.shift
		x.filter[bit>>6] |= 1 << (bit & 63)
	}
	return x
}

// find reports each stretch of text that a secret has as well, until found returns
// false, or there are too many.
func (x *index) find(text []byte, found func(start, end int, source string) bool) {
	if len(x.windows) == 0 || len(text) < window {
		return
	}
	var mac hash.Hash
	h := x.keys.hashOf(text[:window])
	for end, n := window, 0; n < mostFound; {
		if end, h = x.next(text, end, h); end > len(text) {
			return
		}
		if k, ok := x.windows[h]; ok {
			if mac == nil {
				mac = hmac.New(sha256.New, x.keys.confirm[:])
			}
			if start := end - window; sum(mac, text[start:end]) == k.mac {
				end = x.rest(text, start, k.source)
				if n++; !found(start, end, x.sources[k.source]) {
					return
				}
				h = x.keys.hashOf(text[end-window : end])
			}
		}
		if end++; end > len(text) {
			return
		}
		h = x.keys.roll(h, text[end-1-window], text[end-1])
	}
}

// next goes on to the next window that passes the filter, from the one that ends at
// end and has the hash h on. When there is none, it ends behind the text.
func (x *index) next(text []byte, end int, h uint64) (int, uint64) {
	in, out, filter, shift := &x.keys.in, &x.keys.out, x.filter, x.shift&63
	for {
		if bit := h >> shift; filter[bit>>6]>>(bit&63)&1 != 0 {
			return end, h
		}
		if end >= len(text) {
			return end + 1, h
		}
		h = bits.RotateLeft64(h^out[text[end-window]], 1) ^ in[text[end]]
		end++
	}
}

// rest is where a secret ends whose window begins at start: as far as windows of
// the same follow each other.
func (x *index) rest(text []byte, start int, source uint16) (end int) {
	h := x.keys.hashOf(text[start : start+window])
	end = start + window
	for missed := 0; end+missed < len(text) && missed < window; {
		at := end + missed
		h = x.keys.roll(h, text[at-window], text[at])
		if k, ok := x.windows[h]; ok && k.source == source {
			end, missed = at+1, 0
			continue
		}
		missed++
	}
	return end
}

// roll is the hash of the window a byte farther on.
func (k *keys) roll(h uint64, last, next byte) uint64 {
	return bits.RotateLeft64(h^k.out[last], 1) ^ k.in[next]
}

func (k *keys) hashOf(b []byte) (h uint64) {
	for _, c := range b {
		h = bits.RotateLeft64(h, 1) ^ k.in[c]
	}
	return h
}

// sum is the piece of a window's HMAC-SHA-256 that is kept.
func sum(mac hash.Hash, text []byte) (out [8]byte) {
	var same [window]byte
	for i, c := range text {
		same[i] = folded(c)
	}
	mac.Reset()
	_, _ = mac.Write(same[:])
	copy(out[:], mac.Sum(nil))
	return out
}
