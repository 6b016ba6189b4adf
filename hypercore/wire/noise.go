package wire

import (
	"crypto/cipher"
	"crypto/hkdf"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"
)

// Role says who speaks first.
type Role bool

// The two ends of a connection. Whoever dials is commonly the initiator.
const (
	Initiator Role = false
	Responder Role = true
)

// String is the role in lower case.
func (r Role) String() string {
	if r == Initiator {
		return "initiator"
	}
	return "responder"
}

// ErrHandshake reports a peer that could not be agreed with upon keys.
var ErrHandshake = errors.New("hypercore: handshake failed")

const (
	protocolName = "Noise_XX_Ed25519_ChaChaPoly_BLAKE2b"
	keySize      = 32
	sealedKey    = keySize + chacha20poly1305.Overhead

	// Sizes of the three messages: e; e, ee, s, es; s, se. Nobody sends a payload.
	firstSize  = keySize
	secondSize = keySize + sealedKey + chacha20poly1305.Overhead
	thirdSize  = sealedKey + chacha20poly1305.Overhead
)

// symmetric is the SymmetricState of the Noise specification, section 5.2.
type symmetric struct {
	h, ck [blake2b.Size]byte
	aead  cipher.AEAD // nil until a key was mixed in
	n     uint64
}

func newSymmetric() *symmetric {
	s := &symmetric{}
	copy(s.h[:], protocolName)
	s.ck = s.h
	s.mixHash(nil) // the prologue, which is empty
	return s
}

func (s *symmetric) mixHash(data []byte) {
	s.h = blake2b.Sum512(append(s.h[:len(s.h):len(s.h)], data...))
}

// derive is HKDF of the specification's section 4.3 with two outputs.
func (s *symmetric) derive(secret []byte) (a, b [blake2b.Size]byte) {
	out, err := hkdf.Key(newBlake512, secret, s.ck[:], "", 2*blake2b.Size)
	if err != nil { // only the output's length can be wrong
		panic(err)
	}
	defer clear(out)
	return [blake2b.Size]byte(out), [blake2b.Size]byte(out[blake2b.Size:])
}

func newBlake512() hash.Hash {
	h, err := blake2b.New512(nil)
	if err != nil { // only a key can be wrong, and there is none
		panic(err)
	}
	return h
}

// mix agrees upon a secret and mixes it in.
func (s *symmetric) mix(local KeyPair, remote Key) error {
	secret, err := local.agree(remote)
	if err != nil {
		return err
	}
	defer clear(secret)
	ck, k := s.derive(secret)
	defer clear(k[:])
	s.ck, s.n = ck, 0
	s.aead, err = chacha20poly1305.New(k[:keySize])
	return err
}

func (s *symmetric) nonce() []byte {
	b := make([]byte, chacha20poly1305.NonceSize)
	binary.LittleEndian.PutUint64(b[4:], s.n)
	s.n++
	return b
}

// seal appends the encrypted text to dst.
func (s *symmetric) seal(dst, text []byte) []byte {
	out := s.aead.Seal(nil, s.nonce(), text, s.h[:])
	s.mixHash(out)
	return append(dst, out...)
}

func (s *symmetric) open(sealed []byte) ([]byte, error) {
	text, err := s.aead.Open(nil, s.nonce(), sealed, s.h[:])
	if err != nil {
		return nil, err
	}
	s.mixHash(sealed)
	return text, nil
}

// secrets are what both ends know after a handshake, and nobody else.
type secrets struct {
	tx, rx [32]byte
	hash   [blake2b.Size]byte // names this handshake
	remote Key                // the other end's static key
}

func (s *symmetric) split(role Role, remote Key) *secrets {
	a, b := s.derive(nil)
	if role == Responder {
		a, b = b, a
	}
	return &secrets{tx: [32]byte(a[:]), rx: [32]byte(b[:]), hash: s.h, remote: remote}
}

// messages carry the handshake's three messages from one end to the other.
type messages interface {
	send(message []byte) error
	receive(size int) ([]byte, error)
}

// handshake is the XX pattern with one's static key and a fresh ephemeral one.
type handshake struct {
	*symmetric
	via             messages
	static, own     KeyPair
	ephemeral, peer Key // the other end's
}

func newHandshake(via messages, static, ephemeral KeyPair) *handshake {
	return &handshake{symmetric: newSymmetric(), via: via, static: static, own: ephemeral}
}

func (h *handshake) run(role Role) (*secrets, error) {
	steps := []func() error{h.receiveFirst, h.sendSecond, h.receiveThird}
	if role == Initiator {
		steps = []func() error{h.sendFirst, h.receiveSecond, h.sendThird}
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("%w: message %d as %s: %w", ErrHandshake, i+1, role, err)
		}
	}
	return h.split(role, h.peer), nil
}

func (h *handshake) sendFirst() error {
	h.mixHash(h.own.Public[:])
	h.mixHash(nil)
	return h.via.send(h.own.Public[:])
}

func (h *handshake) receiveFirst() error {
	b, err := h.via.receive(firstSize)
	if err != nil {
		return err
	}
	h.ephemeral = Key(b)
	h.mixHash(b)
	h.mixHash(nil)
	return nil
}

func (h *handshake) sendSecond() error {
	h.mixHash(h.own.Public[:])
	if err := h.mix(h.own, h.ephemeral); err != nil { // ee
		return err
	}
	out := h.seal(h.own.Public[:], h.static.Public[:])
	if err := h.mix(h.static, h.ephemeral); err != nil { // es
		return err
	}
	return h.via.send(h.seal(out, nil))
}

func (h *handshake) receiveSecond() error {
	b, err := h.via.receive(secondSize)
	if err != nil {
		return err
	}
	h.ephemeral = Key(b)
	h.mixHash(b[:keySize])
	if err := h.mix(h.own, h.ephemeral); err != nil { // ee
		return err
	}
	if err := h.openStatic(b[keySize : keySize+sealedKey]); err != nil {
		return err
	}
	if err := h.mix(h.own, h.peer); err != nil { // es
		return err
	}
	_, err = h.open(b[keySize+sealedKey:])
	return err
}

func (h *handshake) sendThird() error {
	out := h.seal(nil, h.static.Public[:])
	if err := h.mix(h.static, h.ephemeral); err != nil { // se
		return err
	}
	return h.via.send(h.seal(out, nil))
}

func (h *handshake) receiveThird() error {
	b, err := h.via.receive(thirdSize)
	if err != nil {
		return err
	}
	if err := h.openStatic(b[:sealedKey]); err != nil {
		return err
	}
	if err := h.mix(h.own, h.peer); err != nil { // se
		return err
	}
	_, err = h.open(b[sealedKey:])
	return err
}

func (h *handshake) openStatic(sealed []byte) error {
	static, err := h.open(sealed)
	if err != nil {
		return err
	}
	h.peer = Key(static)
	return nil
}
