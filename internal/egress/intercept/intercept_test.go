package intercept

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, dir string, now func() time.Time) *Authority {
	t.Helper()
	a, err := Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// trusts is what a program does that was given the authority's certificate.
func trusts(t *testing.T, a *Authority, c *tls.Certificate, host string, at time.Time) error {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(a.PEM())) {
		t.Fatal("no certificate")
	}
	_, err := c.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: at})
	return err
}

func TestAnAuthorityIsMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first, second := open(t, dir, time.Now), open(t, dir, time.Now)
	if first.Fingerprint() != second.Fingerprint() || len(first.Fingerprint()) != 64 {
		t.Errorf("%s, then %s", first.Fingerprint(), second.Fingerprint())
	}
	text, err := os.ReadFile(first.Path())
	if err != nil || string(text) != first.PEM() || strings.Contains(string(text), "PRIVATE") {
		t.Errorf("%s, %v", text, err)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	c := first.Certificate()
	if !c.IsCA || c.MaxPathLen != 0 || !c.MaxPathLenZero || c.KeyUsage&x509.KeyUsageDigitalSignature != 0 || c.SerialNumber.BitLen() < 120 {
		t.Errorf("%+v", c)
	}
}

func TestALeafIsForOneHostAndAShortTime(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	a := open(t, t.TempDir(), func() time.Time { return now })
	for _, host := range []string{"api.example.com", "203.0.113.7", "2001:db8::1"} {
		c, err := a.Leaf(host)
		if err != nil {
			t.Fatal(err)
		}
		named := host
		if strings.Contains(host, ":") {
			named = "[" + host + "]"
		}
		if err := trusts(t, a, c, named, now); err != nil {
			t.Errorf("%s: %v", host, err)
		}
		if err := trusts(t, a, c, "evil.example", now); err == nil {
			t.Errorf("%s: it is for another host as well", host)
		}
		if life := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore); life > 7*24*time.Hour || !c.Leaf.NotBefore.Equal(now.Add(-time.Hour)) {
			t.Errorf("%s: valid for %v from %v on", host, life, c.Leaf.NotBefore)
		}
		if c.Leaf.IsCA || len(c.Leaf.DNSNames)+len(c.Leaf.IPAddresses) != 1 {
			t.Errorf("%s: %+v", host, c.Leaf)
		}
	}
}

func TestALeafIsMadeOnceForAllWhoAsk(t *testing.T) {
	a := open(t, t.TempDir(), time.Now)
	got := make([]*tls.Certificate, 50)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i], _ = a.Leaf("api.example.com") })
	}
	wg.Wait()
	for _, c := range got {
		if c == nil || c != got[0] {
			t.Fatal("two were made")
		}
	}
}

func TestALeafIsRenewedBeforeItsEnd(t *testing.T) {
	now := time.Now()
	a := open(t, t.TempDir(), func() time.Time { return now })
	first, _ := a.Leaf("api.example.com")
	now = now.Add(3 * 24 * time.Hour)
	if same, _ := a.Leaf("api.example.com"); same != first {
		t.Error("it was made anew after three days")
	}
	now = now.Add(24 * time.Hour)
	if same, _ := a.Leaf("api.example.com"); same == first {
		t.Error("it was not made anew after four days")
	}
	now = now.Add(-30 * 24 * time.Hour)
	if c, _ := a.Leaf("api.example.com"); c.Leaf.NotBefore.After(now) {
		t.Error("a clock that was set back has one that is not valid yet")
	}
}

func TestTheNumberOfLeavesIsBounded(t *testing.T) {
	l := newLeaves(3)
	made := 0
	ask := func(host string) {
		_, _ = l.get(host, time.Unix(0, 0), func() (*tls.Certificate, error) { made++; return &tls.Certificate{}, nil })
	}
	for _, host := range []string{"a", "b", "c", "a", "d", "a", "b"} { // b made room for d
		ask(host)
	}
	if made != 5 || len(l.byHost) != 3 || l.recent.Len() != 3 {
		t.Errorf("%d made, %d and %d kept", made, len(l.byHost), l.recent.Len())
	}
	_, err := l.get("x", time.Unix(0, 0), func() (*tls.Certificate, error) { return nil, errors.New("no") })
	if ask("x"); err == nil || made != 6 {
		t.Errorf("a failure is remembered: %v, %d made", err, made)
	}
}

