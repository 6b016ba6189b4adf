package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strconv"

	"go.cordon.dev/cordon/internal/notify"
	"go.cordon.dev/cordon/internal/redact"
)

// maxDatagram is what collectors can be trusted to take whole over UDP: they
// should take 2,048 bytes and may take more (RFC 5424, section 6.1).
const maxDatagram = 8 << 10

// Format implements notify.Carried.
type Format struct{ Way }

// New returns the format. roots are the authorities whose certificates a
// collector may have; nil: those of this machine.
func New(roots *x509.CertPool) Format { return Format{Way{roots}} }

// Name implements notify.Format.
func (Format) Name() string { return "syslog" }

// Way is how messages of syslog travel, for every format that is one.
type Way struct{ Roots *x509.CertPool }

// Schemes implements notify.Carried.
func (Way) Schemes() []string { return []string{"syslog+tls", "syslog+tcp", "syslog+udp"} }

// CheckURL implements notify.Carried.
func (Way) CheckURL(u *url.URL, secret redact.Secret) error {
	switch {
	case u.User != nil || !secret.IsZero():
		return errors.New("syslog knows no users: leave out user and secret")
	case u.RawQuery != "" || u.Path != "" && u.Path != "/":
		return errors.New("url of syslog is only syslog+tls://host:port, or syslog+tcp, or syslog+udp")
	}
	return nil
}

// port is the registered one (RFC 5425, 3195, 5426).
func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"syslog+tls": "6514", "syslog+tcp": "601", "syslog+udp": "514"}[u.Scheme]
}

// Carry implements notify.Carried. Syslog has no receipt: a message counts as
// delivered when the network has taken it, over TLS when the collector has
// shown who it is.
func (w Way) Carry(ctx context.Context, c notify.Cargo) (int, error) {
	network := "tcp"
	if c.URL.Scheme == "syslog+udp" {
		network = "udp"
	}
	conn, err := c.Dial(ctx, network, net.JoinHostPort(c.URL.Hostname(), port(c.URL)))
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a connection that cannot have one fails below
	}
	if c.URL.Scheme == "syslog+udp" {
		_, err = conn.Write(c.Body[:min(len(c.Body), maxDatagram)])
		return 0, err
	}
	if c.URL.Scheme == "syslog+tls" {
		secured := tls.Client(conn, &tls.Config{ServerName: c.URL.Hostname(), RootCAs: w.Roots, MinVersion: tls.VersionTLS12})
		if err := secured.HandshakeContext(ctx); err != nil {
			return 0, err
		}
		conn = secured
	}
	return 0, write(conn, c.Body)
}

// write sends one counted message and says that it was the last, so that
// closing throws nothing away.
func write(conn net.Conn, body []byte) error {
	if _, err := conn.Write(append([]byte(strconv.Itoa(len(body))+" "), body...)); err != nil {
		return err
	}
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	return half.CloseWrite()
}
