package syslog_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/event"
	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/syslog"
	"go.cordon.dev/cordon/internal/notify/formattest"
	"go.cordon.dev/cordon/internal/redact"
)

// parse takes an RFC 5424 message apart by its grammar (section 6).
func parse(body []byte) ([]string, error) {
	grammar := regexp.MustCompile(`^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) (cordon) - ([!-~]{1,32}) \[cordon@32473((?: [a-z]+(?: [a-z]+)*="(?:[^"\\\]]|\\["\\\]])*")*)\] (.+)$`)
	m := grammar.FindSubmatch(body)
	if m == nil {
		return nil, errors.New("body is not an RFC 5424 message")
	}
	texts := []string{}
	for _, part := range m[1:] {
		texts = append(texts, string(part))
	}
	return texts, nil
}

func TestConformance(t *testing.T) {
	formattest.Run(t, formattest.Suite{Format: syslog.New(nil), ForPeople: true, Type: "text/plain", Texts: parse})
}

func alert(t *testing.T) (event.Event, []byte) {
	t.Helper()
	e := formattest.Alerts(t)["github"]
	body, _, err := syslog.New(nil).Render(e)
	if err != nil {
		t.Fatal(err)
	}
	return e, body
}

func TestAMessage(t *testing.T) {
	_, body := alert(t)
	want := `<131>1 2026-01-02T15:04:05.000000Z node-1 cordon - leak.message.quarantined [cordon@32473 id="01936d2c-5f8e-7abc-9def-0123456789ab" topic="leak.message.quarantined" severity="high" source="node-1/leak"`
	if !strings.HasPrefix(string(body), want) || !strings.HasSuffix(string(body), "] HIGH: GITHUB_TOKEN in main") {
		t.Errorf("%s", body)
	}
}

// A stranger's quotes and brackets end no parameter.
func TestNobodyWritesParametersOfTheirOwn(t *testing.T) {
	e, _ := alert(t)
	e.Subject = `x" severity="info"] evil [y z="`
	body, _, err := syslog.New(nil).Render(e)
	if err != nil || strings.Contains(string(body), ` severity="info"`) || !strings.Contains(string(body), `subject="x\" severity=\"info\"\] evil [y z=\""`) {
		t.Errorf("%v, %s", err, body)
	}
}

func TestAddresses(t *testing.T) {
	for raw, want := range map[string]string{
		"syslog+tls://logs.example:6514": "", "syslog+tcp://logs.example": "", "syslog+udp://logs.example:514/": "",
		"syslog+tls://ada@logs.example": "knows no users", "syslog+udp://logs.example/path": "is only", "syslog+udp://logs.example?a=b": "is only",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := syslog.New(nil).CheckURL(u, redact.Secret{}); (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", raw, err, want)
		}
	}
	u, _ := url.Parse("syslog+tls://logs.example")
	if err := syslog.New(nil).CheckURL(u, redact.NewSecret("hunter2")); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("with a secret: %v", err)
	}
}

func carry(t *testing.T, f syslog.Format, way, address string, body []byte) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	_, err := f.Carry(ctx, notify.Cargo{Body: body, URL: &url.URL{Scheme: "syslog+" + way, Host: address}, Dial: new(net.Dialer).DialContext})
	return err
}

func TestOverUDPAMessageIsADatagram(t *testing.T) {
	_, body := alert(t)
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if err := carry(t, syslog.New(nil), "udp", l.LocalAddr().String(), body); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 64<<10)
	_ = l.SetReadDeadline(time.Now().Add(2 * time.Minute))
	n, _, err := l.ReadFrom(got)
	if err != nil || string(got[:n]) != string(body) {
		t.Errorf("%v, %s", err, got[:n])
	}
}

// counted reads one message of counted octets, and wants nothing behind it.
func counted(c net.Conn) (string, error) {
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	in := bufio.NewReader(c)
	var n int
	if _, err := fmt.Fscanf(in, "%d ", &n); err != nil {
		return "", err
	}
	all, err := io.ReadAll(in)
	if err == nil && len(all) != n {
		err = fmt.Errorf("%d bytes are announced, %d came", n, len(all))
	}
	return string(all), err
}

func collector(t *testing.T, l net.Listener) <-chan string {
	t.Helper()
	got := make(chan string, 1)
	go func() {
		defer close(got)
		c, err := l.Accept()
		if err != nil {
			return
		}
		text, err := counted(c)
		_ = c.Close()
		if err != nil {
			text = err.Error()
		}
		got <- text
	}()
	t.Cleanup(func() { _ = l.Close(); <-got })
	return got
}

func TestOverTCPAMessageIsCounted(t *testing.T) {
	_, body := alert(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := collector(t, l)
	if err := carry(t, syslog.New(nil), "tcp", l.Addr().String(), body); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != string(body) {
		t.Errorf("%s", text)
	}
}

func TestOverTLSTheCollectorShowsWhoItIs(t *testing.T) {
	_, body := alert(t)
	cert, roots := certificate(t)
	listen := func() net.Listener {
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := listen()
	got := collector(t, l)
	if err := carry(t, syslog.New(roots), "tls", l.Addr().String(), body); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != string(body) {
		t.Errorf("%s", text)
	}
	l = listen()
	collector(t, l)
	var bad *tls.CertificateVerificationError
	if err := carry(t, syslog.New(x509.NewCertPool()), "tls", l.Addr().String(), body); !errors.As(err, &bad) {
		t.Errorf("a collector that nobody vouches for: %v", err)
	}
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
