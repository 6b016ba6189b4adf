package opaque

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
)

// The packets of a PGP message (RFC 9580, 5): session keys, encrypted for somebody or
// from a password, and what is encrypted with them. A packet's head is one byte and a
// length, which noise has as well; so what it says of its body has to be true.

// The tags of packets.
const (
	tagPublic     = 1 // a session key for somebody (5.1)
	tagSignature  = 2
	tagPassword   = 3 // a session key from a password (5.3)
	tagOnePass    = 4
	tagCompressed = 8  // (5.6)
	tagOldData    = 9  // encrypted (5.7)
	tagMarker     = 10 // (5.8)
	tagLiteral    = 11
	tagData       = 18 // encrypted, and protected from change (5.13)
	tagGnuData    = 20 // the same as GnuPG writes it (draft-ietf-openpgp-rfc4880bis-10, 5.16)
)

// packet is one.
type packet struct {
	tag  int
	body []byte // as far as the text goes
	size int    // of the body, or of its first part
	part bool   // other parts follow
	rest []byte // behind the body
}

// readPacket reads the head of a packet (4.2).
func readPacket(b []byte) (p packet, ok bool) {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return p, false
	}
	n := 0
	if b[0]&0x40 != 0 {
		p.tag = int(b[0] & 0x3f)
		p.size, n, p.part = newSize(b[1:])
	} else {
		p.tag = int(b[0] >> 2 & 0xf)
		p.size, n, p.part = oldSize(b[1:], int(b[0]&3))
	}
	if n < 0 {
		return p, false
	}
	end := min(len(b), 1+n+p.size)
	p.body, p.rest = b[1+n:end], b[end:]
	return p, true
}

// oldSize reads a length (4.2.2) of one, two or four bytes, or none. n is how many it
// takes, -1 if the text ends in it.
func oldSize(b []byte, kind int) (size, n int, part bool) {
	n = 1 << kind
	switch {
	case kind == 3: // it goes on to the end
		return len(b), 0, true
	case len(b) < n:
		return 0, -1, false
	}
	for _, c := range b[:n] {
		size = size<<8 | int(c)
	}
	return size, n, false
}

// newSize reads a length of the other kind (4.2.1).
func newSize(b []byte) (size, n int, part bool) {
	switch c := int(b[0]); {
	case c < 192:
		return c, 1, false
	case c < 224 && len(b) >= 2:
		return (c-192)<<8 + int(b[1]) + 192, 2, false
	case c >= 224 && c < 255:
		return 1 << (c & 0x1f), 1, true
	case c == 255 && len(b) >= 5:
		return int(binary.BigEndian.Uint32(b[1:])), 5, false
	}
	return 0, -1, false
}

// mostKeys is how many session keys are read: so many in a row are a message.
const mostKeys = 8

// isMessage says whether a text begins with session keys and what is encrypted with them.
// If alone, the latter is enough.
func isMessage(b []byte, alone bool) bool {
	for range mostKeys {
		p, ok := readPacket(b)
		switch {
		case !ok:
			return false
		case p.holdsData():
			return alone
		case p.tag == tagMarker && string(p.body) == "PGP":
		case !p.holdsKey():
			return false
		default:
			alone = true
		}
		b = p.rest
	}
	return true
}

// holdsData wants a version, and the length of what can be: a first part has 512 bytes
// (4.2.1.4).
func (p packet) holdsData() bool {
	least := 1 + 16 + 2 + 22 // version, random block and check, sum
	if p.part {
		least = 512
	}
	if p.size < least || len(p.body) == 0 {
		return false
	}
	switch p.tag {
	case tagData:
		return p.body[0] == 1 || p.body[0] == 2 && len(p.body) > 2 && p.body[1] <= 13 && p.body[2] <= 3
	case tagGnuData:
		return p.body[0] == 1 && len(p.body) > 2 && p.body[1] <= 13 && p.body[2] <= 3
	}
	return p.tag == tagOldData
}

// holdsKey wants a session key that fills its packet.
func (p packet) holdsKey() bool {
	if p.part || len(p.body) != p.size || p.size < 4 {
		return false
	}
	switch {
	case p.tag == tagPublic && p.body[0] == 3 && p.size > 10:
		return fills(p.body[9], p.body[10:])
	case p.tag == tagPublic && p.body[0] == 6:
		n := int(p.body[1]) // version and fingerprint of the key
		return (n == 0 || n == 21 || n == 33) && p.size > n+3 && fills(p.body[2+n], p.body[3+n:])
	case p.tag == tagPassword:
		return fromPassword(p.body)
	}
	return false
}

