package keys

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Sealer encrypts small values for storage with XChaCha20-Poly1305 (RFC 8439
// with the 24-byte nonce of draft-irtf-cfrg-xchacha). A sealed value is
// version byte, nonce, ciphertext with tag.
type Sealer struct{ aead cipher.AEAD }

const sealVersion = 1

// NewSealer takes the 32-byte master key.
func NewSealer(key []byte) (*Sealer, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("making sealer: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal encrypts a value; two seals of one value differ.
func (s *Sealer) Seal(plain []byte) ([]byte, error) {
	out := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	out[0] = sealVersion
	_, _ = rand.Read(out[1:]) // never fails (crypto/rand)
	return s.aead.Seal(out, out[1:], plain, out[:1]), nil
}

// Open decrypts what Seal made with the same key.
func (s *Sealer) Open(sealed []byte) ([]byte, error) {
	n := 1 + s.aead.NonceSize()
	if len(sealed) < n+s.aead.Overhead() || sealed[0] != sealVersion {
		return nil, errors.New("opening sealed value: not a sealed value")
	}
	plain, err := s.aead.Open(nil, sealed[1:n], sealed[n:], sealed[:1])
	if err != nil {
		return nil, errors.New("opening sealed value: it was sealed with another master key, or changed")
	}
	return plain, nil
}
