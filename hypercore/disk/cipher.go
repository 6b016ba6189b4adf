package disk

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/merkle"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/salsa20"
)

// ErrWrongKey reports a block that the given encryption key does not open.
var ErrWrongKey = errors.New("hypercore: encryption key does not open this block")

// padding is what an encrypted block begins with: the blinded fork it was written in.
const padding = 8

// Cipher opens the blocks of an encrypted core (npm hypercore lib/block-encryption.js):
// XSalsa20 under the core's block key, with the block's index and its first eight bytes as
// nonce. Those eight bytes are the fork number, encrypted under a second key.
//
// XSalsa20 does not authenticate; integrity comes from the tree over the stored bytes.
// A wrong key is told by the fork number, which it would turn into a huge one.
type Cipher struct {
	block    [32]byte
	blinding [32]byte
}

// NewCipher takes the key of the core's blocks; see merkle.BlockKey.
func NewCipher(blockKey merkle.Hash) *Cipher {
	return &Cipher{block: blockKey, blinding: blake2b.Sum256(blockKey[:])}
}

// Open decrypts a stored block in place and returns its plain text, a sub-slice of it.
// A block can't have been written in a fork later than the core's.
func (c *Cipher) Open(index, fork uint64, stored []byte) ([]byte, error) {
	if len(stored) < padding {
		return nil, fmt.Errorf("block %d of %d bytes: %w", index, len(stored), ErrWrongKey)
	}
	var nonce [24]byte
	binary.LittleEndian.PutUint64(nonce[:], index)
	var written [padding]byte
	salsa20.XORKeyStream(written[:], stored[:padding], nonce[:], &c.blinding)
	if binary.LittleEndian.Uint64(written[:]) > fork {
		return nil, fmt.Errorf("block %d: %w", index, ErrWrongKey)
	}
	copy(nonce[padding:], stored[:padding])
	plain := stored[padding:]
	salsa20.XORKeyStream(plain, plain, nonce[:], &c.block)
	return plain, nil
}
