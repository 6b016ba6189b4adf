package egress

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// oddly is a connection on which a client of TLS changes what it writes first.
type oddly struct {
	net.Conn
	change func(first []byte) []byte
}

func (o *oddly) Write(p []byte) (int, error) {
	if o.change == nil {
		return o.Conn.Write(p)
	}
	b := o.change(append([]byte(nil), p...))
	o.change = nil
	_, err := o.Conn.Write(b)
	return len(p), err
}

// Servers take more for TLS than its standard has: records of another version, a warning
// before the first word (Go's do, as does OpenSSL with the warning). Who speaks so is no
// stream of TCP, into which nobody looks.
func TestTLSAsOnlyServersKnowIt(t *testing.T) {
	secret := fake(t)
	for name, change := range map[string]func([]byte) []byte{
		"as it should be":                func(b []byte) []byte { return b },
		"behind a warning":               func(b []byte) []byte { return append([]byte{21, 3, 1, 0, 2, 1, 100}, b...) },
		"behind three warnings":          func(b []byte) []byte { return append([]byte(strings.Repeat("\x15\x03\x01\x00\x02\x01\x5a", 3)), b...) },
		"behind a warning of no version": func(b []byte) []byte { return append([]byte{21, 0, 0, 0, 2, 1, 100}, b...) },
		"in a record of version 0":       func(b []byte) []byte { b[1], b[2] = 0, 0; return b },
		"in a record of version 2":       func(b []byte) []byte { b[1], b[2] = 2, 0; return b },
		"in a record of version 15":      func(b []byte) []byte { b[1], b[2] = 15, 1; return b },
	} {
		t.Run(name, func(t *testing.T) {
			v := unveil(t, lookInto+"mode: strict\nallowlist: {rules: [{host: api.example, ports: [443]}]}\n")
			raw := v.connect().tunnel("api.example:443")
			pool := v.signer.pool() // whoever is told to trust nobody else finds out whether the gateway is there
			pool.AddCert(v.authority.Certificate())
			c := tls.Client(&oddly{raw.Conn, change}, &tls.Config{ServerName: "api.example", RootCAs: pool})
			if c.Handshake() == nil {
				_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(secret), secret)
				_, _ = io.Copy(io.Discard, c)
			}
			_ = c.Close()
			if strings.Contains(v.box.all(), secret) {
				t.Error("the origin got it")
			}
			eventually(t, "the decision", func() bool { return len(v.decisions()) > 0 })
		})
	}
}
