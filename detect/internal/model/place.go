package model

import (
	"bytes"
	"math/bits"
)

// The neighbourhood is how far around a value its place is looked at, in bytes:
// further around hexadecimal, because the numbers of RSA are long.
const (
	neighbourhood    = 1200
	hexNeighbourhood = 4000
)

// vectors counts the names around a value that published test vectors of
// cryptography give to what stands beside a key: its nonce, plaintext and so on.
func vectors(text []byte, start, end int, hex bool) int {
	reach := neighbourhood
	if hex {
		reach = hexNeighbourhood
	}
	var seen uint64
	for i, to := max(0, start-reach), min(len(text), end+reach); i < to; i++ {
		if c := text[i]; c == ':' || c == '=' {
			if k := vectorName(text, i); k > 0 {
				seen |= 1 << k
			}
		}
	}
	return bits.OnesCount64(seen)
}

// vectorName is a number for the name before the operator at i, 0 for others.
func vectorName(text []byte, i int) int {
	for i > 0 && oneOf(text[i-1], "\"' \t:") {
		i--
	}
	var buf [16]byte
	n := len(buf)
	for i > 0 && n > 0 && (letter(text[i-1]) >= 0 || text[i-1] == '_') {
		i--
		if text[i] != '_' {
			n--
			buf[n] = lower(text[i])
		}
	}
	return vectorNumber(buf[n:])
}

func vectorNumber(name []byte) int {
	switch string(name) {
	case "nonce", "basenonce", "iv":
		return 1
	case "plaintext", "pt", "ptx":
		return 2
	case "ciphertext", "ct", "ctx", "encapsulation", "enc":
		return 3
	case "publickey", "peerpublickey", "pubkey", "pk", "pkrm", "pkem", "serializedpublickey":
		return 4
	case "sharedsecret", "exportersecret", "exporter", "exportedvalue":
		return 5
	case "aad", "ad", "additionaldata":
		return 6
	case "tag", "mac", "digest", "sig", "signature":
		return 7
	case "ikm", "ikmr", "ikme", "okm", "prk", "seed":
		return 8
	case "curve", "keysize", "tcid", "hashalg", "kdf", "kdfid", "keysizebits":
		return 9
	}
	return 0
}

// lineBefore is the part of the line before start, of at most 120 bytes.
func lineBefore(text []byte, start int) []byte {
	line := text[max(0, start-120):start]
	return line[bytes.LastIndexByte(line, '\n')+1:]
}

// hashed says whether the line speaks of sums and prints.
func hashed(line []byte) bool {
	for _, word := range []string{"sha1", "sha256", "sha512", "sha-", "integrity", "checksum", "fingerprint", "md5", "etag"} {
		if holdsFold(line, word) {
			return true
		}
	}
	return false
}

// clientNear says whether the id of an OAuth client stands near the value.
func clientNear(c Candidate) bool {
	around := c.Text[max(0, c.Start-200):min(len(c.Text), c.End+200)]
	return holdsFold(around, "client_id") || holdsFold(around, "clientid") || holdsFold(around, "client-id")
}
