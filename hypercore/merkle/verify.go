package merkle

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"

	"go.cordon.dev/cordon/hypercore/enc"
)

// ErrSignature reports a tree whose signature does not verify.
var ErrSignature = errors.New("hypercore: signature does not match the tree")

// Verifier checks the signatures of one core.
type Verifier struct {
	key      Hash
	manifest *Manifest
	compat   bool
}

// NewVerifier checks that the manifest belongs to the key. A nil manifest means a compat
// core that has not stored one yet.
func NewVerifier(key Hash, m *Manifest) (*Verifier, error) {
	if m == nil {
		m = CompatManifest(key)
	}
	if err := m.Check(key); err != nil {
		return nil, err
	}
	return &Verifier{key: key, manifest: m, compat: m.Compat(key)}, nil
}

// Compat reports whether the core's key is its signer's public key.
func (v *Verifier) Compat() bool { return v.compat }

// Verify checks the signature over a tree of a fork. The empty log needs none.
func (v *Verifier) Verify(tree Peaks, fork uint64, signature []byte) error {
	if tree.Length == 0 {
		return nil
	}
	if v.verify(tree, fork, signature) {
		return nil
	}
	return fmt.Errorf("length %d, fork %d: %w", tree.Length, fork, ErrSignature)
}

func (v *Verifier) verify(tree Peaks, fork uint64, signature []byte) bool {
	m := v.manifest
	if v.compat || (m.Version == 0 && !m.AllowPatch && len(m.Signers) == 1) {
		return v.signed(0, tree, fork, signature)
	}
	if p := m.Prologue; m.Version > 0 && p != nil && tree.Length <= p.Length {
		return tree.Length == p.Length && tree.Hash() == p.Hash
	}
	return v.verifyMulti(tree, fork, signature)
}

// signed checks one signer's signature.
func (v *Verifier) signed(signer uint64, tree Peaks, fork uint64, signature []byte) bool {
	s := v.manifest.Signers[signer]
	return len(signature) == ed25519.SignatureSize &&
		ed25519.Verify(s.PublicKey[:], v.signable(s, tree, fork), signature)
}

// signable is the signed message (npm hypercore lib/caps.js treeSignable).
func (v *Verifier) signable(s Signer, tree Peaks, fork uint64) []byte {
	ns, th := namespace(nsTree), tree.Hash()
	b := append(make([]byte, 0, 112), ns[:]...)
	switch {
	case v.compat:
	case v.manifest.Version == 0:
		b = append(b, s.Namespace[:]...)
	default:
		b = append(b, v.key[:]...)
	}
	b = append(b, th[:]...)
	b = binary.LittleEndian.AppendUint64(b, tree.Length)
	return binary.LittleEndian.AppendUint64(b, fork)
}

// verifyMulti needs the first Quorum proofs to be good and of different signers.
func (v *Verifier) verifyMulti(tree Peaks, fork uint64, signature []byte) bool {
	m := v.manifest
	sig, err := decodeMultiSignature(signature, m.Version)
	if err != nil || m.Quorum == 0 || uint64(len(sig.proofs)) < m.Quorum {
		return false
	}
	tried := make(map[uint64]bool, m.Quorum)
	for _, p := range sig.proofs[:m.Quorum] {
		if p.signer >= uint64(len(m.Signers)) || tried[p.signer] {
			return false
		}
		tried[p.signer] = true
		signed, err := v.patched(tree, p.patch, sig.patch)
		if err != nil || !v.signed(p.signer, signed, fork, p.signature) {
			return false
		}
	}
	return true
}

// patched is the longer tree a signer signed, when it was ahead of the others by patch
// blocks: its nodes come with the signature.
func (v *Verifier) patched(tree Peaks, patch uint64, nodes map[uint64]Node) (Peaks, error) {
	if patch == 0 || !v.manifest.AllowPatch {
		return tree, nil
	}
	if patch > MaxLength-tree.Length {
		return Peaks{}, ErrSignature
	}
	longer := tree.Clone()
	err := longer.Grow(tree.Length+patch, func(i uint64) (Node, error) {
		if n, ok := nodes[i]; ok {
			return n, nil
		}
		return Node{}, ErrMissing
	})
	return longer, err
}

type proof struct {
	signer, patch uint64
	signature     []byte
}

type multiSignature struct {
	proofs []proof
	patch  map[uint64]Node
}

// decodeMultiSignature reads the signature of a core with several signers (npm hypercore
// lib/messages.js multiSignature, multiSignaturev0).
func decodeMultiSignature(b []byte, version uint64) (multiSignature, error) {
	d := enc.NewDecoder(b)
	sig := multiSignature{patch: map[uint64]Node{}}
	for n := d.Count(66); n > 0 && d.Err() == nil; n-- {
		sig.proofs = append(sig.proofs, decodeProof(d, version))
	}
	for n := d.Count(nodeMinSize); n > 0 && d.Err() == nil; n-- {
		node := DecodeNode(d)
		sig.patch[node.Index] = node
	}
	return sig, d.Err()
}

func decodeProof(d *enc.Decoder, version uint64) proof {
	if version > 0 {
		return proof{signer: d.Uint(), signature: d.Fixed(64), patch: d.Uint()}
	}
	flags := d.Uint()
	p := proof{signer: d.Uint(), signature: d.Fixed(64)}
	if flags&1 != 0 {
		d.Uint() // start: the signed length, which the tree says itself
		p.patch = d.Uint()
		for n := d.Count(1); n > 0; n-- {
			d.Uint()
		}
	}
	return p
}

const nodeMinSize = 1 + 1 + 32

// NodeMinSize is the smallest encoding of a node, for checking counts.
const NodeMinSize = nodeMinSize

// DecodeNode reads a tree node.
func DecodeNode(d *enc.Decoder) Node {
	return Node{Index: d.Uint(), Size: d.Uint(), Hash: d.Fixed32()}
}

// Signs reports whether a log of so many blocks is signed. Those that a prologue pins are
// not, and say nothing about the fork.
func (v *Verifier) Signs(length uint64) bool {
	p := v.manifest.Prologue
	return length > 0 && (v.compat || p == nil || length > p.Length)
}
