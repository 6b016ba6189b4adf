// Package sntrup encapsulates keys with Streamlined NTRU Prime in the size
// sntrup761, as the server of sntrup761x25519-sha512 does. The algorithm and
// its encodings are those of "NTRU Prime: round 3" (Bernstein, Brumley, Chen,
// Chuengsatiansup, Lange, Marotzke, Peng, Tuveri, van Vredendaal, Yang; 2020).
// What it does with secrets, it does in the same steps whatever they are.
//
// A server never decapsulates, so there is nothing for it here.
//
// Level 2: it imports the standard library only.
package sntrup

import (
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sizes in bytes.
const (
	PublicKeySize  = 1158
	CiphertextSize = 1039
	SharedKeySize  = 32

	smallSize   = 191  // an encoded polynomial of -1, 0 and 1
	roundedSize = 1007 // an encoded polynomial of rounded coefficients
)

// The parameters: polynomials modulo x^p - x - 1, coefficients modulo q, and w
// of a short polynomial's coefficients are not zero.
const (
	p    = 761
	q    = 4591
	w    = 286
	half = (q - 1) / 2
)

// ErrSize says that a public key has another length.
var ErrSize = errors.New("sntrup761: the public key has another size")

// Encapsulate makes a key and its ciphertext for the owner of the public key,
// with random bytes of rand.
func Encapsulate(rand io.Reader, public []byte) (ciphertext, key []byte, err error) {
	if len(public) != PublicKeySize {
		return nil, nil, ErrSize
	}
	r, err := short(rand)
	if err != nil {
		return nil, nil, err
	}
	encoded := encodeSmall(r)
	ciphertext = encodeRounded(multiply(decodeRq(public), r))
	hidden := hash(3, encoded)
	confirm := hash(2, append(hidden, hash(4, public)...))
	ciphertext = append(ciphertext, confirm...)
	return ciphertext, hash(1, append(hash(3, encoded), ciphertext...)), nil
}

// hash is SHA-512 cut in half, behind a byte that tells uses apart.
func hash(use byte, b []byte) []byte {
	sum := sha512.Sum512(append([]byte{use}, b...))
	return sum[:32:32]
}

// short draws a polynomial with w coefficients of -1 or 1. Sorting random
// numbers whose lowest two bits say the coefficient shuffles these.
func short(rand io.Reader) (*[p]int8, error) {
	var random [4 * p]byte
	if _, err := io.ReadFull(rand, random[:]); err != nil {
		return nil, fmt.Errorf("drawing a short polynomial: %w", err)
	}
	var l [p]uint32
	for i := range l {
		l[i] = binary.LittleEndian.Uint32(random[4*i:])
		if i < w {
			l[i] &^= 1
		} else {
			l[i] = l[i]&^3 | 1
		}
	}
	sort(&l)
	out := new([p]int8)
	for i := range out {
		out[i] = int8(l[i]&3) - 1
	}
	return out, nil
}

// sort is Batcher's merge exchange (Knuth, The Art of Computer Programming,
// volume 3, algorithm 5.2.2M): which places are compared depends on the length
// only.
func sort(l *[p]uint32) {
	const top = 512 // the largest power of two below p
	for step := top; step > 0; step >>= 1 {
		r, d := 0, step
		for t := top; ; t >>= 1 {
			for i := range p - d {
				if i&step == r {
					l[i], l[i+d] = order(l[i], l[i+d])
				}
			}
			if t == step {
				break
			}
			d, r = t-step, step
		}
	}
}

// order returns the smaller number first, without a branch.
func order(a, b uint32) (uint32, uint32) {
	greater := uint32(0) - uint32((uint64(b)-uint64(a))>>63) // all ones when a > b
	x := (a ^ b) & greater
	return a ^ x, b ^ x
}

// multiply returns h*r, each coefficient rounded to the nearest multiple of 3.
func multiply(h *[p]int16, r *[p]int8) *[p]int16 {
	var product [2*p - 1]int32
	for i, a := range r {
		row := product[i : i+p]
		for j, b := range h {
			row[j] += int32(a) * int32(b)
		}
	}
	for i := 2*p - 2; i >= p; i-- { // x^p = x + 1
		product[i-p] += product[i]
		product[i-p+1] += product[i]
	}
	out := new([p]int16)
	for i := range out {
		c := centre(product[i], q)
		out[i] = int16(c - centre(c, 3))
	}
	return out
}

// centre returns n modulo an odd m, between -(m-1)/2 and (m-1)/2. Both moduli
// are constants, so no division depends on what is divided.
func centre(n, m int32) int32 {
	const lift = q * 3 << 11 // a multiple of both moduli above what is reduced
	return (n+lift+(m-1)/2)%m - (m-1)/2
}
