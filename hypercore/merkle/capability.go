package merkle

import "golang.org/x/crypto/blake2b"

// Capability is what a peer shows to prove, on the connection that a handshake hash of 64
// bytes names, that it knows a core's key. Those who only know the core's discovery key
// can't make it, and can't use it on another connection (npm hypercore lib/caps.js
// replicate).
func Capability(initiator bool, key Hash, handshake [blake2b.Size]byte) (out Hash) {
	ns := namespace(nsReplicateResponder)
	if initiator {
		ns = namespace(nsReplicateInitiator)
	}
	h, err := blake2b.New256(handshake[:])
	if err != nil { // a key of 64 bytes is always accepted
		panic(err)
	}
	h.Write(ns[:])
	h.Write(key[:])
	h.Sum(out[:0])
	return out
}
