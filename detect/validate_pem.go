package detect

import (
	"bytes"
	"encoding/base64"
)

const (
	maxPEM  = 32 << 10
	minBody = 40
)

// The confidences in a private key, from one that has all it needs to a mention.
const (
	wholeKey = 0.99
	oddKey   = 0.8 // what is encoded is not built as a key is
	noKey    = 0.3 // the lines are there, but nothing between them
)

// validPEM stretches a private key's first line over the whole block (RFC 7468)
// and judges by what stands between.
func validPEM(text []byte, start, end int) verdict {
	if bytes.Contains(text[start:end], []byte("-----END")) {
		return verdict{confidence: noKey} // first and last line in one
	}
	rest := text[end:min(len(text), end+maxPEM)]
	stop := bytes.Index(rest, []byte("-----END"))
	if next := bytes.Index(rest, []byte("-----BEGIN")); next >= 0 && (stop < 0 || next < stop) {
		rest, stop = rest[:next], -1
	}
	if stop < 0 {
		return openPEM(rest, end)
	}
	body, tail := rest[:stop], rest[stop+len("-----END"):]
	stop += len("-----END")
	if i := bytes.Index(tail[:min(len(tail), 80)], []byte("-----")); i >= 0 {
		stop += i + len("-----")
	}
	switch {
	case bodyLength(body) < minBody || !holdsBody(body):
		return verdict{confidence: noKey, end: end + stop}
	case builtAsKey(text[start:end], body):
		return verdict{confidence: wholeKey, end: end + stop}
	}
	return verdict{confidence: oddKey, end: end + stop}
}

// openPEM judges a first line without a last: a key that was cut, or, when other
// text follows on the same line, a list of first lines.
func openPEM(rest []byte, end int) verdict {
	n := bodyLength(rest)
	switch {
	case mention(rest), n < minBody && len(bytes.TrimLeft(rest[n:], " \t\r\n\\\"'`,")) > 0:
		return verdict{confidence: noKey} // other text follows
	case n < minBody:
		return verdict{confidence: oddKey, end: end + n} // the text ends: a line of a log, say
	case !holdsBody(rest[:n]):
		return verdict{confidence: noKey}
	}
	return verdict{end: end + n}
}

// bodyRun is how many characters of base64 stand together in every key.
const bodyRun = 20

// holdsBody says whether b holds a line of base64.
func holdsBody(b []byte) bool {
	run := 0
	for _, c := range b {
		run++
		if base64Value(c) < 0 {
			run = 0
		}
		if run >= bodyRun {
			return true
		}
	}
	return false
}

// mention says whether something else than a line end follows: in a key a line
// ends there, written out, escaped, or as a blank when lines were joined.
func mention(rest []byte) bool {
	if len(rest) == 0 {
		return false
	}
	switch rest[0] {
	case '\r', '\n', ' ', '\t', '\\':
		return false
	case '"', '\'':
		return !bytes.ContainsAny(rest[:min(len(rest), 8)], "\n")
	}
	return true
}

// bodyLength is the length of what looks like the body of a PEM block at the
// start of b: base64, headers and line ends, written out or escaped.
func bodyLength(b []byte) int {
	last := 0
	for i, c := range b {
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\' || c == '"' || c == '\'' || c == ',' || c == ':' || c == '-':
		case base64Value(c) >= 0 || c == '=':
			last = i + 1
		default:
			return last
		}
	}
	return last
}

// builtAsKey says whether the body is, in base64, what its label promises: an
// OpenSSH key begins with its magic (PROTOCOL.key of OpenSSH), the ASN.1 of the
// others with a sequence as long as the rest (X.690, 8.1.3). PGP's packets and
// keys behind headers, which are encrypted, are not looked into.
func builtAsKey(label, body []byte) bool {
	if bytes.Contains(label, []byte("PGP")) || bytes.Contains(label, []byte("SSH2")) || bytes.Contains(body, []byte("Proc-Type")) {
		return true
	}
	var head [16]byte
	n, size := firstBytes(head[:], body)
	if bytes.Contains(label, []byte("OPENSSH")) {
		return bytes.HasPrefix(head[:n], []byte("openssh-key-v1\x00"))
	}
	if n < 4 || head[0] != 0x30 {
		return false
	}
	length, used := derLength(head[1:n])
	return used > 0 && 1+used+length <= size+2 && 1+used+length >= size-2
}

// firstBytes decodes the first bytes of a body and says how many it has in all.
func firstBytes(dst, body []byte) (n, size int) {
	var quads [24]byte
	got, count := 0, 0
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c == '\\' {
			i++ // the letter of an escaped line end
			continue
		}
		if base64Value(c) < 0 {
			continue
		}
		if got < len(quads) {
			quads[got] = c
			got++
		}
		count++
	}
	buf := make([]byte, base64.RawStdEncoding.DecodedLen(len(quads)))
	m, err := base64.RawStdEncoding.Decode(buf, quads[:got-got%4])
	if err != nil {
		return 0, 0
	}
	return copy(dst, buf[:m]), count * 3 / 4
}

// derLength reads a length of X.690, 8.1.3, and says how many bytes it took.
func derLength(b []byte) (length, used int) {
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	n := int(b[0] & 0x7f)
	if n == 0 || n > 3 || n >= len(b) {
		return 0, 0
	}
	for _, c := range b[1 : 1+n] {
		length = length<<8 | int(c)
	}
	return length, 1 + n
}
