package cli

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/egress/intercept"
)

// healthyCA is a certificate that is needed, good, and trusted by this machine.
func healthyCA(now time.Time) caFacts {
	end := now.Add(60 * 24 * time.Hour)
	return caFacts{needed: true, EgressCAState: api.EgressCAState{Exists: true, Certificate: "PEM", Path: "/keys/egress-ca.pem", NotAfter: &end}}
}

// What is wrong with the certificate, and how much it matters.
func TestTheCertificateIsJudged(t *testing.T) {
	nobody := errors.New("signed by an unknown authority")
	for what, tt := range map[string]struct {
		spoil        func(*facts)
		status, says string
		todo         string
	}{
		"trusted by the machine":   {func(*facts) {}, fine, "this machine trusts it", ""},
		"of another machine":       {func(f *facts) { f.remote, f.ca.store = true, nobody }, fine, "not on this machine", ""},
		"not needed, none there":   {func(f *facts) { f.ca = caFacts{} }, fine, "none is needed", ""},
		"not needed, not trusted":  {func(f *facts) { f.ca.needed, f.ca.store = false, nobody }, fine, "looks into no TLS", ""},
		"needed, none there":       {func(f *facts) { f.ca = caFacts{needed: true} }, hollow, "there is none yet", "cordon egress ca"},
		"of no use":                {func(f *facts) { f.ca.Problem = "others could have its key" }, failed, "others could have its key", "ca rotate"},
		"of no use nor needed":     {func(f *facts) { f.ca.Problem, f.ca.needed = "others could have its key", false }, hollow, "others could", "ca rotate"},
		"expired":                  {func(f *facts) { f.ca.NotAfter = &f.now }, failed, "it expired on 2026-03-14", "ca rotate"},
		"expired and not needed":   {func(f *facts) { f.ca.NotAfter, f.ca.needed = &f.now, false }, hollow, "it expired on", "ca rotate"},
		"about to expire":          {func(f *facts) { end := f.now.Add(expiresSoon); f.ca.NotAfter = &end }, hollow, "it expires on 2026-03-28", "ca rotate"},
		"trusted by nobody":        {func(f *facts) { f.ca.store = nobody }, hollow, "neither this machine nor this shell", "/keys/egress-ca.pem"},
		"trusted by this shell":    {func(f *facts) { f.ca.store, f.ca.has = nobody, []string{"CURL_CA_BUNDLE"} }, fine, "heed CURL_CA_BUNDLE", ""},
		"a variable leads astray":  {func(f *facts) { f.ca.lacks = []string{"GIT_SSL_CAINFO"} }, hollow, "GIT_SSL_CAINFO of this shell", "put it there"},
		"only the shell vouches":   {func(f *facts) { f.ca.has = []string{"SSL_CERT_FILE"} }, fine, "heed SSL_CERT_FILE", ""},
		"one variable of two does": {func(f *facts) { f.ca.has, f.ca.lacks = []string{"SSL_CERT_FILE"}, []string{"DENO_CERT"} }, hollow, "DENO_CERT", "put it there"},
	} {
		t.Run(what, func(t *testing.T) {
			f := healthy()
			tt.spoil(&f)
			if got := f.authority(); got.Status != tt.status || !strings.Contains(got.Detail, tt.says) || !strings.Contains(got.Do, tt.todo) || (got.Do == "") != (tt.todo == "") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A certificate is known by what it is: one that was rotated meanwhile is not trusted
// because of its name.
func TestWhoTrustsACertificate(t *testing.T) {
	dir := t.TempDir()
	old, err := intercept.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	before := old.Certificate()
	if err := old.Rotate(); err != nil {
		t.Fatal(err)
	}
	now := old.Certificate()
	file := func(name string, certs ...string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Join(certs, "# between\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	both := file("both.pem", pemOf(before), pemOf(now))
	env := map[string]string{
		"SSL_CERT_FILE": both, "NODE_EXTRA_CA_CERTS": file("old.pem", pemOf(before)), "CURL_CA_BUNDLE": filepath.Join(dir, "none.pem"),
		"REQUESTS_CA_BUNDLE": file("empty.pem"), "GIT_SSL_CAINFO": "", "DENO_CERT": dir,
	}
	c := caFacts{EgressCAState: api.EgressCAState{Certificate: old.PEM()}}
	if err := c.trusted(func(name string) (string, bool) { v, ok := env[name]; return v, ok }); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.has, " ") + "; " + strings.Join(c.lacks, " "); got != "SSL_CERT_FILE; NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE DENO_CERT" {
		t.Error(got)
	}
	if c.store == nil {
		t.Error("this machine trusts a certificate that was made a moment ago")
	}
	roots := x509.NewCertPool()
	roots.AddCert(before)
	if vouched(now, roots) == nil {
		t.Error("the one before vouches for it")
	}
	roots.AddCert(now)
	if err := vouched(now, roots); err != nil {
		t.Error(err)
	}
	if err := (&caFacts{EgressCAState: api.EgressCAState{Certificate: "nonsense"}}).trusted(os.LookupEnv); err == nil {
		t.Error("what is no certificate was read")
	}
}

func pemOf(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func TestWhichPoliciesLookIntoTLS(t *testing.T) {
	for document, want := range map[string]bool{
		"mode: strict\n": false,
		"data_leak_prevention: {intercept_tls: true}\n":                   true,
		"allowlist: {rules: [{host: a.example, intercept_tls: true}]}\n":  true,
		"allowlist: {rules: [{host: a.example, intercept_tls: false}]}\n": false,
		"allowlist: {rules: [{host: a.example}, {host: b.example}]}\n":    false,
		"mode: audit\ndata_leak_prevention: {intercept_tls: false}\n":     false,
	} {
		p, err := policy.Parse([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		if got := looksInto(p); got != want {
			t.Errorf("%s: %t", document, got)
		}
	}
}