// fills says whether what an algorithm (9.1) writes of a session key is as long as b.
func fills(algorithm byte, b []byte) bool {
	switch algorithm {
	case 1, 2: // RSA
		return numbers(b, 1)
	case 16, 20: // Elgamal
		return numbers(b, 2)
	case 18: // ECDH: a point, and a wrapped key behind its length
		n := number(b)
		return n > 0 && len(b) > n && len(b) == n+1+int(b[n])
	case 25: // X25519
		return len(b) > 32 && len(b) == 33+int(b[32])
	case 26: // X448
		return len(b) > 56 && len(b) == 57+int(b[56])
	}
	return false
}

// numbers says whether b is so many numbers.
func numbers(b []byte, count int) bool {
	for range count {
		n := number(b)
		if n == 0 {
			return false
		}
		b = b[n:]
	}
	return len(b) == 0
}

// number measures one at the start of b (3.2): its bits, and as many bytes as they take,
// of which the first has the highest bit.
func number(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	length := int(binary.BigEndian.Uint16(b))
	n := 2 + (length+7)/8
	if length < 128 || n > len(b) || b[2]>>((length-1)%8) != 1 {
		return 0
	}
	return n
}

// fromPassword reads a session key of version 4 (5.3.1), 5 or 6: cipher, and how a key is
// made of the password.
func fromPassword(b []byte) bool {
	const ciphers, most = 13, 128
	switch {
	case len(b) > most:
		return false
	case b[0] == 6 && len(b) > 5:
		return b[2] >= 1 && b[2] <= ciphers && b[3] >= 1 && b[3] <= 3 && int(b[4]) == s2kSize(b[5:]) && int(b[1]) < len(b)
	case b[0] == 5 && len(b) > 5:
		n := s2kSize(b[3:])
		return b[1] >= 1 && b[1] <= ciphers && b[2] >= 1 && b[2] <= 3 && n > 0 && len(b) > 3+n+16
	case b[0] != 4 || b[1] < 1 || b[1] > ciphers:
		return false
	}
	n := s2kSize(b[2:])
	key := len(b) - 2 - n
	return n > 0 && (key == 0 || key == 17 || key == 25 || key == 33)
}

// s2kSize is how many bytes say how a key is made of a password (3.7.1), 0 for what says
// nothing that is known.
func s2kSize(b []byte) int {
	const hashes = 14
	sizes := [...]int{0: 2, 1: 10, 3: 11, 4: 20}
	switch {
	case len(b) < 2 || int(b[0]) >= len(sizes):
		return 0
	case b[0] != 4 && (b[1] == 0 || b[1] > hashes):
		return 0
	}
	return sizes[b[0]]
}

const pgpMessage = "encrypted as a PGP message"

// beginsKey is quick to say that no session key begins with three bytes: its tag, its
// length, and where that is one byte, its version.
func beginsKey(a, b, c byte) bool {
	switch a {
	case 0x85, 0x8d: // a length of two bytes
		return b < 0x10
	case 0x84, 0x8c:
		return c >= 3 && c <= 6
	case 0xc0 | tagPublic, 0xc0 | tagPassword:
		return b >= 192 || c >= 3 && c <= 6
	}
	return false
}

// lonely says whether a text is what is encrypted, with nothing before it: its length has
// to be that of the text, or its parts as long as they may be.
func lonely(b []byte) bool {
	p, ok := readPacket(b)
	return ok && p.tag != tagOldData && p.holdsData() && (p.part || len(p.rest) == 0 && len(p.body) == p.size)
}

// compressed says whether a text is a packet that only compresses, whose data every
// receiver reads: with deflate or zlib (5.6), and a packet of a message inside.
func compressed(b []byte) bool {
	p, ok := readPacket(b)
	if !ok || p.tag != tagCompressed || len(p.body) < 8 {
		return false
	}
	data := p.body[1:]
	if p.body[0] == 2 && (data[0]&0xf != 8 || binary.BigEndian.Uint16(data)%31 != 0) || p.body[0] < 1 || p.body[0] > 2 {
		return false
	}
	if p.body[0] == 2 {
		data = data[2:]
	}
	var out [4]byte
	if _, err := io.ReadFull(flate.NewReader(bytes.NewReader(data)), out[:]); err != nil {
		return false
	}
	inner, ok := readPacket(out[:])
	return ok && (inner.tag == tagLiteral || inner.tag == tagOnePass || inner.tag == tagSignature)
}

// isArmored reads the lines behind the mark to the blank one (6.2), and the packets of
// the base64 behind that.
func isArmored(text []byte, at int) bool {
	_, body, _ := bytes.Cut(text[at:min(len(text), at+mostHead)], []byte("\n"))
	for range 16 { // headers
		line, rest, more := bytes.Cut(body, []byte("\n"))
		switch {
		case !more:
			return false
		case len(bytes.TrimSpace(line)) == 0:
			return isCodedMessage(rest)
		}
		body = rest
	}
	return false
}

// isCodedMessage is for base64 that is said to be a message.
func isCodedMessage(text []byte) bool {
	var buf [codedHead]byte
	b := decodeHead(buf[:0], text)
	return isMessage(b, true) || compressed(b)
}
