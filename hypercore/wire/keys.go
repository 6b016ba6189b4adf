package wire

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"errors"

	"filippo.io/edwards25519"
)

// Key is a peer's public key on the connection. It has nothing to do with a core's key.
type Key [32]byte

// KeyPair names a peer on a connection: an Ed25519 key, as npm secret-stream uses them.
// Peers of Hypercore make a new one for every start; nothing about a core depends on it.
type KeyPair struct {
	Public Key
	scalar *edwards25519.Scalar
}

// NewKeyPair makes a random key pair.
func NewKeyPair() KeyPair {
	var seed [ed25519.SeedSize]byte
	rand.Read(seed[:]) // never fails (crypto/rand)
	defer clear(seed[:])
	return KeyPairFromSeed(seed)
}

// KeyPairFromSeed is the key pair of a seed, the same as crypto_sign_seed_keypair makes.
func KeyPairFromSeed(seed [ed25519.SeedSize]byte) KeyPair {
	h := sha512.Sum512(seed[:])
	defer clear(h[:])
	s, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil { // only the size can be wrong
		panic(err)
	}
	return KeyPair{Public: Key(new(edwards25519.Point).ScalarBaseMult(s).Bytes()), scalar: s}
}

// String leaves the private part out.
func (k KeyPair) String() string { return "key pair" }

// GoString leaves the private part out.
func (k KeyPair) GoString() string { return k.String() }

// errPoint reports a public key with which no secret can be agreed upon.
var errPoint = errors.New("the public key is no point of the prime-order group")

// agree is the Diffie-Hellman of npm noise-curve-ed: crypto_scalarmult_ed25519_noclamp,
// which takes canonical encodings of points of the prime-order group only.
func (k KeyPair) agree(remote Key) ([]byte, error) {
	p, err := new(edwards25519.Point).SetBytes(remote[:])
	if err != nil || !bytes.Equal(p.Bytes(), remote[:]) || !primeOrder(p) {
		return nil, errPoint
	}
	return new(edwards25519.Point).ScalarMult(k.scalar, p).Bytes(), nil
}

// primeOrder reports whether p generates the group of prime order l: l-1 times p is -p, and
// p is not the identity. Keys are public, so nothing is lost by the time this takes.
func primeOrder(p *edwards25519.Point) bool {
	identity := edwards25519.NewIdentityPoint()
	if p.Equal(identity) == 1 {
		return false
	}
	one := make([]byte, 32)
	one[0] = 1
	s, err := edwards25519.NewScalar().SetCanonicalBytes(one)
	if err != nil { // one is canonical
		panic(err)
	}
	almost := new(edwards25519.Point).ScalarMult(s.Negate(s), p)
	return almost.Add(almost, p).Equal(identity) == 1
}