func TestRotationEndsWhatWasTrusted(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir, time.Now)
	old, before := a.Fingerprint(), a.PEM()
	leaf, _ := a.Leaf("api.example.com")
	if err := a.Rotate(); err != nil {
		t.Fatal(err)
	}
	fresh, _ := a.Leaf("api.example.com")
	if a.Fingerprint() == old || fresh == leaf || trusts(t, a, leaf, "api.example.com", time.Now()) == nil {
		t.Error("the old one is still in use")
	}
	if err := trusts(t, a, fresh, "api.example.com", time.Now()); err != nil {
		t.Error(err)
	}
	text, _ := os.ReadFile(a.Path())
	if again := open(t, dir, time.Now); again.Fingerprint() != a.Fingerprint() || string(text) == before {
		t.Error("the files have the old one")
	}
}

func TestWhatCannotBeAnAuthorityIsRefused(t *testing.T) {
	good := t.TempDir()
	open(t, good, time.Now)
	text, err := os.ReadFile(filepath.Join(good, keyFile))
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	open(t, other, time.Now)
	others, _ := os.ReadFile(filepath.Join(other, keyFile))
	key, cert, _ := strings.Cut(string(text), "-----BEGIN CERTIFICATE")
	_, otherCert, _ := strings.Cut(string(others), "-----BEGIN CERTIFICATE")
	for name, tt := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"readable by others":       {string(text), 0o644, "others could have its key"},
		"empty":                    {"", 0o600, "both a key and a certificate"},
		"a key alone":              {key, 0o600, "both a key and a certificate"},
		"another's certificate":    {key + "-----BEGIN CERTIFICATE" + otherCert, 0o600, "its key is not that"},
		"a certificate cut short":  {key + "-----BEGIN CERTIFICATE" + cert[:40], 0o600, "both a key and a certificate"},
		"a block that is not read": {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "cannot be read"}, // cordon:allow
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, keyFile), []byte(tt.text), tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir, time.Now)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "cordon egress ca rotate") {
				t.Errorf("%v", err)
			}
			if _, _, err := Read(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("read: %v", err)
			}
			if _, err := Renew(dir, time.Now); err != nil {
				t.Errorf("it is not replaced: %v", err)
			}
			open(t, dir, time.Now)
		})
	}
	later := func() time.Time { return time.Now().Add(11 * 365 * 24 * time.Hour) }
	if _, err := Open(good, later); err == nil || !strings.Contains(err.Error(), "was valid until") {
		t.Errorf("one whose time is over: %v", err)
	}
	if _, err := Renew(good, later); err != nil {
		t.Error(err)
	}
	open(t, good, later)
}

// Who only looks makes nothing.
func TestReadingMakesNoAuthority(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if _, path, err := Read(dir); !errors.Is(err, fs.ErrNotExist) || path != filepath.Join(dir, certificateFile) {
		t.Errorf("%s, %v", path, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
	made := open(t, dir, time.Now)
	if cert, path, err := Read(dir); err != nil || !cert.Equal(made.Certificate()) || path != made.Path() {
		t.Errorf("%s, %v", path, err)
	}
}

// A handshake of Go's own TLS on both ends.
func TestAServerWithALeafIsBelieved(t *testing.T) {
	a := open(t, t.TempDir(), time.Now)
	roots := x509.NewCertPool()
	roots.AddCert(a.Certificate())
	for _, host := range []string{"api.example.com", "127.0.0.1"} {
		leaf, err := a.Leaf(host)
		if err != nil {
			t.Fatal(err)
		}
		l, r := net.Pipe()
		server := tls.Server(l, &tls.Config{Certificates: []tls.Certificate{*leaf}})
		client := tls.Client(r, &tls.Config{ServerName: host, RootCAs: roots})
		done := make(chan error, 1)
		go func() { done <- server.Handshake() }()
		if err := errors.Join(client.Handshake(), <-done); err != nil {
			t.Error(fmt.Errorf("%s: %w", host, err))
		}
		_, _ = l.Close(), r.Close()
	}
}

func BenchmarkLeaf(b *testing.B) {
	a, err := Open(b.TempDir(), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		if _, err := a.Leaf(fmt.Sprintf("h%d.example.com", i)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParsePair(f *testing.F) {
	dir := f.TempDir()
	if _, err := Open(dir, time.Now); err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := parsePair(text); err == nil && (p.key == nil || p.cert == nil || !p.cert.IsCA) {
			t.Errorf("%+v", p)
		}
	})
}
