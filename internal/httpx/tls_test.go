package httpx

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCert makes a certificate for a name and returns its files and a pool
// that trusts it.
func writeCert(t *testing.T, dir, name string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"cordon.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, pool = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool.AppendCertsFromPEM(certPEM)
	for path, b := range map[string][]byte{cert: certPEM, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, pool
}

// served runs a server with a certificate and returns its address.
func served(t *testing.T, c *Certificate) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	h := Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Proto)) }), WrapOptions{})
	done := make(chan error, 1)
	go func() { done <- NewServer(ServerOptions{Handler: h}).Serve(ctx, tls.NewListener(l, c.Config())) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestTLS(t *testing.T) {
	cert, key, pool := writeCert(t, t.TempDir(), "one")
	c, err := LoadCertificate(cert, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	addr := served(t, c)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "cordon.test"}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get("https://" + addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.TLS.Version != tls.VersionTLS13 || res.ProtoMajor != 2 || res.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("TLS %x, %s, %v", res.TLS.Version, res.Proto, res.Header)
	}
	for version, want := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true} {
		conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, ServerName: "cordon.test", MinVersion: tls.VersionTLS10, MaxVersion: version})
		if (err == nil) != want {
			t.Errorf("TLS %x: %v", version, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// shown is the name in the certificate that the next connection would get.
func shown(t *testing.T, c *Certificate) string {
	t.Helper()
	c.looked = time.Time{} // as if a second had passed
	pair, err := c.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf.Subject.CommonName
}

func TestAChangedCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key, _ := writeCert(t, dir, "one")
	var log bytes.Buffer
	c, err := LoadCertificate(cert, key, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	writeCert(t, dir, "the second")
	if got := shown(t, c); got != "the second" {
		t.Errorf("after the change: %s", got)
	}
	for name, spoil := range map[string]func() error{
		"no certificate": func() error { return os.WriteFile(cert, []byte("nonsense"), 0o600) },
		"gone":           func() error { return os.Remove(key) },
	} {
		log.Reset()
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if got := shown(t, c); got != "the second" || !strings.Contains(log.String(), "the old one stays") {
			t.Errorf("%s: %s, log %s", name, got, log.String())
		}
	}
	writeCert(t, dir, "number three")
	if got := shown(t, c); got != "number three" {
		t.Errorf("mended: %s", got)
	}
}

func TestACertificateThatIsNoneIsRefused(t *testing.T) {
	dir := t.TempDir()
	cert, key, _ := writeCert(t, dir, "one")
	_, other, _ := writeCert(t, t.TempDir(), "two")
	for name, files := range map[string][2]string{"missing": {cert, filepath.Join(dir, "nowhere")}, "of another key": {cert, other}, "swapped": {key, cert}} {
		if _, err := LoadCertificate(files[0], files[1], nil); err == nil || !strings.Contains(err.Error(), "loading TLS certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
