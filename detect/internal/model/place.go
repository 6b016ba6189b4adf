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

// around weighs the address or the template that the value stands in.
func (t *tally) around(c Candidate) {
	t.addIf(filledIn(c), "filled in from elsewhere", -6)
	t.addIf(exampleHost(addressBefore(c)), "the address is an example", -1.5)
}

// filledIn says whether the value stands in double braces, as references of
// templates do, or in the brackets of a pattern, [0-9a-f]{32}.
func filledIn(c Candidate) bool {
	before := bytes.TrimRight(c.Text[max(0, c.Start-4):c.Start], " ")
	after := c.Text[c.End:min(len(c.Text), c.End+40)]
	switch {
	case bytes.HasSuffix(before, []byte("{{")):
		return bytes.Contains(after, []byte("}}"))
	case bytes.HasSuffix(before, []byte("[")) && len(after) > 1 && after[0] == ']':
		return oneOf(after[1], "{+*?")
	}
	return false
}

// userNear is the name of a user that is given shortly before from.
func userNear(text []byte, from int) (user []byte, found bool) {
	before := text[max(0, from-160):from]
	for _, word := range []string{"user", "login", "uid", "email"} {
		for rest := afterFold(before, word); rest != nil; rest = afterFold(rest, word) {
			if value := valueOf(rest, word == "login"); value != nil {
				user, found = firstWord(value), true
			}
		}
		if found {
			break
		}
	}
	return user, found
}

// afterFold is what stands behind word in b, in any case; nil if b lacks it.
func afterFold(b []byte, word string) []byte {
	if i := indexFold(b, word); i >= 0 {
		return b[i+len(word):]
	}
	return nil
}

// valueOf is what stands behind the rest of a name and an operator, for which a
// blank may do; nil if there is none.
func valueOf(rest []byte, blank bool) []byte {
	i := 0
	for i < len(rest) && i < 16 && nameByte(rest[i]) {
		i++
	}
	value := bytes.TrimLeft(rest[i:], " \t\"'`)]")
	if len(value) > 0 && oneOf(value[0], "=:>,") || blank && i == 0 && len(value) < len(rest) {
		return value
	}
	return nil
}

// setting says whether the value is all that stands behind a name on a line of
// its own, as in files of settings, where no program computes it.
func setting(c Candidate, n name) bool {
	line := c.Text[bytes.LastIndexByte(c.Text[:n.start], '\n')+1 : n.start]
	rest := c.Text[c.End:min(len(c.Text), c.End+2)]
	end := len(rest) == 0 || rest[0] == '\n' || bytes.HasPrefix(rest, []byte("\r\n"))
	return end && len(bytes.TrimSpace(line)) == 0 && bytes.IndexByte(c.Text[n.start:c.Start], '\n') < 0
}

// firstWord is the first value of b, without quotes.
func firstWord(b []byte) []byte {
	b = bytes.TrimLeft(b, " \t=>:,\"'`")
	if i := bytes.IndexAny(b, " \t\r\n\"'`,;&<"); i >= 0 {
		return b[:i]
	}
	return b
}

// clientNear says whether the id of an OAuth client stands near the value.
func clientNear(c Candidate) bool {
	around := c.Text[max(0, c.Start-200):min(len(c.Text), c.End+200)]
	return holdsFold(around, "client_id") || holdsFold(around, "clientid") || holdsFold(around, "client-id")
}
