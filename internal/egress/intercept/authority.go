package intercept

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
	"sync"
	"time"
)

// How long certificates are valid. They begin a little in the past, because clocks
// differ.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 7 * 24 * time.Hour
	leeway        = time.Hour
)

// The files of an authority, within its folder.
const (
	keyFile         = "egress-ca.key" // key and certificate, for nobody else
	certificateFile = "egress-ca.pem" // the certificate alone, for everybody
)

// Authority signs certificates of hosts. It is safe for concurrent use.
type Authority struct {
	dir string
	now func() time.Time

	mu   sync.Mutex
	pair *pair
	made *leaves
}

// pair is a key and its certificate.
type pair struct {
	key  crypto.Signer
	cert *x509.Certificate
}

// Open reads the authority of a folder. If there is none yet, one is made and
// written there, readable by nobody else. The error names the file and what to do.
func Open(dir string, now func() time.Time) (*Authority, error) {
	a := &Authority{dir: dir, now: now}
	p, err := readPair(a.keyPath())
	if errors.Is(err, fs.ErrNotExist) {
		return a, a.renew()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the authority of TLS interception: %w; replace it with: cordon egress ca rotate", err)
	}
	if now().After(p.cert.NotAfter) {
		return nil, fmt.Errorf("the authority of TLS interception in %s was valid until %s; replace it with: cordon egress ca rotate", a.keyPath(), p.cert.NotAfter.Format(time.DateOnly))
	}
	a.use(p)
	return a, a.publish(p)
}

// Renew is Open that makes a new authority in the place of one that is there, also of
// one that cannot be read.
func Renew(dir string, now func() time.Time) (*Authority, error) {
	a := &Authority{dir: dir, now: now}
	return a, a.renew()
}

// Read returns the certificate of a folder's authority and the file that has it alone,
// and makes nothing: an error that is fs.ErrNotExist says that there is none yet. One
// that has expired is returned.
func Read(dir string) (cert *x509.Certificate, path string, err error) {
	a := &Authority{dir: dir}
	p, err := readPair(a.keyPath())
	if err != nil {
		return nil, a.Path(), fmt.Errorf("reading the authority of TLS interception: %w", err)
	}
	return p.cert, a.Path(), nil
}

func (a *Authority) keyPath() string { return filepath.Join(a.dir, keyFile) }

// Path is the file that has the certificate alone, in PEM.
func (a *Authority) Path() string { return filepath.Join(a.dir, certificateFile) }

// Rotate replaces key and certificate. Programs that trust the old certificate refuse
// what is signed from now on.
func (a *Authority) Rotate() error { return a.renew() }

// renew makes a key and a certificate, writes them and uses them.
func (a *Authority) renew() error {
	p, err := newPair(a.now())
	if err != nil {
		return fmt.Errorf("making the authority of TLS interception: %w", err)
	}
	if err := writePair(a.keyPath(), p); err != nil {
		return fmt.Errorf("keeping the authority of TLS interception: %w", err)
	}
	a.use(p)
	return a.publish(p)
}

func (a *Authority) use(p *pair) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pair, a.made = p, newLeaves(mostLeaves)
}

// publish writes the certificate for others to read.
func (a *Authority) publish(p *pair) error {
	if err := replace(a.Path(), encodeCertificate(p.cert), 0o644); err != nil {
		return fmt.Errorf("publishing the certificate of TLS interception: %w", err)
	}
	return nil
}

// Certificate is what programs are to trust.
func (a *Authority) Certificate() *x509.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pair.cert
}

// PEM is the certificate as text.
func (a *Authority) PEM() string { return string(encodeCertificate(a.Certificate())) }

// Fingerprint is the SHA-256 of the certificate, in hexadecimal digits.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.Certificate().Raw)
	return hex.EncodeToString(sum[:])
}

// Leaf is a certificate for one name or address, with its key. It is made once and
// used for as long as it is fresh.
func (a *Authority) Leaf(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	p, made := a.pair, a.made
	a.mu.Unlock()
	now := a.now()
	return made.get(host, now, func() (*tls.Certificate, error) {
		c, err := p.sign(host, now)
		if err != nil {
			return nil, fmt.Errorf("making a certificate for a host: %w", err)
		}
		return c, nil
	})
}

// newPair makes a key, and a certificate that may sign for hosts and for no other
// authority.
func newPair(now time.Time) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{Organization: []string{"Cordon"}, CommonName: "Cordon egress gateway " + now.UTC().Format(time.DateOnly)},
		NotBefore: now.Add(-leeway), NotAfter: now.Add(authorityLife),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &pair{key, cert}, nil
}

// serial is a random number of 127 bits (RFC 5280, 4.1.2.2: positive, at most 20
// bytes).
func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b)
}

func encodeCertificate(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
