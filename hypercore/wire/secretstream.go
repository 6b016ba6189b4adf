package wire

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20"
	// The one-time authenticator alone: libsodium pads what it authenticates otherwise than
	// RFC 8439 does, so the package that joins it with the cipher can't be used.
	"golang.org/x/crypto/poly1305"
)

const (
	headerSize = 24 // of a secretstream: 16 bytes for the sub-key, 8 of the nonce
	tagSize    = 1  // encrypted in front of each message
	macSize    = poly1305.TagSize

	// overhead is what a box is longer than its message.
	overhead = tagSize + macSize

	tagMessage = 0
	tagRekey   = 2 // the bit of a tag that asks for another key after the message
)

// ErrForged reports a box that was not sealed with this connection's keys, or not in this
// place of the stream.
var ErrForged = errors.New("hypercore: a message on the connection is forged or damaged")

// stream is one direction of a secretstream: a key, and a nonce that is a counter of 4
// bytes and 8 bytes that every message changes.
type stream struct {
	key   [chacha20.KeySize]byte
	nonce [chacha20.NonceSize]byte
}

const counterSize = 4

func newStream(key [32]byte, header [headerSize]byte) (s stream) {
	sub, err := chacha20.HChaCha20(key[:], header[:16])
	if err != nil { // only the sizes can be wrong, and they are fixed
		panic(err)
	}
	copy(s.key[:], sub)
	copy(s.nonce[counterSize:], header[16:])
	s.resetCounter()
	return s
}

func (s *stream) resetCounter() { binary.LittleEndian.PutUint32(s.nonce[:counterSize], 1) }

// begin is the key stream of the next message from its second block on, and the
// authenticator that the first block keys.
func (s *stream) begin() (*chacha20.Cipher, *poly1305.MAC) {
	c, err := chacha20.NewUnauthenticatedCipher(s.key[:], s.nonce[:])
	if err != nil { // as in newStream
		panic(err)
	}
	var first [64]byte
	c.XORKeyStream(first[:], first[:])
	return c, poly1305.New((*[32]byte)(first[:32]))
}

// tagBlock is the block that carries the tag: its first byte, and zeros.
type tagBlock [64]byte

// sum finishes the authenticator over the encrypted tag block and the encrypted message.
func sum(mac *poly1305.MAC, block *tagBlock, sealed []byte) (out [macSize]byte) {
	var zeros [16]byte
	mac.Write(block[:])
	mac.Write(sealed)
	mac.Write(zeros[:len(sealed)%16]) // sic: libsodium's padding, kept for compatibility
	var sizes [16]byte                // of additional data, which there never is, and of the rest
	binary.LittleEndian.PutUint64(sizes[8:], uint64(len(block)+len(sealed)))
	mac.Write(sizes[:])
	mac.Sum(out[:0])
	return out
}

// advance moves on to the next message's nonce, and to another key when the tag asks for
// it or the counter is used up.
func (s *stream) advance(mac [macSize]byte, tag byte) {
	subtle.XORBytes(s.nonce[counterSize:], s.nonce[counterSize:], mac[:])
	n := binary.LittleEndian.Uint32(s.nonce[:counterSize]) + 1
	binary.LittleEndian.PutUint32(s.nonce[:counterSize], n)
	if tag&tagRekey != 0 || n == 0 {
		s.rekey()
	}
}

func (s *stream) rekey() {
	c, err := chacha20.NewUnauthenticatedCipher(s.key[:], s.nonce[:])
	if err != nil { // as in newStream
		panic(err)
	}
	c.XORKeyStream(s.key[:], s.key[:])
	c.XORKeyStream(s.nonce[counterSize:], s.nonce[counterSize:])
	s.resetCounter()
}

// sealer encrypts one direction.
type sealer struct{ stream }

// newSealer begins a direction; the other side needs the header.
func newSealer(key [32]byte) (*sealer, [headerSize]byte) {
	var header [headerSize]byte
	rand.Read(header[:]) // never fails (crypto/rand)
	return &sealer{newStream(key, header)}, header
}

// seal appends the box of a message to dst.
func (s *sealer) seal(dst, message []byte, tag byte) []byte {
	c, mac := s.begin()
	block := tagBlock{tag}
	c.XORKeyStream(block[:], block[:])
	dst = append(dst, block[0])
	start := len(dst)
	dst = append(dst, message...)
	c.XORKeyStream(dst[start:], dst[start:])
	m := sum(mac, &block, dst[start:])
	s.advance(m, tag)
	return append(dst, m[:]...)
}

// opener decrypts one direction.
type opener struct{ stream }

func newOpener(key [32]byte, header [headerSize]byte) *opener {
	return &opener{newStream(key, header)}
}

// open decrypts a box in place and returns the message, a part of it, and its tag. A forged
// box changes nothing.
func (s *opener) open(box []byte) (message []byte, tag byte, err error) {
	if len(box) < overhead {
		return nil, 0, ErrForged
	}
	c, mac := s.begin()
	var block tagBlock
	c.XORKeyStream(block[:], block[:])
	tag = block[0] ^ box[0]
	block[0] = box[0]
	end := len(box) - macSize
	sealed := box[tagSize:end:end]
	m := sum(mac, &block, sealed)
	if subtle.ConstantTimeCompare(m[:], box[end:]) != 1 {
		return nil, 0, ErrForged
	}
	c.XORKeyStream(sealed, sealed)
	s.advance(m, tag)
	return sealed, tag, nil
}
