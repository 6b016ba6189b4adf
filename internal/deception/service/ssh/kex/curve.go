package kex

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha512"
	"fmt"
	"hash"

	"go.cordon.dev/cordon/internal/deception/service/ssh/sntrup"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Numbers of messages of methods in which each side sends one value.
const (
	messageInit  = 30
	messageReply = 31
)

func x25519(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
	return curve(m, in, new, ecdh.X25519())
}

func p256(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
	return curve(m, in, new, ecdh.P256())
}

func p384(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
	return curve(m, in, new, ecdh.P384())
}

func p521(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
	return curve(m, in, new, ecdh.P521())
}

// value reads the client's only value of such a method.
func value(m Messages) ([]byte, error) {
	packet, err := m.Receive(messageInit)
	if err != nil {
		return nil, err
	}
	r := wire.Read(packet[1:])
	v := append([]byte(nil), r.String()...)
	if !r.End() {
		return nil, ErrMalformed
	}
	return v, nil
}

// agree makes a key of our own and the secret that it shares with theirs.
func agree(c ecdh.Curve, theirs []byte) (ours, shared []byte, err error) {
	public, err := c.NewPublicKey(theirs)
	if err != nil {
		return nil, nil, ErrMalformed
	}
	private, err := c.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	shared, err = private.ECDH(public)
	if err != nil {
		return nil, nil, ErrMalformed
	}
	return private.PublicKey().Bytes(), shared, nil
}

func curve(m Messages, in *Input, new func() hash.Hash, c ecdh.Curve) (*Result, error) {
	theirs, err := value(m)
	if err != nil {
		return nil, err
	}
	ours, shared, err := agree(c, theirs)
	if err != nil {
		return nil, err
	}
	both := wire.Packet(nil).String(theirs).String(ours)
	return finish(m, in, new, messageReply, wire.Packet(nil).String(ours), both, wire.Packet(nil).Mpint(shared))
}

// hybrid joins what sntrup761 and X25519 agree on; the secret is a hash of both
// and enters other hashes as a string.
func hybrid(m Messages, in *Input, new func() hash.Hash) (*Result, error) {
	theirs, err := value(m)
	if err != nil {
		return nil, err
	}
	if len(theirs) != sntrup.PublicKeySize+32 {
		return nil, ErrMalformed
	}
	ciphertext, key, err := sntrup.Encapsulate(rand.Reader, theirs[:sntrup.PublicKeySize])
	if err != nil {
		return nil, err
	}
	point, shared, err := agree(ecdh.X25519(), theirs[sntrup.PublicKeySize:])
	if err != nil {
		return nil, err
	}
	ours := append(ciphertext, point...)
	secret := sha512.Sum512(append(key, shared...))
	both := wire.Packet(nil).String(theirs).String(ours)
	return finish(m, in, new, messageReply, wire.Packet(nil).String(ours), both, wire.Packet(nil).String(secret[:]))
}
