package opaque

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"unicode/utf8"
)

// encrypted have their marks from openssl-enc(1), the age specification v1, RFC 9580 (6.2,
// armor), RFC 5652 (6 and 8) and RFC 5083 (1), Tarsnap's scrypt FORMAT, the AES Crypt
// file format, rclone's documentation of crypt, the LUKS2 on-disk format 1.1, Ansible's
// guide to vaults, the Fernet specification, KeePass's file header and [MS-OFFCRYPTO]
// 2.3.4. The packets of PGP have no mark (pgp.go), and that of Fernet is
// in base64 only.
func encrypted() []mark {
	const as, by = "encrypted as ", "encrypted by "
	return []mark{
		{what: by + "OpenSSL", bytes: "Salted__", holds: isSalted},
		{what: by + "OpenSSL", bytes: "53616c7465645f5f", holds: isHexSalted},
		{what: by + "OpenSSL", bytes: "53616C7465645F5F", holds: isHexSalted},
		{what: by + "age", bytes: "age-encryption.org/v1\n", holds: isAge},
		{what: as + "CMS", bytes: "\x2a\x86\x48\x86\xf7\x0d\x01\x07", holds: holdsCMS},
		{what: as + "CMS", bytes: "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", holds: holdsCMS},
		{what: as + "a PGP message", bytes: "-----BEGIN PGP MESSAGE", holds: isArmored},
		{what: by + "scrypt", bytes: "scrypt\x00", first: true, holds: isScrypt},
		{what: by + "AES Crypt", bytes: "AES", first: true, holds: isAESCrypt},
		{what: by + "rclone", bytes: "RCLONE\x00\x00", first: true, holds: isRclone},
		{what: as + "LUKS", bytes: "LUKS\xba\xbe\x00", first: true, holds: isLUKS},
		{what: by + "Ansible", bytes: "$ANSIBLE_VAULT;", holds: isVault},
		{what: as + "a KeePass database", bytes: "\x03\xd9\xa2\x9a", holds: isKeePass},
		{what: as + "an office document", bytes: utf16("EncryptedPackage"), holds: isOffice},
	}
}

// leastNoise is how many bytes tell that something is no text: of so many random ones not
// one in a million is.
const leastNoise = 16

// noise says whether a text begins with bytes that are neither text nor the strings of a
// program, which end with a zero.
func noise(b []byte) bool {
	if len(b) < leastNoise {
		return false
	}
	high := false
	for _, c := range b[:leastNoise] {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0 || c == 0x7f {
			return true
		}
		high = high || c >= 0x80
	}
	return high && bytes.ContainsRune(b[:leastNoise-3], utf8.RuneError) // as reads what is no UTF-8
}

// isSalted wants a salt and a block behind the mark.
func isSalted(text []byte, at int) bool {
	salt, ok := bytes.CutPrefix(text[at:], []byte("Salted__")) // base64 says only most of it
	return ok && noise(salt)
}

func isHexSalted(text []byte, at int) bool {
	var b [8 + leastNoise]byte
	n := 0
	for ; n < len(b) && at+2*n+1 < len(text); n++ {
		high, low := hexValue(text[at+2*n]), hexValue(text[at+2*n+1])
		if high|low < 0 {
			return false
		}
		b[n] = byte(high<<4 | low)
	}
	return n == len(b) && noise(b[8:])
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// isAge wants a stanza for a recipient, and, where the head ends within the text, the
// nonce and a tag behind it. A page about the format ends there, or goes on as text.
func isAge(text []byte, at int) bool {
	_, head, _ := bytes.Cut(text[at:min(len(text), at+mostHead)], []byte("\n"))
	if !bytes.HasPrefix(head, []byte("-> ")) || bytes.IndexByte(head, '\n') < len("-> X ") {
		return false
	}
	_, end, whole := bytes.Cut(head, []byte("\n--- "))
	if !whole { // it goes on behind the text
		return !bytes.Contains(head, []byte("\n\n"))
	}
	mac, payload, _ := bytes.Cut(end, []byte("\n"))
	return len(mac) == 43 && noise(payload)
}

// mostHead is how much of a text is looked at for the end of a head.
const mostHead = 16 << 10

// isScrypt checks the sum of the head.
func isScrypt(text []byte, at int) bool {
	b := text[at:]
	if len(b) < 64 {
		return false
	}
	sum := sha256.Sum256(b[:48])
	return bytes.Equal(sum[:16], b[48:64])
}

// isAESCrypt follows the extensions to their end.
func isAESCrypt(text []byte, at int) bool {
	b := text[at:]
	if len(b) < 5 || b[3] != 2 && b[3] != 3 || b[4] != 0 {
		return false
	}
	for b = b[5:]; len(b) >= 2; {
		n := int(binary.BigEndian.Uint16(b))
		if b = b[2:]; n == 0 {
			return noise(b)
		}
		b = b[min(n, len(b)):]
	}
	return false
}

func isRclone(text []byte, at int) bool { return noise(text[at+len("RCLONE\x00\x00"):]) }

// isLUKS wants version 1 or 2.
func isLUKS(text []byte, at int) bool {
	return at+7 < len(text) && (text[at+7] == 1 || text[at+7] == 2)
}

// isVault wants a line of hex behind the line of the mark, indented or not.
func isVault(text []byte, at int) bool {
	_, line, _ := bytes.Cut(text[at:min(len(text), at+512)], []byte("\n"))
	line = bytes.TrimLeft(line, " \t")
	n := 0
	for n < len(line) && hexValue(line[n]) >= 0 {
		n++
	}
	return n >= 64
}

// leastFernet is the least of bytes that count as a container: tokens of sessions are of
// the same form, and shorter.
const leastFernet = 320

// isFernet wants what whole blocks take: a version, a time, an IV, blocks of 16 and a sum
// of 32 bytes.
func isFernet(text []byte, at int) bool {
	if !bytes.HasPrefix(text[at:], []byte("gAAAAA")) {
		return false
	}
	n := 0
	for at+n < len(text) && isDigit(text[at+n]) {
		n++
	}
	size := n / 4 * 3
	if n%4 > 1 {
		size += n%4 - 1
	}
	return size >= leastFernet && (size-(1+8+16+32))%16 == 0
}

// isKeePass wants the second half of the signature.
func isKeePass(text []byte, at int) bool {
	b := text[at:]
	return len(b) >= 12 && b[4] >= 0x65 && b[4] <= 0x67 && bytes.HasPrefix(b[5:], []byte("\xfb\x4b\xb5"))
}

// utf16 is a word of ASCII in two bytes to a letter, the low one first.
func utf16(word string) string {
	b := make([]byte, 0, 2*len(word))
	for i := range len(word) {
		b = append(b, word[i], 0)
	}
	return string(b)
}

// isOffice wants the name to be that of a stream in a directory ([MS-CFB] 2.6.1): 64 bytes
// with zeros behind it, its length with a final zero, the type of a stream.
func isOffice(text []byte, at int) bool {
	const size = 2 * len("EncryptedPackage")
	b := text[at:]
	if len(b) < 67 || int(b[64]) != size+2 || b[65] != 0 || b[66] != 2 {
		return false
	}
	return len(bytes.Trim(b[size:64], "\x00")) == 0
}
