package transport

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
	"io"

	"go.cordon.dev/cordon/internal/deception/service/ssh/umac"
)

// suite is a cipher: the bytes of its key and IV, its block, and how it is made.
// One that authenticates itself has no use for a MAC.
type suite struct {
	key, iv, block int
	make           func(key, iv []byte, m *mac) (protection, error)
	alone          bool
}

func ciphers() map[string]suite {
	return map[string]suite{
		"chacha20-poly1305@openssh.com": {key: 64, block: 8, make: newChaCha, alone: true},
		"aes128-ctr":                    {key: 16, iv: 16, block: 16, make: newCounter},
		"aes192-ctr":                    {key: 24, iv: 16, block: 16, make: newCounter},
		"aes256-ctr":                    {key: 32, iv: 16, block: 16, make: newCounter},
		"aes128-gcm@openssh.com":        {key: 16, iv: 12, block: 16, make: newGCM, alone: true},
		"aes256-gcm@openssh.com":        {key: 32, iv: 12, block: 16, make: newGCM, alone: true},
	}
}

// code is a MAC: the bytes of its key, and how it is made. With outer it covers
// what is sent instead of what was meant.
type code struct {
	key   int
	outer bool
	make  func(key []byte) (tagger, error)
}

func macs() map[string]code {
	return map[string]code{
		"umac-64-etm@openssh.com":       {16, true, newUMAC(8)},
		"umac-128-etm@openssh.com":      {16, true, newUMAC(16)},
		"hmac-sha2-256-etm@openssh.com": {32, true, newHMAC(sha256.New)},
		"hmac-sha2-512-etm@openssh.com": {64, true, newHMAC(sha512.New)},
		"hmac-sha1-etm@openssh.com":     {20, true, newHMAC(sha1.New)},
		"umac-64@openssh.com":           {16, false, newUMAC(8)},
		"umac-128@openssh.com":          {16, false, newUMAC(16)},
		"hmac-sha2-256":                 {32, false, newHMAC(sha256.New)},
		"hmac-sha2-512":                 {64, false, newHMAC(sha512.New)},
		"hmac-sha1":                     {20, false, newHMAC(sha1.New)},
	}
}

// tagger makes the tags of packets.
type tagger interface {
	Size() int
	// Append adds the tag of packet number seq to dst.
	Append(dst []byte, seq uint64, packet []byte) []byte
}

type mac struct {
	tagger
	outer bool
}

func (m *mac) check(seq uint32, packet, tag []byte) bool {
	return subtle.ConstantTimeCompare(m.Append(nil, uint64(seq), packet), tag) == 1
}

func newUMAC(size int) func([]byte) (tagger, error) {
	return func(key []byte) (tagger, error) { return umac.New(key, size) }
}

type hmacTagger struct{ hash.Hash }

func newHMAC(h func() hash.Hash) func([]byte) (tagger, error) {
	return func(key []byte) (tagger, error) { return hmacTagger{hmac.New(h, key)}, nil }
}

func (h hmacTagger) Append(dst []byte, seq uint64, packet []byte) []byte {
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], uint32(seq))
	h.Reset()
	h.Write(number[:])
	h.Write(packet)
	return h.Sum(dst)
}

// counter is AES in counter mode beside a MAC.
type counter struct {
	stream cipher.Stream
	mac    *mac
}

func newCounter(key, iv []byte, m *mac) (protection, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return &counter{stream: cipher.NewCTR(block, iv), mac: m}, nil
}

func (c *counter) seal(seq uint32, payload []byte) ([]byte, error) {
	packet := frame(payload, aes.BlockSize, c.mac.outer, c.mac.Size())
	scramble(packet)
	if c.mac.outer {
		c.stream.XORKeyStream(packet[4:], packet[4:])
		return c.mac.Append(packet, uint64(seq), packet), nil
	}
	out := c.mac.Append(packet, uint64(seq), packet)
	c.stream.XORKeyStream(out[:len(packet)], out[:len(packet)])
	return out, nil
}

func (c *counter) open(seq uint32, r *bufio.Reader) ([]byte, error) {
	if c.mac.outer {
		return c.openOuter(seq, r)
	}
	head := make([]byte, aes.BlockSize)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	c.stream.XORKeyStream(head, head)
	n, err := lengthOf(head)
	if err != nil {
		return nil, err
	}
	if (n+4)%aes.BlockSize != 0 || n+4 < aes.BlockSize {
		return nil, errCorrupt
	}
	all, err := readRest(r, head, n+4+c.mac.Size())
	if err != nil {
		return nil, err
	}
	packet, tag := all[:n+4], all[n+4:]
	c.stream.XORKeyStream(packet[aes.BlockSize:], packet[aes.BlockSize:])
	if !c.mac.check(seq, packet, tag) {
		return nil, errCorrupt
	}
	return unframe(packet)
}

func (c *counter) openOuter(seq uint32, r *bufio.Reader) ([]byte, error) {
	all, n, err := readOpenLength(r, aes.BlockSize, c.mac.Size())
	if err != nil {
		return nil, err
	}
	packet, tag := all[:4+n], all[4+n:]
	if !c.mac.check(seq, packet, tag) {
		return nil, errForged
	}
	c.stream.XORKeyStream(packet[4:], packet[4:])
	return unframe(packet)
}
