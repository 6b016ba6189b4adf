package sniff

import (
	"go.cordon.dev/cordon/guard/egress/policy"
)

// The numbers of TLS that matter here (RFC 8446, 4.1.2, 4.2 and 5.1; RFC 6066,
// 3; RFC 7301, 3.1).
const (
	recordHandshake = 22
	clientHelloType = 1
	extServerName   = 0
	extALPN         = 16
)

// clientHello reads a whole ClientHello, over as many records as it comes in.
func clientHello(b []byte) (Guess, Verdict) {
	g := Guess{Protocol: policy.TLS, TLS: true}
	if v := oddHello(b); v != Unknown {
		return g, v
	}
	if len(b) == 0 || b[0] != recordHandshake || len(b) > 1 && b[1] != 3 {
		return Guess{}, Unknown
	}
	hello, v := handshake(b)
	if v != Known {
		return g, v
	}
	if !g.read(hello) {
		return g, Broken
	}
	return g, Known
}

// handshake joins the records and returns the body of the first message.
func handshake(b []byte) (body []byte, v Verdict) {
	var message []byte
	for {
		if len(b) < 5 {
			return nil, More
		}
		size := int(b[3])<<8 | int(b[4])
		if b[0] != recordHandshake || b[1] != 3 || size == 0 || size > 1<<14 {
			return nil, Broken
		}
		record := b[5:]
		whole := len(record) >= size
		message = append(message, record[:min(size, len(record))]...)
		if len(message) > 0 && message[0] != clientHelloType {
			return nil, Broken
		}
		if body, v := firstMessage(message); v != More {
			return body, v
		}
		if !whole {
			return nil, More
		}
		b = record[size:]
	}
}

func firstMessage(m []byte) (body []byte, v Verdict) {
	if len(m) < 4 {
		return nil, More
	}
	size := int(m[1])<<16 | int(m[2])<<8 | int(m[3])
	switch {
	case size > MaxFirst-1024:
		return nil, Broken
	case len(m) < 4+size:
		return nil, More
	}
	return m[4 : 4+size], Known
}

// cursor takes fields off a message; ok turns false when one is cut off.
type cursor struct {
	b  []byte
	ok bool
}

// take returns n bytes.
func (c *cursor) take(n int) []byte {
	if !c.ok || n > len(c.b) {
		c.ok = false
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

// number returns a big-endian number of n bytes.
func (c *cursor) number(n int) (v int) {
	for _, x := range c.take(n) {
		v = v<<8 | int(x)
	}
	return v
}

// vector returns what follows a length of n bytes.
func (c *cursor) vector(n int) []byte { return c.take(c.number(n)) }

// read takes the server name and the offered protocols.
func (g *Guess) read(hello []byte) bool {
	c := &cursor{hello, true}
	c.take(2 + 32) // version, random
	c.vector(1)    // session
	c.vector(2)    // cipher suites
	c.vector(1)    // compression
	if !c.ok {
		return false
	}
	if len(c.b) == 0 {
		return true // TLS 1.0 may have no extensions
	}
	ext := &cursor{c.vector(2), c.ok}
	named := false
	for len(ext.b) > 0 && ext.ok {
		kind, body := ext.number(2), ext.vector(2)
		switch kind {
		case extServerName:
			if named || !g.serverName(body) {
				return false
			}
			named = true
		case extALPN:
			g.alpn(body)
		}
	}
	return ext.ok && c.ok && len(c.b) == 0
}

// serverName takes the one name that there may be.
func (g *Guess) serverName(body []byte) bool {
	outer := &cursor{body, true}
	list := &cursor{outer.vector(2), true}
	kind, name := list.number(1), list.vector(2)
	if !outer.ok || !list.ok || len(outer.b) > 0 || len(list.b) > 0 || kind != 0 || len(name) == 0 {
		return false
	}
	g.Host = string(name)
	return true
}

func (g *Guess) alpn(body []byte) {
	outer := &cursor{body, true}
	list := &cursor{outer.vector(2), true}
	for len(list.b) > 0 && list.ok {
		g.ALPN = append(g.ALPN, string(list.vector(1)))
	}
}
