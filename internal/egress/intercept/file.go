package intercept

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// maxFile bounds what is read of a file: a key and a certificate are some 1.5 KB.
const maxFile = 64 << 10

// readPair reads a key and the certificate that belongs to it. A file that others can
// read is refused: whoever had the key could have been any host.
func readPair(path string) (*pair, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	shared := runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 // Windows has no such bits
	if mode := info.Mode(); !mode.IsRegular() || shared {
		return nil, fmt.Errorf("%s is no file for its owner alone (mode %s): others could have its key", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, err
	}
	p, err := parsePair(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// parsePair reads two blocks of PEM, in any order.
func parsePair(text []byte) (p *pair, err error) {
	p = &pair{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			p.key, err = parseKey(block.Bytes)
		case "CERTIFICATE":
			p.cert, err = x509.ParseCertificate(block.Bytes)
		}
		if err != nil {
			return nil, errors.New("a block of it cannot be read") // never what it holds
		}
	}
	if p.key == nil || p.cert == nil {
		return nil, errors.New("it does not have both a key and a certificate")
	}
	public, ok := p.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(p.cert.PublicKey) || !p.cert.IsCA {
		return nil, errors.New("its key is not that of an authority's certificate beside it")
	}
	return p, nil
}

func parseKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key does not sign")
	}
	return signer, nil
}

func writePair(path string, p *pair) error {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), encodeCertificate(p.cert)...)
	return replace(path, text, 0o600)
}

// replace writes a file beside the old one and puts it in its place: whoever reads
// finds the one or the other, whole. Nothing is written when it says that already.
func replace(path string, text []byte, mode fs.FileMode) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // it is of no use any more
	}
	return err
}
