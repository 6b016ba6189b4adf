//go:build servers

package e2e

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/testdebian"
	"go.cordon.dev/cordon/internal/testport"
)

// mailServer is Debian's aiosmtpd: STARTTLS is a must, and a login.
type mailServer struct {
	addr, authority string
	mu              sync.Mutex
	mails           []string
}

// mailProgram accepts one user and prints each mail as a line of JSON.
const mailProgram = `
import asyncio, json, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

class Handler:
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "login": session.authenticated,
                          "tls": session.ssl is not None, "mail": envelope.content.decode()}), flush=True)
        return "250 taken"

def login(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"cordon" and data.password == sys.argv[3].encode())

tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(sys.argv[1])
c = Controller(Handler(), hostname="127.0.0.1", port=int(sys.argv[2]), tls_context=tls, require_starttls=True,
               authenticator=login, auth_required=True)
c.start()
print("ready", flush=True)
sys.stdin.read()
c.stop()
`

func startMailServer(t *testing.T, addr, password string) *mailServer {
	t.Helper()
	python := testdebian.Python(t, "python3-aiosmtpd")
	s := &mailServer{addr: addr}
	var cert string
	cert, s.authority = mailCertificate(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(python, "-c", mailProgram, cert, port, password)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the mail server says %q", lines.Text())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for lines.Scan() {
			s.mu.Lock()
			s.mails = append(s.mails, lines.Text())
			s.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = in.Close(); <-done; _ = cmd.Wait() })
	return s
}

// mailCertificate writes a certificate with its key, and the authority alone.
func mailCertificate(t *testing.T) (both, authority string) {
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
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
	both, authority = filepath.Join(t.TempDir(), "both.pem"), filepath.Join(t.TempDir(), "authority.pem")
	for path, content := range map[string][]byte{both: append(bytes.Clone(private), public...), authority: public} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return both, authority
}

func (s *mailServer) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.mails...)
}

// TestAMailServerOfDebianTakesAlerts: secrets in a watched folder become mails,
// over STARTTLS and after a login.
func TestAMailServerOfDebianTakesAlerts(t *testing.T) {
	t.Parallel()
	password := rand.Text()
	addr := testport.Addr(t)
	s := startMailServer(t, addr, password)
	b := watchAndTell(t, fmt.Sprintf(`{id: mail, url: "smtp://cordon@%s/?from=cordon@example.com&to=soc@example.com,ada@example.com", secret: "env:E2E_MAIL_PASSWORD", topics: [leak.message.quarantined], format: email, allow_private: true}`, addr))
	b.env = append(b.env, "E2E_MAIL_PASSWORD="+password, "SSL_CERT_FILE="+s.authority)
	b.start()
	b.file("a.txt", b.secret())
	b.file("b.txt", b.secret())
	eventually(t, 2*time.Minute, "two mails", func() bool { return len(s.taken()) >= 2 })
	b.stop()
	if n := len(s.taken()); n != 2 {
		t.Errorf("%d mails for two alerts", n)
	}
	for _, raw := range s.taken() {
		checkMail(t, raw)
		if strings.Contains(raw, password) {
			t.Errorf("a mail holds the password")
		}
	}
}

// checkMail looks at one mail as it arrived.
func checkMail(t *testing.T, raw string) {
	t.Helper()
	var got struct {
		From  string
		To    []string
		Login bool
		TLS   bool
		Mail  string
	}
	if err := json.Unmarshal([]byte(raw), &got); err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(strings.NewReader(got.Mail))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	if got.From != "cordon@example.com" || len(got.To) != 2 || !got.Login || !got.TLS || !strings.HasPrefix(m.Header.Get("Message-ID"), "<msg_") ||
		!strings.Contains(m.Header.Get("Subject"), "[Cordon] ") || !strings.Contains(string(text), "\nevent ") {
		t.Errorf("%+v\n%s", got, text)
	}
}
