package email_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/notify/format/email"
	"go.cordon.dev/cordon/internal/redact"
)

// server is an SMTP server as a test wants it. It answers by the beginning of
// what is said to it.
type server struct {
	net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool
	implicit bool
	answers  map[string]string // instead of the usual
	mu       sync.Mutex
	heard    []string // all commands
	inClear  []string // those before TLS
	mails    []string
}

func newServer(t *testing.T, change func(*server)) *server {
	t.Helper()
	s := &server{answers: map[string]string{}}
	s.cert, s.roots = certificate(t)
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Listener = l
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return s
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
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

func (s *server) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	secured := s.implicit
	if s.implicit {
		c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}})
	}
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	in := bufio.NewReader(c)
	say(s.answer("greeting", "220 mail.example ESMTP"))
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb := strings.ToUpper(strings.Fields(line + " x")[0])
		s.note(line, secured)
		switch verb {
		case "EHLO":
			say(s.answer(verb, "250-mail.example\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN"))
		case "STARTTLS":
			say(s.answer(verb, "220 go on"))
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			in, secured = bufio.NewReader(c), true
		case "DATA":
			if a := s.answer(verb, "354 go on"); !strings.HasPrefix(a, "354") {
				say(a)
				continue
			}
			say("354 go on")
			s.take(in)
			say(s.answer("end", "250 taken"))
		case "AUTH":
			say(s.answer(verb, "235 welcome"))
		case "QUIT":
			say("221 bye")
			return
		default:
			say(s.answer(verb, "250 ok"))
		}
	}
}

func (s *server) answer(to, usual string) string {
	if a, ok := s.answers[to]; ok {
		return a
	}
	return usual
}

func (s *server) note(line string, secured bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = append(s.heard, line)
	if !secured {
		s.inClear = append(s.inClear, line)
	}
}

func (s *server) take(in *bufio.Reader) {
	var mail strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		mail.WriteString(line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail.String())
}

const password = "open sesame"

