package postgres

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// The numbers that stand for a version in packets that begin something else.
const (
	cancelRequest = 80877102
	tlsRequest    = 80877103
	gssRequest    = 80877104
	version3      = 3 << 16
)

// begin reads start packets up to the one that names user and database.
func (c *client) begin(ctx context.Context) error {
	tlsDone, gssDone := false, false
	for {
		b, err := c.start()
		if err != nil {
			return err
		}
		switch code := binary.BigEndian.Uint32(b); {
		case code == cancelRequest:
			return errSilent
		case code == tlsRequest && !tlsDone:
			tlsDone = true
			if err := c.upgrade(ctx); err != nil {
				return err
			}
		case code == gssRequest && !gssDone:
			gssDone = true
			return c.gss()
		default:
			return c.packet(code, b[4:])
		}
	}
}

// gss agrees to GSSAPI, as a server that was built with it does, and drops the
// client over its first token: the machine is in no realm.
func (c *client) gss() error {
	c.out = append(c.out, 'G')
	if err := c.flush(); err != nil {
		return err
	}
	if _, err := c.in.ReadByte(); err != nil {
		return err
	}
	return errSilent
}

// upgrade answers a request for TLS. What a client sent before the answer is
// not to be trusted, and the real server drops it for that.
func (c *client) upgrade(ctx context.Context) error {
	early, config := c.in.Buffered() > 0, c.tlsConfig()
	answer := byte('N')
	if config != nil {
		answer = 'S'
	}
	c.out = append(c.out, answer)
	if err := c.flush(); err != nil {
		return err
	}
	if early {
		p := fatal("08P01", "postmaster.c", 2136, "ProcessStartupPacket", "received unencrypted data after SSL request")
		p.detail = "This could be either a client-software bug or evidence of an attempted man-in-the-middle attack."
		return p
	}
	if config == nil {
		return nil
	}
	secure := tls.Server(c.conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	c.wire, c.secure = newWire(secure, &c.holdings), true
	return nil
}

// tlsConfig is nil when there is to be no TLS.
func (c *client) tlsConfig() *tls.Config {
	if !c.srv.config.TLS {
		return nil
	}
	config, err := c.srv.tls()
	if err != nil {
		c.srv.setup.Log.Error("a decky has no certificate", "service", "postgres", "error", err)
		return nil
	}
	return config
}

// packet reads what a client says of itself.
func (c *client) packet(version uint32, b []byte) error {
	major, minor := version>>16, version&0xffff
	switch {
	case major < 3: // told in the words of the protocol before
		c.out = append(c.out, fmt.Sprintf("EFATAL:  unsupported frontend protocol %d.%d: server supports 3.0 to 3.0\n\x00", major, minor)...)
		return errSilent
	case major > 3:
		return fatal("0A000", "postmaster.c", 2222, "ProcessStartupPacket", "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", major, minor)
	}
	extra, err := c.options(b)
	if err != nil {
		return err
	}
	if minor > 0 || len(extra) > 0 {
		body := binary.BigEndian.AppendUint32(nil, version3)
		body = binary.BigEndian.AppendUint32(body, uint32(len(extra)))
		for _, e := range extra {
			body = append(body, zero(e)...)
		}
		c.put('v', body)
	}
	c.hello(minor)
	if c.user = c.params["user"]; c.user == "" {
		return fatal("28000", "postmaster.c", 2351, "ProcessStartupPacket", "no PostgreSQL user name specified in startup packet")
	}
	if c.db = c.params["database"]; c.db == "" {
		c.db = c.user
	}
	c.user, c.db = c.user[:min(len(c.user), 63)], c.db[:min(len(c.db), 63)]
	return nil
}

// options reads names and values, and returns the names of what this version
// of the protocol does not have.
func (c *client) options(b []byte) (extra []string, err error) {
	c.params = map[string]string{}
	for len(b) > 0 && b[0] != 0 {
		name, rest, ok := bytes.Cut(b, []byte{0})
		value, rest2, ok2 := bytes.Cut(rest, []byte{0})
		if !ok || !ok2 {
			break
		}
		b = rest2
		if n := string(name); strings.HasPrefix(n, "_pq_.") {
			extra = append(extra, n)
		} else {
			c.params[n] = string(value)
		}
	}
	if len(b) != 1 || b[0] != 0 {
		return nil, fatal("08P01", "postmaster.c", 2334, "ProcessStartupPacket", "invalid startup packet layout: expected terminator as last byte")
	}
	if r, ok := c.params["replication"]; ok && !isBool(r) && r != "database" {
		return nil, fatal("22023", "postmaster.c", 2286, "ProcessStartupPacket", `invalid value for parameter "replication": "%s"`, r).
			with(`Valid values are: "false", 0, "true", 1, "database".`)
	}
	return extra, nil
}

// isBool reports whether a text is one of the server's words for yes and no.
func isBool(s string) bool {
	s = strings.ToLower(s)
	for _, w := range []string{"true", "false", "yes", "no"} {
		if s != "" && strings.HasPrefix(w, s) {
			return true
		}
	}
	return s == "on" || s == "of" || s == "off" || s == "1" || s == "0"
}

// hello records how the client introduced itself.
func (c *client) hello(minor uint32) {
	fields := []service.Field{{Name: "protocol", Value: fmt.Sprintf("3.%d", minor)}, {Name: "tls", Value: fmt.Sprint(c.secure)}}
	for _, name := range []string{"user", "database", "application_name", "client_encoding", "options", "replication"} {
		if v, ok := c.params[name]; ok {
			fields = append(fields, service.Field{Name: name, Value: v})
		}
	}
	c.session.Record(service.ClientHello, nil, fields...)
}
