package egress

import (
	"fmt"
	"strings"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// proxies misuse the two ways to ask for a tunnel.
func proxies() []escape {
	connect := func(row, to string, why policy.Reason) escape { return escape{row, "connect", connects(to), why} }
	socks := func(row, host string, port uint16, why policy.Reason) escape {
		return escape{row, "socks5", socksTo(host, port), why}
	}
	return []escape{
		connect("a tunnel to a denied host", "evil.example:443", policy.ReasonDefaultPolicy),
		connect("a tunnel to port 25 of an allowed host", "allowed.example:25", policy.ReasonPort),
		connect("a tunnel to the metadata service", "169.254.169.254:80", policy.ReasonMetadataAddress),
		connect("a tunnel to this machine", "127.0.0.1:443", policy.ReasonDefaultPolicy),
		connect("a tunnel to the address of an allowed name", goodAddress+":443", policy.ReasonDefaultPolicy),
		connect("a tunnel without a port", "allowed.example", ReasonBadRequest),
		connect("a tunnel to port 0", "allowed.example:0", ReasonBadRequest),
		connect("a tunnel to a URL", "http://allowed.example/", ReasonBadRequest),
		connect("a tunnel with user information", "x@allowed.example:443", ReasonBadRequest),
		{"a tunnel with the allowed host in the Host field", "connect", sends("CONNECT evil.example:443 HTTP/1.1\r\nHost: allowed.example:443\r\n\r\n"), policy.ReasonDefaultPolicy},
		{"a tunnel request with a body", "connect", sends("CONNECT allowed.example:443 HTTP/1.1\r\nHost: allowed.example\r\nContent-Length: 3\r\n\r\nabc"), ReasonBadRequest},
		{"a tunnel back into the gateway", "connect", func(c *raw) {
			_, port, _ := strings.Cut(c.w.addr, ":")
			connects("127.0.0.9:" + port)(c)
		}, ReasonLoop},

		socks("SOCKS5 to a denied host", "evil.example", 443, policy.ReasonDefaultPolicy),
		socks("SOCKS5 to a number", "0xA9FEA9FE", 80, policy.ReasonMetadataAddress),
		socks("SOCKS5 to a name with NUL", "evil.example\x00.allowed.example", 80, ReasonBadRequest),
		socks("SOCKS5 to a name with a port in it", "allowed.example:443", 80, ReasonBadRequest),
		socks("SOCKS5 to a name with user information", "x@allowed.example", 80, ReasonBadRequest),
		socks("SOCKS5 to port 0", "allowed.example", 0, ReasonBadRequest),
		{"SOCKS5 to an address in IPv6 clothes", "socks5", sends("\x05\x01\x00\x05\x01\x00\x04" + strings.Repeat("\x00", 10) + "\xff\xff\xa9\xfe\xa9\xfe\x00\x50"), policy.ReasonMetadataAddress},
		{"SOCKS5 UDP ASSOCIATE", "socks5", sends("\x05\x01\x00\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"), ReasonUnsupported},
		{"SOCKS5 BIND", "socks5", sends("\x05\x01\x00\x05\x02\x00\x01\xcb\x00\x71\x01\x00\x50"), ReasonUnsupported},
		{"SOCKS5 with a login only", "socks5", sends("\x05\x01\x02"), ReasonUnsupported},
		{"SOCKS4", "socks5", sends("\x04\x01\x00\x50\xcb\x00\x71\x42x\x00"), ReasonUnsupported},
		{"SOCKS4a", "socks5", sends("\x04\x01\x00\x50\x00\x00\x00\x01x\x00evil.example\x00"), ReasonUnsupported},
	}
}

// tunnels carry something else than what they were opened for.
func tunnels() []escape {
	web := func(row, text string, why policy.Reason) escape {
		return escape{row, "tunnel", inside("allowed.example", 443, text), why}
	}
	plain := func(row, text string, why policy.Reason) escape {
		return escape{row, "tunnel", inside("allowed.example", 80, text), why}
	}
	query := "\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01"
	return []escape{
		web("TLS that names another host", helloFor("evil.example"), ReasonHostMismatch),
		web("TLS that names another allowed host", helloFor("other.example"), ReasonHostMismatch),
		web("TLS that names a host below", helloFor("x.allowed.example"), ReasonHostMismatch),
		web("TLS that names the metadata service", helloFor("metadata.google.internal"), ReasonHostMismatch),
		web("TLS with another name over many records", records(helloFor("evil.example"), 9), ReasonHostMismatch),
		{"TLS with another name, byte by byte", "tunnel", drip("allowed.example", 443, helloFor("evil.example")), ReasonHostMismatch},
		web("TLS that is no ClientHello", "\x16\x03\x01\x00\x04\x02\x00\x00\x00", ReasonBadRequest),
		web("TLS behind a warning, as servers take it", "\x15\x03\x01\x00\x02\x01\x64"+helloFor("evil.example"), ReasonBadRequest),
		web("TLS in records of version 0, as some servers take it", "\x16\x00\x00"+helloFor("evil.example")[3:], ReasonBadRequest),
		web("TLS in the hello of SSL 2.0", "\x80\x2e\x01\x03\x03\x00\x15\x00\x00\x00\x10"+strings.Repeat("x", 37), ReasonBadRequest),
		web("TLS with records of nothing", "\x16\x03\x01\x00\x00\x16\x03\x01\x00\x00", ReasonBadRequest),
		web("SSH to a web host", "SSH-2.0-x\r\n", policy.ReasonProtocol),
		web("SMTP to a web host", "EHLO x\r\n", policy.ReasonProtocol),
		web("Redis to a web host", "*1\r\n$4\r\nPING\r\n", policy.ReasonProtocol),
		web("PostgreSQL to a web host", "\x00\x00\x00\x08\x04\xd2\x16\x2f", policy.ReasonProtocol),
		web("DNS to a web host", query, policy.ReasonProtocol),
		web("bytes of no known protocol", "\xff\xfe\xfd\xfc", policy.ReasonProtocol),
		web("SOCKS5 into a tunnel", "\x05\x01\x00", policy.ReasonProtocol),
		web("SOCKS4 into a tunnel", "\x04\x01\x00\x50\xcb\x00\x71\x42x\x00", policy.ReasonProtocol),
		plain("HTTP inside for another host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", ReasonBadRequest),
		plain("HTTP inside for another allowed host", "GET / HTTP/1.1\r\nHost: other.example\r\n\r\n", ReasonBadRequest),
		plain("HTTP inside with a whole URL", "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", ReasonBadRequest),
		plain("HTTP inside behind empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", ReasonBadRequest),
		plain("HTTP inside with tabs", "GET\t/\tHTTP/1.1\r\nHost: evil.example\r\n\r\n", ReasonBadRequest),
		plain("HTTP inside with bare LFs", "GET / HTTP/1.1\nHost: evil.example\n\n", ReasonBadRequest),
		plain("HTTP/0.9 inside", "GET /\r\n\r\n", ReasonBadRequest),
		plain("a tunnel inside a tunnel", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", ReasonBadRequest),
		plain("TRACE inside", "TRACE / HTTP/1.1\r\nHost: allowed.example\r\n\r\n", ReasonUnsupported),
		plain("WebSocket inside, where a rule has HTTP only", "GET / HTTP/1.1\r\nHost: allowed.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", policy.ReasonProtocol),
		{"a method that a rule does not have, inside", "tunnel", inside("api.example", 80, "POST /v1/x HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0\r\n\r\n"), policy.ReasonMethod},
		{"a path that a rule does not have, inside", "tunnel", inside("api.example", 80, "GET /v2 HTTP/1.1\r\nHost: api.example\r\n\r\n"), policy.ReasonPath},
		{"TLS where a rule limits paths", "tunnel", inside("api.example", 80, helloFor("api.example")), policy.ReasonProtocol},
		{"PostgreSQL in the clear", "tunnel", inside("pg.example", 5432, "\x00\x00\x00\x11\x00\x03\x00\x00user\x00me\x00\x00"), policy.ReasonTLSRequired},
		{"an allowed address under a name of the denylist", "tunnel", inside("203.0.113.9", 443, helloFor("listed.example")), policy.ReasonDenylist},
		{"an allowed address under the name of a metadata service", "tunnel", inside("203.0.113.9", 443, helloFor("metadata.google.internal")), policy.ReasonMetadataAddress},
	}
}

// records spreads a handshake message over records of that size.
func records(hello string, size int) string {
	var b strings.Builder
	for rest := hello[5:]; rest != ""; {
		n := min(size, len(rest))
		b.WriteString(fmt.Sprintf("\x16\x03\x01%c%c", 0, n))
		b.WriteString(rest[:n])
		rest = rest[n:]
	}
	return b.String()
}

// drip says something in a tunnel in very small pieces.
func drip(host string, port int, text string) func(*raw) {
	return func(c *raw) {
		inTunnel(c, host, port)
		for i := range len(text) {
			if _, err := c.Conn.Write([]byte{text[i]}); err != nil {
				break // refused already
			}
			if i < 8 {
				time.Sleep(time.Millisecond) // so that it goes out alone
			}
		}
		c.over()
	}
}
