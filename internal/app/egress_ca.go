package app

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/egress/intercept"
)

// authority is what the gateway looks into TLS with. It is opened, and made if there
// is none, when somebody needs it: a node that looks into nothing has no such key.
type authority struct {
	dir string

	mu   sync.Mutex
	open *intercept.Authority // nil before
}

func (a *authority) get() (*intercept.Authority, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open != nil {
		return a.open, nil
	}
	open, err := intercept.Open(a.dir, time.Now)
	if err != nil {
		return nil, err
	}
	a.open = open
	return open, nil
}

// Leaf implements egress.Authority.
func (a *authority) Leaf(host string) (*tls.Certificate, error) {
	open, err := a.get()
	if err != nil {
		return nil, err
	}
	return open.Leaf(host)
}

// Authority implements api.EgressAuthority.
func (a *authority) Authority() (api.EgressCA, error) {
	open, err := a.get()
	if err != nil {
		return api.EgressCA{}, err
	}
	return api.EgressCA{Certificate: open.PEM(), Fingerprint: open.Fingerprint(), Path: open.Path(), NotAfter: open.Certificate().NotAfter.UTC()}, nil
}

// Look implements api.EgressAuthority.
func (a *authority) Look() api.EgressCAState {
	cert, path, err := a.read()
	out := api.EgressCAState{Path: path}
	if errors.Is(err, fs.ErrNotExist) {
		return out
	}
	if out.Exists = true; err != nil {
		out.Problem = err.Error()
		return out
	}
	end := cert.NotAfter.UTC()
	out.Certificate, out.NotAfter = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})), &end
	return out
}

// read is the certificate in use, or else that of the file.
func (a *authority) read() (cert *x509.Certificate, path string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open != nil {
		return a.open.Certificate(), a.open.Path(), nil
	}
	return intercept.Read(a.dir)
}

// RotateAuthority implements api.EgressAuthority.
func (a *authority) RotateAuthority() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open != nil {
		return a.open.Rotate()
	}
	made, err := intercept.Renew(a.dir, time.Now)
	if err == nil {
		a.open = made
	}
	return err
}

// rootsWith are the system's authorities and those of a file; nil, which means the
// system's, without a file.
func rootsWith(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("egress.tls.ca_file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without any
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("egress.tls.ca_file: %s has no certificate in PEM", file)
	}
	return roots, nil
}
