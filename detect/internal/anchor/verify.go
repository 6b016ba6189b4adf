package anchor

import (
	"cmp"
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
)

// hash mixes the first bytes of a window: multiplicative hashing (Knuth, The Art
// of Computer Programming 3, 6.4), with 2^32 divided by the golden ratio.
func (k keyed) hash(window uint32) uint32 {
	return (window&k.mask)*0x9e3779b1>>(33-hashBits) + k.base
}

func slotOf(hash uint32) uint32 { return hash >> (hashBits - slotBits) }

// at returns the literals that may stand where the text has such bytes.
func (x *index) at(hash uint32) []entry {
	slot := slotOf(hash)
	return x.entries[x.first[slot]:x.first[slot+1]]
}

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
	e := entry{slot: slot, literal: w.literal, size: uint32(len(literal)), at: uint32(w.at)}
	for i := range min(headSize, len(literal)) {
		c, keep := literal[i], byte(0xff)
		if isLetter(c) {
			keep = 0xdf
		}
		e.mask |= uint64(keep) << (8 * i)
		e.value |= uint64(c&keep) << (8 * i)
	}
	return e
}

func newIndex(literals []string, windows []window) *index {
	x := &index{long: keyed{mask: 1<<32 - 1}, short: keyed{base: 1 << (hashBits - 1)}}
	for _, w := range windows {
		if !w.long() {
			x.short.mask = max(x.short.mask, 1<<(8*w.size)-1)
		}
	}
	for _, w := range windows {
		for _, slot := range x.mark(w) {
			x.entries = append(x.entries, newEntry(literals[w.literal], w, slot))
		}
	}
	slices.SortStableFunc(x.entries, func(a, b entry) int { return cmp.Compare(a.slot, b.slot) })
	for i, e := range x.entries {
		x.first[e.slot+1] = uint32(i + 1)
	}
	for slot := 1; slot < len(x.first); slot++ {
		x.first[slot] = max(x.first[slot], x.first[slot-1])
	}
	return x
}

// mark notes the hashes that a window may have, which are many if it is shorter
// than what is hashed and anything may stand behind it. It returns their slots.
func (x *index) mark(w window) []uint32 {
	keys, by := []uint32{w.folded()}, x.long
	if !w.long() {
		by = x.short
		for i := int(w.size); by.mask>>(8*i) != 0; i++ {
			keys = withAnyByte(keys, 8*i)
		}
	}
	slots := make([]uint32, 0, len(keys))
	for _, key := range keys {
		hash := by.hash(key)
		x.bits[hash/64] |= 1 << (hash % 64)
		slots = append(slots, slotOf(hash))
	}
	slices.Sort(slots)
	return slices.Compact(slots)
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
