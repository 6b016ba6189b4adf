package merkle

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"

	"golang.org/x/crypto/blake2b"
)

// Hash is 32 bytes: a tree hash, a public key, a discovery key. It prints as hex.
type Hash [32]byte

// String is the hash in lower-case hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports the all-zero hash.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes hex.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hex digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 64 {
		return fmt.Errorf("hash of %d characters: 64 hex digits are needed", len(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("reading hash: %w", err)
	}
	return nil
}

// Node is one node of the tree. Size is the number of bytes of all blocks below it.
type Node struct {
	Index uint64 `json:"index"`
	Size  uint64 `json:"size"`
	Hash  Hash   `json:"hash"`
}

// IsBlank reports a node that is not stored (all zero bytes in the tree file).
func (n Node) IsBlank() bool { return n.Size == 0 && n.Hash.IsZero() }

// Hasher hashes leaves without allocating per block. It is for one goroutine at a time.
type Hasher struct {
	h      hash.Hash
	prefix [9]byte
	sum    []byte
}

// NewHasher returns a Hasher.
func NewHasher() *Hasher {
	h, err := blake2b.New256(nil)
	if err != nil { // only a key can be wrong, and there is none
		panic(err)
	}
	return &Hasher{h: h, sum: make([]byte, 0, 32)}
}

// Leaf is the node of block i with the given bytes.
func (h *Hasher) Leaf(i uint64, block []byte) Node {
	binary.LittleEndian.PutUint64(h.prefix[1:], uint64(len(block)))
	h.h.Reset()
	h.h.Write(h.prefix[:])
	h.h.Write(block)
	n := Node{Index: 2 * i, Size: uint64(len(block))}
	h.sum = h.h.Sum(h.sum[:0])
	copy(n.Hash[:], h.sum)
	return n
}

// ParentOf is the parent of two siblings, given in either order.
func ParentOf(a, b Node) Node {
	if a.Index > b.Index {
		a, b = b, a
	}
	var buf [73]byte
	buf[0] = 1
	binary.LittleEndian.PutUint64(buf[1:], a.Size+b.Size)
	copy(buf[9:], a.Hash[:])
	copy(buf[41:], b.Hash[:])
	return Node{Index: Parent(a.Index), Size: a.Size + b.Size, Hash: blake2b.Sum256(buf[:])}
}

// TreeHash is the hash over the roots, left to right: what a signature signs.
func TreeHash(roots []Node) Hash {
	b := make([]byte, 1, 1+48*len(roots))
	b[0] = 2
	for _, r := range roots {
		b = append(b, r.Hash[:]...)
		b = binary.LittleEndian.AppendUint64(b, r.Index)
		b = binary.LittleEndian.AppendUint64(b, r.Size)
	}
	return blake2b.Sum256(b)
}

// DiscoveryKey is the public name of a core: BLAKE2b-256 of "hypercore" keyed with the
// core's key. Corestore names its directories after it.
func DiscoveryKey(key Hash) Hash { return keyed(key, []byte("hypercore")) }

func keyed(key Hash, data ...[]byte) (out Hash) {
	h, err := blake2b.New256(key[:])
	if err != nil { // a 32-byte key is always accepted
		panic(err)
	}
	for _, d := range data {
		h.Write(d)
	}
	h.Sum(out[:0])
	return out
}

// The namespaces of npm hypercore lib/caps.js, in its order.
const (
	nsTree = iota
	nsReplicateInitiator
	nsReplicateResponder
	nsManifest
	nsDefault
	nsBlockEncryption
)

// namespace is the n-th of crypto.namespace("hypercore").
func namespace(n byte) Hash {
	id := blake2b.Sum256([]byte("hypercore"))
	return blake2b.Sum256(append(id[:], n))
}

// DefaultNamespace is the signer namespace used when a manifest names none.
func DefaultNamespace() Hash { return namespace(nsDefault) }

// BlockKey derives the key that encrypts a core's blocks from the encryption key shared
// by its readers (npm hypercore lib/block-encryption.js). Compat cores use the older
// derivation.
func BlockKey(encryptionKey, coreKey Hash, compat bool) Hash {
	if compat {
		return keyed(coreKey, encryptionKey[:])
	}
	ns := namespace(nsBlockEncryption)
	var buf [96]byte
	copy(buf[:], ns[:])
	copy(buf[32:], coreKey[:])
	copy(buf[64:], encryptionKey[:])
	return blake2b.Sum256(buf[:])
}

// TreeNamespace is what a signed message begins with.
func TreeNamespace() []byte {
	ns := namespace(nsTree)
	return ns[:]
}
