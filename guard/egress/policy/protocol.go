package policy

// bits is a set of protocols.
type bits uint32

const (
	bitTCP bits = 1 << iota
	bitUDP
	bitHTTP
	bitHTTPS
	bitTLS
	bitWS
	bitWSS
	bitPostgres
	bitMySQL
	bitRedis
	bitMongoDB
	bitSSH
	bitSMTP
	bitDNS
	bitMCP
)

// bitHTTPLike are the protocols whose requests have a method and a path.
const bitHTTPLike = bitHTTP | bitHTTPS | bitWS | bitWSS | bitMCP

// bit is the set of one protocol; empty for a name that is none.
func (p Protocol) bit() bits {
	switch p {
	case TCP:
		return bitTCP
	case UDP:
		return bitUDP
	case HTTP:
		return bitHTTP
	case HTTPS:
		return bitHTTPS
	case TLS:
		return bitTLS
	case WS:
		return bitWS
	case WSS:
		return bitWSS
	}
	return p.serviceBit()
}

func (p Protocol) serviceBit() bits {
	switch p {
	case Postgres:
		return bitPostgres
	case MySQL:
		return bitMySQL
	case Redis:
		return bitRedis
	case MongoDB:
		return bitMongoDB
	case SSH:
		return bitSSH
	case SMTP:
		return bitSMTP
	case DNS:
		return bitDNS
	case MCP:
		return bitMCP
	}
	return 0
}

// Known reports whether rules can name the protocol.
func (p Protocol) Known() bool { return p.bit() != 0 }

// spoken is what a request speaks, with the encryption taken in.
func spoken(r *Request) bits {
	b := r.Protocol.bit()
	switch {
	case b == bitHTTP && r.TLS:
		return bitHTTPS
	case b == bitWS && r.TLS:
		return bitWSS
	}
	return b
}

// coveredBy is the set of protocols in a rule that cover what is spoken.
func coveredBy(b bits, encrypted bool) bits {
	switch b {
	case 0:
		return 0
	case bitTLS:
		return bitTLS | bitHTTPS | bitWSS | bitTCP
	case bitHTTPS, bitWSS:
		return b | bitTLS | bitTCP
	case bitMCP: // a request of HTTP, and so whatever covers those
		if encrypted {
			return bitMCP | bitHTTPS | bitTLS | bitTCP
		}
		return bitMCP | bitHTTP | bitTCP
	case bitUDP:
		return bitUDP
	case bitDNS:
		return bitDNS | bitUDP | bitTCP
	}
	if encrypted {
		return b | bitTLS | bitTCP
	}
	return b | bitTCP
}
