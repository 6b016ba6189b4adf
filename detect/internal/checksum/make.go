package checksum

import (
	"bytes"
	"crypto/sha256"
	"hash/crc32"
	"strconv"
	"strings"
)

// MakeBase58Check is the text that Base58Check decodes to payload.
func MakeBase58Check(payload []byte) string {
	once := sha256.Sum256(payload)
	twice := sha256.Sum256(once[:])
	var digits []byte // of base 58, the lowest first
	for _, c := range append(bytes.Clone(payload), twice[:4]...) {
		carry := int(c)
		for i := range digits {
			carry += int(digits[i]) << 8
			digits[i] = byte(carry % 58)
			carry /= 58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	for i := 0; i < len(payload) && payload[i] == 0; i++ {
		digits = append(digits, 0)
	}
	reverse(digits)
	for i, d := range digits {
		digits[i] = base58[d]
	}
	return string(digits)
}

// MakeBech32 ends prefix, the separator and data, which is letters of bech32,
// with their checksum (BIP 173, "Checksum").
func MakeBech32(prefix, data string) string {
	text := []byte(strings.ToLower(prefix) + "1" + data + "qqqqqq")
	want := bech32Sum(text) ^ 1
	for i := range 6 {
		text[len(text)-6+i] = bech32Letters[want>>(5*(5-i))&31]
	}
	return string(text)
}

// MakeGitLab ends a prefix and a payload in base64 as routable tokens end.
func MakeGitLab(prefix, payload string) string {
	length := strconv.FormatInt(int64(len(payload)), 36)
	body := prefix + payload + ".01." + strings.Repeat("0", gitlabLength-len(length)) + length
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 36)
	return body + strings.Repeat("0", gitlabCRC-len(sum)) + sum
}
