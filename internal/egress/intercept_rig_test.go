package egress

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/egress/dlp"
	"go.cordon.dev/cordon/internal/egress/intercept"
)

const lookInto = "data_leak_prevention: {intercept_tls: true}\n"

// signer is an authority of the world outside.
type signer struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &signer{t: t, key: key}
	s.cert = s.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, Subject: pkix.Name{CommonName: "the world's"}}, key, nil)
	return s
}

// sign signs by itself when by is nil.
func (s *signer) sign(c *x509.Certificate, key *ecdsa.PrivateKey, by *x509.Certificate) *x509.Certificate {
	s.t.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotAfter.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	if by == nil {
		by = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		s.t.Fatal(err)
	}
	return cert
}

// issue gives an origin a certificate.
func (s *signer) issue(tune func(*x509.Certificate), names ...string) tls.Certificate {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &x509.Certificate{DNSNames: names, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if tune != nil {
		tune(c)
	}
	return tls.Certificate{Certificate: [][]byte{s.sign(c, key, s.cert).Raw}, PrivateKey: key}
}

func (s *signer) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.cert)
	return p
}

// veiled is a world whose origins speak TLS, into which the gateway may look.
type veiled struct {
	*world
	signer    *signer
	authority *intercept.Authority
	box       *mailbox // behind api.example:443
}

// unveil makes one. Its origin api.example speaks both versions of HTTP.
// tune may change the gateway's options.
func unveil(t *testing.T, doc string, tune ...func(*Options)) *veiled {
	t.Helper()
	scanner, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	i, err := dlp.New(dlp.Options{Scanner: scanner})
	if err != nil {
		t.Fatal(err)
	}
	v := &veiled{signer: newSigner(t), box: &mailbox{}}
	if v.authority, err = intercept.Open(t.TempDir(), time.Now); err != nil {
		t.Fatal(err)
	}
	v.world = open(t, doc, func(o *Options) {
		o.Inspector, o.Authority, o.Roots = func() *dlp.Inspector { return i }, v.authority, v.signer.pool()
		for _, change := range tune {
			change(o)
		}
	})
	v.serve("api.example", "203.0.113.9", v.box, nil)
	return v
}

// serve puts an origin at a name and an address, with a certificate for the name
// unless o has others.
func (v *veiled) serve(name, addr string, h http.Handler, o *tls.Config) *httptest.Server {
	v.t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = true
	if o == nil {
		o = &tls.Config{}
	}
	if o.Certificates == nil {
		o.Certificates = []tls.Certificate{v.signer.issue(nil, name)}
	}
	srv.TLS = o
	srv.Config.ErrorLog = discardLog()
	srv.StartTLS()
	v.t.Cleanup(srv.Close)
	v.name(name, addr)
	v.route(addr+":443", srv.Listener.Addr().String())
	return srv
}

// trusting is what a program speaks TLS with that was given the gateway's certificate.
func (v *veiled) trusting() *tls.Config {
	p := x509.NewCertPool()
	p.AddCert(v.authority.Certificate())
	return &tls.Config{RootCAs: p}
}

// browser is a client that trusts the gateway and speaks one version of HTTP.
func (v *veiled) browser(h2 bool) *http.Client {
	o := v.trusting()
	tr := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: v.addr}), TLSClientConfig: o, ForceAttemptHTTP2: h2, DisableCompression: true}
	if !h2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	v.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: time.Minute}
}

// inTLS speaks TLS in a tunnel to a host.
func (v *veiled) inTLS(hostPort string, o *tls.Config) (*tls.Conn, error) {
	v.t.Helper()
	c := tls.Client(v.connect().tunnel(hostPort).Conn, o)
	return c, c.Handshake()
}

// reasons lists why things were denied, in order.
func (v *veiled) reasons() (out []string) {
	for _, r := range v.decisions() {
		if !r.Decision.Allowed() {
			out = append(out, string(r.Decision.Reason))
		}
	}
	return out
}

// serveTLS is an origin that speaks something over TLS.
func serveTLS[C any](o *tls.Config, serve func(C)) func(net.Conn) {
	return func(raw net.Conn) {
		c := tls.Server(raw, o)
		if c.Handshake() == nil {
			serve(any(c).(C))
		}
		_ = c.Close()
	}
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
