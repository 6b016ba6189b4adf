package anchor

import "encoding/binary"

// Heads tells which of many literals a text begins with at one place. It is for
// places that are rare and known: a lookup costs as much as two hundred bytes that
// a Set goes through.
type Heads struct {
	literals []string
	begun    hashSet               // the hashes of first bytes that some literal has
	first    [headSlots + 1]uint32 // those of a slot are entries[first[slot]:first[slot+1]]
	entries  []headEntry
}

// headEntry is a literal as it is compared; see entry.
type headEntry struct {
	value, mask uint64
	id          uint32
}

const (
	headBytes = 3 // of a literal that are hashed
	headSlots = 1 << slotBits
)

// NewHeads prepares literals, of which each has three bytes at least and no upper
// case letter. Their ids are their places in the list. ASCII letters are found in
// any case.
func NewHeads(literals []string) *Heads {
	h := &Heads{literals: literals, entries: make([]headEntry, len(literals))}
	for _, lit := range literals {
		hash := headHash(lit[0], lit[1], lit[2])
		h.begun[hash/64] |= 1 << (hash % 64)
		h.first[slotOf(hash)+1]++
	}
	for i := range headSlots {
		h.first[i+1] += h.first[i]
	}
	next := h.first
	for id, lit := range literals {
		slot := slotOf(headHash(lit[0], lit[1], lit[2]))
		value, mask := headOf(lit)
		h.entries[next[slot]] = headEntry{value, mask, uint32(id)}
		next[slot]++
	}
	return h
}

// headHash hashes three bytes; the two cases of a letter are one.
func headHash(a, b, c byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16 | 0x202020) * golden >> (32 - hashBits)
}

// At appends to out the ids of the literals that text[i:] begins with.
func (h *Heads) At(text []byte, i int, out []int) []int {
	if i+headBytes > len(text) {
		return out
	}
	hash := headHash(text[i], text[i+1], text[i+2])
	if !h.begun.has(hash) {
		return out
	}
	var head [headSize]byte
	copy(head[:], text[i:])
	begins := binary.LittleEndian.Uint64(head[:])
	slot := slotOf(hash)
	for k := h.first[slot]; k < h.first[slot+1]; k++ {
		if e := &h.entries[k]; begins&e.mask == e.value && beginsWith(text[i:], h.literals[e.id]) {
			out = append(out, int(e.id))
		}
	}
	return out
}

func beginsWith(text []byte, lit string) bool {
	if len(text) < len(lit) {
		return false
	}
	for i := range len(lit) {
		if small(text[i]) != lit[i] {
			return false
		}
	}
	return true
}

// small is c, or the small letter of a capital one.
func small(c byte) byte {
	if isLetter(c) {
		return fold(c)
	}
	return c
}
