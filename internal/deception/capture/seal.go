package capture

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"go.cordon.dev/cordon/internal/redact"
)

// purpose is what the key for evidence is derived for.
const purpose = "deception/evidence"

// sealVersion is the first byte of what is sealed: XChaCha20-Poly1305 with a
// nonce of 24 random bytes behind it.
const sealVersion = 1

var errSeal = errors.New("it was sealed with a key that this node does not have, or changed since")

// Sealer seals evidence with a key that follows from the installation's. What was
// sealed under a replaced key can still be opened.
type Sealer struct{ aeads []cipher.AEAD } // current first

// NewSealer derives the keys from the installation's.
func NewSealer(ring *redact.Keyring) (*Sealer, error) {
	current, replaced := ring.Derive(purpose)
	s := &Sealer{}
	for _, key := range append([]redact.Secret{current}, replaced...) {
		aead, err := chacha20poly1305.NewX([]byte(key.Reveal()))
		if err != nil {
			return nil, fmt.Errorf("making the sealer of evidence: %w", err)
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, nil
}

// Seal encrypts plain and ties it to aad, which names its row.
func (s *Sealer) Seal(aad string, plain []byte) []byte { return seal(s.aeads[0], aad, plain) }

func seal(aead cipher.AEAD, aad string, plain []byte) []byte {
	n := 1 + aead.NonceSize()
	out := make([]byte, n, n+len(plain)+aead.Overhead())
	out[0] = sealVersion
	_, _ = rand.Read(out[1:]) // never fails (crypto/rand)
	return aead.Seal(out, out[1:n], plain, bound(aad))
}

// bound is the additional data: the version and what the row is called.
func bound(aad string) []byte { return append([]byte{sealVersion}, aad...) }

// Open decrypts what Seal made for the same aad. The error never holds anything
// of it.
func (s *Sealer) Open(aad string, sealed []byte) ([]byte, error) {
	for _, aead := range s.aeads {
		if plain, err := open(aead, aad, sealed); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("opening evidence: %w", errSeal)
}

func open(aead cipher.AEAD, aad string, sealed []byte) ([]byte, error) {
	n := 1 + aead.NonceSize()
	if len(sealed) < n+aead.Overhead() || sealed[0] != sealVersion {
		return nil, errSeal
	}
	return aead.Open(nil, sealed[1:n], sealed[n:], bound(aad))
}

// OpenLog opens the evidence of a log.
func (s *Sealer) OpenLog(id string, sealed []byte) (e Evidence, err error) {
	return e, s.openJSON(logAAD(id), sealed, &e)
}

// OpenChunk opens a part of a terminal's record.
func (s *Sealer) OpenChunk(id string, sealed []byte) ([]byte, error) {
	return s.Open(chunkAAD(id), sealed)
}

// tried is what is sealed of a credential.
type tried struct {
	Principal []byte          `json:"principal"`
	Secret    []byte          `json:"secret"`
	Details   []EvidenceField `json:"details,omitempty"`
}

// OpenCredential opens a credential.
func (s *Sealer) OpenCredential(id string, sealed []byte) (Revealed, error) {
	var t tried
	if err := s.openJSON(credentialAAD(id), sealed, &t); err != nil {
		return Revealed{}, err
	}
	return Revealed{Principal: redact.NewSecret(string(t.Principal)), Secret: redact.NewSecret(string(t.Secret)), Details: t.Details}, nil
}

func (s *Sealer) openJSON(aad string, sealed []byte, into any) error {
	plain, err := s.Open(aad, sealed)
	if err != nil {
		return err
	}
	if json.Unmarshal(plain, into) != nil {
		return errors.New("opening evidence: it is not what was sealed") // json's error would quote it
	}
	return nil
}

func (s *Sealer) sealJSON(aad string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, errors.New("sealing evidence: it cannot be encoded")
	}
	return s.Seal(aad, plain), nil
}
