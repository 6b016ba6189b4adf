// Package sniff knows protocols by their first bytes, so that a tunnel that was
// allowed for one thing does not carry another. It decides nothing: it says
// what it sees, and what host is named there.
//
// It is pure; besides the standard library it imports only the names of
// protocols from guard/egress/policy. To add a protocol, write a recogniser
// for the end that speaks first and put it into Client or Server.
package sniff

import (
	"bytes"
	"encoding/binary"

	"go.cordon.dev/cordon/guard/egress/policy"
)

// MaxFirst is how many first bytes are looked at, at most.
const MaxFirst = 32 << 10

// Verdict says how far a look at the first bytes got.
type Verdict uint8

// The verdicts.
const (
	Unknown Verdict = iota // nothing that this package knows
	More                   // cannot be said before more bytes came
	Known                  // what Guess says
	Broken                 // begins like a protocol, and is not it
)

// Guess is what first bytes say.
type Guess struct {
	Protocol policy.Protocol
	TLS      bool     // a TLS ClientHello
	Host     string   // that TLS names (SNI), as sent; empty when none
	ALPN     []string // that TLS offers
	HTTP2    bool     // HTTP/2 without TLS
	Asks     Ask      // the client waits for one byte before it goes on
}

// Ask is a question that comes before a PostgreSQL session.
type Ask uint8

// The questions.
const (
	NoAsk  Ask = iota
	AskTLS     // SSLRequest: answered by S or N
	AskGSS     // GSSENCRequest: answered by G or N
)

// Client looks at the first bytes that a client sent.
func Client(b []byte) (Guess, Verdict) {
	for _, recognise := range [...]func([]byte) (Guess, Verdict){clientHello, http, plainWords, postgres, mongo, dnsQuery} {
		if g, v := recognise(b); v != Unknown {
			return g, v
		}
	}
	return Guess{}, Unknown
}

// plainWords are protocols that begin with text.
func plainWords(b []byte) (Guess, Verdict) {
	for _, w := range [...]struct {
		word     string
		protocol policy.Protocol
	}{{"SSH-", policy.SSH}, {"EHLO ", policy.SMTP}, {"HELO ", policy.SMTP}, {"LHLO ", policy.SMTP}} {
		if v := begins(b, w.word); v != Unknown {
			return Guess{Protocol: w.protocol}, v
		}
	}
	return redis(b)
}

// begins reports whether b starts with the word, or may still.
func begins(b []byte, word string) Verdict {
	n := min(len(b), len(word))
	if !bytes.EqualFold(b[:n], []byte(word[:n])) {
		return Unknown
	}
	if n < len(word) {
		return More
	}
	return Known
}

// redis knows a RESP array of bulk strings: "*2\r\n$4\r\n...".
func redis(b []byte) (Guess, Verdict) {
	if len(b) == 0 || b[0] != '*' {
		return Guess{}, Unknown
	}
	i := 1
	for i < len(b) && i < 8 && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	if i == 1 && len(b) > 1 {
		return Guess{}, Unknown
	}
	v := begins(b[i:], "\r\n$")
	return Guess{Protocol: policy.Redis}, v
}

// The codes of a PostgreSQL client's first packet (protocol 3.0, 53.7 and
// 53.2.10 of its manual).
const (
	pgTLS, pgGSS, pgCancel = 80877103, 80877104, 80877102
	pgMajor                = 3
	pgMaxStartup           = 10_000
)

func postgres(b []byte) (Guess, Verdict) {
	if len(b) < 8 {
		return needMore(b, 0)
	}
	size, code := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	g := Guess{Protocol: policy.Postgres}
	switch {
	case code == pgTLS && size == 8:
		g.Asks = AskTLS
	case code == pgGSS && size == 8:
		g.Asks = AskGSS
	case code == pgCancel && size >= 16 && size <= 268:
	case code>>16 == pgMajor && size >= 9 && size <= pgMaxStartup:
	default:
		return Guess{}, Unknown
	}
	return g, Known
}

// needMore asks for more of what begins with a byte that a big-endian length
// below 64 KB begins with.
func needMore(b []byte, first byte) (Guess, Verdict) {
	if len(b) == 0 || b[0] == first && (len(b) < 2 || b[1] == first) {
		return Guess{}, More
	}
	return Guess{}, Unknown
}

// mongo knows the header of a MongoDB message: length, request, answer to,
// operation, in little-endian words.
func mongo(b []byte) (Guess, Verdict) {
	if len(b) < 16 {
		return Guess{}, Unknown
	}
	size, answers, op := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	if size < 16 || size > 48<<20 || answers != 0 {
		return Guess{}, Unknown
	}
	switch op {
	case 2004, 2012, 2013: // OP_QUERY, OP_COMPRESSED, OP_MSG
		return Guess{Protocol: policy.MongoDB}, Known
	}
	return Guess{}, Unknown
}

// dnsQuery knows a query over TCP (RFC 1035, 4.1.1 and 4.2.2): its length, then
// a header with one question and no answer.
func dnsQuery(b []byte) (Guess, Verdict) {
	if len(b) < 14 {
		return Guess{}, Unknown
	}
	size := int(binary.BigEndian.Uint16(b))
	flags, questions, answers := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]), binary.BigEndian.Uint16(b[8:])
	if size < 17 || size > 512 || len(b) > 2+size || flags&0xf800 != 0 || questions != 1 || answers != 0 {
		return Guess{}, Unknown
	}
	return Guess{Protocol: policy.DNS}, Known
}
