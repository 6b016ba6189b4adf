package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/redact"
)

const (
	maxRecipients = 32
	maxAnswers    = 64 << 10 // bytes that a server may say in one session
)

// Format implements notify.Carried.
type Format struct{ roots *x509.CertPool }

// New returns the format. roots are the authorities whose certificates a server
// may have; nil: those of this machine.
func New(roots *x509.CertPool) Format { return Format{roots} }

// Name implements notify.Format.
func (Format) Name() string { return "email" }

// Schemes implements notify.Carried.
func (Format) Schemes() []string { return []string{"smtps", "smtp"} }

// route is where a mail goes, as its URL says.
type route struct {
	host, port string
	user       string
	from       string
	to         []string
	implicit   bool // TLS from the start
	clear      bool // no TLS at all
}

// CheckURL implements notify.Carried.
func (Format) CheckURL(u *url.URL, secret redact.Secret) error {
	r, err := read(u)
	switch {
	case err != nil:
		return err
	case r.clear && r.user != "":
		return errors.New("url says tls=none and names a user, whose password everybody on the way could read; leave out one of them")
	case r.user == "" && !secret.IsZero():
		return errors.New("url names no user for the password in secret; it looks like smtps://user@host:465/?from=...&to=...")
	}
	return nil
}

func read(u *url.URL) (r route, err error) {
	q := u.Query()
	for name := range q {
		if name != "from" && name != "to" && name != "tls" {
			return r, errors.New("url has a parameter besides from, to and tls")
		}
	}
	r = route{host: u.Hostname(), port: u.Port(), user: u.User.Username(), implicit: u.Scheme == "smtps", clear: q.Get("tls") == "none"}
	if _, inline := u.User.Password(); inline {
		return r, errors.New("url holds a password; give it as secret instead")
	}
	if tlsWord := q.Get("tls"); tlsWord != "" && (tlsWord != "none" || r.implicit) {
		return r, errors.New("tls in url may only be none, and only of smtp://")
	}
	if r.port == "" {
		r.port = map[bool]string{true: "465", false: "587"}[r.implicit] // RFC 8314, RFC 6409
	}
	if r.from, err = address(q.Get("from")); err != nil {
		return r, fmt.Errorf("from in url %w", err)
	}
	for _, to := range strings.Split(q.Get("to"), ",") {
		a, err := address(to)
		if err != nil {
			return r, fmt.Errorf("to in url %w", err)
		}
		r.to = append(r.to, a)
	}
	if len(r.to) > maxRecipients {
		return r, fmt.Errorf("to in url names %d people, more than %d; use a list", len(r.to), maxRecipients)
	}
	return r, nil
}

// address reads a bare address; what it refuses it does not show.
func address(s string) (string, error) {
	a, err := mail.ParseAddress(strings.TrimSpace(s))
	if err != nil || a.Name != "" || strings.ContainsAny(a.Address, "\r\n <>\"") {
		return "", errors.New("is not an address such as soc@example.com")
	}
	return a.Address, nil
}

// Carry implements notify.Carried. All recipients get the message, or none.
func (f Format) Carry(ctx context.Context, c notify.Cargo) (int, error) {
	r, err := read(c.URL)
	if err != nil {
		return 0, &notify.Refusal{Why: err.Error(), Final: true}
	}
	conn, err := c.Dial(ctx, "tcp", net.JoinHostPort(r.host, r.port))
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a connection that cannot have one fails below
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := f.talk(capped{conn, &io.LimitedReader{R: conn, N: maxAnswers}}, r, c); err != nil {
		return 0, err
	}
	return 250, nil
}

// capped ends a connection whose other side says too much.
type capped struct {
	net.Conn
	in *io.LimitedReader
}

func (c capped) Read(p []byte) (int, error) { return c.in.Read(p) }