func (s *server) carry(ctx context.Context, t *testing.T, raw string) (int, error) {
	t.Helper()
	u, err := url.Parse(strings.ReplaceAll(raw, "HOST", s.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	secret := redact.Secret{}
	if u.User != nil {
		secret = redact.NewSecret(password)
	}
	f := email.New(s.roots)
	if err := f.CheckURL(u, secret); err != nil {
		t.Fatal(err)
	}
	body, _, err := f.Render(digest(t))
	if err != nil {
		t.Fatal(err)
	}
	return f.Carry(ctx, notify.Cargo{ID: "msg_1", At: time.Unix(1e9, 0), Body: body, URL: u, Secret: secret, Dial: new(net.Dialer).DialContext})
}

const people = "/?from=cordon@example.com&to=soc@example.com,ada@example.com"

func TestAMailIsSentOverTLSWithPassword(t *testing.T) {
	for scheme, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		t.Run(scheme, func(t *testing.T) {
			s := newServer(t, func(s *server) { s.implicit = implicit })
			status, err := s.carry(t.Context(), t, scheme+"://user@HOST"+people)
			if status != 250 || err != nil {
				t.Fatalf("%d, %v", status, err)
			}
			m, err := mail.ReadMessage(strings.NewReader(s.mails[0]))
			if err != nil {
				t.Fatal(err)
			}
			to, err := m.Header.AddressList("To")
			if err != nil || len(to) != 2 || m.Header.Get("Message-ID") != "<msg_1@example.com>" || m.Header.Get("Date") == "" || m.Header.Get("From") != "Cordon <cordon@example.com>" {
				t.Errorf("%v, %v", err, m.Header)
			}
			said := strings.Join(s.heard, "\n")
			login := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00user\x00"+password))
			for _, want := range []string{"EHLO example.com", login, "MAIL FROM:<cordon@example.com>", "RCPT TO:<soc@example.com>", "RCPT TO:<ada@example.com>"} {
				if !strings.Contains(said, want) {
					t.Errorf("not said: %s\n%s", want, said)
				}
			}
			if clear := strings.Join(s.inClear, " "); strings.Contains(clear, "AUTH") || strings.Contains(clear, "MAIL") {
				t.Errorf("said in the clear: %s", clear)
			}
		})
	}
}

// What the server answers, and what becomes of the delivery.
func TestWhatAnAnswerMeans(t *testing.T) {
	for name, tt := range map[string]struct {
		to, answer string
		want       notify.Refusal
	}{
		"greylisted":          {"RCPT", "450 4.2.0 later, open sesame", notify.Refusal{Status: 450, Why: "SMTP 450: the server refuses the recipient 1"}},
		"no such user":        {"RCPT", "550 5.1.1 who", notify.Refusal{Status: 550, Why: "SMTP 550: the server refuses the recipient 1", Final: true}},
		"sender refused":      {"MAIL", "553 no", notify.Refusal{Status: 553, Why: "SMTP 553: the server refuses the sender", Final: true}},
		"wrong password":      {"AUTH", "535 5.7.8 open sesame is wrong", notify.Refusal{Status: 535, Why: "SMTP 535: the server refuses the user and password", Final: true}},
		"too large":           {"end", "552 too large", notify.Refusal{Status: 552, Why: "SMTP 552: the server refuses the message", Final: true}},
		"full":                {"end", "452 full", notify.Refusal{Status: 452, Why: "SMTP 452: the server refuses the message"}},
		"busy":                {"greeting", "421 busy", notify.Refusal{Status: 421, Why: "SMTP 421: the server refuses the greeting"}},
		"no STARTTLS":         {"EHLO", "250 AUTH PLAIN", notify.Refusal{Why: "the server does not offer STARTTLS; use smtps://, or tls=none without a user", Final: true}},
		"STARTTLS, no logins": {"EHLO", "250-mail.example\r\n250 STARTTLS", notify.Refusal{Why: "the server does not offer AUTH PLAIN; leave the user out of url, or use another server", Final: true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, func(s *server) { s.answers[tt.to] = tt.answer })
			_, err := s.carry(t.Context(), t, "smtp://user@HOST"+people)
			var no *notify.Refusal
			if !errors.As(err, &no) || *no != tt.want {
				t.Fatalf("%#v, want %#v", err, tt.want)
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}

func TestInTheClearOnlyWhereTheURLSaysSo(t *testing.T) {
	s := newServer(t, func(s *server) { s.answers["EHLO"] = "250 mail.example" })
	if status, err := s.carry(t.Context(), t, "smtp://HOST"+people+"&tls=none"); status != 250 || err != nil {
		t.Fatalf("%d, %v", status, err)
	}
}

func TestACertificateThatNobodyVouchesForIsRefused(t *testing.T) {
	s := newServer(t, nil)
	s.roots = x509.NewCertPool()
	_, err := s.carry(t.Context(), t, "smtp://user@HOST"+people)
	var bad *tls.CertificateVerificationError
	if !errors.As(err, &bad) || len(s.mails) > 0 || strings.Contains(strings.Join(s.heard, " "), "AUTH") {
		t.Errorf("%v after %v", err, s.heard)
	}
}

// A server that talks without end, or says nothing, costs a bounded time and
// memory.
func TestAServerThatTalksWithoutEnd(t *testing.T) {
	s := newServer(t, func(s *server) {
		s.answers["greeting"] = strings.Repeat("220-and another thing\r\n", 10_000) + "220 done"
	})
	if _, err := s.carry(t.Context(), t, "smtp://HOST"+people); err == nil {
		t.Error("it was heard out")
	}
}

func TestAServerThatSaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &server{Listener: l}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.carry(ctx, t, "smtp://HOST"+people); err == nil {
		t.Error("a mail was delivered to nobody")
	}
}
