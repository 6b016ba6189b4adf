package transport

import (
	"encoding/binary"
	"math/bits"
)

// poly1305 is the one-time authenticator of RFC 8439, section 2.5. The module
// golang.org/x/crypto has deprecated its own: SSH is the one protocol that uses
// it outside the usual construction.
func poly1305(key *[32]byte, message []byte) [16]byte {
	r0 := binary.LittleEndian.Uint64(key[:]) & 0x0ffffffc0fffffff
	r1 := binary.LittleEndian.Uint64(key[8:]) & 0x0ffffffc0ffffffc
	var h accumulator
	for len(message) >= 16 {
		h.add(binary.LittleEndian.Uint64(message), binary.LittleEndian.Uint64(message[8:]), 1)
		h.multiply(r0, r1)
		message = message[16:]
	}
	if len(message) > 0 {
		var block [16]byte
		copy(block[:], message)
		block[len(message)] = 1
		h.add(binary.LittleEndian.Uint64(block[:]), binary.LittleEndian.Uint64(block[8:]), 0)
		h.multiply(r0, r1)
	}
	h.reduce()
	var tag [16]byte
	lo, carry := bits.Add64(h[0], binary.LittleEndian.Uint64(key[16:]), 0)
	hi, _ := bits.Add64(h[1], binary.LittleEndian.Uint64(key[24:]), carry)
	binary.LittleEndian.PutUint64(tag[:], lo)
	binary.LittleEndian.PutUint64(tag[8:], hi)
	return tag
}

// accumulator is a number of 130 bits and a little more, low word first.
type accumulator [3]uint64

func (h *accumulator) add(lo, hi, top uint64) {
	var carry uint64
	h[0], carry = bits.Add64(h[0], lo, 0)
	h[1], carry = bits.Add64(h[1], hi, carry)
	h[2] += top + carry
}

// multiply by r modulo 2^130-5. The third word is below 8, and r leaves four
// bits of each word free, so nothing overflows.
func (h *accumulator) multiply(r0, r1 uint64) {
	h00, l00 := bits.Mul64(h[0], r0)
	h01, l01 := bits.Mul64(h[0], r1)
	h10, l10 := bits.Mul64(h[1], r0)
	h11, l11 := bits.Mul64(h[1], r1)
	m1, c := bits.Add64(l01, l10, 0)
	mh1, _ := bits.Add64(h01, h10, c)
	l20 := h[2] * r0
	l21 := h[2] * r1

	t0 := l00
	t1, c := bits.Add64(h00, m1, 0)
	t2, c := bits.Add64(mh1, l11, c)
	t3 := h11 + c
	t2, c = bits.Add64(t2, l20, 0) // h[2]*r0 counts from bit 128
	t3 += l21 + c

	h[0], h[1], h[2] = t0, t1, t2&3
	fold := [2]uint64{t2 &^ 3, t3} // four times what is above bit 130
	var d uint64
	h[0], d = bits.Add64(h[0], fold[0], 0)
	h[1], d = bits.Add64(h[1], fold[1], d)
	h[2] += d
	h[0], d = bits.Add64(h[0], fold[0]>>2|fold[1]<<62, 0) // and once: five times
	h[1], d = bits.Add64(h[1], fold[1]>>2, d)
	h[2] += d
}

// reduce brings the number below 2^130-5 without a branch.
func (h *accumulator) reduce() {
	t0, b := bits.Sub64(h[0], 0xfffffffffffffffb, 0)
	t1, b := bits.Sub64(h[1], 0xffffffffffffffff, b)
	_, b = bits.Sub64(h[2], 3, b)
	keep := -b // all ones when the number was smaller
	h[0] = h[0]&keep | t0&^keep
	h[1] = h[1]&keep | t1&^keep
}
