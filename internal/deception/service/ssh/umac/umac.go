// Package umac authenticates messages with UMAC (RFC 4418) over AES-128, in
// the tag sizes that SSH has, 8 and 16 bytes. Messages are at most 16 MiB long;
// those of SSH are far shorter, so the hash for longer ones is left out.
//
// Level 2: it imports the standard library only.
package umac

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// KeySize is the length of a key in bytes.
const KeySize = 16

const (
	chunk  = 1024                // bytes that the first hash makes into one word
	prime  = 1<<36 - 5           // of the third hash
	mask64 = 0x01ffffff_01ffffff // keys of the second hash have these bits
)

// lane is one of the independent hashes; each gives four bytes of the tag.
type lane struct {
	first  [chunk / 4]uint32
	second uint64
	third  [8]uint64
	last   uint32
}

// MAC makes tags under one key. It is not safe for concurrent use.
type MAC struct {
	lanes []lane
	pad   cipher.Block // of the key that makes the pad from the nonce
	size  int
}

// New returns a MAC with tags of size bytes, 8 or 16.
func New(key []byte, size int) (*MAC, error) {
	if size != 8 && size != 16 {
		return nil, errors.New("umac: tags have 8 or 16 bytes")
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("umac: a key of %d bytes, want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("umac: %w", err)
	}
	pad, err := aes.NewCipher(derive(block, 0, KeySize))
	if err != nil {
		return nil, fmt.Errorf("umac: %w", err)
	}
	m := &MAC{lanes: make([]lane, size/4), pad: pad, size: size}
	m.schedule(block)
	return m, nil
}

// Size is the length of a tag in bytes.
func (m *MAC) Size() int { return m.size }

// derive is the key derivation of section 3.2.
func derive(block cipher.Block, index byte, n int) []byte {
	out := make([]byte, 0, n+aes.BlockSize)
	for i := uint64(1); len(out) < n; i++ {
		var t [aes.BlockSize]byte
		t[7] = index
		binary.BigEndian.PutUint64(t[8:], i)
		block.Encrypt(t[:], t[:])
		out = append(out, t[:]...)
	}
	return out[:n]
}

func (m *MAC) schedule(block cipher.Block) {
	n := len(m.lanes)
	first, second := derive(block, 1, chunk+16*(n-1)), derive(block, 2, 24*n)
	third, last := derive(block, 3, 64*n), derive(block, 4, 4*n)
	for i := range m.lanes {
		l := &m.lanes[i]
		for j := range l.first {
			l.first[j] = binary.BigEndian.Uint32(first[16*i+4*j:])
		}
		l.second = binary.BigEndian.Uint64(second[24*i:]) & mask64
		for j := range l.third {
			l.third[j] = binary.BigEndian.Uint64(third[64*i+8*j:]) % prime
		}
		l.last = binary.BigEndian.Uint32(last[4*i:])
	}
}

// Append adds the tag of a message under a nonce to dst. A nonce is used once.
func (m *MAC) Append(dst []byte, nonce uint64, message []byte) []byte {
	var t [aes.BlockSize]byte
	half := 0
	if m.size == 8 { // one block is the pad of two nonces
		half, nonce = int(nonce&1)*8, nonce&^1
	}
	binary.BigEndian.PutUint64(t[:], nonce)
	m.pad.Encrypt(t[:], t[:])
	for i := range m.lanes {
		pad := binary.BigEndian.Uint32(t[half+4*i:])
		dst = binary.BigEndian.AppendUint32(dst, pad^m.lanes[i].hash(message))
	}
	return dst
}

// hash is UHASH of section 5 for one lane.
func (l *lane) hash(message []byte) uint32 {
	if len(message) <= chunk {
		return l.fold(0, l.nh(message))
	}
	y := uint64(1)
	for len(message) > 0 {
		n := min(chunk, len(message))
		y = l.poly(y, l.nh(message[:n]))
		message = message[n:]
	}
	return l.fold(0, y)
}

// nh is the first hash of a chunk, its length in bits added. Words are read
// with the low byte first, and a chunk is filled with zeros to 32 bytes.
func (l *lane) nh(b []byte) uint64 {
	sum := uint64(len(b)) * 8
	key := l.first[:]
	for ; len(b) >= 32; b, key = b[32:], key[8:] {
		sum += nh32((*[32]byte)(b), (*[8]uint32)(key))
	}
	if len(b) > 0 || sum == 0 { // an empty message is a block of zeros
		var rest [32]byte
		copy(rest[:], b)
		sum += nh32(&rest, (*[8]uint32)(key))
	}
	return sum
}

func nh32(b *[32]byte, k *[8]uint32) (sum uint64) {
	for i := range 4 {
		low := binary.LittleEndian.Uint32(b[4*i:]) + k[i]
		high := binary.LittleEndian.Uint32(b[4*i+16:]) + k[i+4]
		sum += uint64(low) * uint64(high)
	}
	return sum
}

// poly takes one word into the second hash, a polynomial modulo 2^64-59. Words
// that the modulus would mix up are marked.
func (l *lane) poly(y, word uint64) uint64 {
	const offset = 59
	const modulus = 1<<64 - offset
	if word >= 1<<64-1<<32 {
		y = multiplyAdd(l.second, y, modulus-1)
		word -= offset
	}
	return multiplyAdd(l.second, y, word)
}

// multiplyAdd is k*y+m modulo 2^64-59.
func multiplyAdd(k, y, m uint64) uint64 {
	const modulus = 1<<64 - 59
	hi, lo := bits.Mul64(k, y)
	lo, carry := bits.Add64(lo, m, 0)
	_, rest := bits.Div64(hi+carry, lo, modulus)
	return rest
}

// fold is the third hash: sixteen bytes into four.
func (l *lane) fold(high, low uint64) uint32 {
	var sum uint64
	for i := range 4 {
		sum += (high >> (48 - 16*i) & 0xffff) * l.third[i]
		sum += (low >> (48 - 16*i) & 0xffff) * l.third[i+4]
	}
	return uint32(sum%prime) ^ l.last
}