// talk says what there is to say. Its errors are refusals or of the connection.
func (f Format) talk(conn net.Conn, r route, c notify.Cargo) error {
	if r.implicit {
		conn = tls.Client(conn, f.tls(r))
	}
	cl, err := smtp.NewClient(conn, r.host)
	if err != nil {
		return refused("greeting", err)
	}
	defer func() { _ = cl.Close() }()
	if err := cl.Hello(hello(r.from)); err != nil {
		return refused("EHLO", err)
	}
	if err := f.secure(cl, r, c.Secret); err != nil {
		return err
	}
	if err := cl.Mail(r.from); err != nil {
		return refused("sender", err)
	}
	for i, to := range r.to {
		if err := cl.Rcpt(to); err != nil {
			return refused(fmt.Sprintf("recipient %d", i+1), err)
		}
	}
	w, err := cl.Data()
	if err != nil {
		return refused("message", err)
	}
	if _, err := w.Write(message(r, c)); err != nil {
		return refused("message", err)
	}
	if err := w.Close(); err != nil {
		return refused("message", err)
	}
	_ = cl.Quit() // it has been taken; a repeat would double it
	return nil
}

// secure begins TLS and logs in. A password is never sent without TLS.
func (f Format) secure(cl *smtp.Client, r route, password redact.Secret) error {
	if !r.implicit && !r.clear {
		if ok, _ := cl.Extension("STARTTLS"); !ok {
			return &notify.Refusal{Why: "the server does not offer STARTTLS; use smtps://, or tls=none without a user", Final: true}
		}
		if err := cl.StartTLS(f.tls(r)); err != nil {
			return refused("STARTTLS", err)
		}
	}
	if r.user == "" {
		return nil
	}
	if ok, ways := cl.Extension("AUTH"); !ok || !strings.Contains(" "+ways+" ", " PLAIN ") {
		return &notify.Refusal{Why: "the server does not offer AUTH PLAIN; leave the user out of url, or use another server", Final: true}
	}
	return refused("user and password", cl.Auth(plain{r.user, password}))
}

func (f Format) tls(r route) *tls.Config {
	return &tls.Config{ServerName: r.host, RootCAs: f.roots, MinVersion: tls.VersionTLS12}
}

// plain is AUTH PLAIN (RFC 4616). It is used over TLS only.
type plain struct {
	user     string
	password redact.Secret
}

// Start implements smtp.Auth.
func (p plain) Start(s *smtp.ServerInfo) (string, []byte, error) {
	if !s.TLS {
		return "", nil, errors.New("no password without TLS")
	}
	return "PLAIN", []byte("\x00" + p.user + "\x00" + p.password.Reveal()), nil
}

// Next implements smtp.Auth.
func (plain) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("the server asks for more than AUTH PLAIN has")
	}
	return nil, nil
}

// message puts the fields of the way before what Render made. The Message-ID is
// the same on every attempt: mailboxes know a repeat by it.
func message(r route, c notify.Cargo) []byte {
	var b bytes.Buffer
	_, domain, _ := strings.Cut(r.from, "@")
	fmt.Fprintf(&b, "From: Cordon <%s>\r\nTo: %s\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\n",
		r.from, strings.Join(r.to, ",\r\n "), c.At.UTC().Format(time.RFC1123Z), c.ID, domain)
	b.Write(c.Body)
	return b.Bytes()
}

// hello is how we call ourselves: the sender's domain, since the name of this
// machine is nobody's business.
func hello(from string) string {
	_, domain, _ := strings.Cut(from, "@")
	return domain
}

// refused turns the server's no into a Refusal, in our words: its own could
// repeat what was sent. 4xx may pass, 5xx does not (RFC 5321, section 4.2.1).
func refused(what string, err error) error {
	var no *textproto.Error
	if !errors.As(err, &no) {
		return err
	}
	return &notify.Refusal{Status: no.Code, Why: fmt.Sprintf("SMTP %d: the server refuses the %s", no.Code, what), Final: no.Code >= 500}
}
