package certificate_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"testing"

	"go.cordon.dev/cordon/internal/deception/service/certificate"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

func TestACertificateBelongsToItsDecky(t *testing.T) {
	p := servicetest.Persona(t, "db-1", "database-server")
	a, err := certificate.Snakeoil(p)
	if err != nil {
		t.Fatal(err)
	}
	b, err := certificate.Snakeoil(p)
	if err != nil || !bytes.Equal(a.Certificate[0], b.Certificate[0]) {
		t.Errorf("the second time it is another, error %v", err)
	}
	other, err := certificate.Snakeoil(servicetest.Persona(t, "db-2", "database-server"))
	if err != nil || other.PrivateKey.(*rsa.PrivateKey).Equal(a.PrivateKey) {
		t.Errorf("two deckies share a key, error %v", err)
	}
	c, err := x509.ParseCertificate(a.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if c.Subject.String() != "CN="+p.FQDN() || c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil || c.IsCA || c.NotBefore.Before(p.Installed) {
		t.Errorf("certificate of %s from %v", c.Subject, c.NotBefore)
	}
	if k := c.PublicKey.(*rsa.PublicKey); k.N.BitLen() != 2048 || len(c.DNSNames) != 1 {
		t.Errorf("%d bits for %v", k.N.BitLen(), c.DNSNames)
	}
}
