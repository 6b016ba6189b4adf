package cli

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
)

// caFacts is what there is to know of the certificate that programs are to trust when
// TLS is looked into.
type caFacts struct {
	api.EgressCAState
	needed bool     // the policy has TLS looked into, at least to some host
	store  error    // why what this machine trusts does not vouch for it; nil: it does
	has    []string // variables of the calling shell that name a file with it
	lacks  []string // those that name a file without it, or none
}

// looksInto reports whether a policy has TLS looked into anywhere.
func looksInto(p *policy.Policy) bool {
	return p.Settings().InterceptTLS || slices.ContainsFunc(p.Rules(), func(r policy.Rule) bool { return r.InterceptTLS == policy.Yes })
}

// trusted finds out who on this machine trusts the certificate.
func (c *caFacts) trusted(lookup func(string) (string, bool)) error {
	if c.Certificate == "" {
		return nil
	}
	cert, err := parseCertificate([]byte(c.Certificate))
	if err != nil {
		return fmt.Errorf("reading the server's certificate: %w", err)
	}
	c.store = vouched(cert, nil)
	for _, name := range trustVariables {
		switch file, set := lookup(name); {
		case !set || file == "":
		case holds(file, cert):
			c.has = append(c.has, name)
		default:
			c.lacks = append(c.lacks, name)
		}
	}
	return nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is no PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// vouched says why roots do not vouch for a certificate; nil roots are the system's.
func vouched(cert *x509.Certificate, roots *x509.CertPool) error {
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

// maxBundle bounds what is read of a file of certificates; what Debian trusts is some
// 220 KB.
const maxBundle = 8 << 20

// holds reports whether a file of certificates has this one. A directory of them, which
// some programs take as well, and what cannot be read, has not.
func holds(file string, cert *x509.Certificate) bool {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() { // a pipe would be waited for
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // was only read
	text, err := io.ReadAll(io.LimitReader(f, maxBundle))
	if err != nil {
		return false
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" && bytes.Equal(block.Bytes, cert.Raw) {
			return true
		}
	}
	return false
}

// authority judges whether TLS can be looked into: whether the certificate is there,
// whether it is good, and who trusts it.
func (f facts) authority() egressCheck {
	const name, rotate = "certificate", "cordon egress ca rotate, and give programs the new one: cordon egress ca"
	c := f.ca
	bad := hollow
	if c.needed {
		bad = failed
	}
	switch {
	case c.Problem != "":
		return egressCheck{bad, name, "TLS cannot be looked into: " + c.Problem, rotate}
	case !c.Exists && c.needed:
		return egressCheck{hollow, name, "the policy looks into TLS, and there is none yet, so no program trusts it", "make it, and give it to programs: cordon egress ca"}
	case !c.Exists:
		return egressCheck{fine, name, "the policy looks into no TLS, so none is needed", ""}
	case c.NotAfter != nil && !c.NotAfter.After(f.now):
		return egressCheck{bad, name, "it expired on " + c.NotAfter.Format(time.DateOnly), rotate}
	case c.NotAfter != nil && c.NotAfter.Sub(f.now) <= expiresSoon:
		return egressCheck{hollow, name, "it expires on " + c.NotAfter.Format(time.DateOnly), rotate}
	case !c.needed:
		return egressCheck{fine, name, "valid" + validUntil(c.NotAfter) + "; the policy looks into no TLS", ""}
	case f.remote:
		return egressCheck{fine, name, "valid" + validUntil(c.NotAfter) + "; who trusts it was not looked at: the gateway is not on this machine", ""}
	}
	return f.trust()
}

func validUntil(end *time.Time) string {
	if end == nil {
		return ""
	}
	return " until " + end.Format(time.DateOnly)
}

// trust judges who trusts a certificate that is needed and good.
func (f facts) trust() egressCheck {
	const name = "certificate"
	c := f.ca
	switch {
	case len(c.lacks) > 0:
		return egressCheck{hollow, name, strings.Join(c.lacks, ", ") + " of this shell: the certificate is not in that file, so programs refuse what is looked into", "put it there, too: cordon egress ca"}
	case c.store == nil && !slices.Contains(c.has, "SSL_CERT_FILE"):
		return egressCheck{fine, name, "valid" + validUntil(c.NotAfter) + "; this machine trusts it", ""}
	case len(c.has) > 0:
		return egressCheck{fine, name, "valid" + validUntil(c.NotAfter) + "; programs of this shell that heed " + strings.Join(c.has, ", ") + " trust it", ""}
	}
	return egressCheck{hollow, name, "neither this machine nor this shell trusts it, so programs refuse what is looked into", "cordon egress ca says how to give it to them; the file is " + c.Path}
}
