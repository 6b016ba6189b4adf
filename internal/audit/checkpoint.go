package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.cordon.dev/cordon/internal/redact"
)

// Purpose is what the signing key is derived from the installation key for.
const Purpose = "audit checkpoint"

// Errors of a checkpoint, matched with errors.Is.
var (
	// ErrSignature says that a checkpoint was changed after it was signed.
	ErrSignature = errors.New("its signature does not fit")
	// ErrForeignKey says that a checkpoint is signed, but by a key that this
	// installation does not hold.
	ErrForeignKey = errors.New("it is signed by a key that this installation does not hold")
	// ErrNoCheckpoint says that nothing was signed yet.
	ErrNoCheckpoint = errors.New("there is no checkpoint yet")
)

// Checkpoint is a signed statement: at Time, record Seq was the last one and
// had this hash. Because each hash covers all records before it, one checkpoint
// that is kept elsewhere binds the whole log up to it.
type Checkpoint struct {
	Seq       int64
	Hash      string
	Time      time.Time // UTC, microseconds
	KeyID     string    // names the key: the start of the hash of PublicKey
	PublicKey string    // Ed25519 (RFC 8032), hex
	Signature string    // over message, hex
}

// message is what is signed.
func (c Checkpoint) message() []byte {
	return fmt.Appendf(nil, "cordon/audit-checkpoint/v1\n%d\n%s\n%s\n", c.Seq, c.Hash, c.Time.UTC().Format(time.RFC3339Nano))
}

// check reports whether the signature is that of the public key which the
// checkpoint names. Whose key that is, it does not say.
func (c Checkpoint) check() error {
	pub, err := hex.DecodeString(c.PublicKey)
	sig, sigErr := hex.DecodeString(c.Signature)
	if err != nil || sigErr != nil || len(pub) != ed25519.PublicKeySize || c.KeyID != keyID(pub) {
		return ErrSignature
	}
	if !ed25519.Verify(pub, c.message(), sig) {
		return ErrSignature
	}
	return nil
}

func keyID(pub ed25519.PublicKey) string {
	sum := sha256.Sum256(pub)
	return hex.EncodeToString(sum[:8])
}

// Signer makes checkpoints and knows those that are this installation's.
type Signer struct {
	seed  redact.Secret
	known map[string]bool // key ids
}

// NewSigner takes the seed of the signing key, 32 bytes, and the seeds of the
// keys it replaced, whose checkpoints stay good.
func NewSigner(seed redact.Secret, replaced ...redact.Secret) (*Signer, error) {
	s := &Signer{seed: seed, known: map[string]bool{}}
	for _, k := range append([]redact.Secret{seed}, replaced...) {
		if len(k.Reveal()) != ed25519.SeedSize {
			return nil, fmt.Errorf("audit signing key has %d bytes, want %d", len(k.Reveal()), ed25519.SeedSize)
		}
		s.known[keyID(public(k))] = true
	}
	return s, nil
}

func public(seed redact.Secret) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed([]byte(seed.Reveal())).Public().(ed25519.PublicKey)
}

// Sign states that record seq has this hash.
func (s *Signer) Sign(seq int64, hash string, now time.Time) Checkpoint {
	pub := public(s.seed)
	c := Checkpoint{Seq: seq, Hash: hash, Time: now.UTC().Truncate(time.Microsecond), KeyID: keyID(pub), PublicKey: hex.EncodeToString(pub)}
	c.Signature = hex.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed([]byte(s.seed.Reveal())), c.message()))
	return c
}

// Check returns nil for a checkpoint of this installation, ErrSignature for one
// that was changed, ErrForeignKey for one that somebody else signed.
func (s *Signer) Check(c Checkpoint) error {
	if err := c.check(); err != nil {
		return err
	}
	if !s.known[c.KeyID] {
		return ErrForeignKey
	}
	return nil
}
