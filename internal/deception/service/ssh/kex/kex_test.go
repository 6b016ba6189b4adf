package kex

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service/ssh/sntrup"
	"go.cordon.dev/cordon/internal/deception/service/ssh/wire"
)

// script plays a client whose messages are known beforehand.
type script struct {
	in   [][]byte
	sent [][]byte
}

func (s *script) Receive(number byte) ([]byte, error) {
	if len(s.in) == 0 || len(s.in[0]) == 0 || s.in[0][0] != number {
		return nil, errors.New("the client sends something else")
	}
	out := s.in[0]
	s.in = s.in[1:]
	return out, nil
}

func (s *script) Send(m []byte) error { s.sent = append(s.sent, m); return nil }

type signer struct{}

func (signer) Sign(data []byte) ([]byte, error) { return append([]byte("signed "), data...), nil }

func input() *Input {
	return &Input{
		ClientIdent: "SSH-2.0-a", ServerIdent: "SSH-2.0-b", ClientInit: []byte{20, 1}, ServerInit: []byte{20, 2},
		HostKey: []byte("key"), Signer: signer{}, Need: 64, Choose: mathrand.IntN,
	}
}

// RFC 3526 says that its groups are safe primes; the formula's numbers are.
func TestTheFixedGroupsAreSafePrimes(t *testing.T) {
	for _, size := range []int{2048, 4096} {
		safePrime(t, groups()[size], size)
	}
	// The largest takes long to prove; a wrong digit fails Fermat's test.
	p := groups()[8192]
	one := big.NewInt(1)
	if p.BitLen() != 8192 || new(big.Int).Exp(big.NewInt(3), new(big.Int).Sub(p, one), p).Cmp(one) != 0 {
		t.Error("group 18 is no prime of 8192 bits")
	}
}

func safePrime(t *testing.T, p *big.Int, size int) {
	t.Helper()
	half := new(big.Int).Rsh(p, 1)
	if p.BitLen() != size || !p.ProbablyPrime(0) || !half.ProbablyPrime(0) {
		t.Errorf("no safe prime of %d bits", size)
	}
}

func TestTheModuli(t *testing.T) {
	all := lines()
	sizes := map[int]int{}
	for _, o := range all {
		sizes[o.size]++
		if m := o.modulus(); m.p.BitLen() != o.size || m.g != 2 && m.g != 5 {
			t.Fatalf("%+v", o)
		}
	}
	if fmt.Sprint(sizes) != "map[2048:60 3072:76 4096:68 6144:73 7680:71 8192:75]" {
		t.Errorf("as many of each size: %v", sizes)
	}
	safePrime(t, all[7].modulus().p, 2048)
	safePrime(t, all[70].modulus().p, 3072)
}

func TestTheSizeThatSuitsBest(t *testing.T) {
	for _, tt := range []struct{ least, wanted, most, got int }{
		{2048, 3072, 8192, 3072}, {2048, 2048, 8192, 2048}, {2048, 5000, 8192, 6144}, {2048, 8192, 8192, 8192},
		{2048, 8192, 4096, 4096}, {3000, 3000, 3050, 2048}, {2049, 2050, 2051, 2048}, {7000, 7000, 7001, 8192},
	} {
		if g := choose(tt.least, tt.wanted, tt.most, mathrand.IntN); g.p.BitLen() != tt.got {
			t.Errorf("between %d and %d, best %d: %d bits, want %d", tt.least, tt.most, tt.wanted, g.p.BitLen(), tt.got)
		}
	}
}

func TestValuesThatAreNone(t *testing.T) {
	p := groups()[2048]
	number := func(n int64) []byte { return big.NewInt(n).Bytes() }
	minusOne := new(big.Int).Sub(p, big.NewInt(1)).Bytes()
	dh := func(b []byte) []byte { return wire.Message(messageInit).Mpint(b) }
	for name, tt := range map[string]struct {
		method string
		sent   []byte
	}{
		"zero":               {"diffie-hellman-group14-sha256", dh(nil)},
		"one":                {"diffie-hellman-group14-sha256", dh(number(1))},
		"hardly a bit set":   {"diffie-hellman-group14-sha256", dh(number(7))},
		"p-1":                {"diffie-hellman-group14-sha256", dh(minusOne)},
		"p":                  {"diffie-hellman-group14-sha256", dh(p.Bytes())},
		"negative":           {"diffie-hellman-group14-sha256", wire.Message(messageInit).String([]byte{0x80, 1})},
		"more behind it":     {"diffie-hellman-group14-sha256", append(dh(number(0xffff)), 0)},
		"a point of order 1": {"curve25519-sha256", wire.Message(messageInit).String(make([]byte, 32))},
		"half a point":       {"curve25519-sha256", wire.Message(messageInit).String(make([]byte, 16))},
		"off the curve":      {"ecdh-sha2-nistp256", wire.Message(messageInit).String(append([]byte{4}, make([]byte, 64)...))},
		"a short hybrid":     {"sntrup761x25519-sha512@openssh.com", wire.Message(messageInit).String(make([]byte, sntrup.PublicKeySize))},
		"bounds the wrong way": {"diffie-hellman-group-exchange-sha256",
			wire.Message(messageGexRequest).Uint32(4096).Uint32(3072).Uint32(2048)},
		"too small a group": {"diffie-hellman-group-exchange-sha256",
			wire.Message(messageGexRequest).Uint32(512).Uint32(768).Uint32(1024)},
	} {
		s := &script{in: [][]byte{tt.sent}}
		if _, err := Run(tt.method, s, input()); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := Run("none", &script{}, input()); err == nil {
		t.Error("an unknown method runs")
	}
}

// Both sides come to one secret; with the real client this is tested by the
// service.
func TestBothSidesAgree(t *testing.T) {
	ours, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{in: [][]byte{wire.Message(messageInit).String(ours.PublicKey().Bytes())}}
	result, err := Run("curve25519-sha256", s, input())
	if err != nil {
		t.Fatal(err)
	}
	r := wire.Read(s.sent[0][1:])
	hostKey, theirs := r.Text(), r.String()
	if hostKey != "key" || r.Text() != "signed "+string(result.Hash) || !r.End() {
		t.Fatalf("reply %x", s.sent[0])
	}
	public, err := ecdh.X25519().NewPublicKey(theirs)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := ours.ECDH(public)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(result.Secret, wire.Packet(nil).Mpint(shared)) {
		t.Error("another secret")
	}
	long, short := result.Derive('C', result.Hash, 100), result.Derive('C', result.Hash, 16)
	if !bytes.HasPrefix(long, short) || bytes.Equal(short, result.Derive('D', result.Hash, 16)) {
		t.Error("key material is not as long as wanted, or the same for two uses")
	}
}

func FuzzRun(f *testing.F) {
	names := []string{"curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha256", "diffie-hellman-group-exchange-sha256", "sntrup761x25519-sha512"}
	f.Add(0, []byte(wire.Message(messageInit).String(make([]byte, 32))))
	f.Add(3, []byte(wire.Message(messageGexRequest).Uint32(2048).Uint32(2048).Uint32(2048)))
	f.Fuzz(func(t *testing.T, n int, packet []byte) {
		s := &script{in: [][]byte{packet, packet}}
		result, err := Run(names[uint(n)%uint(len(names))], s, input())
		if (err == nil) != (result != nil) {
			t.Fatal("neither a result nor an error")
		}
	})
}
