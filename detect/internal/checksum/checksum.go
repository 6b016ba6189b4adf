package checksum

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strconv"
)

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// maxBase58 bounds a text in base 58; an extended key (BIP 32) has 111.
const maxBase58 = 128

// Base58Check decodes a text in base 58 and says whether its last four bytes are
// the first of the double SHA-256 of the rest, which is returned (Bitcoin wiki,
// "Base58Check encoding"; used by private keys in WIF and by BIP 32).
func Base58Check(text []byte) (payload []byte, ok bool) {
	if len(text) == 0 || len(text) > maxBase58 {
		return nil, false
	}
	raw := make([]byte, 0, maxBase58)
	for _, c := range text {
		carry := bytes.IndexByte([]byte(base58), c)
		if carry < 0 {
			return nil, false
		}
		for i := range raw {
			carry += int(raw[i]) * 58
			raw[i] = byte(carry)
			carry >>= 8
		}
		for ; carry > 0; carry >>= 8 {
			raw = append(raw, byte(carry))
		}
	}
	for i := 0; i < len(text) && text[i] == '1'; i++ {
		raw = append(raw, 0)
	}
	reverse(raw)
	if len(raw) < 5 {
		return nil, false
	}
	payload = raw[:len(raw)-4]
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	return payload, bytes.Equal(twice[:4], raw[len(raw)-4:])
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// Bech32 says whether the last six letters are the checksum of the rest (BIP
// 173; used by age and, in NIP-19, by Nostr). The text is in one case.
func Bech32(text []byte) bool {
	one := bytes.LastIndexByte(text, '1')
	return one >= 1 && len(text)-one-1 >= 6 && bech32Sum(bytes.ToLower(text)) == 1
}

// bech32Sum is the sum over a text in lower case; 0 when a letter is none.
func bech32Sum(text []byte) uint32 {
	one := bytes.LastIndexByte(text, '1')
	sum := uint32(1)
	for _, c := range text[:one] {
		sum = bech32Step(sum, uint32(c>>5))
	}
	sum = bech32Step(sum, 0)
	for _, c := range text[:one] {
		sum = bech32Step(sum, uint32(c&31))
	}
	for _, c := range text[one+1:] {
		v := bytes.IndexByte([]byte(bech32Letters), c)
		if v < 0 {
			return 0
		}
		sum = bech32Step(sum, uint32(v))
	}
	return sum
}

// bech32Step multiplies the sum by x and adds a value, modulo BIP 173's generator.
func bech32Step(sum, value uint32) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ value
	for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

const (
	gitlabLength = 2 // base-36 digits of the payload's length
	gitlabCRC    = 7 // base-36 digits of the CRC-32
)

// GitLab says whether a token is routable, which is to say that it ends in the
// length of its payload and a CRC-32 of all before, both in base 36, and whether
// they are right (GitLab handbook, "Cells: Routable Tokens"; a version of two
// digits between dots may stand before the length).
func GitLab(token []byte) (routable, right bool) {
	dot := bytes.LastIndexByte(token, '.')
	if dot < 0 || len(token)-dot-1 != gitlabLength+gitlabCRC {
		return false, false
	}
	split := len(token) - gitlabCRC
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE(token[:split])), 36)
	for len(sum) < gitlabCRC {
		sum = "0" + sum
	}
	return true, string(token[split:]) == sum
}

const grafanaCRC = 8 // hexadecimal digits of the CRC-32

// Grafana says whether the last eight digits of a service account token are the
// CRC-32 of what stands before their underscore, the lowest byte first
// (grafana/grafana, pkg/components/satokengen).
func Grafana(token []byte) bool {
	split := len(token) - grafanaCRC
	if split < 1 || token[split-1] != '_' {
		return false
	}
	var sum [4]byte
	n, err := hex.Decode(sum[:], token[split:])
	return err == nil && n == len(sum) && binary.LittleEndian.Uint32(sum[:]) == crc32.ChecksumIEEE(token[:split-1])
}

// NKey says whether a text is a key of NATS: base 32 whose last two bytes are the
// CRC-16 of the rest, and whether it is the seed, which is the secret half
// (github.com/nats-io/nkeys, README).
func NKey(text []byte) (seed, ok bool) {
	var buf [40]byte
	if len(text) < 56 || base32.StdEncoding.WithPadding(base32.NoPadding).DecodedLen(len(text)) > len(buf) {
		return false, false
	}
	n, err := base32.StdEncoding.WithPadding(base32.NoPadding).Decode(buf[:], text)
	if err != nil || n < 5 {
		return false, false
	}
	sum := uint16(0)
	for _, c := range buf[:n-2] {
		sum = crc16(sum, c)
	}
	return text[0] == 'S' || text[0] == 'P', uint16(buf[n-2])|uint16(buf[n-1])<<8 == sum
}

// crc16 is one step of the CRC of XMODEM: polynomial 0x1021, highest bit first.
func crc16(sum uint16, c byte) uint16 {
	sum ^= uint16(c) << 8
	for range 8 {
		if sum&0x8000 != 0 {
			sum = sum<<1 ^ 0x1021
		} else {
			sum <<= 1
		}
	}
	return sum
}
