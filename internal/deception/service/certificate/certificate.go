// Package certificate makes the certificate that Debian's ssl-cert package
// gives a machine when it is installed: RSA of 2048 bits, signed by itself, for
// the host's name, for ten years. Key and serial number follow from the
// persona, so that a decky has one face in all its services and after every
// restart.
//
// Level 2: it may import deception/persona and the standard library.
package certificate

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"math/rand/v2"
	"time"

	"go.cordon.dev/cordon/internal/deception/persona"
)

// Snakeoil makes the certificate. It takes some tenths of a second: whoever
// needs it more than once keeps it.
func Snakeoil(p *persona.Persona) (tls.Certificate, error) {
	r := p.Rand("certificate: snakeoil")
	key, err := rsaKey(r)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making a key: %w", err)
	}
	name := p.FQDN()
	made := p.Installed.Add(7 * time.Minute).Truncate(time.Second)
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(random(r, 20, 0)), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: made, NotAfter: made.AddDate(0, 0, 3650), BasicConstraintsValid: true, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(bytes.NewReader(nil), t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("signing a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// rsaKey makes a key that is always the same for one source of numbers, which
// crypto/rsa takes care not to do.
func rsaKey(r *rand.Rand) (*rsa.PrivateKey, error) {
	e := big.NewInt(65537)
	for range 100 {
		p, q := prime(r), prime(r)
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		n := new(big.Int).Mul(p, q)
		if d == nil || p.Cmp(q) == 0 || n.BitLen() != 2048 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		return key, key.Validate()
	}
	return nil, fmt.Errorf("no pair of primes in a hundred")
}

// prime draws one of 1024 bits whose upper two are set.
func prime(r *rand.Rand) *big.Int {
	n := new(big.Int).SetBytes(random(r, 128, 0xc0))
	n.SetBit(n, 0, 1)
	for two := big.NewInt(2); !n.ProbablyPrime(20); {
		n.Add(n, two)
	}
	return n
}

// random draws n bytes; the bits of first are set in the first of them, and
// when there are none its highest is not.
func random(r *rand.Rand, n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	if b[0] |= first; first == 0 {
		b[0] = b[0]&0x7f | 1
	}
	return b
}
