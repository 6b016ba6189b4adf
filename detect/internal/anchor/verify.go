package anchor

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// index finds the literals whose window may stand at a place by the hash of the
// first bytes there: four for long windows, three for short ones, or fewer if
// all of those are shorter.
type index struct {
	long, short keyed
	bits        hashSet                 // the hashes that some window has
	first       [1<<slotBits + 1]uint32 // slot -> its first in entries
	entries     []entry
	which       [1 << slotBits]uint16 // slot -> its narrow
	narrows     []narrow
}

// hashSet has a bit for each hash.
type hashSet [1 << hashBits / 64]uint64

func (s *hashSet) has(hash uint32) bool { return s[hash/64%uint32(len(s))]&(1<<(hash%64)) != 0 }

// siftPlain clears the marks at which the text has a hash that no window has.
func (x *index) siftPlain(text []byte, words []mark) {
	for i := range words {
		block := (*[wordBits + overhang]byte)(text[i*wordBits:])
		words[i].long = x.siftWord(block, words[i].long, x.long)
		words[i].short = x.siftWord(block, words[i].short, x.short)
	}
}

func (x *index) siftWord(block *[wordBits + overhang]byte, word uint64, key keyed) uint64 {
	kept := word
	for ; word != 0; word &= word - 1 {
		i := bits.TrailingZeros64(word) % wordBits
		if !x.bits.has(key.hash(binary.LittleEndian.Uint32(block[i:i+windowSize]) | folds)) {
			kept &^= 1 << i
		}
	}
	return kept
}

// keyed says what of four bytes is hashed, and what is added to the hash: long
// and short windows have a half of all hashes each.
type keyed struct{ mask, base uint32 }

const (
	hashBits = 16
	slotBits = 12
	folds    = 0x20202020 // fold for four bytes at once
	golden   = 0x9e3779b1 // 2^32 divided by the golden ratio

	shortBase = 1 << (hashBits - 1) // of short windows' hashes
)

// hash mixes the first bytes of a window: multiplicative hashing (Knuth, The Art
// of Computer Programming 3, 6.4).
func (k keyed) hash(window uint32) uint32 {
	return (window&k.mask)*golden>>(33-hashBits) + k.base
}

func slotOf(hash uint32) uint32 { return hash >> (hashBits - slotBits) }

// entry is a literal as it is compared: its first eight bytes as one number, of
// which mask keeps what counts. A letter counts without the bit that tells its
// case.
type entry struct {
	value, mask uint64
	slot        uint32
	literal     int32
	size        uint32
	at          uint32
}

const headSize = 8

func newEntry(literal string, w window, slot uint32) entry {
	value, mask := headOf(literal)
	return entry{value: value, mask: mask, slot: slot, literal: w.literal, size: uint32(len(literal)), at: uint32(w.at)}
}

// headOf returns a literal's first eight bytes as a number, and what of it counts.
func headOf(literal string) (value, mask uint64) {
	for i := range min(headSize, len(literal)) {
		c, keep := literal[i], byte(0xff)
		if isLetter(c) {
			keep = 0xdf
		}
		mask |= uint64(keep) << (8 * i)
		value |= uint64(c&keep) << (8 * i)
	}
	return value, mask
}

func newIndex(literals []string, windows []window) *index {
	x := &index{long: keyed{mask: 1<<32 - 1}, short: keyed{base: shortBase}}
	for _, w := range windows {
		if !w.long() {
			x.short.mask = max(x.short.mask, 1<<(8*w.size)-1)
		}
	}
	entries := make([]entry, 0, len(windows))
	var slots []uint32
	for _, w := range windows {
		slots = x.mark(w, slots[:0])
		for _, slot := range slots {
			entries = append(entries, newEntry(literals[w.literal], w, slot))
		}
	}
	x.sort(entries)
	x.narrow(literals)
	return x
}

// narrow prepares the slots that have entries; the first one is of all others.
func (x *index) narrow(literals []string) {
	x.narrows = make([]narrow, 1, len(x.entries)+1)
	for slot := range x.which {
		if entries := x.of(uint32(slot)); len(entries) > 0 {
			x.which[slot] = uint16(len(x.narrows))
			x.narrows = append(x.narrows, newNarrow(literals, entries))
		}
	}
}

// of returns the literals that may stand where the text has a hash of the slot.
func (x *index) of(slot uint32) []entry { return x.entries[x.first[slot]:x.first[slot+1]] }

// sort puts the entries of each slot in a row, in their order.
func (x *index) sort(entries []entry) {
	for _, e := range entries {
		x.first[e.slot+1]++
	}
	for slot := 1; slot < len(x.first); slot++ {
		x.first[slot] += x.first[slot-1]
	}
	x.entries = make([]entry, len(entries))
	next := x.first
	for _, e := range entries {
		x.entries[next[e.slot]] = e
		next[e.slot]++
	}
}

// mark notes the hashes that a window may have, which are many if it is shorter
// than what is hashed and anything may stand behind it. It appends their slots.
func (x *index) mark(w window, slots []uint32) []uint32 {
	if w.long() {
		return append(slots, x.markHash(x.long.hash(w.folded())))
	}
	keys := []uint32{w.folded()}
	for i := int(w.size); x.short.mask>>(8*i) != 0; i++ {
		keys = withAnyByte(keys, 8*i)
	}
	for _, key := range keys {
		slots = append(slots, x.markHash(x.short.hash(key)))
	}
	slices.Sort(slots)
	return slices.Compact(slots)
}

func (x *index) markHash(hash uint32) (slot uint32) {
	x.bits[hash/64] |= 1 << (hash % 64)
	return slotOf(hash)
}

// withAnyByte returns the keys with every folded byte at a shift.
func withAnyByte(keys []uint32, shift int) []uint32 {
	var out []uint32
	for c := range uint32(256) {
		if uint32(fold(byte(c))) != c {
			continue
		}
		for _, key := range keys {
			out = append(out, key|c<<shift)
		}
	}
	return out
}

func isLetter(c byte) bool { return fold(c) >= 'a' && fold(c) <= 'z' && c < 0x80 }

// equalFold says whether text, which is long enough, begins with s in any case.
func equalFold(text []byte, s string) bool {
	for i := range len(s) {
		if c := text[i]; c != s[i] && (fold(c) != fold(s[i]) || !isLetter(c)) {
			return false
		}
	}
	return true
}
