package app

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/api"
)

// A node looks into TLS with the certificate that it shows, and believes origins that
// the configuration's file vouches for.
func TestANodeLooksIntoTLS(t *testing.T) {
	origin := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") }))
	origin.EnableHTTP2 = true
	origin.StartTLS()
	t.Cleanup(origin.Close)
	g := &guarded{house: newHouse(t, strings.Replace(egressSection, "egress: {", `egress: {tls: {ca_file: "DIR/origins.pem"}, `, 1))}
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: origin.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(g.dir, "origins.pem"), block, 0o600); err != nil {
		t.Fatal(err)
	}
	g.write("mode: strict\nallowlist: {rules: [{id: origin, host: 127.0.0.1, methods: [GET], intercept_tls: true}]}\n")
	g.cli = g.start()
	ask := func(method string) (code int, err error) {
		res, err := g.trusting(t).Do(&http.Request{Method: method, URL: &url.URL{Scheme: "https", Host: strings.TrimPrefix(origin.URL, "https://"), Path: "/x"}})
		if err != nil {
			return 0, err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode, res.Body.Close()
	}
	for method, want := range map[string]int{"GET": 200, "DELETE": 403} {
		if code, err := ask(method); code != want {
			t.Errorf("%s: %d, %v", method, code, err)
		}
	}
	seen := ""
	for _, d := range g.decisions(4) { // two tunnels, two requests
		seen += d.Protocol + " " + d.Method + " " + d.Decision + "\n"
	}
	for _, want := range []string{"https GET allow\n", "https DELETE deny\n"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the record lacks %q:\n%s", want, seen)
		}
	}
	if _, err := g.cli.EgressRotateCA(t.Context(), api.EgressCARequest{Reason: "drill"}); err != nil {
		t.Fatal(err)
	}
	if code, err := ask("GET"); code != 200 { // the new one was asked for
		t.Errorf("after the rotation: %d, %v", code, err)
	}
}

// Whoever looks makes no certificate. One that is of no use is said to be, and is
// replaced by a rotation.
func TestANodeLooksAtItsCertificate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	a := &authority{dir: dir}
	if got := a.Look(); got.Exists || got.Problem != "" || got.Path != filepath.Join(dir, "egress-ca.pem") {
		t.Errorf("%+v", got)
	}
	made, err := a.Authority()
	if err != nil {
		t.Fatal(err)
	}
	again := &authority{dir: dir}
	for _, who := range []*authority{a, again} {
		if got := who.Look(); !got.Exists || got.Certificate != made.Certificate || got.NotAfter == nil || !got.NotAfter.Equal(made.NotAfter) {
			t.Errorf("%+v", got)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "egress-ca.key"), []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := again.Look(); !got.Exists || got.Problem == "" || got.Certificate != "" {
		t.Errorf("%+v", got)
	}
	if err := again.RotateAuthority(); err != nil {
		t.Fatal(err)
	}
	if got := again.Look(); got.Problem != "" || got.Certificate == made.Certificate {
		t.Errorf("%+v", got)
	}
}

// trusting is a client that goes through the gateway and was given its certificate.
func (g *guarded) trusting(t *testing.T) *http.Client {
	t.Helper()
	ca, err := g.cli.EgressCA(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	st, err := g.cli.Egress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(ca.Certificate))
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: st.Listen}), TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true,
	}}
}

func TestAFileWithoutCertificatesIsRefused(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, filepath.Join(dir, "none.pem")} {
		if _, err := rootsWith(file); err == nil || !strings.Contains(err.Error(), "egress.tls.ca_file") || !strings.Contains(err.Error(), file) {
			t.Errorf("%v", err)
		}
	}
}
