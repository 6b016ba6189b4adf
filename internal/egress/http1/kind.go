package http1

// Kind says what a gateway does with a field.
type Kind uint8

// The kinds of fields.
const (
	Other    Kind = iota // passed on as it is
	Host                 // checked, and written anew
	Length               // Content-Length: checked, and written anew
	Transfer             // Transfer-Encoding: checked, and written anew
	Conn                 // Connection: obeyed, and written anew
	Upgrade              // passed on only when the upgrade is
	Expect               // passed on when it is 100-continue
	Forwards             // Max-Forwards
	Hop                  // for this hop only (RFC 9110, 7.6.1 and 11.7): taken out
	Via                  // read to find loops; ours is added
	Method               // names another method, which some servers obey; passed on
	Path                 // names another path, likewise
)

// kindOf knows a field by its name, in any case.
func kindOf(name []byte) Kind {
	switch len(name) {
	case 2:
		return pick(name, "te", Hop)
	case 3:
		return pick(name, "via", Via)
	case 4:
		return pick(name, "host", Host)
	case 6:
		return pick(name, "expect", Expect)
	case 7:
		return pick(name, "upgrade", Upgrade)
	case 10:
		return pick(name, "connection", Conn) + pick(name, "keep-alive", Hop)
	case 12:
		return pick(name, "max-forwards", Forwards)
	case 13:
		return alike(name, "x-http-method", Method) + alike(name, "x-rewrite-url", Path)
	case 14:
		return pick(name, "content-length", Length) + pick(name, "http2-settings", Hop) + alike(name, "x-original-url", Path)
	case 16:
		return pick(name, "proxy-connection", Hop)
	case 17:
		return pick(name, "transfer-encoding", Transfer) + alike(name, "x-method-override", Method)
	case 18:
		return pick(name, "proxy-authenticate", Hop)
	case 19:
		return pick(name, "proxy-authorization", Hop)
	case 22:
		return alike(name, "x-http-method-override", Method)
	}
	return Other
}

func pick(name []byte, lower string, k Kind) Kind {
	if EqualFold(name, lower) {
		return k
	}
	return Other
}

func alike(name []byte, lower string, k Kind) Kind {
	if Alike(name, lower) {
		return k
	}
	return Other
}

// Alike compares a field's name with a lower-case word as servers do that hand fields
// over as variables (CGI, RFC 3875, 4.1.18; WSGI; Rack): an underscore is a hyphen.
func Alike(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c != lower[i] && c|0x20 != lower[i] && !(c == '_' && lower[i] == '-') {
			return false
		}
	}
	return true
}

// EqualFold compares text with a lower-case ASCII word, in any case of ASCII.
func EqualFold(text []byte, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i := range text {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// essential reports whether taking this field out on a client's word would
// change what the message says to the origin: none may be named by Connection.
func essential(name []byte) bool {
	for _, lower := range [...]string{"host", "content-length", "transfer-encoding", "connection", "cookie", "authorization", "range", "content-type", "content-encoding", "expect", "via", "cache-control"} {
		if EqualFold(name, lower) {
			return true
		}
	}
	return false
}
