package mysql

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"go.cordon.dev/cordon/internal/deception/service"
)

// What a client can do, as far as it changes what it sends
// (https://mariadb.com/kb/en/connection/#capabilities).
const (
	withDatabase   = 1 << 3
	protocol41     = 1 << 9
	withTLS        = 1 << 11
	secureAuth     = 1 << 15
	pluginAuth     = 1 << 19
	withAttributes = 1 << 20
	countedAuth    = 1 << 21
)

const nativePassword = "mysql_native_password"

// client is one connection.
type client struct {
	*wire
	session *service.Session
	salt    []byte
}

// hello is what a client says of itself.
type hello struct {
	flags    uint32
	user     string
	answer   []byte // to the challenge
	database string
	plugin   string
	fields   []service.Field
}

// greet sends the handshake, version 10, of a server without TLS.
func (c *client) greet(thread uint32) (err error) {
	if c.salt, err = salt(); err != nil {
		return err
	}
	b := append([]byte{10}, Version+"\x00"...)
	b = binary.LittleEndian.AppendUint32(b, thread)
	b = append(append(b, c.salt[:8]...), 0)
	b = append(b, 0xfe, 0xf7)           // capabilities, lower half
	b = append(b, 45)                   // utf8mb4_general_ci, Debian's default
	b = append(b, 0x02, 0x00)           // autocommit
	b = append(b, 0xff, 0x81)           // capabilities, upper half
	b = append(b, 21, 0, 0, 0, 0, 0, 0) // length of the challenge
	b = append(b, 0x1d, 0, 0, 0)        // MariaDB's own capabilities
	b = append(append(b, c.salt[8:]...), 0)
	return c.write(append(b, nativePassword+"\x00"...))
}

// login reads who wants in, and says no.
func (c *client) login() error {
	b, err := c.read()
	if err != nil {
		return err
	}
	h, err := parse(b)
	if err != nil {
		return err
	}
	c.session.Record(service.ClientHello, nil, append([]service.Field{
		{Name: "user", Value: h.user}, {Name: "database", Value: h.database}, {Name: "plugin", Value: h.plugin}, {Name: "capabilities", Value: fmt.Sprintf("%08x", h.flags)},
	}, h.fields...)...)
	if h.plugin != nativePassword {
		c.other(h)
		if h.answer, err = c.change(); err != nil {
			return err
		}
	}
	if n := len(h.answer); n != 0 && n != 20 {
		return handshakeError()
	}
	c.attempt(h, service.MySQLNative, h.answer)
	return c.denied(h)
}

func (c *client) attempt(h *hello, kind string, secret []byte) {
	c.session.Attempt(service.Credential{Kind: kind, Principal: h.user, Secret: secret, Details: []service.Field{
		{Name: "database", Value: h.database}, {Name: "salt", Value: hex.EncodeToString(c.salt)},
	}})
}

// other records what a client sent by a method that the server will not use.
func (c *client) other(h *hello) {
	switch {
	case h.plugin == "mysql_clear_password" && len(h.answer) > 0:
		c.attempt(h, service.Plaintext, bytes.TrimSuffix(h.answer, []byte{0}))
	case h.plugin == "caching_sha2_password" && len(h.answer) == 32:
		c.attempt(h, service.MySQLSHA2, h.answer)
	}
}

// change asks for the method of the account, with another challenge.
func (c *client) change() (answer []byte, err error) {
	if c.salt, err = salt(); err != nil {
		return nil, err
	}
	if err := c.write(append(append([]byte("\xfe"+nativePassword+"\x00"), c.salt...), 0)); err != nil {
		return nil, err
	}
	return c.read()
}

func (c *client) denied(h *hello) error {
	using := map[bool]string{true: "YES", false: "NO"}[len(h.answer) > 0]
	return &refusal{accessDenied, "28000", fmt.Sprintf("Access denied for user '%s'@'%s' (using password: %s)", h.user, c.session.Client().Addr(), using)}
}

// maxUser is the length at which the server cuts a name, in bytes.
const maxUser = 128

// parse reads the answer to the handshake.
func parse(b []byte) (*hello, error) {
	r := &reader{b: b}
	h := &hello{flags: r.number(2), plugin: nativePassword}
	if len(b) < 5 {
		return nil, handshakeError()
	}
	if h.flags&protocol41 == 0 {
		return nil, &refusal{oldProtocol, "", "Client does not support authentication protocol requested by server; consider upgrading MariaDB client"}
	}
	h.flags |= r.number(2) << 16
	r.take(28) // largest packet, character set, and what is kept for later
	if h.flags&withTLS != 0 {
		return nil, handshakeError() // the server did not offer it
	}
	user := r.text()
	h.user = string(user[:min(len(user), maxUser)])
	h.read(r)
	if r.bad {
		return nil, handshakeError()
	}
	return h, nil
}

// read takes what is behind the name.
func (h *hello) read(r *reader) {
	switch {
	case h.flags&countedAuth != 0:
		h.answer = r.counted()
	case h.flags&secureAuth != 0:
		h.answer = r.take(int(r.number(1)))
	default:
		h.answer = r.text()
	}
	if h.flags&withDatabase != 0 {
		h.database = string(r.text())
	}
	if h.flags&pluginAuth != 0 {
		h.plugin = string(r.text())
	}
	if h.flags&withAttributes != 0 {
		h.attributes(r.counted())
	}
}

// attributes are names and values with which a client describes itself. What
// is wrong with them is no reason to turn it away.
func (h *hello) attributes(b []byte) {
	r := &reader{b: b}
	for len(r.b) > 0 && !r.bad {
		name, value := r.counted(), r.counted()
		if r.bad || len(h.fields) >= service.MaxFields {
			return
		}
		h.fields = append(h.fields, service.Field{Name: "client" + string(name), Value: string(value)})
	}
}
