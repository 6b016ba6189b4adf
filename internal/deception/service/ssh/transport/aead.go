package transport

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20"
)

// gcm is AES-GCM as RFC 5647 has it: the length is sent in clear and
// authenticated, and the last eight bytes of the nonce count packets.
type gcm struct {
	aead  cipher.AEAD
	nonce []byte
}

func newGCM(key, iv []byte, _ *mac) (protection, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return &gcm{aead: aead, nonce: append([]byte(nil), iv...)}, nil
}

func (g *gcm) count() {
	counter := g.nonce[4:]
	binary.BigEndian.PutUint64(counter, binary.BigEndian.Uint64(counter)+1)
}

func (g *gcm) seal(_ uint32, payload []byte) ([]byte, error) {
	packet := frame(payload, aes.BlockSize, true, g.aead.Overhead())
	scramble(packet)
	out := g.aead.Seal(packet[:4], g.nonce, packet[4:], packet[:4])
	g.count()
	return out, nil
}

func (g *gcm) open(_ uint32, r *bufio.Reader) ([]byte, error) {
	all, n, err := readOpenLength(r, aes.BlockSize, g.aead.Overhead())
	if err != nil {
		return nil, err
	}
	if _, err := g.aead.Open(all[4:4], g.nonce, all[4:], all[:4]); err != nil {
		return nil, errForged
	}
	g.count()
	return unframe(all[:4+n])
}

// chacha is chacha20-poly1305@openssh.com (PROTOCOL.chacha20poly1305): one key
// hides the length, the other the rest and makes the tag's key.
type chacha struct{ length, content [chacha20.KeySize]byte }

const tagSize = 16

func newChaCha(key, _ []byte, _ *mac) (protection, error) {
	c := &chacha{}
	copy(c.content[:], key)
	copy(c.length[:], key[chacha20.KeySize:])
	return c, nil
}

func stream(key *[chacha20.KeySize]byte, seq uint32) (*chacha20.Cipher, error) {
	var nonce [chacha20.NonceSize]byte
	binary.BigEndian.PutUint64(nonce[4:], uint64(seq))
	s, err := chacha20.NewUnauthenticatedCipher(key[:], nonce[:])
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return s, nil
}

// keyed returns the stream of a packet's content, and the key of its tag, which
// is the stream's first block.
func (c *chacha) keyed(seq uint32) (*chacha20.Cipher, *[32]byte, error) {
	s, err := stream(&c.content, seq)
	if err != nil {
		return nil, nil, err
	}
	tagKey := new([32]byte)
	s.XORKeyStream(tagKey[:], tagKey[:])
	s.SetCounter(1)
	return s, tagKey, nil
}

func (c *chacha) hideLength(seq uint32, head []byte) error {
	s, err := stream(&c.length, seq)
	if err == nil {
		s.XORKeyStream(head, head)
	}
	return err
}

func (c *chacha) seal(seq uint32, payload []byte) ([]byte, error) {
	packet := frame(payload, 8, true, tagSize)
	scramble(packet)
	s, key, err := c.keyed(seq)
	if err != nil {
		return nil, err
	}
	if err := c.hideLength(seq, packet[:4]); err != nil {
		return nil, err
	}
	s.XORKeyStream(packet[4:], packet[4:])
	tag := poly1305(key, packet)
	return append(packet, tag[:]...), nil
}

func (c *chacha) open(seq uint32, r *bufio.Reader) ([]byte, error) {
	sent := make([]byte, 4)
	if _, err := io.ReadFull(r, sent); err != nil {
		return nil, err
	}
	head := [4]byte(sent)
	if err := c.hideLength(seq, head[:]); err != nil {
		return nil, err
	}
	n, err := lengthOf(head[:])
	if err != nil {
		return nil, err
	}
	if n%8 != 0 {
		return nil, errCorrupt
	}
	all, err := readRest(r, sent, 4+n+tagSize)
	if err != nil {
		return nil, err
	}
	s, key, err := c.keyed(seq)
	if err != nil {
		return nil, err
	}
	packet := all[:4+n]
	if tag := poly1305(key, packet); subtle.ConstantTimeCompare(tag[:], all[4+n:]) != 1 {
		return nil, errForged
	}
	s.XORKeyStream(packet[4:], packet[4:])
	return unframe(packet)
}
