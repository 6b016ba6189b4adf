package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
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

// certify writes a certificate for this machine and its key into a folder.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, b := range map[string][]byte{"cert.pem": cert, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return pool
}

// address is what stands behind "dashboard" in what the node printed.
func (h *house) address() string {
	h.t.Helper()
	h.until("the address is printed", func() bool { return strings.Contains(h.out.String(), "dashboard") })
	_, addr, _ := strings.Cut(h.out.String(), "dashboard")
	return strings.Fields(addr)[0]
}

func TestANodeSpeaksTLS(t *testing.T) {
	h := newHouse(t, "")
	pool := certify(t, h.dir)
	h.cfg.API.TLS.Cert, h.cfg.API.TLS.Key = filepath.Join(h.dir, "cert.pem"), filepath.Join(h.dir, "key.pem")
	h.start()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get(h.address() + "/healthz")
	if err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(h.address(), "https://") {
		t.Fatalf("%s: %v, %v", h.address(), res, err)
	}
	_ = res.Body.Close()
	link, err := os.ReadFile(filepath.Join(h.data, "setup-link"))
	if err != nil || !strings.HasPrefix(string(link), h.address()+"/setup#") {
		t.Errorf("the setup link is %.12s, %v", link, err)
	}
}

func TestACertificateThatIsMissingStopsTheStart(t *testing.T) {
	h := newHouse(t, "")
	h.cfg.API.TLS.Cert, h.cfg.API.TLS.Key = filepath.Join(h.dir, "cert.pem"), filepath.Join(h.dir, "key.pem")
	err := newNode(h.cfg, slog.New(slog.DiscardHandler), &h.out).run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "api.tls") {
		t.Errorf("got %v", err)
	}
}

// The allowlist is for the network; the machine's own administrator comes in by
// the socket. A trusted proxy is judged by whom it passes on.
func TestWhoIsLetIn(t *testing.T) {
	h := newHouse(t, "")
	h.cfg.API.Allow, h.cfg.API.TrustedProxies = []string{"192.0.2.0/24"}, []string{"127.0.0.1"}
	c := h.start()
	if _, err := c.Health(t.Context()); err != nil {
		t.Errorf("by the socket: %v", err)
	}
	for forwarded, want := range map[string]int{"": 403, "198.51.100.7": 403, "192.0.2.7": 200, "192.0.2.7, 198.51.100.7": 403} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.address()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%q: %d, want %d", forwarded, res.StatusCode, want)
		}
	}
}

func TestTheConfiguredRateIsInForce(t *testing.T) {
	h := newHouse(t, "")
	h.cfg.API.RateLimit.PerSecond, h.cfg.API.RateLimit.Burst = 1, 3
	h.start()
	seen := map[int]int{}
	for n := 0; n < 60 && seen[http.StatusTooManyRequests] == 0; n++ {
		res, err := http.Get(h.address() + "/api/v1/setup")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		seen[res.StatusCode]++
	}
	if seen[http.StatusOK] < 3 || seen[http.StatusTooManyRequests] == 0 {
		t.Errorf("answers %s", fmt.Sprint(seen))
	}
}
