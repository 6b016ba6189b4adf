package sniff

import (
	"bytes"
	"encoding/binary"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// Server looks at the first bytes that a server sent before its client did.
// The port tells SMTP from FTP, whose greetings may be the same.
func Server(b []byte, port uint16) (Guess, Verdict) {
	if v := begins(b, "SSH-"); v != Unknown {
		return Guess{Protocol: policy.SSH}, v
	}
	if v := begins(b, "220"); v != Unknown {
		return smtpGreeting(b, port)
	}
	if g, v := settings(b); v != Unknown {
		return g, v
	}
	return mysqlGreeting(b)
}

// settings knows the head of the frame of HTTP/2 that a server begins with: its
// settings, six bytes each, of no stream and answering none (RFC 9113, 3.4 and 6.5).
func settings(b []byte) (Guess, Verdict) {
	const head, most = 9, 64
	g := Guess{Protocol: policy.HTTP, HTTP2: true}
	if len(b) < 4 {
		if len(b) > 0 && b[0] == 0 {
			return g, More
		}
		return Guess{}, Unknown
	}
	size := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	if b[3] != 4 || size%6 != 0 || size > 6*most {
		return Guess{}, Unknown
	}
	if !bytes.HasPrefix([]byte("\x00\x00\x00\x00\x00"), b[4:min(len(b), head)]) {
		return Guess{}, Unknown
	}
	if len(b) < head {
		return g, More
	}
	return g, Known
}

func smtpGreeting(b []byte, port uint16) (Guess, Verdict) {
	g := Guess{Protocol: policy.SMTP}
	switch port {
	case 25, 465, 587, 2525:
		return g, begins(b, "220")
	}
	line, _, whole := bytes.Cut(b, []byte{'\n'})
	switch {
	case bytes.Contains(bytes.ToUpper(line), []byte("SMTP")):
		return g, Known
	case !whole && len(b) < 512:
		return g, More
	}
	return Guess{}, Unknown
}

// mysqlGreeting knows a packet with number 0 that holds protocol version 10 and
// a server version, or an error, which a server sends to who may not come.
func mysqlGreeting(b []byte) (Guess, Verdict) {
	g := Guess{Protocol: policy.MySQL}
	if len(b) < 7 {
		if len(b) < 3 || b[2] == 0 && (len(b) < 4 || b[3] == 0) {
			return g, More
		}
		return Guess{}, Unknown
	}
	size := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	if size < 6 || size > 1024 || b[3] != 0 {
		return Guess{}, Unknown
	}
	switch b[4] {
	case 10:
		if '0' <= b[5] && b[5] <= '9' {
			return g, Known
		}
	case 0xff:
		return g, Known
	}
	return Guess{}, Unknown
}

// MySQLClient looks at a client's answer to the greeting: whether it asks for
// TLS (CLIENT_SSL in the flags of packet 1).
func MySQLClient(b []byte) (tls bool, v Verdict) {
	if len(b) < 8 {
		return false, More
	}
	size := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	if b[3] != 1 || size < 32 {
		return false, Broken
	}
	const clientSSL = 1 << 11
	return binary.LittleEndian.Uint32(b[4:])&clientSSL != 0, Known
}
