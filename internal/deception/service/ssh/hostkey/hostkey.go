// Package hostkey makes the host keys of a decky's SSH server out of its
// persona: the three that Debian's package makes when it is installed, RSA of
// 3072 bits, ECDSA over P-256 and Ed25519. A restart gives the same keys, and no
// two deckies share one.
//
// The files of the keys (file.go) are those that an attacker finds in /etc/ssh: he
// gets the keys of this decky, which nothing else uses and from which nothing else
// follows (persona.Derive). With them he can play this decky for others, as he could
// on any server whose root he is; what was said before stays closed, because each
// connection has keys of its own.
//
// Level 2: it may import deception/persona, its sibling wire and the standard
// library.
package hostkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"

	"go.cordon.dev/cordon/internal/deception/persona"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// Key is one host key.
type Key struct {
	Blob []byte      // public, as RFC 4253, RFC 5656 and RFC 8709 write it
	name string      // of the key's algorithm
	own  wire.Packet // what a private key file holds of it, behind the name
	sign func(algorithm string, data []byte) ([]byte, error)
}

// Sign returns the signature of data with its algorithm's name, as it is sent.
func (k *Key) Sign(algorithm string, data []byte) ([]byte, error) { return k.sign(algorithm, data) }

// Set is the host keys of one server. It is safe for concurrent use. Finding
// primes takes a second, so that is done when a key is first asked for.
type Set struct{ keys func() ([]*Key, error) }

// New returns the keys of a persona, which are made once for all who ask.
func New(p *persona.Persona) *Set {
	return p.Once("ssh: host keys", func() any {
		return &Set{keys: sync.OnceValues(func() ([]*Key, error) { return generate(p) })}
	}).(*Set)
}

// All returns the keys in the order in which sshd announces them.
func (s *Set) All() ([]*Key, error) { return s.keys() }

// For returns the key that signs with an algorithm.
func (s *Set) For(algorithm string) (*Key, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	switch algorithm {
	case "rsa-sha2-512", "rsa-sha2-256":
		return keys[0], nil
	case "ecdsa-sha2-nistp256":
		return keys[1], nil
	case "ssh-ed25519":
		return keys[2], nil
	}
	return nil, fmt.Errorf("no host key signs with %q", algorithm)
}

func generate(p *persona.Persona) ([]*Key, error) {
	r, err := rsaKey(p)
	if err != nil {
		return nil, err
	}
	e, err := ecdsaKey(p)
	if err != nil {
		return nil, err
	}
	return []*Key{r, e, ed25519Key(p)}, nil
}

func ed25519Key(p *persona.Persona) *Key {
	seed := p.Derive("ssh: host key ed25519")
	private := ed25519.NewKeyFromSeed(seed[:])
	public := private.Public().(ed25519.PublicKey)
	return &Key{
		Blob: wire.Packet(nil).Text("ssh-ed25519").String(public),
		name: "ssh-ed25519", own: wire.Packet(nil).String(public).String(private),
		sign: func(_ string, data []byte) ([]byte, error) {
			return wire.Packet(nil).Text("ssh-ed25519").String(ed25519.Sign(private, data)), nil
		},
	}
}

func ecdsaKey(p *persona.Persona) (*Key, error) {
	source := p.Rand("ssh: host key ecdsa")
	for range 64 { // a number is out of range once in 2^32
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), numbers(source.Uint64, 32))
		if err != nil {
			continue
		}
		public, err := private.PublicKey.Bytes()
		if err != nil {
			return nil, fmt.Errorf("making the ecdsa host key: %w", err)
		}
		secret, err := private.Bytes()
		if err != nil {
			return nil, fmt.Errorf("making the ecdsa host key: %w", err)
		}
		return &Key{
			Blob: wire.Packet(nil).Text("ecdsa-sha2-nistp256").Text("nistp256").String(public),
			name: "ecdsa-sha2-nistp256", own: wire.Packet(nil).Text("nistp256").String(public).Mpint(bytes.TrimLeft(secret, "\x00")),
			sign: func(_ string, data []byte) ([]byte, error) { return signECDSA(private, data) },
		}, nil
	}
	return nil, fmt.Errorf("making the ecdsa host key: no number is in range")
}

func signECDSA(private *ecdsa.PrivateKey, data []byte) ([]byte, error) {
	digest := sha256.Sum256(data)
	der, err := ecdsa.SignASN1(rand.Reader, private, digest[:])
	if err != nil {
		return nil, fmt.Errorf("signing with ecdsa: %w", err)
	}
	var both struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &both); err != nil {
		return nil, fmt.Errorf("signing with ecdsa: %w", err)
	}
	signature := wire.Packet(nil).Mpint(both.R.Bytes()).Mpint(both.S.Bytes())
	return wire.Packet(nil).Text("ecdsa-sha2-nistp256").String(signature), nil
}

func rsaKey(p *persona.Persona) (*Key, error) {
	private, err := rsaFrom(p.Rand("ssh: host key rsa").Uint64, 3072)
	if err != nil {
		return nil, fmt.Errorf("making the rsa host key: %w", err)
	}
	e := big.NewInt(int64(private.E))
	return &Key{
		Blob: wire.Packet(nil).Text("ssh-rsa").Mpint(e.Bytes()).Mpint(private.N.Bytes()),
		name: "ssh-rsa", own: rsaOwn(private),
		sign: func(algorithm string, data []byte) ([]byte, error) { return signRSA(private, algorithm, data) },
	}, nil
}

func signRSA(private *rsa.PrivateKey, algorithm string, data []byte) ([]byte, error) {
	var signature []byte
	var err error
	if algorithm == "rsa-sha2-256" {
		digest := sha256.Sum256(data)
		signature, err = rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	} else {
		algorithm = "rsa-sha2-512"
		digest := sha512.Sum512(data)
		signature, err = rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA512, digest[:])
	}
	if err != nil {
		return nil, fmt.Errorf("signing with rsa: %w", err)
	}
	return wire.Packet(nil).Text(algorithm).String(signature), nil
}
