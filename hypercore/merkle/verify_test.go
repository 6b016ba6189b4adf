package merkle_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"testing"

	"go.cordon.dev/cordon/hypercore/enc"
	"go.cordon.dev/cordon/hypercore/merkle"
)

// What npm hypercore-crypto computes.
const (
	namespaceDefault = "4144eea531e483d54e0c14f4ca68e0644f355343ff6fcb0f005200e12cd747cb"
	treeOfThree      = "6ddd2a642858c79ae2878cf67fc34c3a8f3c7df1447240267489ae8290807f05"
	discoveryOfOne   = "268efc9fe94876dca5c55a92875834d8792b53b181832dcc754158a97bda3ce3"
)

func secret(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(n byte) merkle.Hash { return merkle.Hash(secret(n).Public().(ed25519.PublicKey)) }

// manifest encodes a manifest of version 1 with these signers.
func manifest(quorum uint64, signers ...byte) []byte {
	b := append(enc.AppendUint([]byte{1, 1, 0}, quorum), byte(len(signers)))
	ns := merkle.DefaultNamespace()
	for _, s := range signers {
		key := public(s)
		b = append(append(append(b, 0), ns[:]...), key[:]...)
	}
	return b
}

func signable(key merkle.Hash, p merkle.Peaks, fork uint64) []byte {
	root := p.Hash()
	b := append(append(merkle.TreeNamespace(), key[:]...), root[:]...)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, p.Length), fork)
}

type signed struct {
	signer uint64
	by     byte
	fork   uint64
	patch  uint64
}

// multi assembles a signature of several signers.
func multi(key merkle.Hash, p merkle.Peaks, parts ...signed) []byte {
	b := []byte{byte(len(parts))}
	for _, s := range parts {
		b = enc.AppendUint(b, s.signer)
		b = append(b, ed25519.Sign(secret(s.by), signable(key, p, s.fork))...)
		b = enc.AppendUint(b, s.patch)
	}
	return append(b, 0)
}

func TestQuorum(t *testing.T) {
	m := merkle.DecodeManifest(enc.NewDecoder(manifest(2, 1, 2, 3)))
	key := m.Hash()
	v, err := merkle.NewVerifier(key, m)
	if err != nil {
		t.Fatal(err)
	}
	p := grow(texts("b", 5)).peaks
	for _, tt := range []struct {
		name  string
		parts []signed
		good  bool
	}{
		{"two of three", []signed{{signer: 0, by: 1}, {signer: 2, by: 3}}, true},
		{"all three", []signed{{signer: 1, by: 2}, {signer: 0, by: 1}, {signer: 2, by: 3}}, true},
		{"one", []signed{{signer: 0, by: 1}}, false},
		{"none", nil, false},
		{"the same twice", []signed{{signer: 0, by: 1}, {signer: 0, by: 1}}, false},
		{"a stranger", []signed{{signer: 0, by: 1}, {signer: 1, by: 9}}, false},
		{"a signer that doesn't exist", []signed{{signer: 0, by: 1}, {signer: 3, by: 3}}, false},
		{"another fork", []signed{{signer: 0, by: 1}, {signer: 1, by: 2, fork: 1}}, false},
		{"a patch without nodes", []signed{{signer: 0, by: 1}, {signer: 1, by: 2, patch: 3}}, false},
		{"a patch of astronomic length", []signed{{signer: 0, by: 1}, {signer: 1, by: 2, patch: 1 << 63}}, false},
	} {
		err := v.Verify(p, 0, multi(key, p, tt.parts...))
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && !errors.Is(err, merkle.ErrSignature) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestEveryBitOfASignatureCounts(t *testing.T) {
	m := merkle.CompatManifest(public(1))
	v, err := merkle.NewVerifier(public(1), m)
	if err != nil {
		t.Fatal(err)
	}
	p := grow(texts("b", 3)).peaks
	root := p.Hash()
	msg := append(merkle.TreeNamespace(), root[:]...)
	msg = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(msg, 3), 7)
	sig := ed25519.Sign(secret(1), msg)
	if err := v.Verify(p, 7, sig); err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(sig) {
		bad := bytes.Clone(sig)
		bad[bit/8] ^= 1 << (bit % 8)
		if v.Verify(p, 7, bad) == nil {
			t.Fatalf("bit %d does not count", bit)
		}
	}
	if v.Verify(p, 8, sig) == nil || v.Verify(p, 7, sig[:63]) == nil || v.Verify(p, 7, nil) == nil {
		t.Error("another fork, a short or no signature passes")
	}
}

func TestManifestMustBelongToTheKey(t *testing.T) {
	m := merkle.DecodeManifest(enc.NewDecoder(manifest(1, 1, 2)))
	if _, err := merkle.NewVerifier(merkle.Hash{5}, m); !errors.Is(err, merkle.ErrManifest) {
		t.Errorf("error is %v", err)
	}
}

func TestManifestOfVersion2(t *testing.T) {
	raw := append(manifest(1, 1), 1)
	raw[0], raw[1] = 2, 4|8 // linked cores and user data
	raw = append(append(raw, make([]byte, 32)...), 2, 'h', 'i')
	d := enc.NewDecoder(raw)
	m := merkle.DecodeManifest(d)
	if m == nil || d.Len() != 0 || len(m.Signers) != 1 {
		t.Fatalf("%+v, %d bytes left, %v", m, d.Len(), d.Err())
	}
	if merkle.DecodeManifest(enc.NewDecoder([]byte{3})) != nil {
		t.Error("a manifest of version 3 was read")
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(manifest(2, 1, 2, 3), []byte{1, 0})
	f.Add([]byte{0, 0, 0}, []byte{})
	p := grow(texts("b", 5)).peaks
	f.Fuzz(func(t *testing.T, raw, sig []byte) {
		m := merkle.DecodeManifest(enc.NewDecoder(raw))
		if m == nil {
			return
		}
		v, err := merkle.NewVerifier(m.Hash(), m)
		if err != nil {
			t.Fatal(err)
		}
		if v.Verify(p, 0, sig) == nil && (m.Prologue == nil || m.Prologue.Length != p.Length) {
			t.Error("a random signature passes")
		}
	})
}
