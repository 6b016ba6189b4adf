// Package merkle holds the arithmetic and the cryptography of a Hypercore: the flat
// in-order tree, BLAKE2b-256 hashes of leaves, parents and roots, manifests, and the
// Ed25519 signatures over a tree.
//
// # The tree
//
// Block i is leaf 2i; odd indexes are parents. A log of n blocks that is no power of two
// has several full roots ("peaks"), one per set bit of n. Every node stores the byte size
// of what is below it. Hashes (npm hypercore-crypto):
//
//	leaf   = BLAKE2b-256(0x00 | uint64le(size) | block)
//	parent = BLAKE2b-256(0x01 | uint64le(size left + size right) | left | right)
//	tree   = BLAKE2b-256(0x02 | for each root: hash | uint64le(index) | uint64le(size))
//
// # The signature
//
// A tree is signed as TREE | manifest hash | tree hash | uint64le(length) | uint64le(fork),
// where TREE is a 32-byte namespace. Cores whose key is the public key of their only
// signer ("compat", the default of hypercore 10) leave the manifest hash out; manifests of
// version 0 put the signer's namespace there instead (npm hypercore lib/caps.js,
// lib/verifier.js).
//
// The package imports enc, x/crypto/blake2b and the standard library, does no I/O, and is
// safe for concurrent use except where a type says otherwise.
package merkle
