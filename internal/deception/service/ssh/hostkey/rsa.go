package hostkey

import (
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"math/big"
)

const exponent = 65537

// numbers takes n bytes from a source; n is a multiple of 8.
func numbers(source func() uint64, n int) []byte {
	out := make([]byte, 0, n)
	for len(out) < n {
		out = binary.BigEndian.AppendUint64(out, source())
	}
	return out
}

// rsaFrom makes an RSA key out of a source's numbers, the same for the same
// numbers. crypto/rsa takes its randomness from the system only, so the search
// is our own; what it finds, crypto/rsa checks.
func rsaFrom(source func() uint64, size int) (*rsa.PrivateKey, error) {
	p, q := prime(source, size/2), prime(source, size/2)
	if p.Cmp(q) == 0 {
		return nil, errors.New("both primes are one")
	}
	one := big.NewInt(1)
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: exponent},
		D:         new(big.Int).ModInverse(big.NewInt(exponent), order),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	return key, key.Validate()
}

// prime returns the first prime at or after a random odd number whose two
// highest bits are set, so that the product of two has its full length.
func prime(source func() uint64, size int) *big.Int {
	start := new(big.Int).SetBytes(numbers(source, size/8))
	start.SetBit(start, size-1, 1).SetBit(start, size-2, 1).SetBit(start, 0, 1)
	const span = 1 << 16 // far beyond the widest gap there is at this size
	sieve := composites(start, span)
	candidate, minusOne := new(big.Int), new(big.Int)
	for i, composite := range sieve {
		if composite {
			continue
		}
		candidate.Add(start, big.NewInt(int64(2*i)))
		minusOne.Sub(candidate, big.NewInt(1))
		if new(big.Int).Mod(minusOne, big.NewInt(exponent)).Sign() != 0 && candidate.ProbablyPrime(10) {
			return candidate
		}
	}
	return prime(source, size)
}

// composites marks which of start, start+2, start+4... have a small factor.
func composites(start *big.Int, span int) []bool {
	marks := make([]bool, span)
	for f := int64(3); f < 1<<13; f += 2 {
		rest := new(big.Int).Mod(start, big.NewInt(f)).Int64()
		first := (f - rest) % f // to the next multiple; odd steps need two of them
		if first%2 == 1 {
			first += f
		}
		for i := first / 2; i < int64(span); i += f {
			marks[i] = true
		}
	}
	return marks
}
