package egress

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// streams are protocols in a tunnel to an origin that echoes or greets.
func streams() (all []benign) {
	for what, text := range map[string]string{
		"SSH": "SSH-2.0-OpenSSH_9.2\r\n", "SMTP": "EHLO me\r\n", "Redis": "*1\r\n$4\r\nPING\r\n", "a word of Redis": "PING\r\n",
		"IRC": "NICK me\r\nUSER me 0 * :me\r\n", "Git": "0032git-upload-pack /x\x00host=ok.example\x00", "AMQP": "AMQP\x00\x00\x09\x01",
		"bytes": "\xde\xad\xbe\xef", "a single byte": "\x00\x01", "memcached": "stats\r\n", "a PostgreSQL session": startup,
		"MQTT": "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", "a zero": "\x7f",
	} {
		for _, entry := range []string{"connect", "socks5"} {
			all = append(all, benign{what + " in a tunnel/" + entry, func(t *testing.T, w *world) {
				w.route("203.0.113.1:7", listen(t, echo).addr)
				c := w.connect()
				c.t = t
				inTunnel(c, "ok.example", 7)
				c.say(text).expect(text)
			}})
		}
	}
	for what, greeting := range map[string]string{
		"SSH": "SSH-2.0-OpenSSH_9.2\r\n", "SMTP": "220 mx ESMTP\r\n", "FTP": "220 (vsFTPd)\r\n", "MySQL": greeting, "IMAP": "* OK ready\r\n", "POP3": "+OK ready\r\n", "daytime": "14 MAR 2026\r\n", "bytes": "\xff\xfe",
	} {
		all = append(all, benign{"a server that greets: " + what, func(t *testing.T, w *world) {
			login := "\x20\x00\x00\x01\x05\xae\xff\x19 and the rest of a login"
			w.route("203.0.113.1:7", listen(t, func(c net.Conn) { _, _ = io.WriteString(c, greeting); echo(c) }).addr)
			w.connect().tunnel("ok.example:7").expect(greeting).say(login).expect(login)
		}})
	}
	return all
}

// tlsClients are handshakes that must reach the origin whole.
func tlsClients() (all []benign) {
	for what, c := range map[string]*tls.Config{
		"TLS 1.3":                  {},
		"TLS 1.2":                  {MaxVersion: tls.VersionTLS12},
		"TLS that offers HTTP/2":   {NextProtos: []string{"h2", "http/1.1"}},
		"TLS that offers HTTP/1.1": {NextProtos: []string{"http/1.1"}},
		"TLS with many protocols":  {NextProtos: strings.Fields(strings.Repeat("proto ", 200) + "http/1.1")},
		"TLS with a name in upper": {ServerName: "ONLY-WEB.example"},
		"TLS without a name":       {ServerName: "203.0.113.1"},
	} {
		for _, to := range []string{"only-web.example:443", "only-web.example:8443"} {
			all = append(all, benign{what + " to " + to, func(t *testing.T, w *world) { shakes(t, w, c.Clone(), to) }})
		}
	}
	return append(all, benign{"TLS to an address, with a name", func(t *testing.T, w *world) {
		shakes(t, w, &tls.Config{ServerName: "whatever.example"}, "203.0.113.5:443")
	}})
}

// shakes completes a handshake with an origin behind the gateway.
func shakes(t *testing.T, w *world, c *tls.Config, to string) {
	srv := httptest.NewTLSServer(http.HandlerFunc(hello))
	defer srv.Close()
	_, port, _ := strings.Cut(to, ":")
	w.route("203.0.113.1:"+port, srv.Listener.Addr().String())
	w.route("203.0.113.5:"+port, srv.Listener.Addr().String())
	raw := w.connect().tunnel(to)
	c.InsecureSkipVerify = true
	if c.ServerName == "" {
		c.ServerName = "only-web.example"
	}
	inner := tls.Client(raw.Conn, c)
	if err := inner.Handshake(); err != nil {
		t.Fatal(err)
	}
	if inner.ConnectionState().NegotiatedProtocol == "h2" {
		return
	}
	_, _ = io.WriteString(inner, "GET /in HTTP/1.1\r\nHost: only-web.example\r\n\r\n")
	got, err := http.ReadResponse(bufio.NewReader(inner), nil)
	if err != nil || !ok(got, "") {
		t.Errorf("%v %v", got, err)
	}
}
