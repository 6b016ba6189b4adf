package merkle

import (
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
	"golang.org/x/crypto/blake2b"
)

// Signer is one of the keys that may sign a core.
type Signer struct {
	Namespace Hash
	PublicKey Hash
}

// Prologue pins the first Length blocks to a tree hash; they need no signature.
type Prologue struct {
	Hash   Hash
	Length uint64
}

// Manifest says who signs a core and how many of them are needed. A core's key is the
// hash of its manifest, except in compat cores, where it is the only signer's public key.
type Manifest struct {
	Version    uint64
	AllowPatch bool
	Quorum     uint64
	Signers    []Signer
	Prologue   *Prologue

	raw []byte
}

// ErrManifest reports a manifest that can't be read or does not belong to the core's key.
var ErrManifest = errors.New("hypercore: bad manifest")

const signerSize = 1 + 32 + 32

// DecodeManifest reads a manifest of version 0 to 3 (npm hypercore lib/messages.js; 2 and 3
// are hypercore 11's, whose linked cores and user data are passed over).
func DecodeManifest(d *enc.Decoder) *Manifest {
	start := d.Offset()
	m := &Manifest{Version: d.Uint()}
	switch m.Version {
	case 0:
		m.decodeV0(d)
	case 1, 2, 3:
		m.decodeV1(d)
	default:
		d.Fail(fmt.Errorf("%w: version %d is not known", ErrManifest, m.Version))
	}
	if d.Err() != nil {
		return nil
	}
	m.raw = append([]byte(nil), d.Consumed(start, d.Offset())...)
	return m
}

func (m *Manifest) decodeV0(d *enc.Decoder) {
	hashID(d)
	switch kind := d.Uint(); kind {
	case 0:
		m.Prologue = &Prologue{Hash: d.Fixed32()}
	case 1:
		m.Quorum, m.Signers = 1, []Signer{decodeSigner(d)}
	case 2:
		m.AllowPatch = d.Uint()&1 != 0
		m.Quorum = d.Uint()
		m.decodeSigners(d)
	default:
		d.Fail(fmt.Errorf("%w: type %d is not known", ErrManifest, kind))
	}
}

func (m *Manifest) decodeV1(d *enc.Decoder) {
	const allowPatch, prologue, linked, userData = 1, 2, 4, 8
	flags := d.Uint()
	m.AllowPatch = flags&allowPatch != 0
	hashID(d)
	m.Quorum = d.Uint()
	m.decodeSigners(d)
	if flags&prologue != 0 {
		m.Prologue = &Prologue{Hash: d.Fixed32(), Length: d.Uint()}
	}
	if m.Version >= 2 && flags&linked != 0 {
		for n := d.Count(32); n > 0; n-- {
			d.Fixed(32)
		}
	}
	if m.Version >= 2 && flags&userData != 0 {
		d.Skip()
	}
}

func (m *Manifest) decodeSigners(d *enc.Decoder) {
	n := d.Count(signerSize)
	m.Signers = make([]Signer, 0, n)
	for ; n > 0 && d.Err() == nil; n-- {
		m.Signers = append(m.Signers, decodeSigner(d))
	}
}

func hashID(d *enc.Decoder) {
	if id := d.Uint(); id != 0 {
		d.Fail(fmt.Errorf("%w: hash id %d is not BLAKE2b", ErrManifest, id))
	}
}

func decodeSigner(d *enc.Decoder) Signer {
	if id := d.Uint(); id != 0 {
		d.Fail(fmt.Errorf("%w: signature id %d is not Ed25519", ErrManifest, id))
	}
	return Signer{Namespace: d.Fixed32(), PublicKey: d.Fixed32()}
}

// AppendTo appends the manifest as DecodeManifest read it; nothing for one that was not read.
func (m *Manifest) AppendTo(b []byte) []byte { return append(b, m.raw...) }

// Hash is the manifest's hash: the key of a core that is not compat.
func (m *Manifest) Hash() Hash {
	ns := namespace(nsManifest)
	return blake2b.Sum256(append(ns[:], m.raw...))
}

// CompatManifest is the manifest of a core that stores none: its key signs.
func CompatManifest(key Hash) *Manifest {
	return &Manifest{Quorum: 1, Signers: []Signer{{Namespace: DefaultNamespace(), PublicKey: key}}}
}

// Compat reports whether the key is the public key of the only signer.
func (m *Manifest) Compat(key Hash) bool {
	return len(m.Signers) == 1 && m.Signers[0].PublicKey == key
}

// Check reports whether the manifest belongs to the core with this key.
func (m *Manifest) Check(key Hash) error {
	if m.Compat(key) || m.Hash() == key {
		return nil
	}
	return fmt.Errorf("%w: it hashes to %s, the core's key is %s", ErrManifest, m.Hash(), key)
}
